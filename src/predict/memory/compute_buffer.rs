//! llama.cpp's compute buffer: the activations of one micro-batch, as its allocator
//! lays them out.
//!
//! No constants are fitted: the graph of the model is built from its architecture and
//! laid out by the allocator's own rules, holes included. The figures that llama.cpp
//! v0.5.0 (2026-09) reported for `tests/data/llama_cpp_memory.csv` and `llama_cpp_split.csv`
//! come out to the byte but for a few rows.

use std::ops::Range;

use super::buffers::Buffers;
use super::kv_cache::CacheSettings;
use crate::model::Architecture;
use crate::units::Bytes;

/// For how many tokens of a micro-batch logits are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Outputs {
    /// For all of them: `llama-bench`, perplexity runs, llama.cpp's own fitting.
    All,
    /// For the last one: `llama-server` with one slot.
    #[default]
    One,
    /// For so many: `llama-server` with so many slots.
    Rows(u32),
}

impl Outputs {
    pub(super) fn rows(self) -> Option<u64> {
        match self {
            Self::All => None,
            Self::One => Some(1),
            Self::Rows(rows) => Some(u64::from(rows)),
        }
    }
}

/// The compute buffers of a model whose layers lie on devices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceBuffers {
    /// Of each device, in order.
    pub devices: Vec<Bytes>,
    /// Of the host: the graph's inputs and the looked-up embeddings.
    pub host: Bytes,
}

/// The compute buffer if everything is computed in one memory by one processor.
pub fn compute_buffer(
    architecture: &Architecture,
    settings: &CacheSettings,
    outputs: Outputs,
) -> Bytes {
    Buffers::of(architecture).compute_buffer(settings, outputs)
}

/// The compute buffers if devices hold all layers, each a range of them; the last one
/// that has any holds the head, the host the embedding table.
///
/// With several devices each keeps four copies of its inputs, as llama.cpp does when all
/// layers are on devices (`llama_context`, "pipeline parallelism"). Checked against
/// llama.cpp for one device; for several by its sources only.
pub fn device_buffers(
    architecture: &Architecture,
    settings: &CacheSettings,
    outputs: Outputs,
    parts: &[Range<usize>],
) -> DeviceBuffers {
    Buffers::of(architecture).device_buffers(settings, outputs, parts, true)
}

#[cfg(test)]
mod tests {
    use super::{Outputs, compute_buffer, device_buffers};
    use crate::model::{Architecture, ModelTable};
    use crate::predict::memory::CacheSettings;
    use crate::units::Bytes;

    const LLAMA_8B: &str = r#"
        name = "Llama 3.1 8B"
        family = "llama"
        layers = 32
        hidden = 4096
        vocab = 128256
        heads = 32
        kv_heads = 8
        head_dim = 128
        ffn = 14336
        max_context = 131072
    "#;

    fn llama() -> Option<Architecture> {
        toml::from_str::<ModelTable>(LLAMA_8B)
            .ok()?
            .architecture()
            .ok()
    }

    #[test]
    fn one_output_is_dominated_by_the_network() {
        // F32 for each of 512 tokens: the unused embedding input, the stream, and two holes of
        // 4,096; gate, up and product of 14,336; ids, positions and cache rows: 6 words.
        // The mask is F16 for 8,192 cells; one output id is padded to 32 bytes.
        let expected = 512 * 4 * (4 * 4096 + 3 * 14_336 + 6) + 512 * 2 * 8192 + 32;
        let buffer = llama()
            .map(|model| compute_buffer(&model, &CacheSettings::of_context(8192), Outputs::One));
        assert_eq!(buffer, Some(Bytes(expected)));
    }

    #[test]
    fn all_outputs_are_dominated_by_the_logits() {
        // The unused embedding input, ids, the last norm and the logits of 512 tokens.
        let expected = 512 * 4 * (4096 + 1 + 4096 + 128_256);
        let buffer = llama()
            .map(|model| compute_buffer(&model, &CacheSettings::of_context(8192), Outputs::All));
        assert_eq!(buffer, Some(Bytes(expected)));
    }

    #[test]
    fn the_last_device_has_the_head() {
        let settings = CacheSettings::of_context(8192);
        let Some(model) = llama() else { return };
        let buffers = device_buffers(&model, &settings, Outputs::All, &[0..16, 16..32, 32..32]);
        assert!(buffers.devices[1] > buffers.devices[0]);
        assert_eq!(buffers.devices[2], Bytes::ZERO);
        // Two devices keep four copies of the mask and of all other inputs.
        let whole = 0..model.layers.len();
        let single = device_buffers(&model, &settings, Outputs::All, &[whole]);
        assert!(buffers.host > single.host);
    }

    #[test]
    fn any_settings_give_a_figure() {
        let Some(model) = llama() else { return };
        for (context, sequences, ubatch) in [(0, 0, 0), (1, 300, 1), (u64::MAX, u32::MAX, u32::MAX)]
        {
            let settings = CacheSettings {
                sequences,
                ubatch,
                ..CacheSettings::of_context(context)
            };
            for flash_attention in [true, false] {
                let settings = CacheSettings {
                    flash_attention,
                    ..settings
                };
                assert!(compute_buffer(&model, &settings, Outputs::One) > Bytes::ZERO);
            }
        }
    }
}
