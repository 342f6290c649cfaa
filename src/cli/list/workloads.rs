//! `hwcmp list workloads`.

use anyhow::Result;

use super::{Session, citation, counted, hidden, text, words};
use crate::report::{Cell, Column, Format, Report, Role, Styled};

const COLUMNS: [Column; 19] = [
    text("id", "id", 0),
    text("name", "name", 7),
    text("description", "what it is", 2),
    Column::new("context_tokens", "context", "", Format::Tokens, 1),
    Column::new("prompt_tokens", "new", "", Format::Count, 3),
    Column::new("cached_tokens", "cached", "", Format::Count, 4),
    Column::new("output_tokens", "out", "", Format::Count, 3),
    Column::new("users", "users", "", Format::Count, 1),
    Column::new("turns_per_hour", "turns an hour", "", Format::Count, 8),
    hidden("cold_starts_per_hour", "cold starts an hour"),
    hidden("hours_per_day", "hours a day"),
    Column::new(
        "min_decode_tokens_per_second",
        "at least",
        "tok/s",
        Format::Count,
        2,
    ),
    Column::new(
        "max_ttft_warm_seconds",
        "first token",
        "s",
        Format::Count,
        5,
    ),
    hidden("max_ttft_cold_seconds", "first token, cold"),
    hidden("models", "models"),
    text("heaviest_criteria", "what counts most", 6),
    hidden("source", "source"),
    hidden("date", "date"),
    hidden("note", "note"),
];

/// Criteria that are named.
const HEAVIEST: usize = 3;

/// The workloads.
///
/// # Errors
/// If the data has faults.
pub fn report(session: &Session) -> Result<Report> {
    let workloads = session.catalog.workloads()?;
    let mut report = Session::report("list", &COLUMNS);
    for workload in workloads.values() {
        let mut criteria: Vec<_> = workload.weights.iter().collect();
        criteria.sort_by(|a, b| b.1.total_cmp(a.1));
        let heaviest = criteria
            .iter()
            .take(HEAVIEST)
            .map(|(criterion, _)| criterion.name());
        let mut row = vec![
            Cell::from(workload.id.clone()),
            Cell::from(workload.name.clone()),
            Cell::from(workload.description.clone()),
            Cell::from(workload.context),
            Cell::from(workload.prompt),
            Cell::from(workload.cached),
            Cell::from(workload.output),
            Cell::from(workload.users),
            Cell::from(workload.turns_per_hour),
            Cell::from(workload.cold_starts_per_hour),
            Cell::from(workload.hours),
            Cell::from(workload.min_decode),
            Cell::from(workload.max_ttft_warm),
            Cell::from(workload.max_ttft_cold),
            words(workload.basket.iter().map(|item| item.model.clone())),
            words(heaviest),
        ];
        row.extend(citation(&workload.citation));
        report.row(row);
    }
    report.headline(counted(
        workloads.len(),
        "workloads: kinds of use that a verdict is for.",
    ));
    report.headline(Styled::plain(
        "Name one: hwcmp verdict --workload coding; reweigh with --weight noise=3.",
    ));
    report.footnote = Some(Styled::of(
        Role::Dim,
        "tokens of a turn: new to read, found in the cache, put out; at least = slowest decode that still serves one user",
    ));
    Ok(report)
}
