//! Somebody else's rows against constants that have not seen them.

use crate::catalog::{Catalog, Faults};
use crate::evidence::{Evidence, Metric, Range, Series};
use crate::predict::Constants;

use super::calibrate::fitted;
use super::corpus::{Corpus, Observation};
use super::group::Group;

/// One point, scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Number of the series.
    pub series: usize,
    /// Number of the point in it.
    pub point: usize,
    /// The prediction with its 80% interval, in the unit of the row's metric;
    /// none where there is a reason.
    pub predicted: Option<Range>,
    /// How well it is known.
    pub evidence: Option<Evidence>,
    /// What was measured together.
    pub group: Option<Group>,
    /// |predicted / measured - 1|.
    pub error: Option<f64>,
    /// What had to be assumed, in sentences.
    pub assumed: Vec<String>,
    /// Why nothing is predicted.
    pub reason: Option<String>,
}

/// Scores outside series. Points of the own corpus that occur among them are
/// taken out of the calibration first; where there are none the shipped
/// constants serve.
///
/// # Errors
/// If a table of the catalogue has faults.
pub fn score(catalog: &Catalog, outside: &[Series]) -> Result<Vec<Scored>, Faults> {
    let mut own = catalog.all_series()?;
    let shipped = catalog.constants()?;
    if without(&mut own, outside) == 0 {
        return score_with(catalog, outside, shipped);
    }
    let corpus = Corpus::of(catalog, own)?;
    let mut constants = fitted(&corpus);
    constants.intervals.clone_from(&shipped.intervals);
    score_with(catalog, outside, &constants)
}

/// Scores outside series with given constants.
///
/// # Errors
/// If a table of the catalogue has faults.
pub fn score_with(
    catalog: &Catalog,
    outside: &[Series],
    constants: &Constants,
) -> Result<Vec<Scored>, Faults> {
    let corpus = Corpus::outside(catalog, outside.to_vec())?;
    let mut scored: Vec<Scored> = corpus
        .observations
        .iter()
        .map(|observation| {
            let series = &corpus.series[observation.series];
            score_one(observation, series, constants)
        })
        .collect();
    scored.extend(
        corpus
            .unpredictable
            .iter()
            .map(|(series, point, reason)| Scored {
                series: *series,
                point: *point,
                predicted: None,
                evidence: None,
                group: None,
                error: None,
                assumed: Vec::new(),
                reason: Some(reason.clone()),
            }),
    );
    scored.sort_by_key(|row| (row.series, row.point));
    Ok(scored)
}

fn score_one(observation: &Observation, series: &Series, constants: &Constants) -> Scored {
    let resolved = constants.resolve_levels(&observation.levels);
    let seconds = observation.terms.seconds(&resolved);
    let evidence = evidence(observation, constants);
    // Intervals are those of a rate; a time is its inverse.
    let limited =
        constants.evidence_limited(&observation.device, &observation.family, &observation.model);
    let scale = observation.scale / seconds;
    let rate = interval(observation, constants, (evidence, limited)).map(|share| scale * share);
    let predicted = if series.metric == Metric::Ttft {
        rate.map(|rate| 1e3 / rate)
    } else {
        rate
    };
    let measured = series.points[observation.point].value;
    Scored {
        series: observation.series,
        point: observation.point,
        error: Some((predicted.mid / measured - 1.0).abs()),
        predicted: Some(predicted),
        evidence: Some(evidence),
        group: Some(observation.group),
        assumed: observation.assumed.clone(),
        reason: None,
    }
}

/// The interval around the rate of an observation, as a share of it: at a level of evidence
/// for the rate and for what its power limit takes.
pub(super) fn interval(
    observation: &Observation,
    constants: &Constants,
    (evidence, limited): (Evidence, Evidence),
) -> Range {
    let resolved = constants.resolve_levels(&observation.levels);
    let slope = observation.terms.power_slope(&resolved);
    let metric = observation.full_power.interval();
    constants.interval_limited((metric, evidence), 1.0, (slope, limited))
}

/// The evidence of an observation; an architecture that was assumed is known
/// from its size only.
fn evidence(observation: &Observation, constants: &Constants) -> Evidence {
    let known = constants.evidence_of(
        &observation.device,
        &observation.family,
        &observation.stack,
        &observation.model,
    );
    let together = observation.joined.as_ref().map(|joined| {
        let Observation {
            device,
            stack,
            model,
            ..
        } = observation;
        constants.evidence_joined(joined, device, stack, model)
    });
    if observation.synthetic {
        Evidence::Spec
    } else {
        known.max(together.unwrap_or(known))
    }
}

/// Takes the outside points out of the own series; how many there were.
fn without(own: &mut Vec<Series>, outside: &[Series]) -> usize {
    let mut taken = 0;
    for theirs in outside {
        for series in own.iter_mut().filter(|series| same(series, theirs)) {
            let before = series.points.len();
            series.points.retain(|point| {
                !theirs.points.iter().any(|other| {
                    (other.value - point.value).abs() <= 1e-9 * point.value.abs()
                        && other.batch == point.batch
                })
            });
            taken += before - series.points.len();
        }
    }
    own.retain(|series| !series.points.is_empty());
    taken
}

/// Whether two series may hold the same rows.
fn same(left: &Series, right: &Series) -> bool {
    left.metric == right.metric
        && left.device == right.device
        && left.devices == right.devices
        && left.engine == right.engine
}

/// Errors and coverage of scored rows, unpredicted ones apart.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Summary {
    /// Rows.
    pub rows: usize,
    /// Rows without a prediction.
    pub unpredicted: usize,
    /// Median of the errors.
    pub median: f64,
    /// Their 90th percentile.
    pub p90: f64,
    /// Share of the measured values inside their interval.
    pub coverage: f64,
    /// Median of half the interval's width over its middle.
    pub half_width: f64,
}

/// Sums up scored rows.
pub fn summary(scored: &[Scored], outside: &[Series]) -> Summary {
    let errors: Vec<f64> = scored.iter().filter_map(|row| row.error).collect();
    let ranges: Vec<(f64, Range)> = scored
        .iter()
        .filter_map(|row| Some((outside[row.series].points[row.point].value, row.predicted?)))
        .collect();
    let inside = ranges
        .iter()
        .filter(|(value, range)| range.contains(*value))
        .count();
    let widths: Vec<f64> = ranges
        .iter()
        .map(|(_, range)| (range.high - range.low) / 2.0 / range.mid)
        .collect();
    Summary {
        rows: scored.len(),
        unpredicted: scored.len() - errors.len(),
        median: super::backtest::quantile(&errors, 0.5),
        p90: super::backtest::quantile(&errors, 0.9),
        coverage: inside as f64 / ranges.len().max(1) as f64,
        half_width: super::backtest::quantile(&widths, 0.5),
    }
}
