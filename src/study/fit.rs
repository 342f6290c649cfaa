//! The fit: Gauss-Newton on log times with ridge priors and Student-t weights.
//!
//! A row's time is `sum of seconds_k x exp(sum of parameters_k)` and each
//! parameter is a sum over levels, so the derivative of its logarithm by a
//! level's offset is the share of the terms that have the parameter: exact,
//! and taken from the very terms that the estimator evaluates. What a power limit adds is
//! the derivative of the slowdown. Each step's
//! equations are solved by conjugate gradients on the sparse rows.

use std::collections::BTreeMap;

use crate::predict::{
    Level, LevelKind, Parameter, Parameters, Term, overlap, slowdown, slowdown_slope,
};

use super::corpus::Observation;
use super::group::Group;
use super::priors::{Prior, prior};

/// Degrees of freedom of the Student-t weights.
const FREEDOM: f64 = 4.0;
/// How exactly a fit is solved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exactness {
    /// Gauss-Newton steps at most: robust weights and power curves converge slowly.
    steps: usize,
    /// A step smaller than this everywhere ends the fit.
    small: f64,
    /// Share of the squared residual at which the equations count as solved.
    share: f64,
}

impl Exactness {
    /// For constants that are written down.
    pub const FULL: Self = Self {
        steps: 120,
        small: 5e-5,
        share: 1e-12,
    };
    /// For the folds of a back-test, which start from the whole fit: a thousandth of a time.
    pub const FOLD: Self = Self {
        steps: 12,
        small: 1.5e-3,
        share: 1e-6,
    };
}

/// A measurer of more configurations than this weighs less for each.
const MEASURER_CONFIGURATIONS: f64 = 15.0;

/// Scale of the residuals of a group, on the log scale. Groups that hold more
/// than single-stream speed teach less of it.
const fn sigma(group: Group) -> f64 {
    match group {
        Group::Decode | Group::BatchDecode => 0.08,
        Group::Prefill => 0.12,
        Group::LayerSplit | Group::PowerLimit => 0.15,
        Group::Aggregate => 0.2,
        Group::Ttft => 0.3,
        Group::TensorSplit | Group::SplitPrefill | Group::SplitAggregate => 0.4,
    }
}

/// One offset that is fitted.
#[derive(Debug, Clone)]
pub struct Column {
    /// Of which parameter.
    pub parameter: Parameter,
    /// On which level.
    pub level: Level,
    /// The level's kind.
    pub kind: LevelKind,
    prior: Prior,
}

impl Column {
    /// What is believed of it before the rows.
    pub const fn prior(&self) -> Prior {
        self.prior
    }
}

#[derive(Debug, Clone)]
struct Row {
    log_seconds: f64,
    terms: Vec<Term>,
    columns: Vec<(Parameter, Vec<(usize, f64)>)>,
    weight: f64,
    scale: f64,
}

/// Rows and columns of a fit.
#[derive(Debug, Clone)]
pub struct Design {
    /// The offsets.
    pub columns: Vec<Column>,
    rows: Vec<Row>,
}

/// A row's derivatives and residual.
struct Line {
    entries: Vec<(u32, f64)>,
    residual: f64,
    weight: f64,
}

impl Design {
    /// The design of observations.
    pub fn new(observations: &[&Observation]) -> Self {
        let mut numbers: BTreeMap<(Parameter, &str), usize> = BTreeMap::new();
        let mut columns = Vec::new();
        let weights = weights(observations);
        let mut rows = Vec::with_capacity(observations.len());
        for (observation, weight) in observations.iter().zip(weights) {
            let used = observation
                .terms
                .0
                .iter()
                .fold(Parameters::default(), |set, term| {
                    let need: &[Parameter] = match &term.power {
                        Some(limit) => &[limit.need],
                        None => &[],
                    };
                    set.and(term.parameters).and(Parameters::of(need))
                });
            let row_columns = used
                .iter()
                .map(|parameter| {
                    let levels =
                        observation
                            .levels
                            .iter()
                            .filter_map(|(kind, level, covariate)| {
                                let prior = prior(parameter, *kind)?;
                                let number =
                                    *numbers.entry((parameter, level)).or_insert_with(|| {
                                        columns.push(Column {
                                            parameter,
                                            level: level.clone(),
                                            kind: *kind,
                                            prior,
                                        });
                                        columns.len() - 1
                                    });
                                Some((number, *covariate))
                            });
                    (parameter, levels.collect())
                })
                .collect();
            rows.push(Row {
                log_seconds: observation.seconds.ln(),
                terms: observation.terms.0.clone(),
                columns: row_columns,
                weight,
                scale: sigma(observation.group),
            });
        }
        Self { columns, rows }
    }

    /// The same rows with other priors, as after a fit that saw more.
    #[must_use]
    pub fn anchored(mut self, anchor: impl Fn(&Column) -> Prior) -> Self {
        for column in &mut self.columns {
            column.prior = anchor(column);
        }
        self
    }

    /// The offsets before any row.
    pub fn start(&self) -> Vec<f64> {
        self.columns
            .iter()
            .map(|column| column.prior.mean)
            .collect()
    }

    /// Log seconds that offsets predict for a row, whoever measured.
    pub fn predict(&self, row: usize, offsets: &[f64]) -> f64 {
        self.rows[row]
            .log_seconds(offsets, |column| !self.columns[column].kind.is_measurers())
            .0
    }

    /// Fits the rows that `keep` says, from a start.
    pub fn fit(&self, keep: &[bool], start: &[f64], exactness: Exactness) -> Vec<f64> {
        let mut offsets = start.to_vec();
        let mut step = vec![0.0; offsets.len()];
        for _ in 0..exactness.steps {
            let lines: Vec<Line> = self
                .rows
                .iter()
                .zip(keep)
                .filter(|(_, keep)| **keep)
                .map(|(row, _)| row.line(&offsets))
                .collect();
            self.solve(&lines, &offsets, &mut step, exactness.share);
            let largest = step
                .iter()
                .fold(0.0_f64, |largest, value| largest.max(value.abs()));
            // A step that leaps is shortened: the model is not linear so far off.
            let factor = if largest > 1.5 { 1.5 / largest } else { 1.0 };
            for (offset, value) in offsets.iter_mut().zip(&step) {
                *offset += factor * value;
            }
            if largest < exactness.small {
                break;
            }
        }
        offsets
    }

    /// Solves `(J'WJ + P) step = J'Wr - P (offsets - means)` by conjugate
    /// gradients with the diagonal as preconditioner.
    fn solve(&self, lines: &[Line], offsets: &[f64], step: &mut [f64], share: f64) {
        let precision: Vec<f64> = self
            .columns
            .iter()
            .map(|column| column.prior.sd.powi(-2))
            .collect();
        let mut diagonal = precision.clone();
        let mut residual: Vec<f64> = self
            .columns
            .iter()
            .zip(offsets)
            .zip(&precision)
            .map(|((column, offset), precision)| -precision * (offset - column.prior.mean))
            .collect();
        for line in lines {
            for (column, value) in &line.entries {
                diagonal[*column as usize] += line.weight * value * value;
                residual[*column as usize] += line.weight * line.residual * value;
            }
        }
        step.fill(0.0);
        let mut scaled: Vec<f64> = residual.iter().zip(&diagonal).map(|(r, d)| r / d).collect();
        let mut direction = scaled.clone();
        let mut product = dot(&residual, &scaled);
        let goal = product * share + 1e-14;
        let mut image = vec![0.0; step.len()];
        for _ in 0..600 {
            if product <= goal {
                break;
            }
            for ((out, value), precision) in image.iter_mut().zip(&direction).zip(&precision) {
                *out = value * precision;
            }
            for line in lines {
                let along: f64 = line
                    .entries
                    .iter()
                    .map(|(column, value)| value * direction[*column as usize])
                    .sum();
                let along = along * line.weight;
                for (column, value) in &line.entries {
                    image[*column as usize] += along * value;
                }
            }
            let length = product / dot(&direction, &image);
            for (index, value) in direction.iter().enumerate() {
                step[index] += length * value;
                residual[index] -= length * image[index];
                scaled[index] = residual[index] / diagonal[index];
            }
            let next = dot(&residual, &scaled);
            for (value, scaled) in direction.iter_mut().zip(&scaled) {
                *value = scaled + next / product * *value;
            }
            product = next;
        }
    }
}

impl Row {
    /// The predicted log seconds, and the share of the time that each parameter acts on.
    fn log_seconds(&self, offsets: &[f64], counts: impl Fn(usize) -> bool) -> (f64, Vec<f64>) {
        let mut values = [0.0; Parameter::ALL.len()];
        for (parameter, columns) in &self.columns {
            values[*parameter as usize] = columns
                .iter()
                .filter(|(column, _)| counts(*column))
                .map(|(column, covariate)| offsets[*column] * covariate)
                .sum();
        }
        let mut times: Vec<f64> = self
            .terms
            .iter()
            .map(|term| {
                let exponent: f64 = self
                    .columns
                    .iter()
                    .filter(|(p, _)| term.parameters.contains(*p))
                    .map(|(p, _)| values[*p as usize])
                    .sum();
                let slower = term.power.map_or(1.0, |limit| {
                    slowdown(limit.available, values[limit.need as usize].exp())
                });
                term.seconds * exponent.exp() * slower
            })
            .collect();
        overlap(&mut times, |index| self.terms[index].overlap);
        let total: f64 = times.iter().sum();
        let shares = self
            .columns
            .iter()
            .map(|(parameter, _)| {
                let acted: f64 = times
                    .iter()
                    .zip(&self.terms)
                    .map(|(time, term)| {
                        let scales = f64::from(u8::from(term.parameters.contains(*parameter)));
                        let powers = term.power.filter(|limit| limit.need == *parameter).map_or(
                            0.0,
                            |limit| {
                                slowdown_slope(limit.available, values[*parameter as usize].exp())
                            },
                        );
                        time * (scales + powers)
                    })
                    .sum();
                acted / total
            })
            .collect();
        (total.ln(), shares)
    }

    fn line(&self, offsets: &[f64]) -> Line {
        let (predicted, shares) = self.log_seconds(offsets, |_| true);
        let residual = self.log_seconds - predicted;
        let far = residual / self.scale;
        let student = (FREEDOM + 1.0) / (FREEDOM + far * far);
        let entries = self
            .columns
            .iter()
            .zip(shares)
            .flat_map(|((_, columns), share)| {
                columns
                    .iter()
                    .map(move |(column, covariate)| (*column as u32, share * covariate))
            })
            .collect();
        Line {
            entries,
            residual,
            weight: self.weight * student / (self.scale * self.scale),
        }
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter()
        .zip(right)
        .map(|(left, right)| left * right)
        .sum()
}

/// One vote per configuration and group, and less for each where one measurer
/// has many: `min(1, 15 / configurations)^0.5`.
fn weights(observations: &[&Observation]) -> Vec<f64> {
    let mut rows: BTreeMap<(Group, &str), f64> = BTreeMap::new();
    let mut measured: BTreeMap<(Group, &str), std::collections::BTreeSet<&str>> = BTreeMap::new();
    for observation in observations {
        *rows
            .entry((observation.group, &observation.configuration))
            .or_default() += 1.0;
        measured
            .entry((observation.group, &observation.measurer))
            .or_default()
            .insert(&observation.configuration);
    }
    observations
        .iter()
        .map(|observation| {
            let votes = measured[&(observation.group, observation.measurer.as_str())].len() as f64;
            let crowd = (MEASURER_CONFIGURATIONS / votes).min(1.0).sqrt();
            crowd / rows[&(observation.group, observation.configuration.as_str())]
        })
        .collect()
}
