//! Prefill: the terms of processing prompts in micro-batches.
//!
//! ```text
//! t = 2 P_dense r p / rate + 2 P_exp r p / rate x (u k/E / 32)^-power + r F_att p / rate
//!   + n (dense + experts touched by u tokens) / BW + n L tau + r p L_rec tau_rec + t0
//! ```
//!
//! `n = ceil(r p/u)` micro-batches of `u` tokens each, of `r` prompts, read the weights once.
//! Source of their packing: `Scheduler.schedule` fills `max_num_batched_tokens` from all
//! requests that wait (vllm-project/vllm `vllm/v1/core/sched/scheduler.py`), `update_slots`
//! fills `n_batch` from all slots (ggml-org/llama.cpp `tools/server/server-context.cpp`).

use crate::model::{Architecture, Weights};
use crate::units::{BytesPerSecond, FlopsPerSecond};

use super::bound::Bound;
use super::constants::{Exponents, Parameter};
use super::memory::{Lookback, attention_flops};
use super::row_kernels::experts_touched;
use super::terms::Terms;

/// Tokens per expert at which the reference rate of expert matrices holds.
const REFERENCE_TOKENS_PER_EXPERT: f64 = 32.0;

/// How many times slower expert matrices multiply that see so few tokens each.
pub(super) fn expert_slowdown(tokens_per_expert: f64, exponents: Exponents) -> f64 {
    (tokens_per_expert / REFERENCE_TOKENS_PER_EXPERT).powf(-exponents.expert_batch_power)
}

/// What one device does in a prefill.
#[derive(Debug, Clone, Copy)]
pub struct Prefilling<'a> {
    /// The architecture.
    pub architecture: &'a Architecture,
    /// The weights.
    pub weights: &'a Weights,
    /// Peak bandwidth of the device.
    pub bandwidth: BytesPerSecond,
    /// Rate of its matrix arithmetic.
    pub compute: FlopsPerSecond,
    /// How many times that rate the weights' own format multiplies at.
    pub format_gain: f64,
    /// Share of each layer on this device: one, or 1/n in a tensor split.
    pub share: f64,
    /// Prompts that share micro-batches.
    pub requests: f64,
    /// New tokens of each.
    pub prompt: f64,
    /// Tokens in the cache before, of each.
    pub cached: f64,
    /// Tokens of a micro-batch.
    pub ubatch: f64,
    /// Constants that shape terms.
    pub exponents: Exponents,
}

/// The terms of the whole prefill of all prompts.
pub fn prefill_terms(work: &Prefilling<'_>) -> Terms {
    let mut terms = Terms::default();
    let (prompt, share) = (work.prompt, work.share);
    let tokens = work.requests * prompt;
    let ubatch = work.ubatch.min(tokens).max(1.0);
    let batches = (tokens / work.ubatch).ceil().max(1.0);
    let compute = work.compute.0;
    let matrices = compute * work.format_gain;
    let dense = work.weights.dense_read();
    terms.add(
        "dense arithmetic",
        share * 2.0 * dense.params as f64 * tokens / matrices,
        &[Parameter::PrefillCompute],
        Bound::Compute,
    );

    let mut read = dense.bytes.as_f64();
    if let Some(experts) = work.architecture.experts() {
        let all = work.weights.experts_total();
        let (total, used) = (f64::from(experts.total), f64::from(experts.used));
        let active = all.params as f64 * used / total;
        let slower = expert_slowdown(ubatch * used / total, work.exponents);
        terms.add(
            "expert arithmetic",
            share * 2.0 * active * tokens / matrices * slower,
            &[Parameter::PrefillCompute, Parameter::PrefillExpert],
            Bound::Compute,
        );
        let popularity = work.exponents.expert_popularity;
        let touched = experts_touched(total, used, popularity, ubatch);
        read += all.bytes.as_f64() * touched / total;
    }
    terms.add(
        "weights once a micro-batch",
        share * batches * read / work.bandwidth.0,
        &[Parameter::PrefillRead],
        Bound::Memory,
    );

    // Token i of the prompt looks back over cached + i tokens: on average half of the prompt.
    let look = Lookback::exact((work.cached + prompt / 2.0) as u64);
    let attention = attention_flops(work.architecture, look).0 * tokens;
    terms.add(
        "attention",
        share * attention / compute,
        &[Parameter::PrefillAttention],
        Bound::Compute,
    );
    terms.add(
        "layers",
        batches * work.architecture.layers.len() as f64 * 1e-6,
        &[Parameter::PrefillLayerTime],
        Bound::Overhead,
    );
    terms.add(
        "recurrent layers",
        tokens * work.architecture.recurrent_layers() as f64 * 1e-9,
        &[Parameter::PrefillRecurrentTime],
        Bound::Overhead,
    );
    terms.add(
        "start",
        1e-3,
        &[Parameter::PrefillFixedTime],
        Bound::Overhead,
    );
    terms.with(&[Parameter::Prefill])
}
