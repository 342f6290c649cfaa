//! The KV cache and the recurrent state as llama.cpp allocates them, to the byte.
//!
//! Source: llama.cpp (read 2026-11), `src/llama-kv-cache.cpp`,
//! `llama-kv-cache-iswa.cpp`, `llama-memory-recurrent.cpp`, and what v0.5.0 (2026-09) reported for
//! the rows of `tests/data/llama_cpp_memory.csv`. With `pad(x)` rounding up to 256:
//!
//! - a unified cache is one stream of `pad(context)` cells; otherwise each sequence
//!   has a stream of `pad(pad(context) / sequences)` cells;
//! - full attention: `row(key) + row(value)` bytes a cell, all KV heads in one row;
//! - a sliding window: `pad(min(cells, window x (unified ? sequences : 1) + ubatch))`
//!   cells, or all of them with `--swa-full`;
//! - latent attention (MLA): one row of `kv_rank + rope_dim` a cell, no values;
//! - without flash attention the values lie transposed, as wide as the widest layer's;
//! - a recurrent layer keeps a constant state for each sequence, in F32.
//!
//! Not modelled: the second cache of sparse attention's indexer (`DeepSeek` V3.2),
//! and the extra states that roll back a rejected draft.

use crate::model::{Architecture, Heads, Latent, Layer, Mixer, Recurrent};
use crate::units::Bytes;

use super::cache_type::CacheType;

/// Cells are allocated in multiples of this many tokens.
const PADDING: u64 = 256;

/// What the size of a llama.cpp cache depends on besides the architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CacheSettings {
    /// Tokens that room is made for, over all sequences (llama.cpp's `-c`).
    pub context: u64,
    /// Sequences (slots), `-np`; 0 counts as 1.
    pub sequences: u32,
    /// One stream shared by all sequences (`--kv-unified`) and not one for each.
    pub unified: bool,
    /// Type of the keys.
    pub key_type: CacheType,
    /// Type of the values.
    pub value_type: CacheType,
    /// Tokens of a micro-batch (`-ub`): a sliding window keeps so many more.
    pub ubatch: u32,
    /// Sliding-window layers keep every token (`--swa-full`).
    pub full_swa: bool,
    /// Flash attention is on.
    pub flash_attention: bool,
}

impl CacheSettings {
    /// One sequence with llama.cpp's defaults: f16, micro-batches of 512, flash attention.
    pub fn of_context(context: u64) -> Self {
        Self {
            context,
            sequences: 1,
            unified: false,
            key_type: CacheType::F16,
            value_type: CacheType::F16,
            ubatch: 512,
            full_swa: false,
            flash_attention: true,
        }
    }

    /// Streams of the cache: 1 when unified, else one for each sequence.
    pub fn streams(&self) -> u64 {
        if self.unified {
            1
        } else {
            u64::from(self.sequences.max(1))
        }
    }

    /// Cells of one stream in a full-attention layer.
    pub fn cells(&self) -> u64 {
        pad(pad(self.context).div_euclid(self.streams()))
    }

    /// Cells of one stream in a layer that looks back `window` tokens.
    pub fn sliding_cells(&self, window: u32) -> u64 {
        if self.full_swa {
            return self.cells();
        }
        let sharing = if self.unified {
            u64::from(self.sequences.max(1))
        } else {
            1
        };
        let needed = u64::from(window) * sharing + u64::from(self.ubatch);
        pad(self.cells().min(needed))
    }
}

/// The cache of a whole model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cache {
    /// Keys and values of all layers.
    pub kv: Bytes,
    /// The part of `kv` that sliding-window layers take.
    pub sliding: Bytes,
    /// Recurrent states, apart from `kv`.
    pub recurrent: Bytes,
}

impl Cache {
    /// Keys, values and recurrent states together.
    pub fn total(&self) -> Bytes {
        self.kv + self.recurrent
    }
}

/// The cache of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LayerCache {
    /// Keys and values.
    pub kv: Bytes,
    /// Recurrent state.
    pub recurrent: Bytes,
}

/// Bytes that llama.cpp allocates for the cache of a model.
pub fn cache(architecture: &Architecture, settings: &CacheSettings) -> Cache {
    let widest = widest_value(architecture);
    let mut sum = Cache::default();
    for layer in &architecture.layers {
        let part = layer_cache(layer, settings, widest);
        sum.kv = plus(sum.kv, part.kv);
        sum.recurrent = plus(sum.recurrent, part.recurrent);
        if matches!(layer.mixer, Mixer::Sliding { .. }) {
            sum.sliding = plus(sum.sliding, part.kv);
        }
    }
    sum
}

/// Bytes of each layer's cache in order, for placing layers on devices.
pub fn layer_caches(architecture: &Architecture, settings: &CacheSettings) -> Vec<LayerCache> {
    let widest = widest_value(architecture);
    architecture
        .layers
        .iter()
        .map(|layer| layer_cache(layer, settings, widest))
        .collect()
}

/// Bytes of one layer's cache. `widest_value` is the model's widest row of values in
/// elements (see [`widest_value`]); it counts only without flash attention.
pub fn layer_cache(layer: &Layer, settings: &CacheSettings, widest_value: u64) -> LayerCache {
    let (row, cells) = match layer.mixer {
        Mixer::Full(heads) => (heads_row(heads, settings, widest_value), settings.cells()),
        Mixer::Sliding { heads, window } => (
            heads_row(heads, settings, widest_value),
            settings.sliding_cells(window),
        ),
        Mixer::Latent(latent) => (latent_row(latent, settings.key_type), settings.cells()),
        Mixer::Recurrent(recurrent) => {
            let sequences = u64::from(settings.sequences.max(1));
            let state = state_bytes(recurrent).saturating_mul(sequences);
            return LayerCache {
                kv: Bytes::ZERO,
                recurrent: Bytes(state),
            };
        }
        Mixer::Shared { .. } | Mixer::None => return LayerCache::default(),
    };
    let kv = row.saturating_mul(cells).saturating_mul(settings.streams());
    LayerCache {
        kv: Bytes(kv),
        recurrent: Bytes::ZERO,
    }
}

/// The widest row of values over all layers, in elements.
pub fn widest_value(architecture: &Architecture) -> u64 {
    let width = |layer: &Layer| match layer.mixer {
        Mixer::Full(heads) | Mixer::Sliding { heads, .. } | Mixer::Shared { heads, .. } => {
            u64::from(heads.kv) * u64::from(heads.value_dim)
        }
        Mixer::Latent(_) | Mixer::Recurrent(_) | Mixer::None => 0,
    };
    architecture.layers.iter().map(width).max().unwrap_or(0)
}

fn heads_row(heads: Heads, settings: &CacheSettings, widest_value: u64) -> u64 {
    let kv_heads = u64::from(heads.kv);
    let own = kv_heads * u64::from(heads.value_dim);
    let values = if settings.flash_attention {
        own
    } else {
        own.max(widest_value)
    };
    settings
        .key_type
        .row_bytes(kv_heads * u64::from(heads.key_dim))
        + settings.value_type.row_bytes(values)
}

/// Bytes of one token of latent attention.
pub(super) fn latent_row(latent: Latent, key_type: CacheType) -> u64 {
    key_type.row_bytes(u64::from(latent.kv_rank) + u64::from(latent.rope_dim))
}

/// F32 convolution inputs and state matrix of one layer and sequence.
pub(super) fn state_bytes(recurrent: Recurrent) -> u64 {
    let inner = u64::from(recurrent.inner);
    let state = u64::from(recurrent.state);
    let convolved = inner + 2 * u64::from(recurrent.groups) * state;
    4 * (u64::from(recurrent.conv.saturating_sub(1)) * convolved + state * inner)
}

pub(super) fn pad(tokens: u64) -> u64 {
    tokens.div_ceil(PADDING).saturating_mul(PADDING)
}

/// The sum, or the largest figure there is.
pub(super) fn plus(left: Bytes, right: Bytes) -> Bytes {
    Bytes(left.0.saturating_add(right.0))
}

#[cfg(test)]
mod tests;
