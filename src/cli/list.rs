//! `hwcmp list`: what the data knows, one line each. One file per table below.

mod countries;
mod devices;
mod engines;
mod machines;
mod models;
mod offers;
mod quants;
mod workloads;

use std::process::ExitCode;

use anyhow::Result;

use super::args::{ListArguments, Listed};
use super::session::Session;
use crate::report::{Cell, Column, Format, Role, Styled, Value};

/// Runs the command.
///
/// # Errors
/// If the data has faults or the answer cannot be written.
pub fn run(session: &Session, arguments: &ListArguments) -> Result<ExitCode> {
    let mut report = match arguments.what {
        Listed::Machines => machines::report(session)?,
        Listed::Devices => devices::report(session)?,
        Listed::Models => models::report(session)?,
        Listed::Quants => quants::report(session)?,
        Listed::Workloads => workloads::report(session)?,
        Listed::Engines => engines::report(session)?,
        Listed::Countries => countries::report(session)?,
        Listed::Subscriptions => offers::subscriptions(session)?,
        Listed::Apis => offers::apis(session)?,
        Listed::Rentals => offers::rentals(session)?,
    };
    if report.turn.is_some() {
        session.write(report)?;
        return Ok(ExitCode::SUCCESS);
    }
    let example = match report.rows.first().and_then(|row| row.first()) {
        Some(Cell {
            value: Value::Text(id),
            ..
        }) => id.clone(),
        _ => "ID".to_owned(),
    };
    report.turn = Some(Styled::of(
        Role::Dim,
        format!("All that is known of one, with its sources: hwcmp show {example}"),
    ));
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

/// A column of text.
const fn text(key: &'static str, title: &'static str, priority: u8) -> Column {
    Column::new(key, title, "", Format::Text, priority)
}

/// A column of JSON and CSV only.
const fn hidden(key: &'static str, title: &'static str) -> Column {
    Column::new(key, title, "", Format::Text, Column::HIDDEN)
}

/// The first line: how many of what.
fn counted(count: usize, rest: &str) -> Styled {
    Styled::of(Role::Strong, count.to_string()).and(Role::Plain, format!(" {rest}"))
}

/// Words of a list, joined by commas in tables.
fn words<T: Into<String>>(words: impl IntoIterator<Item = T>) -> Cell {
    let words: Vec<String> = words.into_iter().map(Into::into).collect();
    let shown = if words.is_empty() {
        "-".to_owned()
    } else {
        words.join(", ")
    };
    Cell::from(words).shown(shown)
}

/// Where a row comes from: source, date and note as one cell each.
fn citation(citation: &crate::evidence::Citation) -> [Cell; 3] {
    [
        Cell::from(citation.source.clone()).role(Role::Dim),
        Cell::from(citation.date).role(Role::Dim),
        Cell::from(citation.note.clone()).role(Role::Dim),
    ]
}
