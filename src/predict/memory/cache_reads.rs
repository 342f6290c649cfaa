//! What decoding reads of the cache, and computes over it, at a depth. This is about
//! tokens really there: no padding, whichever the engine, but for the masked ones that some
//! kernels read.

use super::cache_type::CacheType;
use super::kv_cache::{latent_row, pad, plus, state_bytes};
use super::sharing::cache_parts;
use crate::model::{Architecture, Layer, Mixer};
use crate::units::{Bytes, Flops};

/// How far the attention of a token looks back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lookback {
    /// Tokens in the cache.
    pub depth: u64,
    /// Tokens of a micro-batch, whose cells the ring of a layer with a window has beside it,
    /// where masked cells are read too; 0 where only the window is.
    pub ring_batch: u64,
}

impl Lookback {
    /// Over all that counts at a depth, and nothing else.
    pub fn exact(depth: u64) -> Self {
        Self {
            depth,
            ring_batch: 0,
        }
    }

    /// Cells that are read of a ring around a window: up to the last one in use. That lies
    /// anywhere, and where the window wraps around the end it is the last of all.
    fn ring_cells(self, window: u64) -> u64 {
        if self.ring_batch == 0 {
            return window;
        }
        let ring = pad(window.saturating_add(self.ring_batch));
        let (wide, narrow) = (ring as f64, window as f64);
        window + ((wide * wide - narrow * narrow) / (2.0 * wide)) as u64
    }

    /// Cells that a layer reads.
    fn cells(self, layer: &Layer) -> u64 {
        match layer.mixer {
            Mixer::Sliding { window, .. }
            | Mixer::Shared {
                window: Some(window),
                ..
            } => self.depth.min(self.ring_cells(u64::from(window))),
            _ => self.depth,
        }
    }
}

/// Recurrent state of one sequence over all layers. A decoded token reads and writes
/// all of it.
pub fn recurrent_state(architecture: &Architecture) -> Bytes {
    let states = architecture.layers.iter().map(|layer| match layer.mixer {
        Mixer::Recurrent(recurrent) => Bytes(state_bytes(recurrent)),
        _ => Bytes::ZERO,
    });
    states.fold(Bytes::ZERO, plus)
}

/// Bytes of the cache that each of so many devices of a tensor split reads to decode one
/// token of one sequence at a depth, without padding; all of them on one device. With fewer
/// KV heads than devices, several read the same head; a latent cache is whole on each. A
/// layer that shares another's cache reads it as well; recurrent states are in
/// [`recurrent_state`].
pub fn read_at_depth(
    architecture: &Architecture,
    devices: u32,
    look: Lookback,
    key_type: CacheType,
    value_type: CacheType,
) -> Bytes {
    let read = architecture.layers.iter().map(|layer| {
        let row = match layer.mixer {
            Mixer::Full(heads) | Mixer::Sliding { heads, .. } | Mixer::Shared { heads, .. } => {
                let heads_kv = u64::from(heads.kv);
                key_type.row_bytes(heads_kv * u64::from(heads.key_dim))
                    + value_type.row_bytes(heads_kv * u64::from(heads.value_dim))
            }
            Mixer::Latent(latent) => latent_row(latent, key_type),
            Mixer::Recurrent(_) | Mixer::None => 0,
        };
        let whole = row.saturating_mul(look.cells(layer));
        Bytes(whole.div_ceil(u64::from(cache_parts(layer, devices))))
    });
    read.fold(Bytes::ZERO, plus)
}

/// Operations of attention for one token at a depth:
/// `2 x heads x (key_dim + value_dim) x depth` a layer, windows capping the depth. Latent
/// attention works on the latent itself: `2 x heads x (2 x kv_rank + rope_dim) x depth`.
pub fn attention_flops(architecture: &Architecture, look: Lookback) -> Flops {
    let work = architecture.layers.iter().map(|layer| {
        let elements = match layer.mixer {
            Mixer::Full(heads) | Mixer::Sliding { heads, .. } | Mixer::Shared { heads, .. } => {
                f64::from(heads.query) * (f64::from(heads.key_dim) + f64::from(heads.value_dim))
            }
            Mixer::Latent(latent) => {
                f64::from(latent.heads)
                    * (2.0 * f64::from(latent.kv_rank) + f64::from(latent.rope_dim))
            }
            Mixer::Recurrent(_) | Mixer::None => 0.0,
        };
        Flops(2.0 * elements * look.cells(layer) as f64)
    });
    work.sum()
}

#[cfg(test)]
mod tests {
    use super::{Lookback, attention_flops, read_at_depth, recurrent_state};
    use crate::model::{Architecture, ModelTable};
    use crate::predict::memory::CacheType;
    use crate::units::Bytes;

    /// Four layers of which the last sees everything, the others 1,000 tokens.
    const SLIDING: &str = r#"
        name = "Sliding"
        family = "gemma3"
        layers = 4
        hidden = 4096
        vocab = 32000
        heads = 32
        kv_heads = 8
        head_dim = 128
        ffn = 14336
        max_context = 8192
        [sliding]
        window = 1000
        full_every = 4
    "#;

    fn model() -> Option<Architecture> {
        toml::from_str::<ModelTable>(SLIDING)
            .ok()?
            .architecture()
            .ok()
    }

    #[test]
    fn a_window_caps_what_decode_reads_and_computes() {
        let Some(model) = model() else { return };
        let tokens = 3 * 1000 + 5000;
        // Keys and values of 8 x 128 F16 elements: 4,096 bytes.
        let look = Lookback::exact(5000);
        let read = |devices| read_at_depth(&model, devices, look, CacheType::F16, CacheType::F16);
        assert_eq!(read(1), Bytes(4096 * tokens));
        // 8 KV heads: 4 devices read two each, 16 devices one each.
        assert_eq!(read(4), Bytes(1024 * tokens));
        assert_eq!(read(16), Bytes(512 * tokens));
        // 2 x 32 heads x (128 + 128) operations a token.
        assert!((attention_flops(&model, look).0 - 16_384.0 * tokens as f64).abs() < 1e-6);
        assert_eq!(recurrent_state(&model), Bytes::ZERO);
    }

    #[test]
    fn masked_cells_are_read_as_far_as_there_are_any() {
        let Some(model) = model() else { return };
        let read = |depth, ring_batch| {
            let look = Lookback { depth, ring_batch };
            read_at_depth(&model, 1, look, CacheType::F16, CacheType::F16)
        };
        // A ring of 1,536 cells: 1,000 + (1,536^2 - 1,000^2) / (2 x 1,536) = 1,442.
        assert_eq!(read(5000, 512), Bytes(4096 * (3 * 1442 + 5000)));
        assert_eq!(read(1100, 512), Bytes(4096 * 4 * 1100));
    }

    #[test]
    fn nothing_overflows() {
        let Some(model) = model() else { return };
        let look = Lookback::exact(u64::MAX);
        let read = read_at_depth(&model, 1, look, CacheType::F32, CacheType::F32);
        assert_eq!(read, Bytes(u64::MAX));
    }
}
