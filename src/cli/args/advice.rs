//! The arguments of `compare` and `recommend`.

use clap::{Args, ValueEnum};

use super::parse::{circuit, watts, weight};
use super::shared::{LimitArguments, MoneyArguments, PowerLimitArguments, RunArguments};

/// `hwcmp compare`
#[derive(Debug, Args)]
pub struct CompareArguments {
    /// Two or more machines, devices or counts of them
    #[arg(value_name = "MACHINE", num_args = 2.., required = true)]
    pub machines: Vec<String>,
    /// The kind of use (`hwcmp list workloads`)
    #[arg(long, value_name = "ID", default_value = "coding")]
    pub workload: String,
    /// A limit on their power.
    #[command(flatten)]
    pub power: PowerLimitArguments,
    /// The engine, and from which memory it runs the models.
    #[command(flatten)]
    pub run: RunArguments,
    /// Prices and use.
    #[command(flatten)]
    pub money: MoneyArguments,
    /// Weight of a criterion (`noise=3`); repeatable
    #[arg(long, value_name = "CRITERION=W", value_parser = weight)]
    pub weight: Vec<(String, f64)>,
}

/// `hwcmp recommend`
#[derive(Debug, Args)]
pub struct RecommendArguments {
    /// What rules a machine out.
    #[command(flatten)]
    pub limits: LimitArguments,
    /// Which end of an estimated speed counts, for --min-decode and for the ranking
    #[arg(long, value_enum, default_value_t = By::Low, help_heading = "Constraints")]
    pub by: By,
    /// Household circuit, volts x amperes, or `none`; 120x15 in the US, else 230x16
    #[arg(long, value_name = "VxA", value_parser = circuit, help_heading = "Constraints")]
    pub circuit: Option<f64>,
    /// Limit on what each card draws, watts; else the rating, or where supply, circuit or
    /// --max-watts take no more 80%, 65% or 50% of it
    #[arg(long, value_name = "W", allow_negative_numbers = true, value_parser = watts, help_heading = "Set-up")]
    pub power_limit: Option<f64>,
    /// The only quant to look at; else all of as many bits as the model's name says, or more
    #[arg(long, value_name = "NAME", help_heading = "Set-up")]
    pub quant: Option<String>,
    /// The only engine to look at
    #[arg(long, value_name = "NAME", help_heading = "Set-up")]
    pub engine: Option<String>,
    /// Context that memory is reserved for (`32k`)
    #[arg(long, allow_negative_numbers = true, value_name = "TOKENS", value_parser = crate::units::parse_count, default_value = "32k", help_heading = "Set-up")]
    pub context: u64,
    /// Tokens in the KV cache when decoding starts
    #[arg(long, allow_negative_numbers = true, value_name = "TOKENS", value_parser = crate::units::parse_count, default_value = "0", help_heading = "Set-up")]
    pub depth: u64,
    /// Requests decoded together
    #[arg(long, allow_negative_numbers = true, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4096), help_heading = "Set-up")]
    pub concurrency: u32,
    /// Type of the KV cache: `q8_0`, or keys and values apart `q8_0/f16`
    #[arg(long, value_name = "T", default_value = "f16", help_heading = "Set-up")]
    pub kv_quant: String,
    /// Count memory that one documented setting adds (macOS wired limit, Strix Halo GTT)
    #[arg(long, help_heading = "Set-up")]
    pub tuned: bool,
    /// Prices and use.
    #[command(flatten)]
    pub money: MoneyArguments,
}

/// Ends of an estimate as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// The low end of the 80% range, what one can count on
    Low,
    /// The middle: as likely less as more
    Mid,
}
