//! Sliding-window models with a gate on each attention head.

use super::spec::{Attention, FamilySpec, Network};
use crate::model::AttentionGate;

/// Laguna: query heads differ between sliding and full layers.
pub(super) const LAGUNA: FamilySpec = FamilySpec {
    name: "laguna",
    attention: Attention { gate: Some(AttentionGate::PerHead), ..FamilySpec::QUERY_KEY_NORM.attention },
    network: Network { selection_bias: |_| true, ..FamilySpec::LLAMA.network },
    ..FamilySpec::LLAMA
};

/// Step 3.5 Flash.
pub(super) const STEP35: FamilySpec = FamilySpec {
    name: "step35",
    attention: Attention { gate: Some(AttentionGate::PerHead), ..FamilySpec::QUERY_KEY_NORM.attention },
    network: Network { selection_bias: |_| true, ..FamilySpec::LLAMA.network },
    ..FamilySpec::LLAMA
};
