//! The arguments of `users`.

use clap::Args;

use super::parse::{positive, positive_share, seconds};
use super::shared::{MoneyArguments, SetupArguments};

/// `hwcmp users`
#[derive(Debug, Clone, Args)]
#[command(mut_arg("concurrency", |argument| argument.hide(true)))]
pub struct UsersArguments {
    /// The model: id, alias or habit (`llama-70b-q4`, `llama3.1:70b`, `Qwen3-30B-A3B-Q4_K_M`)
    pub model: String,
    /// Slowest decode of each, tokens a second; the workload's own if not given
    #[arg(long, allow_negative_numbers = true, value_name = "TOK/S", value_parser = positive, help_heading = "Quality")]
    pub min_decode: Option<f64>,
    /// Longest time to the first token, all asking at once (`5s`, `800ms`); the workload's own
    /// if not given
    #[arg(long, allow_negative_numbers = true, value_name = "TIME", value_parser = seconds, help_heading = "Quality")]
    pub max_ttft: Option<f64>,
    /// The kind of use that lengths and turns an hour are taken from (`hwcmp list workloads`)
    #[arg(
        long,
        value_name = "ID",
        default_value = "serving",
        help_heading = "Use"
    )]
    pub workload: String,
    /// New prompt tokens of a request; the workload's own if not given
    #[arg(long, allow_negative_numbers = true, value_name = "TOKENS", value_parser = crate::units::parse_count, help_heading = "Use")]
    pub prompt: Option<u64>,
    /// Prompt tokens found in the cache; the workload's own if not given
    #[arg(long, allow_negative_numbers = true, value_name = "TOKENS", value_parser = crate::units::parse_count, help_heading = "Use")]
    pub cached: Option<u64>,
    /// Tokens generated in a request; the workload's own if not given
    #[arg(long, allow_negative_numbers = true, value_name = "TOKENS", value_parser = crate::units::parse_count, help_heading = "Use")]
    pub output_tokens: Option<u64>,
    /// Share of the time that a person has a request running (`20%`; `1`: people are requests);
    /// from the workload's turns an hour and how long each takes if not given
    #[arg(long, allow_negative_numbers = true, value_name = "SHARE", value_parser = positive_share, help_heading = "Use")]
    pub active_share: Option<f64>,
    /// The set-up.
    #[command(flatten)]
    pub setup: SetupArguments,
    /// Prices and use.
    #[command(flatten)]
    pub money: MoneyArguments,
}
