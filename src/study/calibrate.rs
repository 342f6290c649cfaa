//! Fits the constants to the corpus and writes them down.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::evidence::Evidence;
use crate::predict::constants::LogInterval;
use crate::predict::{Constants, Exponents, Support};

use super::backtest::{Backtest, LeftOut, quantile};
use super::corpus::{Corpus, EXPONENTS, Observation};
use super::group::Group;

/// Offsets smaller than this are left out of the file: half a percent of a time.
const NEGLIGIBLE: f64 = 0.005;

/// Fewest configurations that an interval of their own is taken from.
const FEWEST: usize = 12;

/// The constants that the corpus teaches, with the back-test that their
/// intervals come from.
pub fn calibrate(corpus: &Corpus, backtest: &Backtest<'_>) -> Constants {
    let mut constants = coefficients(backtest);
    constants.support = support(corpus);
    let mut found = BTreeMap::new();
    let metrics = METRICS
        .iter()
        .map(|(metric, groups)| (*metric, intervals(backtest, groups)));
    for (metric, levels) in metrics.chain([("power need", power_need(backtest, &constants))]) {
        if !levels.is_empty() {
            found.insert(metric.to_owned(), levels);
        }
    }
    constants.intervals = found;
    constants
}

/// The constants without the back-test: coefficients and support, no intervals.
/// For constants of a moment, as with a user's own measurements, whose intervals
/// are the shipped ones.
pub fn fitted(corpus: &Corpus) -> Constants {
    let backtest = Backtest::run(corpus.fit().collect(), &[]);
    let mut constants = coefficients(&backtest);
    constants.support = support(corpus);
    constants
}

/// Metrics that have intervals, and the groups whose residuals they come from.
const METRICS: &[(&str, &[Group])] = &[
    ("decode", &[Group::Decode]),
    ("prefill", &[Group::Prefill]),
    ("ttft", &[Group::Ttft]),
    ("aggregate", &[Group::Aggregate, Group::BatchDecode]),
    ("layer split", &[Group::LayerSplit]),
    ("tensor split", &[Group::TensorSplit]),
    ("split prefill", &[Group::SplitPrefill]),
    ("split aggregate", &[Group::SplitAggregate]),
];

/// The offsets without who measured, and without what is negligible.
fn coefficients(backtest: &Backtest<'_>) -> Constants {
    let mut constants = Constants {
        exponents: EXPONENTS,
        ..Constants::default()
    };
    for (column, offset) in backtest.design.columns.iter().zip(&backtest.full) {
        if !column.kind.is_measurers() && offset.abs() >= NEGLIGIBLE {
            let offsets = constants.coefficients.entry(column.parameter).or_default();
            offsets.insert(column.level.clone(), *offset);
        }
    }
    let configurations: BTreeSet<&str> = backtest
        .observations
        .iter()
        .map(|observation| observation.configuration.as_str())
        .collect();
    constants.source = format!(
        "computed by `hwcmp calibrate` from data/measured: {} rows, {} configurations",
        backtest.observations.len(),
        configurations.len()
    );
    constants
}

/// What stands behind each device and family in each engine, and behind each way of
/// working together.
pub(super) fn support(corpus: &Corpus) -> BTreeMap<String, Support> {
    type Seen<'a> = (BTreeSet<&'a str>, BTreeSet<&'a str>, BTreeSet<&'a str>);
    let mut seen: BTreeMap<String, Seen<'_>> = BTreeMap::new();
    for observation in corpus.fit() {
        let Observation { device, stack, .. } = observation;
        let mut places = vec![
            format!("{device} {stack}"),
            format!("{} {stack}", observation.family),
        ];
        if let Some(joined) = &observation.joined {
            places.push(format!("{joined}: {device} {stack}"));
            places.push(joined.clone());
        }
        if observation.group == Group::PowerLimit {
            places.push(format!("power limit: {device}"));
            places.push(format!("power limit: {}", observation.family));
        }
        for place in places {
            let (configurations, sources, models) = seen.entry(place).or_default();
            configurations.insert(&observation.configuration);
            sources.insert(&observation.measurer);
            models.insert(&observation.model);
        }
    }
    seen.into_iter()
        .map(|(key, (configurations, sources, models))| {
            let support = Support {
                configurations: configurations.len() as u32,
                sources: sources.len() as u32,
                models: models.into_iter().map(str::to_owned).collect(),
            };
            (key, support)
        })
        .collect()
}

/// The 80% intervals of the rates of some groups by level of evidence.
fn intervals(backtest: &Backtest<'_>, groups: &[Group]) -> BTreeMap<Evidence, LogInterval> {
    by_evidence(|by| {
        backtest.votes(by, |observation, residual| {
            (groups.contains(&observation.group) && !observation.is_other()).then_some(residual)
        })
    })
}

/// A row whose time moves less than this with the power that it needs says too little of it.
const TELLING_SLOPE: f64 = 0.5;

/// The 80% intervals of the power that work needs, by how well the curve of the card is known:
/// by how much it must be another for the time that was measured.
fn power_need(backtest: &Backtest<'_>, constants: &Constants) -> BTreeMap<Evidence, LogInterval> {
    by_evidence(|by| {
        backtest.votes(by, |observation, residual| {
            let resolved = constants.resolve_levels(&observation.levels);
            let slope = observation.terms.power_slope(&resolved);
            let tells = observation.group == Group::PowerLimit && slope >= TELLING_SLOPE;
            tells.then(|| -residual / slope)
        })
    })
}

/// Intervals of what a test's votes say, each from the test that leaves out what that
/// level of evidence lacks.
fn by_evidence(votes: impl Fn(LeftOut) -> Vec<f64>) -> BTreeMap<Evidence, LogInterval> {
    let of = |by: LeftOut| {
        let votes = votes(by);
        (votes.len() >= FEWEST).then(|| eighty_percent(&votes))
    };
    let wider = |left: Option<LogInterval>, right: Option<LogInterval>| match (left, right) {
        (Some(left), Some(right)) => Some(LogInterval {
            low: left.low.min(right.low),
            high: left.high.max(right.high),
        }),
        (one, other) => one.or(other),
    };
    let source = of(LeftOut::Source);
    let calibrated = wider(source, of(LeftOut::Model));
    let extrapolated = wider(calibrated, of(LeftOut::Die));
    let spec = wider(extrapolated, of(LeftOut::Family));
    [
        (Evidence::Measured, source),
        (Evidence::Calibrated, calibrated),
        (Evidence::Extrapolated, extrapolated),
        (Evidence::Spec, spec),
    ]
    .into_iter()
    .filter_map(|(evidence, interval)| Some((evidence, interval?)))
    .collect()
}

/// The 10th and 90th percentile, around zero.
pub(super) fn eighty_percent(residuals: &[f64]) -> LogInterval {
    LogInterval {
        low: quantile(residuals, 0.1).min(-0.01),
        high: quantile(residuals, 0.9).max(0.01),
    }
}

impl Observation {
    /// Whether its engine is one of those that the headline figures leave out.
    pub fn is_other(&self) -> bool {
        self.stack.starts_with("other/")
    }
}

/// The text of `data/calibration.toml`.
pub fn text(constants: &Constants) -> String {
    let mut out = String::from(
        "# Constants of the estimator: offsets on the log scale by parameter and level, support, intervals.\n\
         # Computed by `hwcmp calibrate`; do not edit.\n",
    );
    let _ = writeln!(out, "source = {:?}", constants.source);
    let Exponents {
        expert_popularity,
        expert_batch_power,
    } = constants.exponents;
    for (key, value) in [
        ("expert_popularity", expert_popularity),
        ("expert_batch_power", expert_batch_power),
    ] {
        let _ = writeln!(out, "{key} = {value:.4}");
    }
    for (parameter, offsets) in &constants.coefficients {
        let _ = writeln!(out, "\n[coefficients.{}]", parameter.name());
        for (level, offset) in offsets {
            let _ = writeln!(out, "{level:?} = {offset:.4}");
        }
    }
    for (metric, levels) in &constants.intervals {
        let _ = writeln!(out, "\n[intervals.{metric:?}]");
        for (evidence, LogInterval { low, high }) in levels {
            let _ = writeln!(
                out,
                "{} = {{ low = {low:.4}, high = {high:.4} }}",
                evidence.name()
            );
        }
    }
    for (key, support) in &constants.support {
        let _ = writeln!(out, "\n[support.{key:?}]");
        let _ = writeln!(
            out,
            "configurations = {}\nsources = {}",
            support.configurations, support.sources
        );
        let _ = writeln!(out, "models = {:?}", support.models);
    }
    out
}
