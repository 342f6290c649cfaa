//! `hwcmp calibrate`: fits the constants to the measurements and writes them down.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};

use super::args::CalibrateArguments;
use super::session::{Session, write_text};
use crate::study::backtest::{Backtest, LeftOut};
use crate::study::calibrate::{calibrate, text};
use crate::study::corpus::Corpus;

/// Runs the command.
///
/// # Errors
/// If the data has faults or the file cannot be written.
pub fn run(session: &Session, arguments: &CalibrateArguments) -> Result<ExitCode> {
    let corpus = Corpus::of(&session.catalog, session.catalog.all_series()?)?;
    let tests = [
        LeftOut::Model,
        LeftOut::Source,
        LeftOut::Die,
        LeftOut::Family,
    ];
    let backtest = Backtest::run(corpus.fit().collect(), &tests);
    let fitted = text(&calibrate(&corpus, &backtest));
    match &arguments.output {
        Some(path) => {
            fs::write(path, fitted).with_context(|| format!("cannot write {}", path.display()))?;
        }
        None => write_text(&fitted)?,
    }
    Ok(ExitCode::SUCCESS)
}
