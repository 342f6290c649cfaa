//! The tensors that an architecture implies: name, shape and role of each, in
//! the file's order (outside the layers first, then layer by layer).
//!
//! Names and shapes follow llama.cpp's loader (src/models/*.cpp and
//! `LLM_TENSOR_NAMES` in src/llama-arch.cpp, read at 0.6.0, 2026-11).

mod attention;
mod layer;
mod list;
mod network;
mod recurrent;
mod tensor;

pub use list::List;
pub use tensor::{Part, Role, Tensor};

use super::architecture::{Architecture, FeedForward, Layer, Mixer};
use super::family::Rotary;

/// Most multi-token-prediction blocks that are listed; far above any real model.
const MOST_PREDICTION_BLOCKS: u32 = 1_024;

/// All tensors of the architecture, multi-token-prediction blocks included.
pub fn tensors(architecture: &Architecture) -> Vec<Tensor> {
    let mut list = List::new();
    outside_layers(&mut list, architecture);
    for (index, layer) in architecture.layers.iter().enumerate() {
        list.enter(index as u32, false);
        layer::add(&mut list, architecture, layer);
    }
    let first = architecture.layers.len() as u32;
    for index in 0..architecture.mtp_layers.min(MOST_PREDICTION_BLOCKS) {
        list.enter(first.saturating_add(index), true);
        layer::add(&mut list, architecture, &prediction_layer(architecture));
        layer::add_prediction(&mut list, architecture);
    }
    list.into_tensors()
}

fn outside_layers(list: &mut List, architecture: &Architecture) {
    let spec = architecture.family.spec();
    let hidden = u64::from(architecture.hidden);
    let vocab = u64::from(architecture.vocab);
    list.matrix(Role::TokenEmbedding, "token_embd", hidden, vocab);
    list.vector(spec.last_norm, hidden);
    if spec.norms.bias {
        list.bias(spec.last_norm, hidden);
    }
    if !architecture.tied_embeddings {
        list.matrix(Role::Output, "output", hidden, vocab);
    }
    if spec.head_bias {
        list.bias("output", vocab);
    }
    rotary(list, architecture);
    if let Some(table) = architecture.extras.per_layer_embedding {
        let width = u64::from(table.width);
        let row = width.saturating_mul(architecture.layers.len() as u64);
        list.matrix(
            Role::PerLayerEmbedding,
            "per_layer_token_embd",
            row,
            u64::from(table.vocab),
        );
        list.matrix(Role::Unquantised, "per_layer_model_proj", hidden, row);
        list.vector("per_layer_proj_norm", width);
    }
    (spec.more)(list, architecture);
}

fn rotary(list: &mut List, architecture: &Architecture) {
    let spec = architecture.family.spec();
    let Some(dim) = architecture
        .layers
        .iter()
        .find_map(|layer| match layer.mixer {
            Mixer::Full(heads) | Mixer::Sliding { heads, .. } => Some(heads.key_dim),
            _ => None,
        })
    else {
        return;
    };
    let half = u64::from(dim / 2);
    let stretched = architecture.max_context > 8_192;
    let habit = match spec.rotary {
        Rotary::None => false,
        Rotary::Factors => true,
        Rotary::StretchedLlama3 => stretched && architecture.vocab == 128_256,
        Rotary::LongAndShort => architecture.max_context > 16_384,
    };
    if !architecture.extras.rotary_factors.unwrap_or(habit) {
        return;
    }
    if spec.rotary == Rotary::LongAndShort {
        list.vector("rope_factors_long", half);
        list.vector("rope_factors_short", half);
    } else {
        list.vector("rope_freqs", half);
    }
}

/// The layer inside a multi-token-prediction block: the model's last attention
/// with its last feed-forward part.
pub(super) fn prediction_layer(architecture: &Architecture) -> Layer {
    let reversed = || architecture.layers.iter().rev();
    Layer {
        mixer: reversed()
            .map(|layer| layer.mixer)
            .find(|mixer| !matches!(mixer, Mixer::None | Mixer::Recurrent(_)))
            .unwrap_or(Mixer::None),
        feed_forward: reversed()
            .map(|layer| layer.feed_forward)
            .find(|part| !matches!(part, FeedForward::None))
            .unwrap_or(FeedForward::None),
    }
}

#[cfg(test)]
mod tests {
    use super::tensors;
    use crate::model::{ModelTable, MtpTable};

    #[test]
    fn prediction_blocks_follow_the_layers() {
        let table = ModelTable {
            family: "qwen3".to_owned(),
            layers: 2,
            hidden: 256,
            vocab: 1000,
            heads: Some(2),
            kv_heads: Some(2),
            ffn: Some(512),
            max_context: 4096,
            mtp: Some(MtpTable {
                layers: 1,
                own_vocabulary: false,
            }),
            ..ModelTable::default()
        };
        let list = tensors(&table.architecture().expect("architecture"));
        let names: Vec<String> = list
            .iter()
            .filter(|tensor| tensor.mtp)
            .map(super::Tensor::name)
            .collect();
        assert!(names.iter().all(|name| name.starts_with("blk.2.")));
        assert!(names.contains(&"blk.2.nextn.eh_proj.weight".to_owned()));
        assert!(names.contains(&"blk.2.attn_q_norm.weight".to_owned()));
        assert_eq!(list.iter().filter(|tensor| !tensor.mtp).count(), 3 + 2 * 11);
    }
}
