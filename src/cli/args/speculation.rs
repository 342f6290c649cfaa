//! Flags of speculative decoding.

use clap::{Args, ValueEnum};

use crate::catalog::Work;

/// How tokens are drafted, and how often they are kept.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Speculative decoding")]
pub struct SpeculationArguments {
    /// How tokens are drafted: `mtp`, `eagle3`, `ngram`, or `draft=MODEL` (`draft=qwen3-0.6b-q8_0`)
    #[arg(long, value_name = "METHOD")]
    pub speculate: Option<String>,
    /// Tokens drafted in a step; the best number if not given
    #[arg(long, requires = "speculate", allow_negative_numbers = true, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=16))]
    pub draft_tokens: Option<u32>,
    /// Chance of a drafted token once those before it were kept, 0 to 1; the measured one if not given
    #[arg(long, requires = "speculate", allow_negative_numbers = true, value_name = "A", value_parser = super::parse::chance)]
    pub acceptance: Option<f64>,
    /// Kind of work that acceptance is taken for; all kinds if not given
    #[arg(
        long,
        requires = "speculate",
        conflicts_with = "acceptance",
        value_enum,
        value_name = "KIND"
    )]
    pub work: Option<WorkArgument>,
}

/// Kinds of work as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WorkArgument {
    /// Writing code
    Code,
    /// Mathematics
    Math,
    /// Questions and explanations
    Chat,
    /// Free text
    Prose,
    /// Summaries
    Summarise,
}

impl From<WorkArgument> for Work {
    fn from(typed: WorkArgument) -> Self {
        match typed {
            WorkArgument::Code => Self::Code,
            WorkArgument::Math => Self::Math,
            WorkArgument::Chat => Self::Chat,
            WorkArgument::Prose => Self::Prose,
            WorkArgument::Summarise => Self::Summarise,
        }
    }
}
