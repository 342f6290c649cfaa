//! What each engine allocates beside the weights, by the rules of its own kind.

use std::ops::Range;

use crate::model::Architecture;
use crate::units::Bytes;

use super::super::engine::MemoryRules;
use super::super::host_part::HostPart;
use super::super::scenario::{Scenario, Split};
use super::buffers::Buffers;
use super::compute_buffer::{DeviceBuffers, Outputs};
use super::kv_cache::{self, CacheSettings, LayerCache};
use super::other_caches::{PagedSettings, mlx_cache, paged_cache};
use super::overhead::{mlx_overhead, vllm_batched_tokens, vllm_overhead};

/// Buffers beside weights and cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WorkingMemory {
    /// On each device.
    pub devices: Vec<Bytes>,
    /// In the host's memory.
    pub host: Bytes,
}

/// The cache of each layer, for all sequences of the scenario.
pub(super) fn layer_caches(scenario: &Scenario<'_>) -> Vec<LayerCache> {
    match scenario.engine.memory.rules {
        MemoryRules::LlamaCpp => {
            kv_cache::layer_caches(scenario.architecture, &llama_settings(scenario))
        }
        MemoryRules::Paged { block } => {
            let settings = PagedSettings {
                context: scenario.context,
                sequences: scenario.concurrency,
                cache_type: scenario.key_type,
                block: u64::from(block),
                batched_tokens: vllm_batched_tokens(scenario.machine.memory.total),
                prefix_caching: true,
            };
            each_layer(scenario.architecture, |one| paged_cache(one, &settings))
        }
        MemoryRules::Mlx => {
            let step = u64::from(scenario.micro_batch());
            each_layer(scenario.architecture, |one| {
                mlx_cache(
                    one,
                    scenario.context,
                    scenario.concurrency,
                    scenario.key_type,
                    step,
                )
            })
        }
    }
}

/// Applies a formula of whole models to each layer alone; caches are sums over layers.
fn each_layer(
    architecture: &Architecture,
    of: impl Fn(&Architecture) -> kv_cache::Cache,
) -> Vec<LayerCache> {
    let mut one = Architecture {
        layers: Vec::new(),
        ..architecture.clone()
    };
    architecture
        .layers
        .iter()
        .map(|layer| {
            one.layers = vec![*layer];
            let cache = of(&one);
            LayerCache {
                kv: cache.kv,
                recurrent: cache.recurrent,
            }
        })
        .collect()
}

/// The buffers of devices that hold the given runs of layers, a part being on the host of
/// which the first device takes so many bytes in at a time.
pub(super) fn working_memory(
    scenario: &Scenario<'_>,
    split: Split,
    runs: &[Range<usize>],
    (part, staged): (HostPart, Bytes),
) -> WorkingMemory {
    let same = |bytes: Bytes| WorkingMemory {
        devices: vec![bytes; runs.len()],
        host: Bytes::ZERO,
    };
    match scenario.engine.memory.rules {
        MemoryRules::LlamaCpp => llama_buffers(scenario, split, runs, (part, staged)),
        MemoryRules::Paged { .. } => {
            let batched = vllm_batched_tokens(scenario.machine.memory.total);
            same(vllm_overhead(scenario.architecture, batched, scenario.concurrency).total())
        }
        MemoryRules::Mlx => {
            same(mlx_overhead(scenario.architecture, u64::from(scenario.micro_batch())).total())
        }
    }
}

/// llama.cpp's compute buffers: in one where the processor shares the memory,
/// else apart for devices and host. Layers on the host are computed there while decoding,
/// and on the first device while a prompt is processed.
fn llama_buffers(
    scenario: &Scenario<'_>,
    split: Split,
    runs: &[Range<usize>],
    (part, staged): (HostPart, Bytes),
) -> WorkingMemory {
    let settings = llama_settings(scenario);
    let outputs = Outputs::Rows(scenario.concurrency);
    let own = Buffers::of(scenario.architecture);
    let buffers = scenario
        .buffers
        .filter(|kept| kept.are_of(scenario.architecture))
        .unwrap_or(&own);
    if scenario.machine.is_unified() && runs.len() == 1 {
        let buffer = buffers.compute_buffer(&settings, outputs);
        return WorkingMemory {
            devices: vec![buffer],
            host: Bytes::ZERO,
        };
    }
    let mut parts = match split {
        Split::Layer => runs.to_vec(),
        Split::None | Split::Tensor | Split::Replicas => runs[..1].to_vec(),
    };
    parts[0].start = 0;
    let pipelined = part.is_nothing();
    let DeviceBuffers { devices, host } =
        buffers.device_buffers(&settings, outputs, &parts, pipelined);
    let mut working = WorkingMemory { devices, host };
    if !part.is_nothing() {
        working.devices[0] += staged;
        let layers = 0..part.layers as usize;
        let computed = buffers.device_buffers(&settings, outputs, &[layers], pipelined);
        working.host = working.host.max(computed.devices[0]);
    }
    if split != Split::Layer {
        working.devices = vec![working.devices[0]; runs.len()];
    }
    working
}

/// llama.cpp's cache: a stream for each sequence, flash attention on.
fn llama_settings(scenario: &Scenario<'_>) -> CacheSettings {
    CacheSettings {
        context: scenario
            .context
            .saturating_mul(u64::from(scenario.concurrency)),
        sequences: scenario.concurrency,
        unified: false,
        key_type: scenario.key_type,
        value_type: scenario.value_type,
        ubatch: scenario.micro_batch(),
        full_swa: false,
        flash_attention: true,
    }
}
