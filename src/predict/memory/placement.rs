//! Placement: which device holds which part of the model.

use std::cell::LazyCell;
use std::ops::Range;

use crate::units::Bytes;

use super::super::engine::MemoryRules;
use super::super::host_part::{HostPart, Offload};
use super::super::scenario::{Scenario, Split};
use super::buffers::Buffers;
use super::division::{indivisible, open_splits};
use super::engine_memory::{layer_caches, working_memory};
use super::kv_cache::LayerCache;
use super::offload::{LargestTensors, steps};
use super::sharing::{LayerBytes, by_layers, runs_of, tensor_share, whole};

/// Whether a model fits a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fits {
    /// On the devices, buffers included.
    Yes,
    /// Only with layers or experts in the host's memory.
    Offload,
    /// Not at all.
    No,
}

impl Fits {
    /// The word used in tables and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Offload => "offload",
            Self::No => "no",
        }
    }
}

/// What one device holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeviceShare {
    /// Layers that lie on it (all of them in a tensor split).
    pub layers: u32,
    /// Weights.
    pub weights: Bytes,
    /// KV cache.
    pub kv: Bytes,
    /// Recurrent state.
    pub recurrent: Bytes,
    /// Compute buffer.
    pub compute: Bytes,
    /// Runtime and margin of the engine.
    pub reserve: Bytes,
    /// What the device offers.
    pub usable: Bytes,
}

impl DeviceShare {
    /// Everything it holds.
    pub fn required(&self) -> Bytes {
        self.weights + self.kv + self.recurrent + self.compute + self.reserve
    }

    /// What is left over, negative if it does not fit.
    pub fn headroom(&self) -> i64 {
        self.usable.minus(self.required())
    }
}

/// What all devices hold in one split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The split.
    pub split: Split,
    /// The devices in order.
    pub devices: Vec<DeviceShare>,
    /// Weights that the engine keeps in the host's memory anyway: the embedding, a lookup.
    pub host_weights: Bytes,
    /// Buffers that it keeps there.
    pub host_compute: Bytes,
    /// What else lies in the host's memory.
    pub host: HostPart,
    /// Its weights.
    pub offloaded: Bytes,
    /// Its cache and state.
    pub host_cache: Bytes,
    /// Whether it fits.
    pub fits: Fits,
}

impl Plan {
    /// A sum over the devices.
    pub fn total(&self, part: impl Fn(&DeviceShare) -> Bytes) -> Bytes {
        self.devices.iter().map(part).sum()
    }

    /// Bytes that the devices would have to hold, what was offloaded included.
    pub fn required(&self) -> Bytes {
        self.total(DeviceShare::required) + self.offloaded + self.host_cache
    }

    /// Bytes left on the devices together, negative if short.
    pub fn headroom(&self) -> i64 {
        self.total(|device| device.usable).minus(self.required())
    }

    /// Whether it fits, with no more in the host's memory than was asked for.
    pub fn lies_as_asked(&self, offload: Offload) -> bool {
        match self.fits {
            Fits::Yes => true,
            Fits::Offload => !offload.is_found(),
            Fits::No => false,
        }
    }

    /// Bytes in the host's memory.
    pub fn on_host(&self) -> Bytes {
        self.host_weights + self.host_compute + self.offloaded + self.host_cache
    }

    /// Bytes left on the fullest device.
    pub fn tightest_headroom(&self) -> i64 {
        self.devices
            .iter()
            .map(DeviceShare::headroom)
            .min()
            .unwrap_or(0)
    }
}

/// The splits that a scenario leaves open, each with its plan, those that fit
/// best first.
pub fn best_plans(scenario: &Scenario<'_>) -> Vec<Plan> {
    let mut plans: Vec<Plan> = open_splits(scenario)
        .into_iter()
        .map(|split| plan(scenario, split))
        .collect();
    plans.sort_by_key(|plan| plan.fits);
    plans
}

/// Whether some split holds the model as it was asked for: on the devices, but for what
/// is to lie in the host's memory.
pub fn fits(scenario: &Scenario<'_>) -> bool {
    let offload = match scenario.offload {
        found if found.is_found() => Offload::NOTHING,
        asked => asked,
    };
    runs(&Scenario {
        offload,
        ..*scenario
    })
}

/// Whether some split holds the model, with what must lie in the host's memory.
pub fn runs(scenario: &Scenario<'_>) -> bool {
    best_plans(scenario)
        .first()
        .is_some_and(|plan| plan.fits != Fits::No)
}

/// The plan of one split: as much on the devices as was asked for, or as they hold.
pub fn plan(scenario: &Scenario<'_>, split: Split) -> Plan {
    let own = Buffers::of(scenario.architecture);
    let scenario = &Scenario {
        buffers: scenario.buffers.or(Some(&own)),
        ..*scenario
    };
    let caches = layer_caches(scenario);
    let largest = LazyCell::new(|| LargestTensors::of(scenario));
    let laid_out = |part: HostPart| {
        let staged = if part.is_nothing() {
            Bytes::ZERO
        } else {
            largest.in_part(part)
        };
        lay_out(scenario, split, &caches, (part, staged))
    };
    if let Some(part) = scenario.offload.part(scenario.architecture) {
        return laid_out(part);
    }
    let whole = laid_out(HostPart::default());
    if whole.fits == Fits::Yes
        || !divides(scenario, split)
        || scenario.machine.offload_memory().is_none()
    {
        return whole;
    }
    // Each step leaves more on the host: the first that the devices hold.
    let steps = steps(scenario);
    let enough = steps.partition_point(|part| laid_out(*part).tightest_headroom() < 0);
    steps
        .get(enough)
        .map(|part| laid_out(*part))
        .filter(|plan| plan.fits == Fits::Offload)
        .unwrap_or(whole)
}

/// Whether a split divides the model over the devices at all.
fn divides(scenario: &Scenario<'_>, split: Split) -> bool {
    split != Split::Tensor || indivisible(scenario).is_none()
}

/// The plan with a part of the model in the host's memory, and the bytes of it that a
/// device takes in at a time.
fn lay_out(
    scenario: &Scenario<'_>,
    split: Split,
    caches: &[LayerCache],
    (part, staged): (HostPart, Bytes),
) -> Plan {
    let (host, layers) = layers(scenario, caches, part);
    let count = if split == Split::None {
        1
    } else {
        scenario.machine.count
    };
    let head = head_bytes(scenario, split);
    let (on_host, head) = if part.output {
        (host.weights + head, Bytes::ZERO)
    } else {
        (host.weights, head)
    };
    let mut devices = match split {
        Split::None | Split::Replicas => {
            let mut one = whole(&layers);
            one.weights += head;
            vec![one; count as usize]
        }
        Split::Layer => by_layers(&layers, head, count),
        Split::Tensor => {
            let own = &scenario.architecture.layers[part.layers as usize..];
            vec![tensor_share(&layers, own, head, count); count as usize]
        }
    };
    let all = part.layers as usize..scenario.architecture.layers.len();
    let runs: Vec<Range<usize>> = match split {
        Split::Layer => runs_of(&devices, all.start),
        Split::None | Split::Tensor | Split::Replicas => vec![all; count as usize],
    };
    let working = working_memory(scenario, split, &runs, (part, staged));
    let (kept_apart, copies) = lookup_bytes(scenario, split);
    let usable = usable(scenario);
    for (index, (device, buffer)) in devices.iter_mut().zip(working.devices).enumerate() {
        device.usable = usable;
        device.compute = buffer;
        device.reserve = scenario.engine.memory.footprint + scenario.engine.memory.margin;
        if index < copies {
            device.weights += kept_apart;
        }
    }
    // Copies of a model do not share what they keep in the host's memory.
    let replicas = u64::from(split.copies(count));
    let mut plan = Plan {
        split,
        devices,
        host_weights: if copies == 0 { kept_apart } else { Bytes::ZERO },
        host_compute: working.host,
        host: part,
        offloaded: on_host * replicas,
        host_cache: (host.kv + host.recurrent) * replicas,
        fits: Fits::No,
    };
    plan.fits = judged(scenario, &plan);
    plan
}

/// Memory of the host that its own system and programs keep.
const HOST_RESERVE: Bytes = Bytes(4 << 30);

/// Whether devices and host hold what a plan lays on them.
fn judged(scenario: &Scenario<'_>, plan: &Plan) -> Fits {
    if !divides(scenario, plan.split) || plan.tightest_headroom() < 0 {
        return Fits::No;
    }
    if plan.host.is_nothing() {
        return Fits::Yes;
    }
    match scenario.machine.offload_memory() {
        Some(ram) if plan.on_host() + HOST_RESERVE <= ram => Fits::Offload,
        _ => Fits::No,
    }
}

/// What the layers bring to the host, and each of the others to the devices.
fn layers(
    scenario: &Scenario<'_>,
    caches: &[LayerCache],
    part: HostPart,
) -> (LayerBytes, Vec<LayerBytes>) {
    let mut host = LayerBytes::default();
    let mut devices = Vec::with_capacity(caches.len());
    for (index, (weights, cache)) in scenario.weights.layers.iter().zip(caches).enumerate() {
        let all = weights.dense.bytes + weights.experts.bytes;
        let kept = part.of_layer(index, weights);
        let kept = kept.dense.bytes + kept.experts.bytes;
        host.weights += kept;
        if index < part.layers as usize {
            host.kv += cache.kv;
            host.recurrent += cache.recurrent;
        } else {
            devices.push(LayerBytes {
                weights: all.saturating_sub(kept),
                kv: cache.kv,
                recurrent: cache.recurrent,
            });
        }
    }
    (host, devices)
}

/// The output head as the devices hold it. A tied head is a second copy of the
/// embedding where that stays in the host's memory or on another device.
fn head_bytes(scenario: &Scenario<'_>, split: Split) -> Bytes {
    let weights = scenario.weights;
    let outside = weights.outside.bytes;
    let copied = host_keeps_lookups(scenario) || split == Split::Layer;
    if weights.tied && !copied {
        outside
    } else {
        weights.head.bytes + outside
    }
}

/// llama.cpp leaves what is only looked up in the host's memory, where there is one.
fn host_keeps_lookups(scenario: &Scenario<'_>) -> bool {
    scenario.engine.memory.rules == MemoryRules::LlamaCpp
        && scenario.machine.offload_memory().is_some()
}

/// What is looked up and never read whole (embeddings, tensors without use): the
/// bytes on one device, and how many devices hold them, none where a host does.
fn lookup_bytes(scenario: &Scenario<'_>, split: Split) -> (Bytes, usize) {
    let weights = scenario.weights;
    let bytes = weights.embedding.bytes + weights.per_layer_embedding.bytes + weights.unused.bytes;
    let count = scenario.machine.count as usize;
    match split {
        _ if host_keeps_lookups(scenario) => (bytes, 0),
        Split::Replicas => (bytes, count),
        // The table is divided by rows of the vocabulary.
        Split::Tensor => (Bytes(bytes.0.div_ceil(count as u64)), count),
        Split::None | Split::Layer => (bytes, 1),
    }
}

/// What each device offers to the engine.
fn usable(scenario: &Scenario<'_>) -> Bytes {
    let memory = &scenario.machine.memory;
    let usable = match (&memory.tuned, scenario.tuned_memory) {
        (Some(tuned), true) => tuned.usable,
        _ => memory.usable,
    };
    let claim = memory.total.as_f64() * scenario.engine.memory.claim;
    Bytes(usable.0.min(claim as u64))
}
