//! The back-test: predict each observation from a fit that has not seen it.

use std::collections::BTreeMap;

use super::corpus::Observation;
use super::fit::{Design, Exactness};
use super::group::Group;

/// What is left out together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftOut {
    /// A model, on every device.
    Model,
    /// A measurer.
    Source,
    /// A device.
    Device,
    /// A die, with all counts of its cores.
    Die,
    /// A family of dies.
    Family,
}

impl LeftOut {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Model,
        Self::Source,
        Self::Device,
        Self::Die,
        Self::Family,
    ];

    /// The word used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Source => "source",
            Self::Device => "device",
            Self::Die => "die",
            Self::Family => "family",
        }
    }

    /// What an observation is left out with.
    pub fn key(self, observation: &Observation) -> &str {
        match self {
            Self::Model => &observation.model,
            Self::Source => &observation.measurer,
            Self::Device => &observation.device,
            Self::Die => &observation.die,
            Self::Family => &observation.family,
        }
    }
}

/// A fit with its left-out tests.
#[derive(Debug)]
pub struct Backtest<'a> {
    /// The observations that teach.
    pub observations: Vec<&'a Observation>,
    /// The fit's rows and columns.
    pub design: Design,
    /// Offsets fitted to all rows.
    pub full: Vec<f64>,
    /// For each test and observation, log of predicted over measured seconds.
    pub residuals: BTreeMap<LeftOut, Vec<f64>>,
}

impl<'a> Backtest<'a> {
    /// Fits observations and runs the tests.
    pub fn run(observations: Vec<&'a Observation>, tests: &[LeftOut]) -> Self {
        let design = Design::new(&observations);
        let full = design.fit(
            &vec![true; observations.len()],
            &design.start(),
            Exactness::FULL,
        );
        let residuals = tests
            .iter()
            .map(|by| (*by, left_out(&design, &observations, &full, *by)))
            .collect();
        Self {
            observations,
            design,
            full,
            residuals,
        }
    }

    /// For each configuration and measurer the median of what `value` makes of its
    /// observations and the log of measured over predicted *rate* of each; none leaves one out.
    pub fn votes(&self, by: LeftOut, value: impl Fn(&Observation, f64) -> Option<f64>) -> Vec<f64> {
        let Some(residuals) = self.residuals.get(&by) else {
            return Vec::new();
        };
        let mut votes: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
        for (observation, residual) in self.observations.iter().zip(residuals) {
            // The row that a sweep is compared with has no error of its own.
            if observation.reference {
                continue;
            }
            if let Some(value) = value(observation, *residual) {
                let key = (
                    observation.configuration.as_str(),
                    observation.measurer.as_str(),
                );
                votes.entry(key).or_default().push(value);
            }
        }
        votes
            .into_values()
            .map(|residuals| quantile(&residuals, 0.5))
            .collect()
    }
}

/// For each observation, log of predicted over measured seconds, each
/// predicted by a fit without those that share its key.
pub fn left_out(
    design: &Design,
    observations: &[&Observation],
    full: &[f64],
    by: LeftOut,
) -> Vec<f64> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, observation) in observations.iter().enumerate() {
        groups.entry(by.key(observation)).or_default().push(index);
    }
    let groups: Vec<Vec<usize>> = groups.into_values().collect();
    let mut residuals = vec![0.0; observations.len()];
    let threads = std::thread::available_parallelism()
        .map_or(1, std::num::NonZero::get)
        .min(8);
    let share = |start: usize| -> Vec<(usize, f64)> {
        let mut found = Vec::new();
        for group in groups.iter().skip(start).step_by(threads) {
            let mut keep = vec![true; observations.len()];
            for index in group {
                keep[*index] = false;
            }
            let offsets = design.fit(&keep, full, Exactness::FOLD);
            found.extend(group.iter().map(|index| {
                (
                    *index,
                    design.predict(*index, &offsets) - observations[*index].seconds.ln(),
                )
            }));
        }
        found
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|start| scope.spawn(move || share(start)))
            .collect();
        for (index, residual) in workers
            .into_iter()
            .filter_map(|worker| worker.join().ok())
            .flatten()
        {
            residuals[index] = residual;
        }
    });
    within_sweeps(observations, &mut residuals);
    residuals
}

/// Rates of a sweep compare only with each other: its residuals are taken from that of its
/// row with most power.
fn within_sweeps(observations: &[&Observation], residuals: &mut [f64]) {
    let levels: BTreeMap<&str, f64> = observations
        .iter()
        .zip(residuals.iter())
        .filter(|(observation, _)| observation.reference)
        .filter_map(|(observation, residual)| Some((observation.sweep.as_deref()?, *residual)))
        .collect();
    for (observation, residual) in observations.iter().zip(residuals) {
        let level = observation.sweep.as_deref().and_then(|key| levels.get(key));
        *residual -= level.unwrap_or(&0.0);
    }
}

/// Median and 90th percentile over configurations of the median error of each.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Errors {
    /// Configurations.
    pub configurations: usize,
    /// Rows.
    pub rows: usize,
    /// Median of |predicted/measured - 1|.
    pub median: f64,
    /// Its 90th percentile.
    pub p90: f64,
}

/// Errors of the rates (for a time to first token, of the time) of the observations that `which` says.
pub fn errors(
    observations: &[&Observation],
    residuals: &[f64],
    which: impl Fn(&Observation) -> bool,
) -> Errors {
    let mut by_configuration: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut rows = 0;
    for (observation, residual) in observations.iter().zip(residuals) {
        if which(observation) && !observation.reference {
            let log = if observation.group == Group::Ttft {
                *residual
            } else {
                -*residual
            };
            by_configuration
                .entry(&observation.configuration)
                .or_default()
                .push((log.exp() - 1.0).abs());
            rows += 1;
        }
    }
    let each: Vec<f64> = by_configuration
        .into_values()
        .map(|errors| quantile(&errors, 0.5))
        .collect();
    Errors {
        configurations: each.len(),
        rows,
        median: quantile(&each, 0.5),
        p90: quantile(&each, 0.9),
    }
}

/// A quantile with linear interpolation; 0 of nothing.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let at = share * last as f64;
    let below = at.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (at - below as f64)
}
