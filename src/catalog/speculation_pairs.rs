//! `data/speculation_pairs.toml`: published rates with and without speculation.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::citation::{citation, positive};
use super::document::{Row, Rules};
use super::fault::{Fault, Faults};
use super::lookup::nearest;
use super::speculation::Stated;
use super::table::TableKind;
use super::{Catalog, settled};
use crate::evidence::{Citation, Range};
use crate::machine::Backend;
use crate::model::Quant;
use crate::predict::Split;
use crate::units::{Date, Watts};

use super::devices::RawBackend;

/// A set-up with its pairs, as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPairs {
    device: String,
    #[serde(default = "one")]
    devices: u32,
    split: Option<String>,
    engine: String,
    backend: Option<RawBackend>,
    model: String,
    quant: String,
    method: String,
    draft: Option<String>,
    power_limit_w: Option<f64>,
    points: Vec<RawPair>,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
    excluded: Option<String>,
}

const fn one() -> u32 {
    1
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPair {
    drafted: Option<u32>,
    accepted: Option<f64>,
    accepted_low: Option<f64>,
    accepted_high: Option<f64>,
    tokens_per_step: Option<f64>,
    plain: f64,
    speculative: f64,
}

/// One rate with speculation beside one without.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Tokens drafted in a step, where stated.
    pub drafted: Option<u32>,
    /// Chance of a drafted token, where acceptance is stated.
    pub chance: Option<Range>,
    /// Tokens a second without.
    pub plain: f64,
    /// Tokens a second with.
    pub speculative: f64,
}

/// The pairs of one set-up and source.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairs {
    /// Device id.
    pub device: String,
    /// How many of them.
    pub devices: u32,
    /// How the model lay on them.
    pub split: Option<Split>,
    /// Engine id.
    pub engine: String,
    /// What it ran through; the engine's first on the device if none.
    pub backend: Option<Backend>,
    /// Model id.
    pub model: String,
    /// Quant id.
    pub quant: String,
    /// Method id.
    pub method: String,
    /// The drafting model, where it is one.
    pub draft: Option<String>,
    /// Limit on each device.
    pub power_limit: Option<Watts>,
    /// Its pairs.
    pub points: Vec<Pair>,
    /// Why it is not used.
    pub excluded: Option<String>,
    /// Where and when.
    pub citation: Citation,
}

/// The ids that pairs may name, by key.
pub type Known<'a> = [(&'static str, Vec<&'a str>); 4];

/// The validated pairs of one entry, which may name what is known.
pub fn pairs(
    row: Row<'_, RawPairs>,
    known: &Known<'_>,
    rules: Rules,
    faults: &mut Vec<Fault>,
) -> Pairs {
    let Row { raw, place, .. } = row;
    let named = [&raw.device, &raw.engine, &raw.model, &raw.method];
    for ((key, ids), name) in known.iter().zip(named) {
        if !ids.contains(&name.as_str()) {
            let near = nearest(name, ids.iter().copied());
            faults.push(place.fault(
                key,
                format!("there is no {key} `{name}`"),
                near.map_or_else(
                    || "name one of the tables".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                ),
            ));
        }
    }
    if Quant::from_id(&raw.quant).is_none() {
        faults.push(place.fault(
            "quant",
            format!("there is no quant `{}`", raw.quant),
            "name a quant of `hwcmp list quants`",
        ));
    }
    positive(
        &[
            ("devices", Some(f64::from(raw.devices))),
            ("power_limit_w", raw.power_limit_w),
        ],
        &place,
        faults,
    );
    let split = raw.split.as_deref().and_then(|name| {
        let split = Split::from_name(name);
        if split.is_none() {
            faults.push(place.fault(
                "split",
                format!("there is no split `{name}`"),
                "write layer, tensor or replicas",
            ));
        }
        split
    });
    if raw.points.is_empty() {
        faults.push(place.fault(
            "points",
            "the entry has no points",
            "add at least one `{ plain = ..., speculative = ... }`",
        ));
    }
    let points = raw
        .points
        .into_iter()
        .enumerate()
        .map(|(index, raw)| {
            let key = |name: &str| format!("points.{index}.{name}");
            positive(
                &[
                    (&key("plain"), Some(raw.plain)),
                    (&key("speculative"), Some(raw.speculative)),
                ],
                &place,
                faults,
            );
            let stated = Stated {
                drafted: raw.drafted,
                accepted: raw.accepted,
                low: raw.accepted_low,
                high: raw.accepted_high,
                tokens_per_step: raw.tokens_per_step,
            };
            Pair {
                drafted: raw.drafted,
                chance: stated.chance(&key, &place, faults),
                plain: raw.plain,
                speculative: raw.speculative,
            }
        })
        .collect();
    Pairs {
        device: raw.device,
        devices: raw.devices,
        split,
        engine: raw.engine,
        backend: raw.backend.map(Backend::from),
        model: raw.model,
        quant: raw.quant,
        method: raw.method,
        draft: raw.draft,
        power_limit: raw.power_limit_w.map(Watts),
        points,
        excluded: raw.excluded,
        citation: citation(raw.source, raw.date, raw.note, &place, rules.today, faults),
    }
}

impl Catalog {
    /// Published rates with and without speculation. A user's pairs add to the built-in ones.
    ///
    /// # Errors
    /// If the table, or what it names, has faults.
    pub fn speculation_pairs(&self) -> Result<&Vec<Pairs>, Faults> {
        settled(self.pairs.get_or_init(|| {
            let known: Known<'_> = [
                ("device", keys(self.devices()?)),
                ("engine", keys(self.engines()?)),
                ("model", keys(self.models()?)),
                ("method", keys(self.speculation()?)),
            ];
            self.load_lists(TableKind::SpeculationPairs, |rows, rules, faults| {
                rows.into_iter()
                    .map(|row| pairs(row, &known, rules, faults))
                    .collect()
            })
        }))
    }
}

/// The ids of a table.
fn keys<T>(table: &BTreeMap<String, T>) -> Vec<&str> {
    table.keys().map(String::as_str).collect()
}
