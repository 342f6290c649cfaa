//! Decode: the terms of one step for a batch of sequences at a depth.
//!
//! ```text
//! t = (dense + head + (1 + p) state B) / BW + experts touched by N / BW + B KV(d) / BW
//!   + N F_att(d) / rate + rows of N / rate + L tau + L_moe tau_moe + L_rec tau_rec + (B-1) tau_seq
//! ```
//!
//! each with its coefficient, for `B` sequences of `p` positions, `N = B p` tokens. A
//! plain step has one position of each; a step that verifies `k` drafted tokens has
//! `k + 1`, which share their sequence's cache: it is read once, its recurrent state
//! too, but written after each position, since any of them may prove the last. Dense weights and the head are read whole, the
//! embedding is a lookup. Terms add: a maximum makes a knee that measured rows
//! do not show. What further rows of a step cost is told by the engine's kernels:
//!
//! - ggml: `(min(N, 8) - 1) 2 A / rate` for its vector kernels, then `(N - 8) 2 A / rate` at the
//!   rates of a prefill.
//! - vLLM and all others: `N 2 A / rate`, in part hidden behind the reading of the weights.

use crate::model::{Architecture, Weights};
use crate::units::{BytesPerSecond, FlopsPerSecond};

use super::bound::Bound;
use super::constants::{Exponents, Parameter};
use super::memory::{CacheType, attention_flops, read_at_depth, recurrent_state};
use super::prefill::expert_slowdown;
use super::rates::RowKernels;
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
    /// How many times that rate the weights' own format multiplies at.
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
    /// Type of the cached keys.
    pub key_type: CacheType,
    /// Type of the cached values.
    pub value_type: CacheType,
    /// Constants that shape terms.
    pub exponents: Exponents,
}

/// Experts that a batch touches in a layer: independent draws from those that related
/// tokens favour, `used x (total / used)^spread`. Of many small experts they favour a
/// smaller share than of a few large ones.
pub(super) fn experts_touched(total: f64, used: f64, spread: f64, tokens: f64) -> f64 {
    let pool = used * (total / used).powf(spread);
    if tokens <= 1.0 {
        return used;
    }
    pool * (1.0 - (1.0 - used / pool).powf(tokens))
}

/// The terms of one step.
pub fn decode_terms(work: &Decoding<'_>) -> Terms {
    let mut terms = Terms::default();
    let batch = f64::from(work.batch);
    let positions = f64::from(work.positions);
    let tokens = batch * positions;
    let bandwidth = work.bandwidth.0;
    let share = 1.0 / f64::from(work.devices);
    let dense = work.weights.dense_read().bytes.as_f64() + work.weights.head_read().bytes.as_f64();
    terms.add(
        "weights",
        share * dense / bandwidth,
        &[Parameter::WeightRead],
        Bound::Memory,
    );

    if let Some(experts) = work.architecture.experts() {
        let total = f64::from(experts.total);
        let touched = experts_touched(
            total,
            f64::from(experts.used),
            work.exponents.expert_spread,
            tokens,
        ) / total;
        let bytes = work.weights.experts_total().bytes.as_f64() * touched;
        terms.add(
            "experts",
            share * bytes / bandwidth,
            &[Parameter::WeightRead, Parameter::ExpertRead],
            Bound::Memory,
        );
    }

    let state = recurrent_state(work.architecture).as_f64() * (1.0 + positions) * batch;
    terms.add(
        "recurrent state",
        share * state / bandwidth,
        &[Parameter::WeightRead],
        Bound::Memory,
    );

    let cache = read_at_depth(
        work.architecture,
        work.devices,
        work.depth,
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
    let attention = attention_flops(work.architecture, work.depth).0 * tokens;
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

/// Arithmetic of a step's rows beyond what a plain step hides.
fn row_terms(work: &Decoding<'_>, tokens: f64, terms: &mut Terms) {
    let used = work.architecture.experts().map_or(0.0, |experts| {
        f64::from(experts.used) / f64::from(experts.total)
    });
    let experts = work.weights.experts_total().params as f64 * used;
    let dense = work.weights.active_params(work.architecture) as f64 - experts;
    let rate = work.compute.0 * work.format_gain * f64::from(work.devices);
    let mut add = |name, params: f64, rows: f64, parameters: &[Parameter]| {
        let seconds = 2.0 * params * rows / rate;
        terms.add(name, seconds, parameters, Bound::Compute);
    };
    let batched = &[Parameter::BatchCompute][..];
    match work.kernels {
        RowKernels::Vectors { rows } => {
            let narrow = tokens.min(rows) - 1.0;
            add("batch arithmetic", dense + experts, narrow, batched);
            let wide = (tokens - rows).max(0.0);
            add(
                "matrix arithmetic",
                dense,
                wide,
                &[Parameter::PrefillCompute],
            );
            if experts > 0.0 {
                add(
                    "matrix arithmetic of experts",
                    experts * expert_slowdown(tokens * used, work.exponents),
                    wide,
                    &[Parameter::PrefillCompute, Parameter::PrefillExpert],
                );
            }
        }
        RowKernels::Matrices if tokens > 1.0 => {
            add("batch arithmetic", dense + experts, tokens, batched);
            terms.overlapping("batch arithmetic", Overlap::Arithmetic);
            for name in ["weights", "experts"] {
                terms.overlapping(name, Overlap::Reading);
            }
        }
        RowKernels::Matrices => {}
    }
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

#[cfg(test)]
mod tests {
    use super::experts_touched;

    #[test]
    fn one_token_touches_what_it_uses() {
        assert!((experts_touched(128.0, 4.0, 0.5, 1.0) - 4.0).abs() < 1e-12);
    }

    #[test]
    fn independent_draws_are_the_coupon_collector() {
        // 128 x (1 - (124/128)^8) = 28.71
        assert!((experts_touched(128.0, 4.0, 1.0, 8.0) - 28.710_4).abs() < 1e-3);
    }

    #[test]
    fn related_tokens_touch_fewer() {
        // 4 x 32^0.5 = 22.63 favoured experts: 22.63 x (1 - (18.63/22.63)^8) = 17.8546
        assert!((experts_touched(128.0, 4.0, 0.5, 8.0) - 17.8546).abs() < 0.01);
        // All of them are used by each token.
        assert!((experts_touched(8.0, 8.0, 0.5, 16.0) - 8.0).abs() < 1e-9);
    }
}
