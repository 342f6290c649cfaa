//! The KV cache of engines that do not allocate it like llama.cpp: vLLM and MLX.

use super::cache_type::CacheType;
use super::kv_cache::Cache;
use crate::model::{Architecture, Heads, Mixer, Recurrent};
use crate::units::Bytes;

/// Tokens by which MLX's cache grows (`KVCache.step` in mlx-lm's `models/cache.py`).
const MLX_STEP: u64 = 256;
/// Elements that share a scale and a bias in MLX's quantised cache (`group_size`).
const MLX_GROUP: u64 = 64;

/// What the size of vLLM's cache depends on besides the architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PagedSettings {
    /// Tokens of each sequence.
    pub context: u64,
    /// Sequences; 0 counts as 1.
    pub sequences: u32,
    /// Type of keys and values.
    pub cache_type: CacheType,
    /// Tokens of a block (`--block-size`, 16).
    pub block: u64,
    /// Tokens that one step may add (`--max-num-batched-tokens`).
    pub batched_tokens: u64,
    /// Prefix caching (on by default): a recurrent layer then keeps a second state.
    pub prefix_caching: bool,
}

/// Bytes that vLLM's block manager needs for so many sequences at full length.
///
/// Source: vLLM `vllm/v1/kv_cache_interface.py` (read 2026-11): full attention
/// `ceil(context / block)` blocks of `block x kv_heads x (key_dim + value_dim)` elements;
/// a sliding window one block more than for `window - 1 + batched_tokens`; latent attention
/// one row of `kv_rank + rope_dim`; recurrent states with their convolution in 16 bits and
/// the matrix in F32. Not modelled: hybrid models pad all pages to the largest.
pub fn paged_cache(architecture: &Architecture, settings: &PagedSettings) -> Cache {
    let block = settings.block.max(1);
    let whole = |tokens: u64| tokens.div_ceil(block);
    let row = |elements: u64| settings.cache_type.row_bytes(elements);
    let states = if settings.prefix_caching { 2 } else { 1 };
    let full = whole(settings.context).saturating_mul(block);
    sum(
        architecture,
        u64::from(settings.sequences.max(1)),
        |mixer| match mixer {
            Mixer::Full(heads) => (row(heads.kv_elements()).saturating_mul(full), 0),
            Mixer::Sliding { heads, window } => {
                let reach = u64::from(window)
                    .saturating_sub(1)
                    .saturating_add(settings.batched_tokens);
                let tokens = (whole(reach.min(settings.context)) + 1).saturating_mul(block);
                (row(heads.kv_elements()).saturating_mul(tokens), 0)
            }
            Mixer::Latent(latent) => {
                let elements = u64::from(latent.kv_rank) + u64::from(latent.rope_dim);
                (row(elements).saturating_mul(full), 0)
            }
            Mixer::Recurrent(recurrent) => (0, half_state(recurrent).saturating_mul(states)),
            Mixer::Shared { .. } | Mixer::None => (0, 0),
        },
    )
}

/// Bytes of mlx-lm's cache for so many sequences of a length.
///
/// Source: mlx-lm `mlx_lm/models/cache.py` (read 2026-11): `KVCache` grows by 256 tokens,
/// `RotatingKVCache` holds the window and, while a prompt is read, one step of it more;
/// the quantised cache (`q8_0` and `q4_0` stand for its 8 and 4 bits) has a 16-bit scale and
/// bias for 64 elements, and the rotating one is never quantised. Other types count as
/// 16 bits. Latent attention is cached as the latent.
pub fn mlx_cache(
    architecture: &Architecture,
    context: u64,
    sequences: u32,
    cache_type: CacheType,
    prefill_step: u64,
) -> Cache {
    let cells = context.div_ceil(MLX_STEP).saturating_mul(MLX_STEP);
    let row = |elements: u64| match cache_type {
        CacheType::Q8_0 => elements.div_ceil(MLX_GROUP).saturating_mul(MLX_GROUP + 4),
        CacheType::Q4_0 => elements
            .div_ceil(MLX_GROUP)
            .saturating_mul(MLX_GROUP / 2 + 4),
        CacheType::F32 => elements.saturating_mul(4),
        _ => elements.saturating_mul(2),
    };
    sum(
        architecture,
        u64::from(sequences.max(1)),
        |mixer| match mixer {
            Mixer::Full(heads) => (row(heads.kv_elements()).saturating_mul(cells), 0),
            Mixer::Sliding { heads, window } => (rotating(heads, window, cells, prefill_step), 0),
            Mixer::Latent(latent) => {
                let elements = u64::from(latent.kv_rank) + u64::from(latent.rope_dim);
                (row(elements).saturating_mul(cells), 0)
            }
            Mixer::Recurrent(recurrent) => (0, half_state(recurrent)),
            Mixer::Shared { .. } | Mixer::None => (0, 0),
        },
    )
}

fn rotating(heads: Heads, window: u32, cells: u64, prefill_step: u64) -> u64 {
    let reach = u64::from(window).saturating_add(prefill_step.saturating_sub(1));
    heads
        .kv_elements()
        .saturating_mul(2)
        .saturating_mul(reach.min(cells))
}

/// A sequence's state with its convolution in 16 bits and its matrix in F32.
fn half_state(recurrent: Recurrent) -> u64 {
    let (inner, state) = (u64::from(recurrent.inner), u64::from(recurrent.state));
    let convolved = inner + 2 * u64::from(recurrent.groups) * state;
    2 * u64::from(recurrent.conv.saturating_sub(1)) * convolved + 4 * state * inner
}

/// Adds up bytes of keys and values and of states over the layers and sequences.
fn sum(
    architecture: &Architecture,
    sequences: u64,
    of_layer: impl Fn(Mixer) -> (u64, u64),
) -> Cache {
    let (mut kv, mut sliding, mut recurrent) = (0u64, 0u64, 0u64);
    for layer in &architecture.layers {
        let (cells, state) = of_layer(layer.mixer);
        kv = kv.saturating_add(cells);
        recurrent = recurrent.saturating_add(state);
        if matches!(layer.mixer, Mixer::Sliding { .. }) {
            sliding = sliding.saturating_add(cells);
        }
    }
    let all = |bytes: u64| Bytes(bytes.saturating_mul(sequences));
    Cache {
        kv: all(kv),
        sliding: all(sliding),
        recurrent: all(recurrent),
    }
}

#[cfg(test)]
mod tests {
    use super::{PagedSettings, mlx_cache, paged_cache};
    use crate::model::{Architecture, ModelTable};
    use crate::predict::memory::CacheType;
    use crate::units::Bytes;

    /// One full and one sliding layer; keys and values of 2 x 8 x 64 elements a token.
    const MODEL: &str = r#"
        name = "Two layers"
        family = "gpt-oss"
        layers = 2
        hidden = 2880
        vocab = 201088
        heads = 64
        kv_heads = 8
        head_dim = 64
        ffn = 2880
        max_context = 131072
        [sliding]
        window = 128
        full_every = 2
    "#;

    fn model() -> Option<Architecture> {
        toml::from_str::<ModelTable>(MODEL)
            .ok()?
            .architecture()
            .ok()
    }

    #[test]
    fn vllm_counts_blocks() {
        let settings = PagedSettings {
            context: 1001,
            sequences: 2,
            cache_type: CacheType::Bf16,
            block: 16,
            batched_tokens: 512,
            prefix_caching: true,
        };
        let Some(model) = model() else { return };
        let cache = paged_cache(&model, &settings);
        // Full: 63 blocks = 1,008 tokens; sliding: 127 + 512 = 639 tokens, 40 + 1 blocks = 656.
        assert_eq!(cache.kv, Bytes(2 * 2048 * (1008 + 656)));
        assert_eq!(cache.sliding, Bytes(2 * 2048 * 656));
        let half = PagedSettings {
            cache_type: CacheType::Fp8,
            ..settings
        };
        assert_eq!(
            paged_cache(&model, &half).kv,
            Bytes(2 * 1024 * (1008 + 656))
        );
    }

    #[test]
    fn mlx_grows_in_steps_and_rotates() {
        let Some(model) = model() else { return };
        // Full: 5,120 tokens; sliding: 128 + 2,048 - 1.
        let cache = mlx_cache(&model, 5000, 1, CacheType::F16, 2048);
        assert_eq!(cache.kv, Bytes(2048 * 5120 + 2048 * 2175));
        // 8 bits: 68 bytes for 64 elements, in the full layer only.
        let cache = mlx_cache(&model, 5000, 1, CacheType::Q8_0, 2048);
        assert_eq!(cache.kv, Bytes(1024 / 64 * 68 * 5120 + 2048 * 2175));
    }
}
