//! Arcee's models.

use super::spec::{Attention, FamilySpec, Gate, Network};
use crate::model::AttentionGate;

/// AFM 4.5B: two matrices.
pub(super) const ARCEE: FamilySpec = FamilySpec {
    name: "arcee",
    network: Network {
        gate: Gate::None,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};

/// Trinity: norms on both sides, a gate on the attention.
pub(super) const AFMOE: FamilySpec = FamilySpec {
    name: "afmoe",
    norms: FamilySpec::FOUR_NORMS,
    attention: Attention {
        gate: Some(AttentionGate::PerElement),
        ..FamilySpec::QUERY_KEY_NORM.attention
    },
    network: Network {
        selection_bias: |_| true,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};
