//! The constants after somebody's own measurements: the shipped ones moved by rows of
//! an overlay, in milliseconds where a whole fit takes a second.
//!
//! What many devices share is known from thousands of rows and stays. What belongs to
//! the device, its formats, the model or the build may move: around its shipped value,
//! the less the more configurations stand behind that. A device that nobody measured
//! before is free to find its own values around its family's.

use std::collections::BTreeSet;

use crate::predict::{Constants, LevelKind, Support};

use super::calibrate::support;
use super::corpus::{Corpus, Observation};
use super::fit::{Column, Design, Exactness};
use super::priors::Prior;

/// How far two people's rows of one configuration differ, on the log scale: the
/// spread of measurers that the fit of the whole corpus finds.
const BETWEEN_PEOPLE: f64 = 0.08;

/// Where a shared level stays: a thousandth.
const HELD: f64 = 1e-3;

/// The constants moved by the rows of a corpus; the same where none of them teaches.
pub fn updated(shipped: &Constants, own: &Corpus) -> Constants {
    let observations: Vec<&Observation> = own.fit().collect();
    let mut constants = shipped.clone();
    if observations.is_empty() {
        return constants;
    }
    let design = Design::new(&observations).anchored(|column| anchor(shipped, column));
    let offsets = design.fit(
        &vec![true; observations.len()],
        &design.start(),
        Exactness::FULL,
    );
    for (column, offset) in design.columns.iter().zip(offsets) {
        if !column.kind.is_measurers() {
            let levels = constants.coefficients.entry(column.parameter).or_default();
            levels.insert(column.level.clone(), offset);
        }
    }
    for (key, own) in support(own) {
        add(constants.support.entry(key).or_default(), own);
    }
    constants.source = format!(
        "{}; moved by {} own rows",
        shipped.source,
        observations.len()
    );
    constants
}

/// The shipped value of an offset and how far rows may still move it:
/// `sd / sqrt(1 + n sd^2 / s^2)` after n configurations with a spread of s.
fn anchor(shipped: &Constants, column: &Column) -> Prior {
    use LevelKind as K;
    let prior = column.prior();
    let known = shipped
        .coefficients
        .get(&column.parameter)
        .and_then(|levels| levels.get(&column.level));
    let mean = known.copied().unwrap_or(0.0);
    let behind = |key: &str| {
        let support = shipped.support.get(key);
        support.map_or(0.0, |support| f64::from(support.configurations))
    };
    let after = |count: f64| prior.sd / (1.0 + count * (prior.sd / BETWEEN_PEOPLE).powi(2)).sqrt();
    let sd = match column.kind {
        K::Device => after(behind(column.level.trim_start_matches("device "))),
        K::Family => after(behind(column.level.trim_start_matches("family "))),
        // How many rows stand behind these is not kept; a value says that some do.
        K::Card
        | K::ClassDevice
        | K::Build
        | K::ClassBuild
        | K::FlashBuild
        | K::Link
        | K::Model
        | K::ModelEngine
        | K::ModelDevice => after(if known.is_some() { 1.0 } else { 0.0 }),
        K::Measurer | K::Sweep => prior.sd,
        _ => HELD.min(prior.sd),
    };
    Prior { mean, sd }
}

/// Adds rows to what stands behind a place.
fn add(support: &mut Support, own: Support) {
    support.configurations += own.configurations;
    support.sources += own.sources;
    let models: BTreeSet<String> = support.models.drain(..).chain(own.models).collect();
    support.models = models.into_iter().collect();
}

#[cfg(test)]
mod tests {
    use super::{Support, add};

    #[test]
    fn support_adds_up() {
        let of = |models: &[&str]| Support {
            configurations: 2,
            sources: 1,
            models: models.iter().map(|id| (*id).to_owned()).collect(),
        };
        let mut known = of(&["a", "b"]);
        add(&mut known, of(&["b", "c"]));
        assert_eq!((known.configurations, known.sources), (4, 2));
        assert_eq!(known.models, ["a", "b", "c"]);
    }
}
