//! `hwcmp list subscriptions`, `apis` and `rentals`: what the same work costs elsewhere.

use anyhow::Result;

use super::{Session, citation, counted, hidden, text};
use crate::report::{Cell, Column, Format, Report, Role, Styled};
use crate::units::dollars;

const SUBSCRIPTIONS: [Column; 6] = [
    text("id", "id", 0),
    text("name", "name", 0),
    Column::new("usd_per_month", "a month", "", Format::Dollars, 0),
    text("source", "source", 2),
    text("date", "date", 1),
    hidden("note", "note"),
];

const APIS: [Column; 8] = [
    text("id", "model", 0),
    text("name", "provider", 0),
    Column::new("input_usd_per_mtok", "in", "$/Mtok", Format::Number, 0),
    Column::new("cached_usd_per_mtok", "cached", "$/Mtok", Format::Number, 1),
    Column::new("output_usd_per_mtok", "out", "$/Mtok", Format::Number, 0),
    text("source", "source", 3),
    text("date", "date", 2),
    hidden("note", "note"),
];

const RENTALS: [Column; 7] = [
    text("id", "device", 0),
    text("name", "provider", 0),
    Column::new("usd_per_hour", "an hour", "", Format::Number, 0),
    text("spot", "may be taken away", 1),
    text("source", "source", 3),
    text("date", "date", 2),
    hidden("note", "note"),
];

/// The plans that `breakeven --subscription` takes.
///
/// # Errors
/// If the data has faults.
pub fn subscriptions(session: &Session) -> Result<Report> {
    let mut plans = session
        .catalog
        .cloud()?
        .subscriptions(session.catalog.today());
    plans.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(b.0)));
    let mut report = Session::report("list", &SUBSCRIPTIONS);
    for (id, usd, offer) in &plans {
        let mut row = vec![
            Cell::from(*id),
            Cell::from(offer.name.clone()),
            Cell::from(*usd).shown(dollars(*usd)),
        ];
        row.extend(citation(&offer.citation));
        report.row(row);
    }
    report.headline(counted(plans.len(), "subscriptions, cheapest first."));
    let example = plans.first().map_or("ID", |plan| plan.0);
    report.turn = Some(next(&format!(
        "Set a machine against one: hwcmp breakeven --subscription {example}"
    )));
    Ok(report)
}

/// The models that an API serves, with its prices.
///
/// # Errors
/// If the data has faults.
pub fn apis(session: &Session) -> Result<Report> {
    let cloud = session.catalog.cloud()?;
    let mut report = Session::report("list", &APIS);
    for id in cloud.items() {
        for (prices, offer) in cloud.api(id, session.catalog.today()) {
            let mut row = vec![
                Cell::from(id),
                Cell::from(offer.name.clone()),
                Cell::from(prices.input),
                Cell::from(prices.cached),
                Cell::from(prices.output),
            ];
            row.extend(citation(&offer.citation));
            report.row(row);
        }
    }
    let count = report.rows.len();
    report.headline(counted(
        count,
        "prices of models by the token, US dollars a million.",
    ));
    report.turn = Some(next(
        "`hwcmp breakeven MODEL` takes the cheapest of the model, or of the nearest in size",
    ));
    Ok(report)
}

/// The devices that can be rented.
///
/// # Errors
/// If the data has faults.
pub fn rentals(session: &Session) -> Result<Report> {
    let cloud = session.catalog.cloud()?;
    let mut report = Session::report("list", &RENTALS);
    for id in cloud.items() {
        for spot in [false, true] {
            for (usd, offer) in cloud.rental(id, spot, session.catalog.today()) {
                let mut row = vec![
                    Cell::from(id),
                    Cell::from(offer.name.clone()),
                    Cell::from(usd).shown(format!("${usd:.2}")),
                    Cell::from(spot).shown(if spot { "yes" } else { "no" }),
                ];
                row.extend(citation(&offer.citation));
                report.row(row);
            }
        }
    }
    let count = report.rows.len();
    report.headline(counted(count, "prices of rented GPUs by the hour."));
    report.turn = Some(next(
        "`hwcmp breakeven MODEL` takes the cheapest that runs the model and that nobody takes away",
    ));
    Ok(report)
}

/// The last line.
fn next(step: &str) -> Styled {
    Styled::of(Role::Dim, step)
}
