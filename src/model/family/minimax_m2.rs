//! MiniMax M2.

use super::spec::{Attention, FamilySpec, Network, QueryKeyNorm};

/// MiniMax M2 to M2.7: one normalisation over all heads together.
pub(super) const MINIMAX_M2: FamilySpec = FamilySpec {
    name: "minimax-m2",
    attention: Attention { query_key_norm: QueryKeyNorm::AllHeads, ..FamilySpec::LLAMA.attention },
    network: Network { selection_bias: |_| true, ..FamilySpec::LLAMA.network },
    ..FamilySpec::LLAMA
};
