//! Sliding-window models with a gate on the attention.

use super::spec::{Attention, FamilySpec, Network};
use crate::model::AttentionGate;

/// Laguna: query heads differ between sliding and full layers.
pub(super) const LAGUNA: FamilySpec = FamilySpec {
    name: "laguna",
    attention: Attention {
        gate: Some(AttentionGate::PerHead),
        ..FamilySpec::QUERY_KEY_NORM.attention
    },
    network: Network {
        selection_bias: |_| true,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};

/// Step 3.5 Flash: like Laguna.
pub(super) const STEP35: FamilySpec = FamilySpec {
    name: "step35",
    ..LAGUNA
};

/// Muse Glimmer: norms on both sides.
pub(super) const MUSE_GLIMMER: FamilySpec = FamilySpec {
    name: "muse-glimmer",
    norms: FamilySpec::FOUR_NORMS,
    attention: Attention {
        gate: Some(AttentionGate::PerElement),
        ..FamilySpec::QUERY_KEY_NORM.attention
    },
    ..FamilySpec::LLAMA
};
