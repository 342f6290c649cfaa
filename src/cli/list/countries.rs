//! `hwcmp list countries`.

use anyhow::Result;

use super::{Session, counted, hidden, text};
use crate::report::{Cell, Column, Format, Report, Role, Styled};

const COLUMNS: [Column; 7] = [
    text("id", "id", 0),
    text("name", "name", 0),
    Column::new("usd_per_kwh", "a kWh", "", Format::Number, 0),
    text("date", "date", 1),
    text("source", "source", 2),
    text("low_confidence", "rough", 3),
    hidden("note", "note"),
];

/// The electricity prices by place.
///
/// # Errors
/// If the data has faults.
pub fn report(session: &Session) -> Result<Report> {
    let mut tariffs: Vec<_> = session.catalog.tariffs()?.values().collect();
    tariffs.sort_by(|a, b| {
        a.name
            .cmp(&b.name)
            .then(b.citation.date.cmp(&a.citation.date))
    });
    let mut report = Session::report("list", &COLUMNS);
    for tariff in &tariffs {
        let role = if tariff.low_confidence {
            Role::Caution
        } else {
            Role::Plain
        };
        report.row([
            Cell::from(tariff.id.clone()),
            Cell::from(tariff.name.clone()),
            Cell::from(tariff.price.0).shown(format!("${:.3}", tariff.price.0)),
            Cell::from(tariff.citation.date),
            Cell::from(tariff.citation.source.clone()).role(Role::Dim),
            Cell::from(tariff.low_confidence).role(role),
            Cell::from(tariff.citation.note.clone()),
        ]);
    }
    report.headline(counted(
        tariffs.len(),
        "household electricity prices by country or state, US dollars a kWh.",
    ));
    report.headline(Styled::plain(
        "Name one: hwcmp tco --country de; or give your own price: --rate 0.32.",
    ));
    report.footnote = Some(Styled::of(
        Role::Dim,
        "rough = a single or second-hand source",
    ));
    Ok(report)
}
