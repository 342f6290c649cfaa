//! Decode: the terms of one step for a batch of sequences at a depth.
//!
//! ```text
//! t = (dense + head + (1 + p) state B) / BW + experts read by N / BW + B KV(d) / BW
//!   + N F_att(d) / rate + rows of N / rate + L tau + L_moe tau_moe + L_rec tau_rec + (B-1) tau_seq
//! ```
//!
//! each with its coefficient, for `B` sequences of `p` positions, `N = B p` tokens. A
//! plain step has one position of each; a step that verifies `k` drafted tokens has
//! `k + 1`, which share their sequence's cache: it is read once, its recurrent state
//! too, but written after each position, since any of them may prove the last. Dense weights
//! and the head are read whole, the embedding is a lookup. Terms add, but for what the
//! engine's kernels overlap; they also tell what further rows of a step cost:
//!
//! - Vector kernels: `(N - 1) 2 A / rate`, on top of reading.
//! - Matrix kernels: `N 2 A / rate`, with `N` padded to their tile, hidden in part behind
//!   reading where they overlap. ggml's are those of a prefill and reach its rates.
//! - Experts that each token reads for itself cost `N` times those of a plain step, or what
//!   `N` tokens touch where a cache holds them, and on Metal and Vulkan their arithmetic on
//!   top. In larger steps those that are touched are read once and multiplied as matrices.

use crate::model::{Architecture, Weights};
use crate::units::{BytesPerSecond, FlopsPerSecond};

use super::bound::Bound;
use super::constants::{Exponents, Parameter};
use super::memory::{CacheType, Lookback, attention_flops, read_at_depth, recurrent_state};
use super::prefill::expert_slowdown;
use super::row_kernels::RowKernels;
use super::terms::{Overlap, Terms};

/// What one device does in a decode step.
#[derive(Debug, Clone, Copy)]
pub struct Decoding<'a> {
    /// The architecture.
    pub architecture: &'a Architecture,
    /// The weights.
    pub weights: &'a Weights,
    /// Peak bandwidth of the device.
    pub bandwidth: BytesPerSecond,
    /// Rate of its matrix arithmetic.
    pub compute: FlopsPerSecond,
    /// Rate of its kernels for few rows.
    pub vector: FlopsPerSecond,
    /// How many times the matrix rate the weights' own format multiplies at.
    pub format_gain: f64,
    /// What multiplies a few rows.
    pub kernels: RowKernels,
    /// Devices that each layer is divided over: more than one in a tensor split.
    pub devices: u32,
    /// Sequences in the step.
    pub batch: u32,
    /// Positions of each sequence: one, or more where drafted tokens are verified.
    pub positions: u32,
    /// Tokens in the cache, of each sequence.
    pub depth: u64,
    /// Tokens of a prompt processed at once.
    pub ubatch: f64,
    /// Type of the cached keys.
    pub key_type: CacheType,
    /// Type of the cached values.
    pub value_type: CacheType,
    /// Constants that shape terms.
    pub exponents: Exponents,
}

/// The terms of one step.
pub fn decode_terms(work: &Decoding<'_>) -> Terms {
    let mut terms = Terms::default();
    let batch = f64::from(work.batch);
    let positions = f64::from(work.positions);
    let tokens = batch * positions;
    let bandwidth = work.bandwidth.0;
    let share = 1.0 / f64::from(work.devices);
    weight_terms(work, tokens, &mut terms);

    let state = recurrent_state(work.architecture).as_f64() * (1.0 + positions) * batch;
    terms.add(
        "recurrent state",
        share * state / bandwidth,
        &[Parameter::WeightRead],
        Bound::Memory,
    );

    let look = Lookback {
        depth: work.depth,
        ring_batch: work.kernels.ring_batch(work.batch, work.ubatch),
    };
    let cache = read_at_depth(
        work.architecture,
        work.devices,
        look,
        work.key_type,
        work.value_type,
    )
    .as_f64()
        * batch;
    let cache_parameters: &[Parameter] = if work.architecture.is_latent() {
        &[Parameter::CacheRead, Parameter::LatentRead]
    } else {
        &[Parameter::CacheRead]
    };
    terms.add(
        "KV cache",
        cache / bandwidth,
        cache_parameters,
        Bound::Memory,
    );

    let compute = work.compute.0;
    let attention = attention_flops(work.architecture, look).0 * tokens;
    terms.add(
        "attention",
        share * attention / compute,
        &[Parameter::AttentionCompute],
        Bound::Compute,
    );

    row_terms(work, tokens, &mut terms);
    layer_times(work.architecture, &mut terms);
    // Positions of one sequence are scheduled once.
    if work.batch > 1 {
        terms.add(
            "sequences",
            (batch - 1.0) * 1e-6,
            &[Parameter::SequenceTime],
            Bound::Overhead,
        );
    }
    terms.with(&[Parameter::Decode])
}

/// Reading the weights of a step of so many tokens.
fn weight_terms(work: &Decoding<'_>, tokens: f64, terms: &mut Terms) {
    let read = f64::from(work.devices) * work.bandwidth.0;
    let dense = work.weights.dense_read().bytes.as_f64() + work.weights.head_read().bytes.as_f64();
    let matrices = work.kernels.are_matrices(tokens);
    terms.add_beside(
        "weights",
        dense / read,
        work.kernels.read_rate(matrices),
        Bound::Memory,
        beside(work, matrices, Overlap::Reading),
    );

    let Some(experts) = work.architecture.experts() else {
        return;
    };
    let (total, used) = (f64::from(experts.total), f64::from(experts.used));
    let each = work.weights.experts_total().bytes.as_f64() / total;
    let own = work.kernels.reads_own_experts(tokens, used);
    let popularity = work.exponents.expert_popularity;
    let count = work.kernels.experts_read(total, used, popularity, tokens);
    let drawn = if own { count } else { used };
    let overlap = beside(work, !own, Overlap::Reading);
    terms.add_beside(
        "experts",
        each * drawn / read,
        &[Parameter::WeightRead, Parameter::ExpertRead],
        Bound::Memory,
        overlap,
    );
    terms.add_beside(
        "further experts",
        each * (count - drawn) / read,
        &[
            Parameter::WeightRead,
            Parameter::ExpertRead,
            Parameter::FurtherExperts,
        ],
        Bound::Memory,
        overlap,
    );
}

/// The side of an overlap that matrix kernels put a term on, if they are used and overlap.
fn beside(work: &Decoding<'_>, matrices: bool, side: Overlap) -> Option<Overlap> {
    (matrices && work.kernels.overlaps).then_some(side)
}

/// Arithmetic of a step's rows beyond what a plain step hides. That of experts that tokens
/// read for themselves is hidden likewise on CUDA; on Metal and Vulkan, whose kernels do not
/// overlap, further tokens cost more than their reading, by mixtures left out of the fit.
fn row_terms(work: &Decoding<'_>, tokens: f64, terms: &mut Terms) {
    if tokens <= 1.0 {
        return;
    }
    let kernels = work.kernels;
    let devices = f64::from(work.devices);
    let rate = work.compute.0 * work.format_gain * devices;
    let dense = (work.weights.dense_read().params + work.weights.head_read().params) as f64;
    if kernels.are_matrices(tokens) {
        terms.add_beside(
            "matrix arithmetic",
            2.0 * dense * kernels.padded(tokens) / rate,
            kernels.dense_rate(),
            Bound::Compute,
            beside(work, true, Overlap::Arithmetic),
        );
    } else {
        terms.add(
            "vector arithmetic",
            2.0 * dense * (tokens - 1.0) / (work.vector.0 * devices),
            &[Parameter::VectorCompute],
            Bound::Compute,
        );
    }

    let Some(experts) = work.architecture.experts() else {
        return;
    };
    let (total, used) = (f64::from(experts.total), f64::from(experts.used));
    let active = work.weights.experts_total().params as f64 * used / total;
    if kernels.reads_own_experts(tokens, used) {
        if !kernels.overlaps {
            terms.add(
                "expert vector arithmetic",
                2.0 * active * (tokens - 1.0) / (work.vector.0 * devices),
                &[Parameter::VectorCompute],
                Bound::Compute,
            );
        }
        return;
    }
    let slower = if kernels.as_prefill {
        expert_slowdown(tokens * used / total, work.exponents)
    } else {
        1.0
    };
    terms.add_beside(
        "expert arithmetic",
        2.0 * active * tokens * slower / rate,
        kernels.expert_rate(),
        Bound::Compute,
        beside(work, true, Overlap::Arithmetic),
    );
}

/// Times that come with each layer whatever its size: launches, routing, the scan.
fn layer_times(architecture: &Architecture, terms: &mut Terms) {
    let micro = |count: usize| count as f64 * 1e-6;
    terms.add(
        "layers",
        micro(architecture.layers.len()),
        &[Parameter::LayerTime, Parameter::Overhead],
        Bound::Overhead,
    );
    terms.add(
        "expert layers",
        micro(architecture.expert_layers()),
        &[Parameter::ExpertLayerTime, Parameter::Overhead],
        Bound::Overhead,
    );
    terms.add(
        "recurrent layers",
        micro(architecture.recurrent_layers()),
        &[Parameter::RecurrentLayerTime, Parameter::Overhead],
        Bound::Overhead,
    );
}
