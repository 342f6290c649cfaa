//! `hwcmp list engines`.

use anyhow::Result;

use super::{Session, citation, counted, hidden, text, words};
use crate::machine::Backend;
use crate::model::Packaging;
use crate::predict::{Batching, Split};
use crate::report::{Cell, Column, Format, Report, Role, Styled};

const COLUMNS: [Column; 16] = [
    text("id", "id", 0),
    text("name", "name", 8),
    text("backends", "runs on", 1),
    text("packagings", "loads", 1),
    text("default_for", "usual on", 2),
    text("splits", "splits", 3),
    text("batching", "requests", 4),
    text("usual_q4", "-q4 means", 2),
    text("usual_q8", "-q8 means", 6),
    Column::new("ubatch_tokens", "micro-batch", "", Format::Count, 5),
    text("offloads", "offloads", 7),
    hidden("margin_bytes", "margin"),
    hidden("aliases", "aliases"),
    hidden("source", "source"),
    hidden("date", "date"),
    hidden("note", "note"),
];

/// The engines.
///
/// # Errors
/// If the data has faults.
pub fn report(session: &Session) -> Result<Report> {
    let engines = session.catalog.engines()?;
    let mut report = Session::report("list", &COLUMNS);
    for engine in engines.values() {
        let mut row = vec![
            Cell::from(engine.id.clone()),
            Cell::from(engine.name.clone()),
            words(
                engine
                    .backends
                    .iter()
                    .map(|backend| Backend::name(*backend)),
            ),
            words(engine.packagings.iter().map(|kind| Packaging::name(*kind))),
            words(engine.default_for.clone()),
            words(engine.splits.iter().map(|split| Split::name(*split))),
            Cell::from(match engine.batching {
                Batching::Continuous => "join at each step".to_owned(),
                Batching::Slots(slots) => format!("up to {slots} slots"),
                Batching::Sequential => "one by one".to_owned(),
            }),
            Cell::from(engine.usual_q4.clone()),
            Cell::from(engine.usual_q8.clone()),
            Cell::from(engine.ubatch),
            Cell::from(engine.offloads.map(|offloads| offloads.name().to_owned())),
            Cell::from(engine.memory.margin),
            words(engine.aliases.clone()),
        ];
        row.extend(citation(&engine.citation));
        report.row(row);
    }
    report.headline(counted(
        engines.len(),
        "engines: the serving software that runs the models.",
    ));
    report.headline(Styled::plain(
        "Name one: --engine vllm; without it, each device gets its maker's usual one.",
    ));
    report.footnote = Some(Styled::of(
        Role::Dim,
        "splits over several devices and backends in the order tried; offloads = what it runs from the host's memory, whole layers or experts too",
    ));
    Ok(report)
}
