//! `data/claims.toml` and `claim_sources.toml`: what others have published, to
//! be recomputed by `study::audit`.

mod check;
mod raw;
mod read_check;
mod validate;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::document::{Row, Rules, rows};
use super::fault::{Fault, Faults};
use super::table::TableKind;
use super::{Catalog, settled};
use crate::units::Date;

pub use check::{Check, DeviceField, Figure, MachineField, OwnershipCase, Run, Size, Term, Total};
use raw::{RawClaim, RawSource};
use validate::{References, claim};

/// Numbers from one end to the other; both the same for a single figure, an
/// open end infinite ("at least", "at most").
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Bounds {
    /// One figure.
    pub const fn exact(value: f64) -> Self {
        Self {
            low: value,
            high: value,
        }
    }

    /// The figure, where there is only one.
    pub fn single(self) -> Option<f64> {
        (self.low.to_bits() == self.high.to_bits()).then_some(self.low)
    }

    /// One number for all of it: the middle, or the end that is not open.
    pub fn middle(self) -> f64 {
        match (self.low.is_finite(), self.high.is_finite()) {
            (true, false) => self.low,
            (false, true) => self.high,
            _ => f64::midpoint(self.low, self.high),
        }
    }
}

/// What a published claim turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Finding {
    /// More than the hardware can do.
    Impossible,
    /// Another figure is right.
    Off,
    /// The figure comes out.
    Reproduced,
    /// Nothing to compute it from.
    Unchecked,
}

impl Finding {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [
        Self::Impossible,
        Self::Off,
        Self::Reproduced,
        Self::Unchecked,
    ];

    /// The word used in data, flags, tables and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Impossible => "impossible",
            Self::Off => "off",
            Self::Reproduced => "reproduced",
            Self::Unchecked => "unchecked",
        }
    }
}

/// Where claims were published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimSource {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who published it.
    pub publisher: String,
    /// When.
    pub date: Date,
    /// What to know about it.
    pub note: Option<String>,
}

/// What is right instead of a claim.
#[derive(Debug, Clone, PartialEq)]
pub enum Right {
    /// These numbers, in the claim's unit.
    Figure(Bounds),
    /// These words.
    Text(String),
}

/// A published claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Its id.
    pub id: String,
    /// Id of its [`ClaimSource`].
    pub source: String,
    /// The section of the source.
    pub section: String,
    /// What it is about.
    pub subject: String,
    /// Its words, shortened.
    pub text: String,
    /// The kind of figure.
    pub quantity: String,
    /// The figure as printed; none where it is words alone.
    pub claimed: Option<Bounds>,
    /// The unit of the figures; empty for a plain number.
    pub unit: String,
    /// What a careful reader found.
    pub finding: Finding,
    /// What is right instead.
    pub right: Option<Right>,
    /// Why.
    pub reason: String,
    /// The claim in a few words, where it changes what to buy.
    pub decides: Option<String>,
    /// How the figure is recomputed.
    pub check: Option<Check>,
    /// Share by which the computed figure may miss it.
    pub tolerance: Option<f64>,
    /// Factor from the computed figure's unit to the claim's.
    pub scale: f64,
}

fn source(row: Row<'_, RawSource>) -> ClaimSource {
    let Row { id, raw, .. } = row;
    ClaimSource {
        id,
        title: raw.title,
        publisher: raw.publisher,
        date: raw.date,
        note: raw.note,
    }
}

impl Catalog {
    /// Where claims were published, by id.
    ///
    /// # Errors
    /// If the table has faults.
    pub fn claim_sources(&self) -> Result<&BTreeMap<String, ClaimSource>, Faults> {
        settled(
            self.claim_sources
                .get_or_init(|| self.load(TableKind::ClaimSources, |row, _| Some(source(row)))),
        )
    }

    /// Published claims by id. They name sources, machines, models, engines and
    /// each other.
    ///
    /// # Errors
    /// If the table, or what it refers to, has faults.
    pub fn claims(&self) -> Result<&BTreeMap<String, Claim>, Faults> {
        settled(self.claims.get_or_init(|| {
            let sources = self.claim_sources()?;
            let models = self.models()?;
            self.machines()?;
            self.engines()?;
            // Differences are negative: the sign is checked key by key.
            let rules = Rules {
                refuse_negative: false,
                ..self.rules()
            };
            let mut faults: Vec<Fault> = Vec::new();
            let files = self.files(TableKind::Claims);
            let raws: Vec<Row<'_, RawClaim>> = files
                .iter()
                .flat_map(|file| rows(file, rules, &mut faults))
                .collect();
            let figures: BTreeMap<String, bool> = raws
                .iter()
                .map(|row| (row.id.clone(), row.raw.claimed.is_some()))
                .collect();
            let known = References {
                catalog: self,
                sources,
                models,
                figures: &figures,
            };
            let mut table = BTreeMap::new();
            for row in raws {
                let claim = claim(row, &known, rules, &mut faults);
                table.insert(claim.id.clone(), claim);
            }
            if faults.is_empty() {
                Ok(table)
            } else {
                Err(Faults(faults))
            }
        }))
    }
}
