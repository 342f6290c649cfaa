//! Arguments as typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
  hwcmp tco --hours 24                       what each costs over three years
  hwcmp verdict --workload coding            which one to buy, and why
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
    /// What the machines cost over the years
    Tco(TcoArguments),
    /// Which machine wins for a kind of work, why, and what would flip it
    Verdict(VerdictArguments),
    /// List machines, devices, models, quants, workloads or engines
    List(ListArguments),
    /// Show all that is known of one machine, device, model, engine or workload
    Show(ShowArguments),
    /// Check data files: the built-in ones, an overlay, or single files
    Check(CheckArguments),
    /// Write shell completions
    Completions(CompletionsArguments),
}

/// How to write the answer.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArguments {
    /// Format of the answer
    #[arg(long, global = true, value_enum, default_value_t = OutputFormat::Table)]
    pub format: OutputFormat,
    /// Columns by name, `all`, or `+name,-name`
    #[arg(long, global = true, value_name = "NAMES", allow_hyphen_values = true)]
    pub columns: Option<String>,
    /// Sort by a column: `name` or `name-desc`
    #[arg(long, global = true, value_name = "NAME")]
    pub sort: Option<String>,
    /// Only the first so many rows
    #[arg(long, global = true, value_name = "N")]
    pub top: Option<usize>,
    /// Show formulas, inputs and sources
    #[arg(long, global = true)]
    pub explain: bool,
    /// Folder of TOML files laid over the built-in data (or set `HWCMP_DATA`)
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// Width of tables in columns
    #[arg(long, global = true, value_name = "N")]
    pub width: Option<usize>,
}

/// Formats of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people
    Table,
    /// One object, base units
    Json,
    /// Rows
    Csv,
    /// A Markdown table
    Md,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Which machines, and how the model is run on them.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Set-up")]
pub struct SetupArguments {
    /// Machine, device or count of them (`dgx-spark`, `4x rtx-3090`), or `all`; repeatable
    #[arg(long, value_name = "NAME")]
    pub machine: Vec<String>,
    /// Quant, where the model's name does not carry it (`q4_k_m`, `q8`, `fp8`)
    #[arg(long, value_name = "NAME")]
    pub quant: Option<String>,
    /// Engine (`llama.cpp`, `vllm`, `mlx`, ...); the one that its users run if not given
    #[arg(long, value_name = "NAME")]
    pub engine: Option<String>,
    /// Context that memory is reserved for (`32k`)
    #[arg(long, value_name = "TOKENS", value_parser = crate::units::parse_count, default_value = "32k")]
    pub context: u64,
    /// Requests decoded together
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub concurrency: u32,
    /// Tokens of a prompt processed at once; the engine's own if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65536))]
    pub ubatch: Option<u32>,
    /// Type of the KV cache: `q8_0`, or keys and values apart `q8_0/f16`
    #[arg(long, value_name = "T", default_value = "f16")]
    pub kv_quant: String,
    /// How a model lies on several devices
    #[arg(long, value_enum, default_value_t = SplitArgument::Auto)]
    pub split: SplitArgument,
    /// Count memory that one documented setting adds (macOS wired limit, Strix Halo GTT)
    #[arg(long)]
    pub tuned: bool,
}

/// Splits as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SplitArgument {
    /// The faster one that fits
    Auto,
    /// Whole layers, one device after another
    Layer,
    /// Each layer divided over the devices
    Tensor,
    /// A whole copy on each device
    Replicas,
}

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
    #[arg(long, value_name = "TOKENS", value_parser = crate::units::parse_count, default_value = "2048", help_heading = "Fine-tuning")]
    pub sequence: u64,
    /// Sequences at a time on each device
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4096), help_heading = "Fine-tuning")]
    pub batch: u32,
    /// Rank of LoRA's adapters
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1024), help_heading = "Fine-tuning")]
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
    #[arg(long, value_name = "TOKENS", value_parser = crate::units::parse_count, default_value = "0")]
    pub depth: u64,
    /// New prompt tokens
    #[arg(long, value_name = "TOKENS", value_parser = crate::units::parse_count, default_value = "2048")]
    pub prompt: u64,
    /// Prompt tokens found in the cache; the depth if not given
    #[arg(long, value_name = "TOKENS", value_parser = crate::units::parse_count)]
    pub cached: Option<u64>,
    /// Tokens generated
    #[arg(long, value_name = "TOKENS", value_parser = crate::units::parse_count, default_value = "128")]
    pub output_tokens: u64,
}

/// What things cost.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Money")]
pub struct MoneyArguments {
    /// Hours a day at work, 0 to 24; the rest idle but on
    #[arg(long, value_name = "H", value_parser = hours)]
    pub hours: Option<f64>,
    /// Years of ownership
    #[arg(long, value_name = "N", default_value_t = 3.0, value_parser = years)]
    pub years: f64,
    /// Price of electricity, US dollars a kWh
    #[arg(long, value_name = "USD", value_parser = non_negative)]
    pub rate: Option<f64>,
    /// Country or state whose electricity price to use (`us`, `de`, `us-ca`)
    #[arg(long, value_name = "ID", default_value = "us")]
    pub country: String,
    /// Price of a machine (`dgx-spark=3999`); repeatable
    #[arg(long, value_name = "MACHINE=USD", value_parser = price)]
    pub price: Vec<(String, f64)>,
    /// Prices as of a day (`2026-02`); today if not given
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<crate::units::Date>,
}

/// `hwcmp tco`
#[derive(Debug, Args)]
pub struct TcoArguments {
    /// Machine, device or count of them, or `all`; repeatable
    #[arg(long, value_name = "NAME")]
    pub machine: Vec<String>,
    /// Model that the machines run while at work; one user's decode draws the watts
    #[arg(long, value_name = "NAME", default_value = "llama-70b-q4")]
    pub model: String,
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

/// What rules a machine out.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Constraints")]
pub struct LimitArguments {
    /// Most to pay, US dollars
    #[arg(long, value_name = "USD", value_parser = non_negative)]
    pub budget: Option<f64>,
    /// Most watts at the wall
    #[arg(long, value_name = "W", value_parser = non_negative)]
    pub max_watts: Option<f64>,
    /// Most noise under load, dB(A)
    #[arg(long, value_name = "DBA", value_parser = non_negative)]
    pub max_noise: Option<f64>,
    /// Slowest decode, tokens a second of one user; the workload's own if not given
    #[arg(long, value_name = "TOK/S", value_parser = non_negative)]
    pub min_decode: Option<f64>,
    /// Only machines that run CUDA
    #[arg(long)]
    pub require_cuda: bool,
    /// A model that must run (`gpt-oss-120b`)
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
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
}

/// `hwcmp show`
#[derive(Debug, Args)]
pub struct ShowArguments {
    /// Id or alias of a machine, device, model, engine or workload
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

/// Most years of ownership that the figures make sense for.
const MOST_YEARS: f64 = 20.0;

fn number(text: &str) -> Result<f64, String> {
    match text.trim_start_matches('$').replace(',', "").parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err("write a number, such as 4000".to_owned()),
    }
}

fn non_negative(text: &str) -> Result<f64, String> {
    let value = number(text)?;
    if value < 0.0 {
        Err("write a number of zero or more".to_owned())
    } else {
        Ok(value)
    }
}

fn hours(text: &str) -> Result<f64, String> {
    let value = number(text)?;
    if (0.0..=24.0).contains(&value) {
        Ok(value)
    } else {
        Err("a day has 0 to 24 hours".to_owned())
    }
}

fn years(text: &str) -> Result<f64, String> {
    let value = number(text)?;
    if value > 0.0 && value <= MOST_YEARS {
        Ok(value)
    } else {
        Err(format!("write more than 0 and at most {MOST_YEARS} years"))
    }
}

fn assignment(text: &str, example: &str) -> Result<(String, f64), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| format!("write `{example}`"))?;
    Ok((name.trim().to_lowercase(), non_negative(value.trim())?))
}

fn price(text: &str) -> Result<(String, f64), String> {
    assignment(text, "dgx-spark=3999")
}

fn weight(text: &str) -> Result<(String, f64), String> {
    assignment(text, "noise=3")
}
