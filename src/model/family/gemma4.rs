//! Gemma 4: sliding and full layers of different head sizes, in the full layers
//! one projection for keys and values; E2B and E4B with a per-layer embedding,
//! 26B-A4B with experts beside a dense network.

use super::spec::{Attention, FamilySpec};
use crate::model::tensors::{List, Part};
use crate::model::{Architecture, FeedForward, Layer, Mixer};

/// Gemma 4, the text part.
pub(super) const GEMMA4: FamilySpec = FamilySpec {
    name: "gemma4",
    norms: FamilySpec::FOUR_NORMS,
    attention: Attention {
        unused_kv: true,
        ..FamilySpec::QUERY_KEY_NORM.attention
    },
    more_in_layer,
    more: |list, architecture| {
        // Rotary factors for the full-attention layers, half a head long.
        let full = architecture
            .layers
            .iter()
            .find_map(|layer| match layer.mixer {
                Mixer::Full(heads) => Some(heads),
                _ => None,
            });
        if let Some(heads) = full {
            list.vector("rope_freqs", u64::from(heads.key_dim / 2));
        }
    },
    ..FamilySpec::QUERY_KEY_NORM
};

fn more_in_layer(list: &mut List, architecture: &Architecture, layer: &Layer) {
    list.vector("layer_output_scale", 1);
    if let FeedForward::Experts(experts) = layer.feed_forward {
        let hidden = u64::from(architecture.hidden);
        list.small("ffn_gate_inp", Part::Scale, hidden, 1);
        list.small("ffn_down_exps", Part::Scale, u64::from(experts.total), 1);
        list.vector("pre_ffw_norm_2", hidden);
        list.vector("post_ffw_norm_1", hidden);
        list.vector("post_ffw_norm_2", hidden);
    }
}
