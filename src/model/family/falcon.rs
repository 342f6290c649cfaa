//! Falcon of 2023.

use super::spec::{Attention, FamilySpec, Gate, Network, Norms};
use crate::model::Mixer;

/// Falcon 7B, 40B and 180B; those with more than one KV head have a second norm.
pub(super) const FALCON: FamilySpec = FamilySpec {
    name: "falcon",
    norms: Norms {
        network: false,
        ..FamilySpec::LAYER_NORMS
    },
    attention: Attention {
        fused: true,
        ..FamilySpec::LLAMA.attention
    },
    network: Network {
        gate: Gate::None,
        ..FamilySpec::LLAMA.network
    },
    more_in_layer: |list, architecture, layer| {
        if matches!(layer.mixer, Mixer::Full(heads) if heads.kv > 1) {
            list.vector("attn_norm_2", u64::from(architecture.hidden));
            list.bias("attn_norm_2", u64::from(architecture.hidden));
        }
    },
    ..FamilySpec::LLAMA
};
