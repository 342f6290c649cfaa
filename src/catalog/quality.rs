//! `data/quality.toml`: how good the models are, by benchmark.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::citation::citation;
use super::document::{Row, Rules};
use super::fault::Fault;
use crate::evidence::Citation;
use crate::units::Date;

/// The one scale that is uniform over about seventy-five local models: the mean
/// of twenty evaluations, third party, from 0 to 1.
pub const UNIFORM_SCALE: &str = "AA 20-eval composite";

/// A score as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawScore {
    score: f64,
    unit: Option<String>,
    by: Option<String>,
    thinking: Option<bool>,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
}

/// One published score.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The benchmark.
    pub benchmark: String,
    /// The value in the benchmark's own unit.
    pub score: f64,
    /// That unit.
    pub unit: Option<String>,
    /// `maker` or `independent`.
    pub by: Option<String>,
    /// Whether the model was thinking.
    pub thinking: Option<bool>,
    /// When and where.
    pub citation: Citation,
}

/// The scores of a model, as they are written: lists by benchmark.
pub type RawScores = BTreeMap<String, Vec<RawScore>>;

/// The validated scores of one model.
pub fn scores(
    row: Row<'_, RawScores>,
    rules: Rules,
    faults: &mut Vec<Fault>,
) -> (String, Vec<Score>) {
    let Row { id, raw, place } = row;
    let mut scores = Vec::new();
    for (benchmark, list) in raw {
        for raw in list {
            if benchmark == UNIFORM_SCALE && raw.score > 1.0 {
                faults.push(place.fault(
                    &benchmark,
                    "this scale ends at 1",
                    "give a score from 0 to 1",
                ));
            }
            scores.push(Score {
                benchmark: benchmark.clone(),
                score: raw.score,
                unit: raw.unit,
                by: raw.by,
                thinking: raw.thinking,
                citation: citation(raw.source, raw.date, raw.note, &place, rules.today, faults),
            });
        }
    }
    (id, scores)
}

/// A model's score on the uniform scale: the best of its modes, none if it has none.
pub fn uniform_score(scores: &[Score]) -> Option<&Score> {
    scores
        .iter()
        .filter(|score| score.benchmark == UNIFORM_SCALE)
        .max_by(|a, b| a.score.total_cmp(&b.score))
}
