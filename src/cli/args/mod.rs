//! Arguments as typed.

mod advice;
mod commands;
mod measurements;
mod parse;
mod shared;
mod speculation;
mod users;

use clap::{Parser, Subcommand};

pub use advice::{By, CompareArguments, RecommendArguments};
pub use commands::{
    AuditArguments, BreakevenArguments, CheckArguments, CompletionsArguments, FindingArgument,
    FitArguments, ListArguments, Listed, PowerArguments, ShowArguments, SpeedArguments,
    TcoArguments, TrainMethod, VerdictArguments,
};
pub use measurements::{
    BenchArguments, BenchCommand, BenchImportArguments, CalibrateArguments, ValidateArguments,
};
pub use parse::Concurrency;
pub use shared::{
    ColorChoice, LimitArguments, MoneyArguments, OffloadArguments, OutputArguments, OutputFormat,
    PowerLimitArguments, RunArguments, SetupArguments, SplitArgument,
};
pub use speculation::{SpeculationArguments, WorkArgument};
pub use users::UsersArguments;

/// Which machine to buy for running language models at home: does the model
/// fit, how fast is it, what does it cost, and which machine wins.
#[derive(Debug, Parser)]
#[command(name = "hwcmp", version = VERSION, about, after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Arguments {
    /// What to answer.
    #[command(subcommand)]
    pub command: Command,
    /// How to write the answer.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Version of the program and of its data.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), ", data 2026-11-21");

const EXAMPLES: &str = "\
Examples:
  hwcmp fit llama-70b-q4                     does it fit, on the default machines
  hwcmp speed qwen3-32b-q4 --machine dgx-spark --explain
  hwcmp power 4x3090-pro qwen3-32b-q4        what a power limit saves and costs
  hwcmp tco --hours 24                       what each costs over three years
  hwcmp breakeven --workload coding          when it pays against the cloud
  hwcmp verdict --workload coding            which one to buy, and why
  hwcmp users gpt-oss-120b --min-decode 10 --max-ttft 5s
  hwcmp compare dgx-spark 4x3090-budget      side by side, a winner for each criterion
  hwcmp recommend --budget 4000 --model qwen3-32b-q4 --min-decode 20
  hwcmp fit gpt-oss-120b --machine '2x rtx-5090' --format json

Exit codes: 0 answered; 1 the asked assertion is false (fit --require);
2 usage, data or input error.";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Does a model fit, and with how much to spare
    Fit(FitArguments),
    /// How fast a model decodes and reads its prompt
    Speed(SpeedArguments),
    /// Speed, watts and cost over limits on what each card draws
    Power(PowerArguments),
    /// What the machines cost over the years
    Tco(TcoArguments),
    /// When a machine pays against an API, a rented GPU or a subscription
    Breakeven(BreakevenArguments),
    /// Which machine wins for a kind of work, why, and what would flip it
    Verdict(VerdictArguments),
    /// Published claims, recomputed: which hold, which are off or impossible
    Audit(AuditArguments),
    /// Two or more machines side by side, with a winner for each criterion and why
    Compare(CompareArguments),
    /// What to buy for a model and a budget: every machine that can be put together
    Recommend(RecommendArguments),
    /// How many people a machine serves at a speed and a wait, and at what cost
    Users(UsersArguments),
    /// Published measurements beside the predictions; `bench import` reads llama-bench's output
    Bench(BenchArguments),
    /// How far the predictions are off, on measurements that the fit has not seen
    Validate(ValidateArguments),
    /// Fit the constants to the measurements and write them
    Calibrate(CalibrateArguments),
    /// List machines, devices, models, quants, workloads, engines, countries, subscriptions,
    /// APIs or rented GPUs
    List(ListArguments),
    /// Show all that is known of one machine, device, model, engine, workload, quant or country
    Show(ShowArguments),
    /// Check data files: the built-in ones, an overlay, or single files
    Check(CheckArguments),
    /// Write shell completions
    Completions(CompletionsArguments),
}
