//! What the part of a model in the host's memory costs.
//!
//! Decoding reads it there: weights, experts touched and cache at the host's bandwidth, and
//! hands activations over where device and host take turns. From 32 tokens on llama.cpp
//! copies the weights to a device instead and computes there
//! (`ggml_backend_cuda_device_offload_op`, `min_batch_size`, in ggml-org/llama.cpp
//! `ggml/src/ggml-cuda/ggml-cuda.cu`@ec18edfc), of experts only those that the tokens use
//! (`ggml_backend_sched_compute_splits` in `ggml/src/ggml-backend.cpp`).
//!
//! The arithmetic of the processor is left out: it bounds prompts below 32 tokens, batches
//! below 32 sequences, and the attention of host layers over a long prompt, and nobody's
//! rate is known. Those figures are upper bounds.

use std::borrow::Cow;

use crate::model::{Architecture, Weights};
use crate::units::BytesPerSecond;

use super::bound::Bound;
use super::host_part::HostPart;
use super::memory::{CacheType, Lookback, read_at_depth, recurrent_state};
use super::row_kernels::experts_touched;
use super::terms::Terms;

/// Share of the memory's nominal rate that reading weights on the processor reaches. Chosen
/// so that the published rates of `tests/offload.rs` lie on both sides; by their difference
/// between quants alone it would be 0.76 on a Ryzen 9 9950X with two channels DDR5-4800
/// (r/LocalLLaMA 1rei65v, 2026-02-25).
const READ_SHARE: f64 = 0.65;

/// Time of one layer whose experts alone are on the host: activations go there and back.
/// In the same source 16 such layers fewer save 5.2 ms, 4.0 of them for the bytes.
const HANDOVER_SECONDS: f64 = 75e-6;

/// Tokens of a step from which weights are copied to a device.
const COPIED_FROM: f64 = 32.0;

/// The part of a model in the host's memory, and the way to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HostSide {
    /// The part.
    pub part: HostPart,
    /// Nominal rate of the host's memory.
    pub bandwidth: BytesPerSecond,
    /// Rate of copies to the devices.
    pub copy: BytesPerSecond,
    /// Share of a step of decoding that the devices wait for it, see `Instance::waiting`.
    pub waiting: f64,
}

/// What a step does on the host.
#[derive(Debug, Clone, Copy)]
pub(super) struct HostWork<'a> {
    /// The whole architecture.
    pub architecture: &'a Architecture,
    /// All weights.
    pub weights: &'a Weights,
    /// Shape of how often tokens draw an expert.
    pub expert_popularity: f64,
    /// Sequences in the step.
    pub batch: u32,
    /// Positions of each.
    pub positions: u32,
    /// Tokens in the cache, of each.
    pub depth: u64,
    /// Types of the cached keys and values.
    pub cache_types: (CacheType, CacheType),
}

impl HostSide {
    /// What the devices do in a step of so many tokens: their own layers, and the weights
    /// that are theirs or were copied to them.
    pub(super) fn rest<'a>(
        &self,
        architecture: &Architecture,
        weights: &'a Weights,
        tokens: f64,
    ) -> (Architecture, Cow<'a, Weights>) {
        let weights = if tokens < COPIED_FROM {
            Cow::Owned(self.part.rest(weights))
        } else {
            Cow::Borrowed(weights)
        };
        (self.part.device_layers(architecture), weights)
    }

    /// The terms of a step of decoding.
    pub(super) fn step(&self, work: &HostWork<'_>) -> Terms {
        let mut terms = Terms::default();
        let tokens = f64::from(work.batch) * f64::from(work.positions);
        self.weights(work, tokens, &mut terms);
        let layers = self.part.host_layers(work.architecture);
        let (keys, values) = work.cache_types;
        let cache = read_at_depth(&layers, 1, Lookback::exact(work.depth), keys, values).as_f64()
            + recurrent_state(&layers).as_f64() * (1.0 + f64::from(work.positions));
        terms.add(
            "host cache",
            f64::from(work.batch) * cache / self.rate(),
            &[],
            Bound::Memory,
        );
        let turns = self.part.divided_layers(work.architecture) + self.part.layers.min(1);
        terms.add(
            "hand-over to host",
            f64::from(turns) * HANDOVER_SECONDS,
            &[],
            Bound::Overhead,
        );
        terms
    }

    /// The terms of one micro-batch of a prompt.
    pub(super) fn micro_batch(&self, work: &HostWork<'_>, tokens: f64) -> Terms {
        let mut terms = Terms::default();
        self.weights(work, tokens, &mut terms);
        terms
    }

    /// Reading the weights where they are, or copying them to a device.
    fn weights(&self, work: &HostWork<'_>, tokens: f64, terms: &mut Terms) {
        let host = self.part.weights(work.weights);
        let dense = host.dense_read() + host.head_read();
        let experts = work.architecture.experts().map_or(0.0, |experts| {
            let (total, used) = (f64::from(experts.total), f64::from(experts.used));
            let touched = experts_touched(total, used, work.expert_popularity, tokens);
            host.experts_total().bytes.as_f64() * touched / total
        });
        let bytes = dense.bytes.as_f64() + experts;
        if tokens < COPIED_FROM {
            terms.add("host memory", bytes / self.rate(), &[], Bound::Memory);
        } else {
            let seconds = bytes / self.copy.0;
            terms.add("copies from host", seconds, &[], Bound::Link);
        }
    }

    /// Bytes a second that reading reaches.
    fn rate(&self) -> f64 {
        self.bandwidth.0 * READ_SHARE
    }
}
