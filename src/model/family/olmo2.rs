//! Ai2's models.

use super::spec::{Attention, FamilySpec, Norms, QueryKeyNorm};

/// `OLMo` 2 and 3: norms after the parts only.
pub(super) const OLMO2: FamilySpec = FamilySpec {
    name: "olmo2",
    norms: Norms {
        attention: false,
        after_attention: true,
        network: false,
        after_network: true,
        bias: false,
    },
    attention: Attention {
        query_key_norm: QueryKeyNorm::AllHeads,
        ..FamilySpec::LLAMA.attention
    },
    ..FamilySpec::LLAMA
};

/// `OLMoE`.
pub(super) const OLMOE: FamilySpec = FamilySpec {
    name: "olmoe",
    attention: Attention {
        query_key_norm: QueryKeyNorm::AllHeads,
        ..FamilySpec::LLAMA.attention
    },
    ..FamilySpec::LLAMA
};
