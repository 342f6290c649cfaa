//! The door: a scenario in, an estimate out.

use crate::evidence::{Evidence, Range};
use crate::units::Watts;

use super::bound::Bound;
use super::confidence::known;
use super::constants::Constants;
use super::explain::explain;
use super::memory::{Fits, Plan};
use super::scenario::{Scenario, Split};
use super::serving::{Rates, plans_under_load, rates};
use super::trace::Trace;
use super::tuning::Tuning;

/// Times to the first token, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ttft {
    /// With the cached part of the prompt found in the cache.
    pub warm: Range,
    /// With the whole prompt to be processed.
    pub cold: Range,
}

/// A split that was weighed: rates are the middle of their estimates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighed {
    /// The split.
    pub split: Split,
    /// Whether the model fits so.
    pub fits: Fits,
    /// Output tokens a second of one sequence.
    pub decode: Option<f64>,
    /// Prompt tokens a second.
    pub prefill: Option<f64>,
    /// Seconds from the request to its last token.
    pub request: Option<f64>,
}

/// What the estimator answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Where everything lies.
    pub plan: Plan,
    /// Sequences really decoded together; further requests queue.
    pub batch: u32,
    /// Output tokens a second of one sequence; none where it does not run or
    /// the device's bandwidth is unknown.
    pub decode: Option<Range>,
    /// Output tokens a second of all sequences together.
    pub aggregate: Option<Range>,
    /// Output tokens a second over whole requests of the scenario's lengths,
    /// their prefills included.
    pub wall: Option<Range>,
    /// Prompt tokens a second, at the cached depth.
    pub prefill: Option<Range>,
    /// Seconds to the first token, the queue included.
    pub ttft: Option<Ttft>,
    /// What limits decode.
    pub bound: Option<Bound>,
    /// How well the rates are known.
    pub evidence: Evidence,
    /// Watts at the wall while decoding this.
    pub watts: Option<Watts>,
    /// The splits that were open, the chosen one among them.
    pub weighed: Vec<Weighed>,
}

/// Estimates a scenario.
pub fn estimate(scenario: &Scenario<'_>, constants: &Constants, trace: &mut Trace) -> Estimate {
    let tuning = Tuning::of(&scenario.setting(), scenario.model, constants);
    estimate_tuned(scenario, constants, &tuning, trace)
}

/// Estimates a scenario whose tuning is known already, as in a search over many.
///
/// Of the splits that fit best the one is taken that completes the scenario's
/// request soonest, prompt and output together.
pub fn estimate_tuned(
    scenario: &Scenario<'_>,
    constants: &Constants,
    tuning: &Tuning,
    trace: &mut Trace,
) -> Estimate {
    let (plans, room) = plans_under_load(scenario);
    let best = plans.first().map(|plan| plan.fits);
    let mut weighed = Vec::with_capacity(plans.len());
    let mut chosen: Option<(Plan, Option<Rates>)> = None;
    for plan in plans {
        let rates = (Some(plan.fits) == best && plan.fits != Fits::No)
            .then(|| rates(scenario, constants, tuning, &plan, room))
            .flatten();
        let request = rates.as_ref().map(|rates| rates.request(scenario.output));
        weighed.push(Weighed {
            split: plan.split,
            fits: plan.fits,
            decode: rates.as_ref().map(|rates| rates.decode),
            prefill: rates.as_ref().and_then(|rates| rates.prefill),
            request,
        });
        let sooner = match (&chosen, request) {
            (None, _) => true,
            (Some((_, None)), now) => now.is_some(),
            (Some((_, Some(before))), Some(now)) => now < before.request(scenario.output),
            (Some(_), None) => false,
        };
        if sooner {
            chosen = Some((plan, rates));
        }
    }
    let (plan, rates) =
        chosen.unwrap_or_else(|| (super::memory::plan(scenario, Split::None), None));
    explain(scenario, tuning, &plan, rates.as_ref(), &weighed, trace);
    let evidence = known(tuning, scenario, constants, &plan);
    answer(scenario, constants, plan, rates, evidence, weighed)
}

/// The rates with the intervals of what they are.
fn answer(
    scenario: &Scenario<'_>,
    constants: &Constants,
    plan: Plan,
    rates: Option<Rates>,
    evidence: Evidence,
    weighed: Vec<Weighed>,
) -> Estimate {
    let Some(rates) = rates else {
        return Estimate {
            plan,
            batch: 0,
            decode: None,
            aggregate: None,
            wall: None,
            prefill: None,
            ttft: None,
            bound: None,
            evidence,
            watts: None,
            weighed,
        };
    };
    let (metric, prefill) = match plan.split {
        Split::None | Split::Replicas if rates.batch > scenario.machine.count => {
            ("aggregate", "prefill")
        }
        Split::None | Split::Replicas => ("decode", "prefill"),
        _ if rates.batch > 1 => ("split aggregate", "split prefill"),
        Split::Layer => ("layer split", "split prefill"),
        Split::Tensor => ("tensor split", "split prefill"),
    };
    let runs = match plan.split {
        Split::None | Split::Replicas => "aggregate",
        Split::Layer | Split::Tensor => "split aggregate",
    };
    let device = &scenario.machine.device;
    let limited = constants.evidence_limited(&device.id, &device.family, scenario.model);
    let [decoding, prefilling] = rates.power_slopes;
    let interval = |metric: &str, mid: f64, slope: f64| {
        constants.interval_limited((metric, evidence), mid, (slope, limited))
    };
    let ttft = |seconds: f64| interval("ttft", 1.0 / seconds, prefilling).map(|rate| 1.0 / rate);
    Estimate {
        batch: rates.batch,
        decode: Some(interval(metric, rates.decode, decoding)),
        aggregate: Some(interval(metric, rates.aggregate, decoding)),
        wall: rates
            .wall
            .map(|rate| interval(runs, rate, decoding.max(prefilling))),
        prefill: rates
            .prefill
            .map(|rate| interval(prefill, rate, prefilling)),
        ttft: rates.warm.zip(rates.cold).map(|(warm, cold)| Ttft {
            warm: ttft(warm),
            cold: ttft(cold),
        }),
        bound: Some(rates.bound),
        evidence,
        watts: rates.watts,
        plan,
        weighed,
    }
}
