//! `data/speculation.toml`: ways of speculative decoding, and how often what they
//! draft is kept.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::citation::{citation, ordered, positive, share};
use super::document::{Place, Row, Rules};
use super::fault::{Fault, Faults};
use super::table::TableKind;
use super::{Catalog, settled};
use crate::evidence::{Citation, Range};
use crate::predict::acceptance_per_token;
use crate::units::Date;

/// A method as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMethod {
    name: String,
    drafter: Drafter,
    draft_tokens: u32,
    most_draft_tokens: u32,
    engines: Vec<String>,
    #[serde(default)]
    refused: BTreeMap<String, String>,
    #[serde(default)]
    refused_recurrent: BTreeMap<String, String>,
    #[serde(default)]
    heads: Vec<RawHead>,
    acceptance: Vec<RawAcceptance>,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHead {
    model: String,
    name: String,
    vocab: u32,
    width: Option<u32>,
    #[serde(default)]
    assumed: bool,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAcceptance {
    work: Work,
    model: Option<String>,
    drafted: Option<u32>,
    accepted: Option<f64>,
    accepted_low: Option<f64>,
    accepted_high: Option<f64>,
    tokens_per_step: Option<f64>,
    #[serde(default)]
    assumed: bool,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
}

/// What proposes tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drafter {
    /// The model's own block of multi-token prediction.
    PredictionBlock,
    /// A head trained for the model.
    #[serde(rename = "eagle3-head")]
    EagleHead,
    /// A smaller model.
    Model,
    /// The text so far.
    Lookup,
}

/// Kinds of work that acceptance differs by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    /// Writing code.
    Code,
    /// Mathematics.
    Math,
    /// Questions and explanations.
    Chat,
    /// Free text.
    Prose,
    /// Summaries.
    Summarise,
    /// A mixture, or not stated.
    Any,
}

/// How often a drafted token is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Acceptance {
    /// The kind of work.
    pub work: Work,
    /// The model, none where it stands for all.
    pub model: Option<String>,
    /// Chance of a drafted token once those before it were kept.
    pub chance: Range,
    /// Nobody measured it.
    pub assumed: bool,
    /// Where and when.
    pub citation: Citation,
}

/// An EAGLE-3 head that somebody trained.
#[derive(Debug, Clone, PartialEq)]
pub struct EagleHead {
    /// The model it is for.
    pub model: String,
    /// Its name.
    pub name: String,
    /// Entries of its vocabulary.
    pub vocab: u32,
    /// Inner width of its network, none where it is the model's own.
    pub width: Option<u32>,
    /// Nobody stated its shape.
    pub assumed: bool,
    /// Where and when.
    pub citation: Citation,
}

/// A way of speculating.
#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    /// Its id: `mtp`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What proposes tokens.
    pub drafter: Drafter,
    /// Tokens drafted in a step, usually.
    pub draft_tokens: u32,
    /// Most that is worth trying.
    pub most_draft_tokens: u32,
    /// Engines that do it.
    pub engines: Vec<String>,
    /// Why others do not, by engine.
    pub refused: BTreeMap<String, String>,
    /// Why engines do not with a model that keeps a recurrent state.
    pub refused_recurrent: BTreeMap<String, String>,
    /// Heads that exist, where it needs one for each model.
    pub heads: Vec<EagleHead>,
    /// How often what it drafts is kept.
    pub acceptance: Vec<Acceptance>,
    /// Where and when.
    pub citation: Citation,
}

/// A validated method. Whether its engines and models exist is the caller's to check.
pub fn method(row: Row<'_, RawMethod>, rules: Rules, faults: &mut Vec<Fault>) -> Method {
    let Row { id, raw, place } = row;
    positive(
        &[("draft_tokens", Some(f64::from(raw.draft_tokens)))],
        &place,
        faults,
    );
    let (usual, most) = (
        f64::from(raw.draft_tokens),
        f64::from(raw.most_draft_tokens),
    );
    ordered("most_draft_tokens", usual, most, most, &place, faults);
    if raw.acceptance.is_empty() {
        faults.push(place.fault(
            "acceptance",
            "the method has no acceptance",
            "add at least one entry, with `assumed = true` where nobody measured it",
        ));
    }
    let acceptance = raw
        .acceptance
        .into_iter()
        .enumerate()
        .map(|(index, raw)| acceptance(raw, index, &place, rules, faults))
        .collect();
    let heads = raw
        .heads
        .into_iter()
        .map(|head| EagleHead {
            model: head.model,
            name: head.name,
            vocab: head.vocab,
            width: head.width,
            assumed: head.assumed,
            citation: citation(
                head.source,
                head.date,
                head.note,
                &place,
                rules.today,
                faults,
            ),
        })
        .collect();
    Method {
        id,
        name: raw.name,
        drafter: raw.drafter,
        draft_tokens: raw.draft_tokens,
        most_draft_tokens: raw.most_draft_tokens,
        engines: raw.engines,
        refused: raw.refused,
        refused_recurrent: raw.refused_recurrent,
        heads,
        acceptance,
        citation: citation(raw.source, raw.date, raw.note, &place, rules.today, faults),
    }
}

fn acceptance(
    raw: RawAcceptance,
    index: usize,
    place: &Place<'_>,
    rules: Rules,
    faults: &mut Vec<Fault>,
) -> Acceptance {
    let key = |name: &str| format!("acceptance.{index}.{name}");
    let stated = Stated {
        drafted: raw.drafted,
        accepted: raw.accepted,
        low: raw.accepted_low,
        high: raw.accepted_high,
        tokens_per_step: raw.tokens_per_step,
    };
    let chance = stated.chance(&key, place, faults).unwrap_or_else(|| {
        faults.push(place.fault(
            &key("work"),
            "the entry states no acceptance",
            "give `drafted` with `accepted` (or its low and high), or `tokens_per_step`",
        ));
        Range::exact(0.0)
    });
    Acceptance {
        work: raw.work,
        model: raw.model,
        chance,
        assumed: raw.assumed,
        citation: citation(raw.source, raw.date, raw.note, place, rules.today, faults),
    }
}

/// What a source says of acceptance, in its own measure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stated {
    pub drafted: Option<u32>,
    pub accepted: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub tokens_per_step: Option<f64>,
}

impl Stated {
    /// The chance of each token; none where nothing is said of it.
    pub(super) fn chance(
        self,
        key: &dyn Fn(&str) -> String,
        place: &Place<'_>,
        faults: &mut Vec<Fault>,
    ) -> Option<Range> {
        for (name, value) in [
            ("accepted", self.accepted),
            ("accepted_low", self.low),
            ("accepted_high", self.high),
        ] {
            share(&key(name), value.unwrap_or(0.0), place, faults);
        }
        if let Some(tokens) = self.tokens_per_step {
            let most = self.drafted.map_or(f64::INFINITY, |k| f64::from(k) + 1.0);
            if !(1.0..=most).contains(&tokens) {
                faults.push(place.fault(
                    &key("tokens_per_step"),
                    format!("a step yields 1 to {most} tokens"),
                    "give what a step yields, its own token included",
                ));
            }
            let chance = match self.drafted {
                Some(k) => acceptance_per_token((tokens - 1.0) / f64::from(k.max(1)), k),
                // Drafts that are never cut short: 1 + a + a^2 + ... = 1 / (1 - a).
                None => 1.0 - 1.0 / tokens.max(1.0),
            };
            return Some(Range::exact(chance));
        }
        let drafted = self.drafted?;
        let low = self.low.or(self.accepted)?;
        let high = self.high.or(self.accepted)?;
        let mid = self.accepted.unwrap_or(f64::midpoint(low, high));
        ordered(&key("accepted_low"), low, mid, high, place, faults);
        let of = |share| acceptance_per_token(share, drafted);
        Some(Range {
            low: of(low),
            mid: of(mid),
            high: of(high),
        })
    }
}

impl Catalog {
    /// Ways of speculative decoding by id. They name engines of the catalogue.
    ///
    /// # Errors
    /// If the table, or the engines, have faults.
    pub fn speculation(&self) -> Result<&BTreeMap<String, Method>, Faults> {
        settled(self.methods.get_or_init(|| {
            let engines = self.engines()?;
            self.load(TableKind::Speculation, |row, faults| {
                let place = row.place.clone();
                let method = method(row, self.rules(), faults);
                let refused = method.refused.keys().chain(method.refused_recurrent.keys());
                let named = method.engines.iter().chain(refused);
                for engine in named.filter(|engine| !engines.contains_key(*engine)) {
                    faults.push(place.fault(
                        "engines",
                        format!("there is no engine `{engine}`"),
                        "name an engine of `hwcmp list engines`",
                    ));
                }
                Some(method)
            })
        }))
    }
}

impl Method {
    /// The head for a model.
    pub fn head(&self, model: &str) -> Option<&EagleHead> {
        self.heads.iter().find(|head| head.model == model)
    }

    /// What is known of acceptance for a model and a kind of work, with the entries it
    /// rests on: their median, of the model itself where it was measured. The range is
    /// that of all models until three sources measured the model: a user is one more
    /// source, and sources differ. It spans the 10th to the 90th percentile.
    pub fn acceptance_for(&self, model: &str, work: Work) -> (Range, Vec<&Acceptance>) {
        let of_work: Vec<&Acceptance> = self
            .acceptance
            .iter()
            .filter(|entry| work == Work::Any || entry.work == work)
            .collect();
        let all = if of_work.is_empty() {
            self.acceptance.iter().collect()
        } else {
            of_work
        };
        let own: Vec<&Acceptance> = all
            .iter()
            .copied()
            .filter(|entry| entry.model.as_deref() == Some(model))
            .collect();
        let sources: BTreeSet<&str> = own
            .iter()
            .map(|entry| entry.citation.source.as_str())
            .collect();
        let spread = if sources.len() < SOURCES_FOR_RANGE {
            &all
        } else {
            &own
        };
        let middle = if own.is_empty() { &all } else { &own };
        let mid = percentile(middle, 0.5, |chance| chance.mid);
        let range = Range {
            low: percentile(spread, 0.1, |chance| chance.low).min(mid),
            mid,
            high: percentile(spread, 0.9, |chance| chance.high).max(mid),
        };
        (range, if own.is_empty() { all } else { own })
    }
}

/// Sources of a model's acceptance that say how far sources differ.
const SOURCES_FOR_RANGE: usize = 3;

/// A percentile of one bound of the entries' chances, with linear interpolation.
fn percentile(entries: &[&Acceptance], share: f64, bound: fn(&Range) -> f64) -> f64 {
    let mut values: Vec<f64> = entries.iter().map(|entry| bound(&entry.chance)).collect();
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    let (below, part) = ((share * last).floor(), (share * last).fract());
    let value = |index: f64| values.get(index as usize).copied().unwrap_or(0.0);
    value(below) * (1.0 - part) + value((below + 1.0).min(last)) * part
}
