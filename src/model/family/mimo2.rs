//! `MiMo` V2.

use super::spec::{FamilySpec, Network};
use crate::model::Mixer;

/// `MiMo` V2 Flash: sink logits in the sliding-window layers.
pub(super) const MIMO2: FamilySpec = FamilySpec {
    name: "mimo2",
    network: Network {
        selection_bias: |_| true,
        ..FamilySpec::LLAMA.network
    },
    more_in_layer: |list, _, layer| {
        if let Mixer::Sliding { heads, .. } = layer.mixer {
            list.vector("attn_sinks", u64::from(heads.query));
        }
    },
    ..FamilySpec::LLAMA
};
