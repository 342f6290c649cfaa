//! The back-test's findings: errors by what was left out and by slices,
//! coverage of the intervals, worst rows, and what was not used and why.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{Evidence, Metric, Range};
use crate::predict::Constants;

use super::backtest::{Backtest, Errors, LeftOut, errors, quantile};
use super::corpus::{Corpus, Observation};
use super::group::Group;
use super::score::interval;

/// Errors of one slice of the corpus in one test.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// What was left out.
    pub test: LeftOut,
    /// What was measured.
    pub group: Group,
    /// `all`, `dense`, `experts`, `depth < 1k`, `engine ...`, `device ...`.
    pub name: String,
    /// Its errors.
    pub errors: Errors,
}

/// How often a level of evidence's 80% interval holds, and how wide it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coverage {
    /// The level.
    pub evidence: Evidence,
    /// What was measured; none for all groups together.
    pub group: Option<Group>,
    /// Configurations (of one measurer each).
    pub configurations: usize,
    /// Share inside.
    pub coverage: f64,
    /// Median half-width over the middle.
    pub half_width: f64,
}

/// A configuration far off.
#[derive(Debug, Clone, PartialEq)]
pub struct Worst {
    /// What was measured.
    pub group: Group,
    /// Device, engine, model, quant.
    pub configuration: String,
    /// Predicted over measured rate, the model left out.
    pub ratio: f64,
    /// Number of the series in the corpus, for its source.
    pub series: usize,
}

/// All findings.
#[derive(Debug, Clone, PartialEq)]
pub struct Validation {
    /// Errors of slices.
    pub slices: Vec<Slice>,
    /// Coverage by level of evidence.
    pub coverage: Vec<Coverage>,
    /// The worst configurations.
    pub worst: Vec<Worst>,
    /// Rows that were not used, by reason.
    pub excluded: BTreeMap<String, usize>,
    /// Rows in all.
    pub rows: usize,
    /// `LocalScore` decode rows with the device left out: the split of `FitCheck`.
    pub local_score_decode: Errors,
    /// The same of prefill.
    pub local_score_prefill: Errors,
}

/// Reads the findings out of a back-test that ran all tests.
pub fn validate(corpus: &Corpus, backtest: &Backtest<'_>, constants: &Constants) -> Validation {
    let local = |metric: Metric| {
        of_slice(backtest, LeftOut::Device, |observation| {
            let series = &corpus.series[observation.series];
            series.local_score && series.metric == metric
        })
    };
    Validation {
        slices: slices(backtest),
        coverage: coverage(backtest, constants),
        worst: worst(backtest, 20),
        excluded: excluded(corpus),
        rows: corpus.observations.len() + corpus.unpredictable.len(),
        local_score_decode: local(Metric::Decode),
        local_score_prefill: local(Metric::Prefill),
    }
}

fn of_slice(
    backtest: &Backtest<'_>,
    test: LeftOut,
    which: impl Fn(&Observation) -> bool,
) -> Errors {
    backtest
        .residuals
        .get(&test)
        .map(|residuals| errors(&backtest.observations, residuals, which))
        .unwrap_or_default()
}

/// Names of the slices that an observation lies in.
fn names(observation: &Observation) -> Vec<String> {
    let depth = match observation.depth {
        depth if depth < 1024.0 => "< 1k",
        depth if depth < 4096.0 => "1k-4k",
        depth if depth < 16384.0 => "4k-16k",
        depth if depth < 65536.0 => "16k-64k",
        _ => ">= 64k",
    };
    vec![
        "all".to_owned(),
        if observation.sparse {
            "experts"
        } else {
            "dense"
        }
        .to_owned(),
        format!("depth {depth}"),
        format!("engine {}", observation.stack),
        format!("class {}", observation.class),
        format!("device {} {}", observation.device, observation.stack),
    ]
}

fn slices(backtest: &Backtest<'_>) -> Vec<Slice> {
    let mut found = Vec::new();
    for test in backtest.residuals.keys() {
        for group in Group::ALL {
            let mut known: BTreeSet<String> = BTreeSet::new();
            for observation in backtest
                .observations
                .iter()
                .filter(|o| o.group == group && !o.is_other())
            {
                known.extend(names(observation));
            }
            for name in known {
                let errors = of_slice(backtest, *test, |observation| {
                    observation.group == group
                        && !observation.is_other()
                        && names(observation).contains(&name)
                });
                found.push(Slice {
                    test: *test,
                    group,
                    name,
                    errors,
                });
            }
        }
    }
    found
}

/// The tests that stand for a level of evidence.
const fn tests(evidence: Evidence) -> &'static [LeftOut] {
    match evidence {
        Evidence::Measured => &[LeftOut::Source],
        Evidence::Calibrated => &[LeftOut::Source, LeftOut::Model],
        Evidence::Extrapolated => &[LeftOut::Die],
        Evidence::Spec => &[LeftOut::Family],
    }
}

fn coverage(backtest: &Backtest<'_>, constants: &Constants) -> Vec<Coverage> {
    let mut found = Vec::new();
    for evidence in Evidence::ALL {
        let mut held = Vec::new();
        for group in Group::ALL {
            let inside = if group == Group::PowerLimit {
                held_limited(backtest, constants, evidence)
            } else {
                let range = constants.interval(group.interval(), evidence, 1.0);
                let width = (range.high - range.low) / 2.0;
                tests(evidence)
                    .iter()
                    .flat_map(|test| {
                        backtest.votes(*test, |o, residual| {
                            (o.group == group && !o.is_other()).then_some(residual)
                        })
                    })
                    .map(|residual| (range.contains(residual.exp()), width))
                    .collect()
            };
            held.extend(&inside);
            found.extend(share(evidence, Some(group), inside.into_iter()));
        }
        found.extend(share(evidence, None, held.into_iter()));
    }
    found
}

/// Of each configuration below its rated power whether most of its rows are inside their
/// intervals, each of which has a width of its own, and the middle width.
fn held_limited(
    backtest: &Backtest<'_>,
    constants: &Constants,
    evidence: Evidence,
) -> Vec<(bool, f64)> {
    let of = |test: LeftOut, value: &dyn Fn(Range, f64) -> f64| {
        backtest.votes(test, |observation, residual| {
            let range = interval(observation, constants, (evidence, evidence));
            let counts = observation.group == Group::PowerLimit && !observation.is_other();
            counts.then(|| value(range, residual.exp()))
        })
    };
    let inside = |range: Range, ratio| f64::from(u8::from(range.contains(ratio)));
    let width = |range: Range, _| (range.high - range.low) / 2.0;
    tests(evidence)
        .iter()
        .flat_map(|test| of(*test, &inside).into_iter().zip(of(*test, &width)))
        .map(|(inside, width)| (inside >= 0.5, width))
        .collect()
}

fn share(
    evidence: Evidence,
    group: Option<Group>,
    held: impl Iterator<Item = (bool, f64)>,
) -> Option<Coverage> {
    let held: Vec<(bool, f64)> = held.collect();
    let inside = held.iter().filter(|(inside, _)| *inside).count();
    let widths: Vec<f64> = held.iter().map(|(_, width)| *width).collect();
    (!held.is_empty()).then(|| Coverage {
        evidence,
        group,
        configurations: held.len(),
        coverage: inside as f64 / held.len() as f64,
        half_width: quantile(&widths, 0.5),
    })
}

fn worst(backtest: &Backtest<'_>, count: usize) -> Vec<Worst> {
    let Some(residuals) = backtest.residuals.get(&LeftOut::Model) else {
        return Vec::new();
    };
    let mut rows: BTreeMap<(Group, &str), Vec<(f64, usize)>> = BTreeMap::new();
    for (observation, residual) in backtest.observations.iter().zip(residuals) {
        if !observation.is_other() {
            let key = (observation.group, observation.configuration.as_str());
            rows.entry(key)
                .or_default()
                .push((*residual, observation.series));
        }
    }
    let mut all: Vec<Worst> = rows
        .into_iter()
        .filter_map(|((group, configuration), mut rows)| {
            rows.sort_by(|left, right| left.0.total_cmp(&right.0));
            let (residual, series) = *rows.get(rows.len() / 2)?;
            Some(Worst {
                group,
                configuration: configuration.to_owned(),
                ratio: (-residual).exp(),
                series,
            })
        })
        .collect();
    all.sort_by(|left, right| right.ratio.ln().abs().total_cmp(&left.ratio.ln().abs()));
    all.truncate(count);
    all
}

fn excluded(corpus: &Corpus) -> BTreeMap<String, usize> {
    let mut reasons = BTreeMap::new();
    let unfit = corpus
        .observations
        .iter()
        .filter_map(|observation| observation.unfit.clone());
    let unknown = corpus
        .unpredictable
        .iter()
        .map(|(_, _, reason)| reason.clone());
    for reason in unfit.chain(unknown) {
        *reasons.entry(reason).or_insert(0) += 1;
    }
    reasons
}
