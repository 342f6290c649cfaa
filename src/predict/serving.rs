//! The rates of one plan under its load: what runs together, what queues, and
//! the times that follow.

use crate::machine::Link;
use crate::units::{Bytes, BytesPerSecond, FlopsPerSecond, Watts};

use super::bound::Bound;
use super::constants::Constants;
use super::engine::MemoryRules;
use super::host_part::Offload;
use super::host_side::HostSide;
use super::instance::{Instance, Power};
use super::memory::{Plan, best_plans, fits, most_sequences};
use super::power::machine_watts;
use super::scenario::{Scenario, Split};
use super::terms::Terms;
use super::tuning::Tuning;

/// The rates of one plan.
pub(super) struct Rates {
    /// Sequences decoded together on all instances.
    pub batch: u32,
    /// Those of one instance, and the tokens that each holds on average.
    pub load: (u32, f64),
    /// Output tokens a second of one sequence.
    pub decode: f64,
    /// Output tokens a second of all of them.
    pub aggregate: f64,
    /// Output tokens a second over whole requests, prefills included.
    pub wall: Option<f64>,
    /// Prompt tokens a second of one prompt.
    pub prefill: Option<f64>,
    /// Seconds to the first token with the cached part found.
    pub warm: Option<f64>,
    /// The same with all of the prompt to be processed.
    pub cold: Option<f64>,
    /// What limits decode.
    pub bound: Bound,
    /// The terms of a step.
    pub step: Terms,
    /// How much an error of the power needed is one of a step's and of a prefill's time.
    pub power_slopes: [f64; 2],
    /// Watts at the wall while decoding.
    pub watts: Option<Watts>,
}

impl Rates {
    /// Seconds from a request to the last of its `output` tokens: what plans are
    /// compared by. Without a known prefill the decoding alone.
    pub fn request(&self, output: u64) -> f64 {
        self.warm.unwrap_or(0.0) + output as f64 / self.decode
    }
}

/// The plans to choose from and how many sequences they are laid out for: all that
/// were asked, or as many as memory holds where that is fewer. Where not even one
/// fits the devices, or none is to queue, the plans for all.
pub(super) fn plans_under_load(scenario: &Scenario<'_>) -> (Vec<Plan>, u32) {
    let all = best_plans(scenario);
    let asked = scenario.concurrency;
    if asked <= 1 || scenario.offload == Offload::ForAll || fits(scenario) {
        return (all, asked);
    }
    let room = most_sequences(scenario, asked, fits);
    if room == 0 {
        return (all, asked);
    }
    let fewer = Scenario {
        concurrency: room,
        ..*scenario
    };
    (best_plans(&fewer), room)
}

/// The rates of a plan laid out for `room` sequences; none where the device's
/// bandwidth is unknown.
pub(super) fn rates(
    scenario: &Scenario<'_>,
    constants: &Constants,
    tuning: &Tuning,
    plan: &Plan,
    room: u32,
) -> Option<Rates> {
    let compute = scenario.matrix_rate();
    let instances = plan.split.copies(scenario.machine.count);
    let instance = instance_of(scenario, constants, plan, compute)?;
    let clients = scenario.concurrency.div_ceil(instances);
    let slots = instance.batching.slots().unwrap_or(u32::MAX);
    let room = match scenario.engine.memory.rules {
        MemoryRules::Paged { .. } => sequences_in_pool(scenario, &instance, plan, room),
        MemoryRules::LlamaCpp | MemoryRules::Mlx => room,
    };
    let each = clients.min(slots).min(room.div_ceil(instances)).max(1);
    let batch = scenario.concurrency.min(each * instances);

    let resolved = &tuning.resolved;
    // Half of the output lies in the cache on average while it is generated.
    let depth = (scenario.depth + scenario.output / 2) as f64;
    let instance = instance.waiting(each, depth, resolved);
    let step = instance.step(each, depth);
    let seconds = step.seconds(resolved);
    let prompt = scenario.prompt.max(1) as f64;
    let cached = scenario.cached as f64;
    let output = scenario.output as f64;
    let known = |value: f64| compute.map(|_| value);
    let prefill_terms = instance.prefill(1.0, prompt, cached);
    let prefill = prefill_terms.seconds(resolved);
    let together = f64::from(each);
    let run = instance
        .run(each, together, prompt, cached, output, depth)
        .seconds(resolved);
    // Clients beyond those that run wait for as many runs as they are more:
    // each leaves one free place behind when its answer is complete.
    let queued = (f64::from(clients) / together - 1.0).max(0.0) * run;
    let first = |prompt: f64, cached: f64| {
        let terms = instance.first_token(each, prompt, cached);
        queued + terms.seconds(resolved)
    };
    Some(Rates {
        batch,
        load: (each, depth),
        decode: 1.0 / seconds,
        aggregate: f64::from(batch) / seconds,
        wall: known(f64::from(batch) * output / run).filter(|rate| *rate > 0.0),
        prefill: known(prompt / prefill),
        warm: known(first(prompt, cached)),
        cold: known(first(prompt + cached, 0.0)),
        bound: step.bound(resolved),
        power_slopes: [
            step.power_slope(resolved),
            prefill_terms.power_slope(resolved),
        ],
        step,
        watts: machine_watts(
            scenario.machine,
            scenario.power_limit,
            instance.decode_duty(each),
            instance.host.is_some(),
        ),
    })
}

/// One copy of the model as a plan lays it out; none without a bandwidth.
pub(super) fn instance_of<'a>(
    scenario: &Scenario<'a>,
    constants: &Constants,
    plan: &Plan,
    compute: Option<FlopsPerSecond>,
) -> Option<Instance<'a>> {
    let devices = match plan.split {
        Split::Layer | Split::Tensor => plan.devices.len() as u32,
        Split::None | Split::Replicas => 1,
    };
    let compute = compute.unwrap_or(FlopsPerSecond(f64::INFINITY));
    Some(Instance {
        architecture: scenario.architecture,
        weights: scenario.weights,
        bandwidth: scenario.machine.device.bandwidth?,
        compute,
        vector: scenario.vector_rate(compute),
        format_gain: scenario.format_gain(),
        kernels: scenario.row_kernels(),
        devices,
        split: plan.split,
        link: scenario.machine.link.as_ref(),
        batching: scenario.engine.batching,
        ubatch: f64::from(scenario.micro_batch()),
        key_type: scenario.key_type,
        value_type: scenario.value_type,
        host: host_side(scenario, plan),
        power: Power {
            rated: scenario.machine.device.power.limit,
            limit: scenario.power_limit,
        },
        exponents: constants.exponents,
    })
}

/// Sequences that a paged pool holds: blocks are taken as tokens come, so what
/// counts is the request's own length, not the context reserved for the longest.
fn sequences_in_pool(
    scenario: &Scenario<'_>,
    instance: &Instance<'_>,
    plan: &Plan,
    room: u32,
) -> u32 {
    let tokens = (scenario.depth.max(scenario.cached + scenario.prompt) + scenario.output) as f64;
    let reserved = plan.total(|device| device.kv + device.recurrent).as_f64() / f64::from(room);
    let shorter = instance.sequence_bytes(tokens).as_f64()
        / instance
            .sequence_bytes(scenario.context as f64)
            .as_f64()
            .max(1.0);
    let pool = plan.total(|device| {
        let free = Bytes(u64::try_from(device.headroom()).unwrap_or(0));
        device.kv + device.recurrent + free
    });
    let sequences = pool.as_f64() / (reserved * shorter.min(1.0)).max(1.0);
    (sequences as u32).max(room)
}

/// The way to what lies in the host's memory; none where nothing does. Copies of a model
/// share the bandwidth.
fn host_side(scenario: &Scenario<'_>, plan: &Plan) -> Option<HostSide> {
    if plan.host.is_nothing() {
        return None;
    }
    let machine = scenario.machine;
    let host = machine.host.as_ref()?;
    let copies = f64::from(plan.split.copies(machine.count));
    let link = machine.host_link.as_ref();
    Some(HostSide {
        part: plan.host,
        bandwidth: BytesPerSecond(host.ram_bandwidth.0 / copies),
        // Without a known link, copies wait for the memory alone.
        copy: link.map_or(host.ram_bandwidth, Link::copy_bandwidth),
        waiting: 0.0,
    })
}
