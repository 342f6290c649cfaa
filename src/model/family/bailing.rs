//! Ling and Ring.

use super::spec::{Attention, FamilySpec, Network};

/// Ling of 2025-03.
pub(super) const BAILINGMOE: FamilySpec = FamilySpec {
    name: "bailingmoe",
    ..FamilySpec::LLAMA
};

/// Ling 2 and Ring 2.
pub(super) const BAILINGMOE2: FamilySpec = FamilySpec {
    name: "bailingmoe2",
    attention: Attention {
        fused: true,
        ..FamilySpec::QUERY_KEY_NORM.attention
    },
    network: Network {
        selection_bias: |_| true,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};
