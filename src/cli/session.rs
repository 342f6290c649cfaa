//! Arguments as meant: the catalogue, the day, the terminal.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use super::args::{ColorChoice, OutputArguments, OutputFormat};
use crate::catalog::{Catalog, DATA_DATE};
use crate::report::{Report, Selection, csv, json, markdown, select, table};
use crate::study::{Corpus, updated};
use crate::units::Date;

/// Everything a command needs beside its own arguments.
#[derive(Debug)]
pub struct Session {
    /// The data.
    pub catalog: Catalog,
    /// Whether `--explain` was given.
    pub explain: bool,
    /// Width of tables.
    pub width: usize,
    /// Whether figures may use braille and box characters.
    pub unicode: bool,
    color: bool,
    format: OutputFormat,
    selection: Selection,
}

/// Width of tables in a pipe.
const PIPE_WIDTH: usize = 100;

impl Session {
    /// Opens the catalogue and decides about width and colour.
    ///
    /// # Errors
    /// If the overlay cannot be read.
    pub fn open(arguments: &OutputArguments) -> Result<Self> {
        let overlay = overlay_folder(arguments.data.clone())?;
        Self::with_overlay(arguments, overlay.as_deref())
    }

    /// The same over the built-in data alone.
    ///
    /// # Errors
    /// None in practice: the built-in data reads.
    pub fn without_overlay(arguments: &OutputArguments) -> Result<Self> {
        Self::with_overlay(arguments, None)
    }

    fn with_overlay(arguments: &OutputArguments, overlay: Option<&Path>) -> Result<Self> {
        let catalog = Catalog::open(overlay, today())?;
        learn(&catalog);
        Ok(Self {
            catalog,
            explain: arguments.explain,
            width: width(arguments.width),
            unicode: unicode(),
            color: color(arguments.color),
            format: arguments.format,
            selection: Selection {
                columns: arguments.columns.clone(),
                sort: arguments.sort.clone(),
                top: arguments.top,
            },
        })
    }

    /// Writes the answer to standard output.
    ///
    /// # Errors
    /// If `--columns` or `--sort` name no column, or writing fails.
    pub fn write(&self, mut report: Report) -> Result<()> {
        select(&mut report, &self.selection)?;
        let text = match self.format {
            OutputFormat::Table => table::render(
                &report,
                &table::Options {
                    width: self.width,
                    color: self.color,
                    details: self.explain,
                },
            ),
            OutputFormat::Json => json::render(&report),
            OutputFormat::Csv => csv::render(&report),
            OutputFormat::Md => markdown::render(&report, self.explain),
        };
        write_text(&text)
    }

    /// A report of this session's data.
    pub fn report(command: &'static str, columns: &[crate::report::Column]) -> Report {
        Report::new(command, DATA_DATE.to_string(), columns)
    }
}

/// Moves the constants by the overlay's measurements, where it has any. Their faults
/// are told by the commands that need constants.
fn learn(catalog: &Catalog) {
    let learnt = catalog.own_series().and_then(|series| {
        if series.is_empty() {
            return Ok(None);
        }
        let shipped = catalog.shipped_constants()?;
        Ok(Some(updated(&shipped, &Corpus::of(catalog, series)?)))
    });
    if let Some(constants) = learnt.transpose() {
        catalog.settle_constants(constants);
    }
}

/// Writes text to standard output; a closed pipe is no error.
///
/// # Errors
/// If writing fails otherwise.
pub fn write_text(text: &str) -> Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = out
        .write_all(text.as_bytes())
        .and_then(|()| {
            if text.ends_with('\n') {
                Ok(())
            } else {
                out.write_all(b"\n")
            }
        })
        .and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write the answer"),
    }
}

/// The overlay: `--data`, `$HWCMP_DATA`, or the XDG configuration folder if it is there.
///
/// # Errors
/// If a folder that was named is none.
pub fn overlay_folder(given: Option<PathBuf>) -> Result<Option<PathBuf>> {
    let named = given.or_else(|| {
        env::var_os("HWCMP_DATA")
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    });
    if let Some(folder) = named {
        if !folder.is_dir() {
            bail!(
                "{} is not a folder: give --data a folder of *.toml files",
                folder.display()
            );
        }
        return Ok(Some(folder));
    }
    let config = env::var_os("XDG_CONFIG_HOME")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")));
    Ok(config
        .map(|config| config.join("hwcmp"))
        .filter(|folder| folder.is_dir()))
}

/// Width: the flag, `COLUMNS`, the terminal, or the width of a pipe.
fn width(given: Option<usize>) -> usize {
    let columns = || {
        env::var("COLUMNS")
            .ok()?
            .parse::<usize>()
            .ok()
            .filter(|width| *width > 0)
    };
    let terminal = || {
        let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
        Some(usize::from(width.0)).filter(|width| *width > 0)
    };
    given
        .or_else(columns)
        .or_else(terminal)
        .unwrap_or(PIPE_WIDTH)
        .max(table::MIN_WIDTH)
}

/// Unicode, unless the terminal is dumb or the locale names another character set.
fn unicode() -> bool {
    let named = |key: &str| env::var(key).ok().filter(|value| !value.is_empty());
    let charset = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(named);
    let other = charset.is_some_and(|locale| {
        locale
            .split_once('.')
            .is_some_and(|(_, set)| !set.to_lowercase().replace('-', "").starts_with("utf8"))
    });
    !other && named("TERM").is_none_or(|term| term != "dumb")
}

/// Colour: the flag, else a terminal without `NO_COLOR`.
fn color(choice: ColorChoice) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
            !refused && !dumb && io::stdout().is_terminal()
        }
    }
}

/// Today in UTC, at least the day of the data.
fn today() -> Date {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs());
    Date::from_unix_seconds(seconds).max(DATA_DATE)
}
