//! The arguments of the commands about measurements and constants.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `hwcmp bench`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BenchArguments {
    /// Something else than showing measurements.
    #[command(subcommand)]
    pub command: Option<BenchCommand>,
    /// A machine, a model or both, as with --machine and --model (`rtx-3090 qwen3-32b`)
    #[arg(value_name = "MACHINE|MODEL")]
    pub operands: Vec<String>,
    /// Only measurements on this machine's device
    #[arg(long, value_name = "NAME")]
    pub machine: Option<String>,
    /// Only measurements of this model
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
}

/// What else `bench` does.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Turn llama-bench's JSON, JSONL or CSV (or a CSV of measurements) into TOML series
    Import(BenchImportArguments),
}

/// `hwcmp bench import`
#[derive(Debug, Args)]
pub struct BenchImportArguments {
    /// The file
    pub file: PathBuf,
    /// Device id to write, where the file's own name is not in the catalogue
    #[arg(long, value_name = "ID")]
    pub device: Option<String>,
    /// Model id to write
    #[arg(long, value_name = "ID")]
    pub model: Option<String>,
}

/// `hwcmp validate`
#[derive(Debug, Args)]
pub struct ValidateArguments {
    /// Score this file's rows (CSV of measurements, or llama-bench's JSON, JSONL or CSV)
    #[arg(long, value_name = "FILE")]
    pub measured: Option<PathBuf>,
    /// Exit with 1 if the median error is larger (`0.1` or `10%`)
    #[arg(long, value_name = "SHARE", value_parser = crate::units::parse_share)]
    pub max_error: Option<f64>,
}

/// `hwcmp calibrate`
#[derive(Debug, Args)]
pub struct CalibrateArguments {
    /// File to write; standard output if not given
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
