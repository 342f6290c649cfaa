//! `hwcmp completions`: shell completions on standard output.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::CommandFactory;

use super::args::{Arguments, CompletionsArguments};
use super::session::write_text;

/// Runs the command. It needs no data, so a faulty overlay does not stop it.
///
/// # Errors
/// If the answer cannot be written.
pub fn run(arguments: &CompletionsArguments) -> Result<ExitCode> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "hwcmp", &mut script);
    write_text(&String::from_utf8(script).context("the script is no UTF-8")?)?;
    Ok(ExitCode::SUCCESS)
}
