//! Parse, run, exit code; nothing else.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use hwcmp::cli::{self, args::Arguments};

/// Usage, data or input error.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match cli::run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            // Nothing is left to do where even the error cannot be written.
            let _ = writeln!(anstream::stderr(), "error: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}
