//! `data/prices.toml` and `energy.toml`: what things and electricity cost.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::citation::{citation, ordered, positive};
use super::document::{Row, Rules};
use super::fault::Fault;
use crate::evidence::Citation;
use crate::machine::{PriceBook, PriceKind, Quote};
use crate::units::{Date, UsdPerKilowattHour};

/// A quote as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawQuote {
    kind: RawKind,
    low_usd: f64,
    high_usd: f64,
    date: Option<Date>,
    source: Option<String>,
    note: Option<String>,
    confidence: Option<RawConfidence>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawKind {
    List,
    Street,
    Used,
}

/// Marks a figure that is kept but never the default.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawConfidence {
    Low,
}

/// The validated book of quotes.
pub fn price_book(
    rows: Vec<Row<'_, RawQuote>>,
    rules: Rules,
    faults: &mut Vec<Fault>,
) -> PriceBook {
    let mut quotes: BTreeMap<String, Vec<Quote>> = BTreeMap::new();
    for Row { id, raw, place } in rows {
        positive(
            &[
                ("low_usd", Some(raw.low_usd)),
                ("high_usd", Some(raw.high_usd)),
            ],
            &place,
            faults,
        );
        ordered(
            "low_usd",
            raw.low_usd,
            raw.low_usd,
            raw.high_usd,
            &place,
            faults,
        );
        let quote = Quote {
            kind: match raw.kind {
                RawKind::List => PriceKind::List,
                RawKind::Street => PriceKind::Street,
                RawKind::Used => PriceKind::Used,
            },
            low_usd: raw.low_usd,
            high_usd: raw.high_usd,
            citation: citation(raw.source, raw.date, raw.note, &place, rules.today, faults),
            low_confidence: matches!(raw.confidence, Some(RawConfidence::Low)),
        };
        quotes.entry(id).or_default().push(quote);
    }
    PriceBook::new(quotes)
}

/// An electricity price as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawTariff {
    name: String,
    usd_per_kwh: f64,
    date: Option<Date>,
    source: Option<String>,
    note: Option<String>,
    confidence: Option<RawConfidence>,
}

/// What a kilowatt-hour costs somewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Tariff {
    /// Its id: `us`, `de`, `us-ca`.
    pub id: String,
    /// The place.
    pub name: String,
    /// The price.
    pub price: UsdPerKilowattHour,
    /// When and where it was published.
    pub citation: Citation,
    /// From a single rough source.
    pub low_confidence: bool,
}

/// A validated tariff.
pub fn tariff(row: Row<'_, RawTariff>, rules: Rules, faults: &mut Vec<Fault>) -> Tariff {
    let Row { id, raw, place } = row;
    positive(&[("usd_per_kwh", Some(raw.usd_per_kwh))], &place, faults);
    Tariff {
        id,
        name: raw.name,
        price: UsdPerKilowattHour(raw.usd_per_kwh),
        citation: citation(raw.source, raw.date, raw.note, &place, rules.today, faults),
        low_confidence: matches!(raw.confidence, Some(RawConfidence::Low)),
    }
}
