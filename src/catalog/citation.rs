//! Sources of rows and of single keys.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::document::Place;
use super::fault::Fault;
use crate::evidence::Citation;
use crate::units::Date;

/// The source of one key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawEvidence {
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
}

/// Sources of single keys of a row.
pub type RawEvidences = BTreeMap<String, RawEvidence>;

/// The citation of a row. Our own rows must have one; a user's are `user`'s.
pub fn citation(
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
    place: &Place<'_>,
    today: Date,
    faults: &mut Vec<Fault>,
) -> Citation {
    if place.is_builtin() && (source.is_none() || date.is_none()) {
        let missing = if source.is_none() { "source" } else { "date" };
        faults.push(place.fault(
            "",
            format!("the row has no `{missing}`, and a number without one does not load"),
            format!("add `{missing} = \"...\"` to this table"),
        ));
    }
    Citation {
        source: source.unwrap_or_else(|| "user".to_owned()),
        date: date.unwrap_or(today),
        note,
    }
}

/// The sources of single keys; what they leave out is the row's own.
pub fn evidences(raw: RawEvidences, row: &Citation) -> Vec<(String, Citation)> {
    raw.into_iter()
        .map(|(key, raw)| {
            let citation = Citation {
                source: raw.source.unwrap_or_else(|| row.source.clone()),
                date: raw.date.unwrap_or(row.date),
                note: raw.note,
            };
            (key, citation)
        })
        .collect()
}

/// Refuses a zero where it would be nonsense.
pub fn positive(values: &[(&str, Option<f64>)], place: &Place<'_>, faults: &mut Vec<Fault>) {
    for (key, value) in values {
        if value.is_some_and(|value| value <= 0.0) {
            faults.push(place.fault(
                key,
                format!("`{key}` cannot be zero"),
                "give the real figure, or leave the key out if it is unknown",
            ));
        }
    }
}

/// Refuses a share above one.
pub fn share(key: &str, value: f64, place: &Place<'_>, faults: &mut Vec<Fault>) {
    if value > 1.0 {
        faults.push(place.fault(
            key,
            format!("`{key}` is a share and cannot be above 1"),
            "write 0.6 for 60%",
        ));
    }
}

/// Refuses bounds that are out of order.
pub fn ordered(
    key: &str,
    low: f64,
    mid: f64,
    high: f64,
    place: &Place<'_>,
    faults: &mut Vec<Fault>,
) {
    if low > mid || mid > high {
        faults.push(place.fault(
            key,
            format!("`{key}` is upside down: {low} to {high}"),
            "write the smaller number as the lower bound",
        ));
    }
}
