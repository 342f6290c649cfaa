//! Flags that several commands share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::parse::{Concurrency, concurrency, hours, non_negative, price, rows, watts, years};

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
    #[arg(long, global = true, allow_negative_numbers = true, value_name = "N", value_parser = rows)]
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
    #[arg(long, global = true, allow_negative_numbers = true, value_name = "N")]
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

/// How much power the devices may take.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Set-up")]
pub struct PowerLimitArguments {
    /// Limit on what each device draws, watts; the rated power if not given
    #[arg(long = "power-limit", allow_negative_numbers = true, value_name = "W", value_parser = watts)]
    pub limit: Option<f64>,
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
    /// The engine, and from which memory it runs the model.
    #[command(flatten)]
    pub run: RunArguments,
    /// Context that memory is reserved for; 32k if not given, or the workload's own
    #[arg(long, allow_negative_numbers = true, value_name = "TOKENS", value_parser = crate::units::parse_count)]
    pub context: Option<u64>,
    /// Requests at the same time, 1 if not given; `speed` also takes a rising list: `1,2,4,8`
    #[arg(long, allow_negative_numbers = true, value_name = "N", value_parser = concurrency)]
    pub concurrency: Option<Concurrency>,
    /// Tokens of a prompt processed at once; the engine's own if not given
    #[arg(long, allow_negative_numbers = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65536))]
    pub ubatch: Option<u32>,
    /// Type of the KV cache: `q8_0`, or keys and values apart `q8_0/f16`
    #[arg(long, value_name = "T", default_value = "f16")]
    pub kv_quant: String,
    /// How a model lies on several devices
    #[arg(long, value_enum, default_value_t = SplitArgument::Auto)]
    pub split: SplitArgument,
    /// A limit on their power.
    #[command(flatten)]
    pub power: PowerLimitArguments,
    /// Count memory that one documented setting adds (macOS wired limit, Strix Halo GTT)
    #[arg(long)]
    pub tuned: bool,
}

/// What runs a model, and from which memory.
#[derive(Debug, Clone, Default, Args)]
pub struct RunArguments {
    /// Engine (`llama.cpp`, `vllm`, `mlx`, ...); the one that its users run if not given
    #[arg(long, value_name = "NAME")]
    pub engine: Option<String>,
    /// What lies in the host's memory.
    #[command(flatten)]
    pub offload: OffloadArguments,
}

/// What lies in the host's memory, by llama.cpp's own flags.
#[derive(Debug, Clone, Default, Args)]
pub struct OffloadArguments {
    /// The last so many layers on the devices, the output counting as one, the others in the
    /// host's memory; as many as fit if not given (llama.cpp: -ngl)
    #[arg(long, visible_aliases = ["n-gpu-layers", "ngl"], allow_negative_numbers = true, value_name = "N", value_parser = clap::value_parser!(u32))]
    pub gpu_layers: Option<u32>,
    /// All routed experts in the host's memory
    #[arg(long, conflicts_with = "n_cpu_moe")]
    pub cpu_moe: bool,
    /// The routed experts of the first so many layers in the host's memory
    #[arg(long, allow_negative_numbers = true, value_name = "N", value_parser = clap::value_parser!(u32))]
    pub n_cpu_moe: Option<u32>,
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

/// What things cost.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Money")]
pub struct MoneyArguments {
    /// Hours a day at work, 0 to 24; the rest idle but on
    #[arg(long, allow_negative_numbers = true, value_name = "H", value_parser = hours)]
    pub hours: Option<f64>,
    /// Years of ownership
    #[arg(long, allow_negative_numbers = true, value_name = "N", default_value_t = 3.0, value_parser = years)]
    pub years: f64,
    /// Price of electricity, US dollars a kWh
    #[arg(long, allow_negative_numbers = true, value_name = "USD", value_parser = non_negative)]
    pub rate: Option<f64>,
    /// Country or state whose electricity price to use (`us`, `de`, `us-ca`)
    #[arg(long, value_name = "ID", default_value = "us")]
    pub country: String,
    /// Price of a machine (`dgx-spark=3999`); repeatable
    #[arg(long, value_name = "MACHINE=USD", value_parser = price)]
    pub price: Vec<(String, f64)>,
    /// Part that is owned already and not paid: a device, host or machine, or a count of
    /// them (`2x rtx-3090`, `desktop`); repeatable
    #[arg(long, value_name = "PART")]
    pub own: Vec<String>,
    /// Prices as of a day (`2026-02`); today if not given
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<crate::units::Date>,
}

/// What rules a machine out.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Constraints")]
pub struct LimitArguments {
    /// Most to pay, US dollars
    #[arg(long, allow_negative_numbers = true, value_name = "USD", value_parser = non_negative)]
    pub budget: Option<f64>,
    /// Most watts at the wall
    #[arg(long, allow_negative_numbers = true, value_name = "W", value_parser = non_negative)]
    pub max_watts: Option<f64>,
    /// Most noise under load, dB(A)
    #[arg(long, allow_negative_numbers = true, value_name = "DBA", value_parser = non_negative)]
    pub max_noise: Option<f64>,
    /// Slowest decode, tokens a second of one user; the workload's own if not given
    #[arg(long, allow_negative_numbers = true, value_name = "TOK/S", value_parser = non_negative)]
    pub min_decode: Option<f64>,
    /// Only machines that run CUDA
    #[arg(long)]
    pub require_cuda: bool,
    /// A model that must run (`gpt-oss-120b`)
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
}
