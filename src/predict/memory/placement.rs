//! Placement: which device holds which part of the model.

use crate::model::{Architecture, Mixer};
use crate::units::Bytes;

use super::super::scenario::{Scenario, Split, SplitChoice};
use super::compute_buffer::{BufferSettings, compute_buffer};
use super::kv_cache::{CacheSettings, layer_caches};

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
    /// Weights that the engine keeps in the host's memory anyway (the
    /// embedding, a lookup), or that were offloaded there.
    pub host: Bytes,
    /// Of these, what did not fit the devices.
    pub offloaded: Bytes,
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
        self.total(DeviceShare::required) + self.offloaded
    }

    /// Bytes left on the devices together, negative if short.
    pub fn headroom(&self) -> i64 {
        self.total(|device| device.usable).minus(self.required())
    }

    /// Bytes left on the fullest device.
    pub fn tightest_headroom(&self) -> i64 {
        self.devices.iter().map(DeviceShare::headroom).min().unwrap_or(0)
    }
}

/// The splits that a scenario leaves open, each with its plan, those that fit
/// best first.
pub fn best_plans(scenario: &Scenario<'_>) -> Vec<Plan> {
    let splits: Vec<Split> = match scenario.split {
        SplitChoice::Only(split) => vec![split],
        SplitChoice::Auto if scenario.machine.count == 1 => vec![Split::None],
        SplitChoice::Auto => scenario.engine.splits.clone(),
    };
    let mut plans: Vec<Plan> = splits.into_iter().map(|split| plan(scenario, split)).collect();
    plans.sort_by_key(|plan| plan.fits);
    plans
}

/// The bytes that a layer brings with it.
#[derive(Debug, Clone, Copy, Default)]
struct LayerBytes {
    weights: Bytes,
    kv: Bytes,
    recurrent: Bytes,
}

/// The plan of one split.
pub fn plan(scenario: &Scenario<'_>, split: Split) -> Plan {
    let settings = cache_settings(scenario);
    let layers: Vec<LayerBytes> = scenario
        .weights
        .layers
        .iter()
        .zip(layer_caches(scenario.architecture, &settings))
        .map(|(weights, cache)| LayerBytes {
            weights: weights.dense.bytes + weights.experts.bytes,
            kv: cache.kv,
            recurrent: cache.recurrent,
        })
        .collect();
    let count = if split == Split::None { 1 } else { scenario.machine.count };
    let mut devices = match split {
        Split::None | Split::Replicas => vec![whole(&layers); count as usize],
        Split::Layer => by_layers(&layers, head_bytes(scenario), count),
        Split::Tensor => vec![tensor_share(scenario, &layers, count); count as usize],
    };
    if split != Split::Layer {
        let head = head_bytes(scenario);
        let share = if split == Split::Tensor { count } else { 1 };
        for device in &mut devices {
            device.weights += Bytes(head.0.div_ceil(u64::from(share)));
        }
    }
    let embedding = embedding_bytes(scenario);
    let on_host = scenario.machine.offload_memory().is_some();
    let usable = usable(scenario);
    let compute = compute_buffer(scenario.architecture, &buffer_settings(scenario, &settings));
    for (index, device) in devices.iter_mut().enumerate() {
        device.usable = usable;
        device.compute = compute;
        device.reserve = scenario.engine.memory.footprint + scenario.engine.memory.margin;
        // The lookup table lies with the first device unless a host keeps it.
        if !on_host && (index == 0 || split == Split::Replicas) {
            device.weights += embedding;
        }
    }
    let mut plan = Plan {
        split,
        devices,
        host: if on_host { embedding } else { Bytes::ZERO },
        offloaded: Bytes::ZERO,
        fits: Fits::Yes,
    };
    settle(scenario, &mut plan);
    plan
}

/// Decides whether a plan fits, offloading what does not where that is possible.
fn settle(scenario: &Scenario<'_>, plan: &mut Plan) {
    if plan.tightest_headroom() >= 0 {
        return;
    }
    plan.fits = Fits::No;
    let Some(ram) = scenario.machine.offload_memory() else { return };
    if !scenario.engine.offloads {
        return;
    }
    let mut moved = Bytes::ZERO;
    for device in &mut plan.devices {
        let short = Bytes(u64::try_from(-device.headroom()).unwrap_or(0));
        if short > device.weights {
            return;
        }
        device.weights = device.weights.saturating_sub(short);
        moved += short;
    }
    // The host needs room for itself: what the engine's margin leaves of it.
    if plan.host + moved + scenario.engine.memory.margin * 4 <= ram {
        plan.offloaded = moved;
        plan.host += moved;
        plan.fits = Fits::Offload;
    } else {
        for device in &mut plan.devices {
            // Undo: the plan says what it would take.
            device.weights += Bytes(moved.0 / u64::from(scenario.machine.count.max(1)));
        }
    }
}

/// A whole copy on one device.
fn whole(layers: &[LayerBytes]) -> DeviceShare {
    let mut share = DeviceShare { layers: layers.len() as u32, ..DeviceShare::default() };
    for layer in layers {
        add_layer(&mut share, layer);
    }
    share
}

fn add_layer(share: &mut DeviceShare, layer: &LayerBytes) {
    share.weights += layer.weights;
    share.kv += layer.kv;
    share.recurrent += layer.recurrent;
}

/// Contiguous runs of layers, the fullest device as empty as possible; the
/// head lies on the last.
fn by_layers(layers: &[LayerBytes], head: Bytes, count: u32) -> Vec<DeviceShare> {
    let load = |layer: &LayerBytes| layer.weights.0 + layer.kv.0 + layer.recurrent.0;
    let total: u64 = layers.iter().map(load).sum::<u64>() + head.0;
    let (mut low, mut high) = (total / u64::from(count), total);
    while low < high {
        let middle = low + (high - low) / 2;
        if pack(layers, head, count, middle).is_some() {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    pack(layers, head, count, high).unwrap_or_default()
}

/// Fills device after device up to a limit; none if the layers do not go in.
fn pack(layers: &[LayerBytes], head: Bytes, count: u32, limit: u64) -> Option<Vec<DeviceShare>> {
    let mut devices = vec![DeviceShare::default(); count as usize];
    let held = |share: &DeviceShare| share.weights.0 + share.kv.0 + share.recurrent.0;
    let mut current = 0;
    for layer in layers {
        let load = layer.weights.0 + layer.kv.0 + layer.recurrent.0;
        while held(devices.get(current)?) + load > limit {
            current += 1;
            devices.get(current)?;
        }
        let device = devices.get_mut(current)?;
        add_layer(device, layer);
        device.layers += 1;
    }
    let last = devices.last_mut()?;
    if held(last) + head.0 > limit {
        return None;
    }
    last.weights += head;
    Some(devices)
}

/// The share of one device in a tensor split: weights divided, the cache by
/// key heads as far as they divide (a latent cache is whole on each).
fn tensor_share(scenario: &Scenario<'_>, layers: &[LayerBytes], count: u32) -> DeviceShare {
    let mut share = whole(layers);
    let n = u64::from(count);
    share.weights = Bytes(share.weights.0.div_ceil(n));
    share.recurrent = Bytes(share.recurrent.0.div_ceil(n));
    if !scenario.architecture.is_latent() {
        let parts = count.min(fewest_kv_heads(scenario.architecture).unwrap_or(count).max(1));
        share.kv = Bytes(share.kv.0.div_ceil(u64::from(parts)));
    }
    share
}

/// Key heads of the attention layer that has fewest; none without attention.
fn fewest_kv_heads(architecture: &Architecture) -> Option<u32> {
    let heads = architecture.layers.iter().filter_map(|layer| match layer.mixer {
        Mixer::Full(heads) | Mixer::Sliding { heads, .. } => Some(heads.kv),
        Mixer::Latent(_) | Mixer::Recurrent(_) | Mixer::Shared { .. } | Mixer::None => None,
    });
    heads.min()
}

/// The output head as the devices hold it. A tied head is a second copy of the
/// embedding where that stays in the host's memory or on another device.
fn head_bytes(scenario: &Scenario<'_>) -> Bytes {
    let weights = scenario.weights;
    let outside = weights.outside.bytes;
    let copied = scenario.machine.offload_memory().is_some() || scenario.machine.count > 1;
    if weights.tied && !copied { outside } else { weights.head.bytes + outside }
}

fn embedding_bytes(scenario: &Scenario<'_>) -> Bytes {
    scenario.weights.embedding.bytes + scenario.weights.per_layer_embedding.bytes
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

/// The cache as the engine lays it out.
pub(super) fn cache_settings(scenario: &Scenario<'_>) -> CacheSettings {
    CacheSettings {
        context: scenario.context * u64::from(scenario.concurrency),
        sequences: scenario.concurrency,
        unified: false,
        key_type: scenario.key_type,
        value_type: scenario.value_type,
        ubatch: scenario.micro_batch(),
        full_swa: false,
        flash_attention: true,
    }
}

fn buffer_settings(scenario: &Scenario<'_>, cache: &CacheSettings) -> BufferSettings {
    BufferSettings {
        ubatch: scenario.micro_batch(),
        context: cache.context,
        all_outputs: false,
        flash_attention: true,
    }
}
