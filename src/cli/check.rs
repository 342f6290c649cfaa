//! `hwcmp check`: the built-in data, an overlay and single files, read whole.

use std::process::ExitCode;

use anyhow::Result;

use super::args::{CheckArguments, OutputArguments};
use super::session::{Session, overlay_folder};
use crate::catalog::Catalog;
use crate::report::{Cell, Column, Format, Role, Styled, Value};

const COLUMNS: [Column; 2] = [
    Column::new("table", "table", "", Format::Text, 0),
    Column::new("rows", "rows", "", Format::Count, 0),
];

/// Runs the command. The overlay is read here and not by the session, so that
/// all its faults are told together.
///
/// # Errors
/// If there is any fault in the data, with all of them, or the answer cannot be written.
pub fn run(output: &OutputArguments, arguments: &CheckArguments) -> Result<ExitCode> {
    let overlay = overlay_folder(output.data.clone())?;
    let session = Session::without_overlay(output)?;
    let counts = Catalog::check(
        &arguments.files,
        overlay.as_deref(),
        session.catalog.today(),
    )?;

    let files: Vec<String> = arguments
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let folder = overlay.map(|folder| folder.display().to_string());
    let mut report = Session::report("check", &COLUMNS);
    report
        .assume("files", Value::from(files.clone()))
        .assume("overlay", folder.clone());
    for (kind, rows) in &counts {
        report.row([Cell::from(kind.name()), Cell::from(*rows)]);
    }
    let mut checked = vec!["the built-in data".to_owned()];
    checked.extend(folder);
    checked.extend(files);
    let rows: usize = counts.iter().map(|(_, rows)| rows).sum();
    report.headline(
        Styled::of(Role::Good, "No faults")
            .and(Role::Plain, format!(" in {}.", checked.join(", "))),
    );
    report.headline(Styled::plain(format!(
        "{} tables with {} rows, each with a source and a date.",
        counts.len(),
        crate::units::group_thousands(&rows.to_string()),
    )));
    report.footnote = Some(Styled::of(
        Role::Dim,
        "measured counts series, prices counts the things that have quotes; a row laid over a built-in one of the same id replaces it",
    ));
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}
