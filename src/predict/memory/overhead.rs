//! What engines other than llama.cpp need besides weights and cache. Estimates, each
//! term with its source; llama.cpp's own are computed in `compute_buffer`.

use crate::model::{Architecture, FeedForward, Mixer};
use crate::units::Bytes;

/// Share of a device's memory that vLLM takes for everything (`gpu_memory_utilization`,
/// default 0.92 in `vllm/config/cache.py`, read 2026-11; 0.9 in earlier versions).
pub const VLLM_MEMORY_SHARE: f64 = 0.92;

/// Memory that llama.cpp's own fitting leaves free on each device: 1 GiB.
pub const LLAMA_CPP_MARGIN: Bytes = Bytes(1 << 30);

/// What a CUDA process takes outside of its tensors: "`non_torch_memory` takes 0.33GiB" for
/// vLLM on one RTX 5090 (vllm-project/vllm issue 14452, 2025-04; 0.39 in issue 11251).
const VLLM_RUNTIME_GIB: f64 = 0.33;

/// CUDA graphs: "Estimated CUDA graph memory: 0.36 GiB" (gpustack/runner pull request 251,
/// vLLM 0.27, 2026-08). Ranges from 0.1 to above 1 GiB with the number of captured sizes.
const VLLM_GRAPHS_GIB: f64 = 0.36;

/// Copies of the logits in F32 that vLLM's sampler holds at its peak. Derived: 1.26 GiB of
/// activations for Llama 3 8B with 256 sequences on one H100 and on two alike
/// (vllm-project/vllm pull request 10511, 2024-12) are 10 x 256 x 128,256 x 4 bytes.
const SAMPLER_COPIES: u64 = 10;

/// Bytes of an activation in the engines that compute in 16 bits.
const HALF: u64 = 2;

/// What an engine needs on a device besides weights and cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overhead {
    /// Activations at their peak.
    pub activations: Bytes,
    /// Captured graphs; none where the engine has none.
    pub graphs: Option<Bytes>,
    /// The runtime's own footprint (context, kernels); none where nobody published it.
    pub runtime: Option<Bytes>,
}

impl Overhead {
    /// All that is known of it.
    pub fn total(&self) -> Bytes {
        let known = [self.graphs, self.runtime].into_iter().flatten();
        known.fold(self.activations, |sum, part| {
            Bytes(sum.0.saturating_add(part.0))
        })
    }
}

/// Tokens that one step of a vLLM server may compute: 8,192 on devices of 70 GiB and more
/// (but the A100), else 2,048 (`EngineArgs.get_batch_defaults` in `vllm/engine/arg_utils.py`).
pub fn vllm_batched_tokens(device_memory: Bytes) -> u64 {
    if device_memory >= Bytes(70 << 30) {
        8192
    } else {
        2048
    }
}

/// vLLM's needs on a device: the larger of a layer's activations for `batched_tokens` and the
/// sampler's copies of the logits for `sequences`, CUDA graphs, and the CUDA context.
///
/// An estimate: vLLM itself measures its peak with a trial run.
pub fn vllm_overhead(architecture: &Architecture, batched_tokens: u64, sequences: u32) -> Overhead {
    let layer = layer_elements(architecture)
        .saturating_mul(batched_tokens)
        .saturating_mul(HALF);
    let logits = u64::from(sequences) * u64::from(architecture.vocab) * 4;
    Overhead {
        activations: Bytes(layer.max(logits.saturating_mul(SAMPLER_COPIES))),
        graphs: Some(Bytes::from_gib(VLLM_GRAPHS_GIB)),
        runtime: Some(Bytes::from_gib(VLLM_RUNTIME_GIB)),
    }
}

/// MLX's needs: a layer's activations for one step of the prompt (`prefill_step_size`, 2,048
/// in `mlx_lm/generate.py`); the logits of one token only. An estimate.
pub fn mlx_overhead(architecture: &Architecture, prefill_step: u64) -> Overhead {
    let layer = layer_elements(architecture)
        .saturating_mul(prefill_step)
        .saturating_mul(HALF);
    let logits = u64::from(architecture.vocab) * 4;
    Overhead {
        activations: Bytes(layer.max(logits)),
        graphs: None,
        runtime: None,
    }
}

/// Elements a token that lie side by side in the widest layer: residual stream and its norm,
/// and gate, up and their product (for experts one set for each used expert, and its output),
/// or queries, keys, values and their mix.
fn layer_elements(architecture: &Architecture) -> u64 {
    let hidden = u64::from(architecture.hidden);
    let widest = architecture.layers.iter().map(|layer| {
        let network = match layer.feed_forward {
            FeedForward::None => 0,
            FeedForward::Dense { width } => 3 * u64::from(width),
            FeedForward::Experts(experts) => {
                let routed = u64::from(experts.used) * (3 * u64::from(experts.width) + hidden);
                let beside = experts.shared_width.max(experts.dense_width);
                routed.max(3 * u64::from(beside))
            }
        };
        let mixer = match layer.mixer {
            Mixer::Full(heads) | Mixer::Sliding { heads, .. } | Mixer::Shared { heads, .. } => {
                let query = u64::from(heads.query);
                query * (u64::from(heads.key_dim) + u64::from(heads.value_dim))
                    + heads.kv_elements()
            }
            Mixer::Latent(latent) => {
                let head = u64::from(latent.nope_dim) + u64::from(latent.rope_dim);
                u64::from(latent.heads) * (2 * head + u64::from(latent.value_dim))
            }
            Mixer::Recurrent(recurrent) => {
                let groups = 2 * u64::from(recurrent.groups) * u64::from(recurrent.state);
                3 * u64::from(recurrent.inner) + groups
            }
            Mixer::None => 0,
        };
        network.max(mixer)
    });
    2 * hidden + widest.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Overhead, vllm_batched_tokens};

    #[test]
    fn unknown_parts_count_nothing() {
        let overhead = Overhead {
            activations: Bytes(5),
            graphs: None,
            runtime: Some(Bytes(2)),
        };
        assert_eq!(overhead.total(), Bytes(7));
    }

    #[test]
    fn large_devices_batch_more() {
        assert_eq!(vllm_batched_tokens(Bytes::from_gib(24.0)), 2048);
        assert_eq!(vllm_batched_tokens(Bytes::from_gib(96.0)), 8192);
    }
}
