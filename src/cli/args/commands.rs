//! The arguments of each command.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::parse::{Concurrency, concurrency, non_negative, weight};
use super::shared::{
    LimitArguments, MoneyArguments, PowerLimitArguments, RunArguments, SetupArguments,
    SplitArgument,
};
use super::speculation::SpeculationArguments;

/// `hwcmp fit`
#[derive(Debug, Args)]
pub struct FitArguments {
    /// The model: id, alias or habit (`llama-70b-q4`, `llama3.1:70b`, `Qwen3-30B-A3B-Q4_K_M`)
    pub model: String,
    /// The set-up.
    #[command(flatten)]
    pub setup: SetupArguments,
    /// Exit with 1 unless the model fits every machine named
    #[arg(long)]
    pub require: bool,
    /// Memory of fine-tuning instead of serving
    #[arg(long, value_enum, value_name = "METHOD", help_heading = "Fine-tuning")]
    pub train: Option<TrainMethod>,
    /// Tokens of a training sequence
    #[arg(long, allow_negative_numbers = true, value_name = "TOKENS", value_parser = crate::units::parse_count, default_value = "2048", help_heading = "Fine-tuning")]
    pub sequence: u64,
    /// Sequences at a time on each device
    #[arg(long, allow_negative_numbers = true, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4096), help_heading = "Fine-tuning")]
    pub batch: u32,
    /// Rank of the adapters
    #[arg(long, allow_negative_numbers = true, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1024), help_heading = "Fine-tuning")]
    pub rank: u32,
}

/// How a model is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TrainMethod {
    /// Every parameter, mixed precision with Adam
    Full,
    /// Adapters beside frozen 16-bit weights
    Lora,
    /// Adapters beside frozen 4-bit weights
    Qlora,
}

/// `hwcmp speed`
#[derive(Debug, Args)]
pub struct SpeedArguments {
    /// The model: id, alias or habit (`llama-70b-q4`, `llama3.1:70b`, `Qwen3-30B-A3B-Q4_K_M`)
    pub model: String,
    /// The set-up.
    #[command(flatten)]
    pub setup: SetupArguments,
    /// Tokens in the KV cache when decoding starts
    #[arg(long, allow_negative_numbers = true, value_name = "TOKENS", value_parser = crate::units::parse_count, default_value = "0")]
    pub depth: u64,
    /// New prompt tokens
    #[arg(long, allow_negative_numbers = true, value_name = "TOKENS", value_parser = crate::units::parse_count, default_value = "2048")]
    pub prompt: u64,
    /// Prompt tokens found in the cache; the depth if not given
    #[arg(long, allow_negative_numbers = true, value_name = "TOKENS", value_parser = crate::units::parse_count)]
    pub cached: Option<u64>,
    /// Tokens generated
    #[arg(long, allow_negative_numbers = true, value_name = "TOKENS", value_parser = crate::units::parse_count, default_value = "128")]
    pub output_tokens: u64,
    /// Speculative decoding.
    #[command(flatten)]
    pub speculation: SpeculationArguments,
}

/// `hwcmp power`
#[derive(Debug, Args)]
pub struct PowerArguments {
    /// Machine, device or count of them (`4x3090-pro`, `rtx-5090`, `2x rtx-3090`)
    pub machine: String,
    /// The model: id, alias or habit (`qwen3-32b-q4`, `Qwen3-30B-A3B-Q4_K_M`)
    pub model: String,
    /// Quant, where the model's name does not carry it (`q4_k_m`, `q8`, `fp8`)
    #[arg(long, value_name = "NAME")]
    pub quant: Option<String>,
    /// The engine, and from which memory it runs the model.
    #[command(flatten)]
    pub run: RunArguments,
    /// Context that memory is reserved for (`32k`)
    #[arg(long, allow_negative_numbers = true, value_name = "TOKENS", value_parser = crate::units::parse_count)]
    pub context: Option<u64>,
    /// Requests decoded together
    #[arg(long, allow_negative_numbers = true, value_name = "N", value_parser = concurrency)]
    pub concurrency: Option<Concurrency>,
    /// How a model lies on several devices
    #[arg(long, value_enum, default_value_t = SplitArgument::Auto)]
    pub split: SplitArgument,
    /// Tokens in the KV cache when decoding starts
    #[arg(long, allow_negative_numbers = true, value_name = "TOKENS", value_parser = crate::units::parse_count, default_value = "0")]
    pub depth: u64,
    /// New prompt tokens
    #[arg(long, allow_negative_numbers = true, value_name = "TOKENS", value_parser = crate::units::parse_count, default_value = "2048")]
    pub prompt: u64,
    /// Price of electricity, US dollars a kWh
    #[arg(long, allow_negative_numbers = true, value_name = "USD", value_parser = non_negative)]
    pub rate: Option<f64>,
    /// Country or state whose electricity price to use (`us`, `de`, `us-ca`)
    #[arg(long, value_name = "ID", default_value = "us")]
    pub country: String,
}

/// `hwcmp tco`
#[derive(Debug, Args)]
pub struct TcoArguments {
    /// Machine, device or count of them, or `all`; repeatable
    #[arg(long, value_name = "NAME")]
    pub machine: Vec<String>,
    /// Model that the machines run while at work (`llama-70b-q4`, or the workload's basket)
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Count the hours under load of a kind of use: its turns while at work, idle between
    /// them (`hwcmp list workloads`); without it one user's decode fills the hours
    #[arg(long, value_name = "ID")]
    pub workload: Option<String>,
    /// A limit on their power.
    #[command(flatten)]
    pub power: PowerLimitArguments,
    /// The engine, and from which memory it runs the model.
    #[command(flatten)]
    pub run: RunArguments,
    /// Switched off in the hours away from work, instead of idle
    #[arg(long)]
    pub off: bool,
    /// Draw the net cost over hours a day and over years
    #[arg(long)]
    pub chart: bool,
    /// Draw which uncertain input moves each machine's net cost most
    #[arg(long)]
    pub tornado: bool,
    /// Prices and use.
    #[command(flatten)]
    pub money: MoneyArguments,
}

/// `hwcmp breakeven`
#[derive(Debug, Args)]
pub struct BreakevenArguments {
    /// Machines and a model, as with --machine and --model (`dgx-spark gpt-oss-120b`)
    #[arg(value_name = "MACHINE|MODEL")]
    pub operands: Vec<String>,
    /// The kind of use (`hwcmp list workloads`)
    #[arg(long, value_name = "ID", default_value = "coding")]
    pub workload: String,
    /// Machine, device or count of them, or `all`; repeatable
    #[arg(long, value_name = "NAME")]
    pub machine: Vec<String>,
    /// The model; of the workload's models the weightiest that has an API price if not given
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Users at the same time; the workload's own if not given
    #[arg(long, allow_negative_numbers = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub concurrency: Option<u32>,
    /// Subscription to compare with (`hwcmp list subscriptions`); the prices of APIs and
    /// rented GPUs are in `hwcmp list apis` and `hwcmp list rentals`
    #[arg(long, value_name = "ID", default_value = "claude-max-5x")]
    pub subscription: String,
    /// A limit on their power.
    #[command(flatten)]
    pub power: PowerLimitArguments,
    /// The engine, and from which memory it runs the model.
    #[command(flatten)]
    pub run: RunArguments,
    /// Switched off in the hours away from work, instead of idle
    #[arg(long)]
    pub off: bool,
    /// Prices and use.
    #[command(flatten)]
    pub money: MoneyArguments,
}

/// `hwcmp verdict`
#[derive(Debug, Args)]
pub struct VerdictArguments {
    /// The kind of use (`hwcmp list workloads`)
    #[arg(long, value_name = "ID", default_value = "coding")]
    pub workload: String,
    /// Machine, device or count of them, or `all`; repeatable
    #[arg(long, value_name = "NAME")]
    pub machine: Vec<String>,
    /// A limit on their power.
    #[command(flatten)]
    pub power: PowerLimitArguments,
    /// Prices and use.
    #[command(flatten)]
    pub money: MoneyArguments,
    /// What rules a machine out.
    #[command(flatten)]
    pub limits: LimitArguments,
    /// Weight of a criterion (`noise=3`); repeatable
    #[arg(long, value_name = "CRITERION=W", value_parser = weight)]
    pub weight: Vec<(String, f64)>,
}

/// `hwcmp audit`
#[derive(Debug, Args)]
pub struct AuditArguments {
    /// Only this claim (`A049`); repeatable
    #[arg(long, value_name = "ID")]
    pub claim: Vec<String>,
    /// Only claims of this source, by the beginning of its id (`thinksmart`)
    #[arg(long, value_name = "ID")]
    pub source: Option<String>,
    /// Only claims that turn out so
    #[arg(long, value_enum)]
    pub finding: Option<FindingArgument>,
}

/// Findings as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FindingArgument {
    /// The figure comes out
    Reproduced,
    /// Another figure is right
    Off,
    /// More than the hardware can do
    Impossible,
    /// Nothing to compute it from
    Unchecked,
}

/// `hwcmp list`
#[derive(Debug, Args)]
pub struct ListArguments {
    /// What to list
    #[arg(value_enum)]
    pub what: Listed,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    /// What one can buy
    Machines,
    /// Accelerators
    Devices,
    /// Models
    Models,
    /// Quants
    Quants,
    /// Kinds of use
    Workloads,
    /// Serving software
    Engines,
    /// Electricity prices
    Countries,
    /// Coding plans by the month
    Subscriptions,
    /// Prices of models by the token
    Apis,
    /// Prices of GPUs by the hour
    Rentals,
}

/// `hwcmp show`
#[derive(Debug, Args)]
pub struct ShowArguments {
    /// Id or alias of a machine, device, model, engine, workload, quant, country, host or link
    pub id: String,
}

/// `hwcmp check`
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Files or folders laid over the built-in data
    pub files: Vec<PathBuf>,
}

/// `hwcmp completions`
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
