//! The thirteen criteria as utilities from 0 to 1 on fixed scales.
//!
//! Speeds, costs and energy are felt in ratios, so their scales are
//! logarithmic between a value that is worth nothing and one beyond which more
//! is no use. The ends are stated here and depend on the workload alone, never
//! on the other machines.

use std::collections::BTreeMap;

use super::contender::{Contender, Run, Terms};
use crate::evidence::Range;
use crate::predict::Estimate;
use crate::workload::{Criterion, Workload};

/// The utility of each criterion that is known of a machine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Utilities(pub BTreeMap<Criterion, f64>);

impl Utilities {
    /// The mean of several machines' utilities, over those where each is known.
    pub(super) fn mean<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let mut sums: BTreeMap<Criterion, (f64, f64)> = BTreeMap::new();
        for utilities in all {
            for (criterion, utility) in &utilities.0 {
                let (sum, count) = sums.entry(*criterion).or_default();
                *sum += utility;
                *count += 1.0;
            }
        }
        Self(
            sums.into_iter()
                .map(|(criterion, (sum, count))| (criterion, sum / count))
                .collect(),
        )
    }
}

/// One draw of the uncertain inputs; the middles where nothing is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Draw {
    /// Position of the speeds within their intervals: 0 low, 0.5 mid, 1 high.
    pub speed: f64,
    /// Position of the price within its range.
    pub price: f64,
    /// Position of the resale share within its range.
    pub resale: f64,
}

impl Draw {
    /// Every input at its middle.
    pub const MIDDLE: Self = Self {
        speed: 0.5,
        price: 0.5,
        resale: 0.5,
    };
}

/// 0 at `worst`, 1 at `best`, logarithmic between; either may be the larger.
fn log_scale(value: f64, worst: f64, best: f64) -> f64 {
    if value <= 0.0 {
        return if best < worst { 1.0 } else { 0.0 };
    }
    ((value / worst).ln() / (best / worst).ln()).clamp(0.0, 1.0)
}

/// 0 at `worst`, 1 at `best`, linear between.
fn linear(value: f64, worst: f64, best: f64) -> f64 {
    ((value - worst) / (best - worst)).clamp(0.0, 1.0)
}

/// Decode is worth nothing at half of the workload's minimum, and everything at eight times it.
pub(super) const DECODE_ENDS: (f64, f64) = (0.5, 8.0);
/// The first token is worth nothing after twice the longest wait, everything after a twentieth.
pub(super) const TTFT_ENDS: (f64, f64) = (2.0, 0.05);
/// Quality on the uniform scale (mean of twenty evaluations) of a small model of 2024
/// and of the best that runs at home in late 2026.
const QUALITY_ENDS: (f64, f64) = (0.1, 0.7);
/// kWh for a million output tokens: a rig on a big dense model, a frugal box on a small mixture.
const ENERGY_ENDS: (f64, f64) = (30.0, 0.3);
/// dB(A): a vacuum cleaner's roar in the room, the quietest room.
const NOISE_ENDS: (f64, f64) = (60.0, 25.0);
/// Litres: a mining frame, a box on the desk.
const VOLUME_ENDS: (f64, f64) = (100.0, 1.0);
/// Tokens a second of all users: one slow stream, a busy server.
const MANY_USERS_ENDS: (f64, f64) = (20.0, 1000.0);
/// US dollars over the years.
const COST_ENDS: (f64, f64) = (20_000.0, 1000.0);
/// US dollars to pay at once.
const PRICE_ENDS: (f64, f64) = (20_000.0, 1000.0);
/// Share of the price that comes back.
const RESALE_ENDS: (f64, f64) = (0.0, 0.9);
/// Hours until it runs.
const SETUP_ENDS: (f64, f64) = (48.0, 0.25);
/// Noise weighs more than size in their common criterion.
const NOISE_SHARE: f64 = 0.75;

/// The utilities of a machine for a workload.
pub(super) fn utilities(
    contender: &Contender,
    workload: &Workload,
    terms: &Terms,
    draw: Draw,
) -> Utilities {
    let mut known = BTreeMap::new();
    let mut set = |criterion, value: Option<f64>| {
        if let Some(value) = value {
            known.insert(criterion, value);
        }
    };
    let ratings = &contender.machine.ratings;
    set(
        Criterion::Decode,
        over_basket(contender, |estimate| decode(estimate, workload, draw)),
    );
    set(
        Criterion::Prefill,
        over_basket(contender, |estimate| first_token(estimate, workload, draw)),
    );
    let quality = contender.best.as_ref().map_or(0.0, |best| best.quality);
    set(
        Criterion::Capacity,
        Some(linear(quality, QUALITY_ENDS.0, QUALITY_ENDS.1)),
    );
    set(
        Criterion::Energy,
        energy(contender, draw).map(|kwh| log_scale(kwh, ENERGY_ENDS.0, ENERGY_ENDS.1)),
    );
    set(Criterion::Noise, noise_and_size(contender));
    set(
        Criterion::Setup,
        ratings
            .setup
            .as_ref()
            .map(|rating| rating.score)
            .or_else(|| {
                contender
                    .machine
                    .setup_hours
                    .map(|hours| log_scale(hours, SETUP_ENDS.0, SETUP_ENDS.1))
            }),
    );
    set(
        Criterion::Upgradeability,
        ratings.upgradeability.as_ref().map(|rating| rating.score),
    );
    set(
        Criterion::Software,
        ratings.software.as_ref().map(|rating| rating.score),
    );
    set(
        Criterion::Training,
        ratings.training.as_ref().map(|rating| rating.score),
    );
    set(
        Criterion::MultiUser,
        contender
            .many_users
            .map(|rate| log_scale(rate.at(draw.speed), MANY_USERS_ENDS.0, MANY_USERS_ENDS.1)),
    );
    let resale = Range::exact(contender.resale(terms.years).at(draw.resale));
    set(
        Criterion::Resale,
        Some(linear(resale.mid, RESALE_ENDS.0, RESALE_ENDS.1)),
    );
    if let Some(price) = &contender.price {
        let paid = Range::exact(price.usd.at(draw.price));
        set(
            Criterion::Price,
            Some(log_scale(paid.mid, PRICE_ENDS.0, PRICE_ENDS.1)),
        );
        let cost = contender.cost(paid, resale, terms);
        set(
            Criterion::TotalCost,
            cost.map(|cost| log_scale(cost.net.mid, COST_ENDS.0, COST_ENDS.1)),
        );
    }
    Utilities(known)
}

/// The mean over the basket; a model that does not run counts as 0.
fn over_basket(contender: &Contender, utility: impl Fn(&Estimate) -> f64) -> Option<f64> {
    let total: f64 = contender.runs.iter().map(|run| run.weight).sum();
    let sum: f64 = contender
        .running()
        .map(|(run, estimate)| run.weight * utility(estimate))
        .sum();
    (total > 0.0).then(|| sum / total)
}

fn decode(estimate: &Estimate, workload: &Workload, draw: Draw) -> f64 {
    let (worst, best) = (
        workload.min_decode * DECODE_ENDS.0,
        workload.min_decode * DECODE_ENDS.1,
    );
    estimate
        .decode
        .map_or(0.0, |rate| log_scale(rate.at(draw.speed), worst, best))
}

/// Warm and cold starts as often as they come.
fn first_token(estimate: &Estimate, workload: &Workload, draw: Draw) -> f64 {
    let Some(ttft) = estimate.ttft else {
        return 0.0;
    };
    let utility = |seconds: Range, longest: f64| {
        // A fast draw is a short wait.
        log_scale(
            seconds.at(1.0 - draw.speed),
            longest * TTFT_ENDS.0,
            longest * TTFT_ENDS.1,
        )
    };
    let cold = (workload.cold_starts_per_hour / workload.turns_per_hour).min(1.0);
    // Half of what people remember is the worst wait, so cold starts weigh at least a quarter.
    let cold_weight = if cold > 0.0 { cold.max(0.25) } else { 0.0 };
    cold_weight * utility(ttft.cold, workload.max_ttft_cold)
        + (1.0 - cold_weight) * utility(ttft.warm, workload.max_ttft_warm)
}

/// kWh for a million output tokens of one user, over the basket's models that run.
pub(super) fn energy(contender: &Contender, draw: Draw) -> Option<f64> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (Run { weight, .. }, estimate) in contender.running() {
        let joules = estimate.watts?.0 / estimate.aggregate?.at(draw.speed);
        sum += weight * joules * 1e6 / 3.6e6;
        weights += weight;
    }
    (weights > 0.0).then(|| sum / weights)
}

pub(super) fn noise_and_size(contender: &Contender) -> Option<f64> {
    let noise = contender
        .machine
        .noise
        .map(|noise| linear(noise.0, NOISE_ENDS.0, NOISE_ENDS.1));
    let size = contender
        .machine
        .volume_l
        .map(|litres| log_scale(litres, VOLUME_ENDS.0, VOLUME_ENDS.1));
    match (noise, size) {
        (Some(noise), Some(size)) => Some(NOISE_SHARE * noise + (1.0 - NOISE_SHARE) * size),
        (noise, size) => noise.or(size),
    }
}

#[cfg(test)]
mod tests {
    use super::log_scale;

    #[test]
    fn scales_run_from_worst_to_best() {
        assert!((log_scale(10.0, 1.0, 100.0) - 0.5).abs() < 1e-12);
        assert!((log_scale(2000.0, 20_000.0, 200.0) - 0.5).abs() < 1e-12);
        assert!(log_scale(0.5, 1.0, 100.0).abs() < 1e-12);
    }
}
