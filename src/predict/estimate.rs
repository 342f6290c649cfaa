//! The door: a scenario in, an estimate out.

use crate::evidence::{Evidence, Range};
use crate::units::{BytesPerSecond, FlopsPerSecond, Watts};

use super::confidence::known;
use super::constants::{Constants, Resolved};
use super::decode::{Decoding, decode_terms};
use super::engine::Batching;
use super::link::{layer_link_terms, pipeline_speedup, tensor_link_terms};
use super::memory::{Fits, Plan, best_plans};
use super::power::machine_watts;
use super::prefill::{Prefilling, prefill_terms};
use super::scenario::{Scenario, Split};
use super::terms::Terms;
use super::trace::Trace;
use super::tuning::Tuning;

/// What limits a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Reading weights and cache.
    Memory,
    /// Arithmetic.
    Compute,
    /// Time that comes with each layer and step.
    Overhead,
    /// The link between devices.
    Link,
}

impl Bound {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Memory, Self::Compute, Self::Overhead, Self::Link];

    /// The word used in tables and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Compute => "compute",
            Self::Overhead => "overhead",
            Self::Link => "link",
        }
    }
}

/// Times to the first token, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ttft {
    /// With the cached part of the prompt found in the cache.
    pub warm: Range,
    /// With the whole prompt to be processed.
    pub cold: Range,
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
    /// Prompt tokens a second, at the cached depth.
    pub prefill: Option<Range>,
    /// Seconds to the first token.
    pub ttft: Option<Ttft>,
    /// What limits decode.
    pub bound: Option<Bound>,
    /// How well the rates are known.
    pub evidence: Evidence,
    /// Watts at the wall while decoding this.
    pub watts: Option<Watts>,
}

/// Estimates a scenario.
pub fn estimate(scenario: &Scenario<'_>, constants: &Constants, trace: &mut Trace) -> Estimate {
    let tuning = Tuning::of(&scenario.setting(), scenario.model, constants);
    estimate_tuned(scenario, constants, &tuning, trace)
}

/// Estimates a scenario whose tuning is known already, as in a search over many.
pub fn estimate_tuned(
    scenario: &Scenario<'_>,
    constants: &Constants,
    tuning: &Tuning,
    trace: &mut Trace,
) -> Estimate {
    let Tuning { resolved, evidence } = tuning;
    let mut candidates = best_plans(scenario);
    let best = candidates.first().map(|plan| plan.fits);
    candidates.retain(|plan| Some(plan.fits) == best);
    let mut chosen: Option<(Plan, Option<Rates>)> = None;
    for plan in candidates {
        let rates = rates(scenario, constants, resolved, &plan);
        let faster = match (&chosen, &rates) {
            (None, _) | (Some((_, None)), Some(_)) => true,
            (Some((_, Some(before))), Some(now)) => now.decode > before.decode,
            (Some(_), None) => false,
        };
        if faster {
            chosen = Some((plan, rates));
        }
    }
    let (plan, rates) =
        chosen.unwrap_or_else(|| (super::memory::plan(scenario, Split::None), None));
    explain(scenario, resolved, &plan, rates.as_ref(), trace);

    let runs = plan.fits != Fits::No;
    let evidence = known(*evidence, scenario.machine, &plan);
    let interval = |metric: &str, mid: f64| constants.interval(metric, evidence, mid, 1.0);
    let Some(rates) = rates.filter(|_| runs) else {
        let batch = 0;
        return Estimate {
            plan,
            batch,
            decode: None,
            aggregate: None,
            prefill: None,
            ttft: None,
            bound: None,
            evidence,
            watts: None,
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
    let ttft = |seconds: f64| interval("ttft", 1.0 / seconds).map(|rate| 1.0 / rate);
    let busy = if plan.split == Split::Layer {
        1.0
    } else {
        f64::from(scenario.machine.count)
    };
    Estimate {
        batch: rates.batch,
        decode: Some(interval(metric, rates.decode)),
        aggregate: Some(interval(metric, rates.aggregate)),
        prefill: rates.prefill.map(|rate| interval(prefill, rate)),
        ttft: rates.warm.zip(rates.cold).map(|(warm, cold)| Ttft {
            warm: ttft(warm),
            cold: ttft(cold),
        }),
        bound: Some(rates.bound),
        evidence,
        watts: machine_watts(scenario.machine, plan.split, busy),
        plan,
    }
}

/// The rates of one plan.
struct Rates {
    batch: u32,
    decode: f64,
    aggregate: f64,
    prefill: Option<f64>,
    warm: Option<f64>,
    cold: Option<f64>,
    bound: Bound,
    step: Terms,
}

/// The rates of a plan; none where the device's bandwidth is unknown.
fn rates(
    scenario: &Scenario<'_>,
    constants: &Constants,
    resolved: &Resolved,
    plan: &Plan,
) -> Option<Rates> {
    let bandwidth = scenario.machine.device.bandwidth?;
    let compute = scenario.matrix_rate();
    let replicas = if plan.split == Split::Replicas {
        scenario.machine.count
    } else {
        1
    };
    let batch = match scenario.engine.batching {
        Batching::Continuous => scenario.concurrency,
        Batching::Slots(slots) => scenario.concurrency.min(slots * replicas),
        Batching::Sequential => 1,
    };
    let on_each = batch.div_ceil(replicas);
    // Half of the output lies in the cache on average while it is generated.
    let depth = scenario.depth + scenario.output / 2;
    let mut step = decode_terms(&Decoding {
        architecture: scenario.architecture,
        weights: scenario.weights,
        bandwidth,
        compute: compute.unwrap_or(FlopsPerSecond(f64::INFINITY)),
        share: share(plan),
        batch: on_each,
        depth,
        key_type: scenario.key_type,
        value_type: scenario.value_type,
        expert_pool: constants.expert_pool,
    });
    link_terms(scenario, plan, f64::from(on_each), 1.0, &mut step);
    offload_terms(scenario, plan, &mut step);
    let seconds = step.seconds(resolved);
    let prefill = |prompt: u64, cached: u64| {
        compute.map(|rate| {
            prefill_seconds(
                scenario, constants, resolved, plan, bandwidth, rate, prompt, cached,
            )
        })
    };
    let prompt = scenario.prompt.max(1);
    let new = prefill(prompt, scenario.cached);
    let whole = prefill(prompt + scenario.cached, 0);
    let first = |prefill: f64| scenario.engine.server_time.0 + prefill + seconds;
    Some(Rates {
        batch,
        decode: 1.0 / seconds,
        aggregate: f64::from(batch) / seconds,
        prefill: new.map(|time| prompt as f64 / time),
        warm: new.map(first),
        cold: whole.map(first),
        bound: step.bound(resolved),
        step,
    })
}

/// Share of each layer that one device works on.
fn share(plan: &Plan) -> f64 {
    if plan.split == Split::Tensor {
        1.0 / plan.devices.len() as f64
    } else {
        1.0
    }
}

/// Adds what the devices say to each other in `steps` steps of `tokens` tokens.
fn link_terms(scenario: &Scenario<'_>, plan: &Plan, tokens: f64, steps: f64, terms: &mut Terms) {
    let Some(link) = &scenario.machine.link else {
        return;
    };
    let count = scenario.machine.count;
    let link = match plan.split {
        Split::Tensor => tensor_link_terms(scenario.architecture, link, count, tokens),
        Split::Layer => layer_link_terms(scenario.architecture, link, count, tokens),
        Split::None | Split::Replicas => Terms::default(),
    };
    terms.0.extend(link.scaled(steps).0);
}

/// Adds reading the offloaded weights from the host's memory. Routed experts
/// are offloaded first, so a mixture reads only the share of them that it uses.
fn offload_terms(scenario: &Scenario<'_>, plan: &Plan, terms: &mut Terms) {
    let Some(host) = &scenario.machine.host else {
        return;
    };
    if plan.fits != Fits::Offload {
        return;
    }
    let read = scenario.architecture.experts().map_or(1.0, |experts| {
        let inactive = plan.offloaded <= scenario.weights.experts_total().bytes;
        if inactive {
            f64::from(experts.used) / f64::from(experts.total)
        } else {
            1.0
        }
    });
    let seconds = read * plan.offloaded.as_f64() / host.ram_bandwidth.0;
    terms.add(
        "host memory",
        seconds,
        &[super::Parameter::WeightRead],
        Bound::Memory,
    );
}

/// Seconds of one prefill.
#[expect(
    clippy::too_many_arguments,
    reason = "all are independent inputs of one formula"
)]
fn prefill_seconds(
    scenario: &Scenario<'_>,
    constants: &Constants,
    resolved: &Resolved,
    plan: &Plan,
    bandwidth: BytesPerSecond,
    compute: FlopsPerSecond,
    prompt: u64,
    cached: u64,
) -> f64 {
    let ubatch = f64::from(scenario.micro_batch());
    let mut terms = prefill_terms(&Prefilling {
        architecture: scenario.architecture,
        weights: scenario.weights,
        bandwidth,
        compute,
        share: share(plan),
        prompt: prompt as f64,
        cached: cached as f64,
        ubatch,
        expert_batch_power: constants.expert_batch_power,
    });
    let chunks = (prompt as f64 / ubatch).ceil().max(1.0);
    link_terms(
        scenario,
        plan,
        (prompt as f64).min(ubatch),
        chunks,
        &mut terms,
    );
    if plan.fits == Fits::Offload
        && let Some(link) = &scenario.machine.link
    {
        // Offloaded weights cross to the device once a micro-batch.
        let copy = chunks * plan.offloaded.as_f64() / link.copy_bandwidth().0;
        terms.add("offloaded weights", copy, &[], Bound::Link);
    }
    let seconds = terms.seconds(resolved);
    if plan.split == Split::Layer {
        seconds / pipeline_speedup(scenario.machine.count, chunks)
    } else {
        seconds
    }
}

/// Records the steps of the estimate.
fn explain(
    scenario: &Scenario<'_>,
    resolved: &Resolved,
    plan: &Plan,
    rates: Option<&Rates>,
    trace: &mut Trace,
) {
    for (index, device) in plan.devices.iter().enumerate() {
        trace.step("memory", || {
            format!(
                "device {}: {} layers, weights {:.2} + KV {:.2} + state {:.2} + compute {:.2} + runtime and margin {:.2} = {:.2} of {:.2} GiB usable",
                index + 1,
                device.layers,
                device.weights.gib(),
                device.kv.gib(),
                device.recurrent.gib(),
                device.compute.gib(),
                device.reserve.gib(),
                device.required().gib(),
                device.usable.gib()
            )
        });
    }
    let host = plan.host_weights + plan.host_compute + plan.offloaded;
    if host.0 > 0 {
        trace.step("memory", || {
            format!(
                "host: embedding {:.2} + buffers {:.2} + offloaded weights {:.2} = {:.2} GiB",
                plan.host_weights.gib(),
                plan.host_compute.gib(),
                plan.offloaded.gib(),
                host.gib()
            )
        });
    }
    let Some(rates) = rates else { return };
    trace.step("decode", || {
        let bandwidth = scenario
            .machine
            .device
            .bandwidth
            .map_or(0.0, BytesPerSecond::gb);
        let decode = (rates.decode * 100.0).round() / 100.0;
        let step = match rates.batch {
            1 => format!("{decode} tok/s; a token takes"),
            users => format!("{decode} tok/s for each of {users}; a token for all takes"),
        };
        format!(
            "{step}, at {bandwidth:.0} GB/s a device, {}",
            rates.step.describe(resolved)
        )
    });
}
