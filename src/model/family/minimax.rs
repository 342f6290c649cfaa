//! `MiniMax` M2 and M3.

use super::spec::{Attention, FamilySpec, Network, QueryKeyNorm};
use crate::model::FeedForward;
use crate::model::tensors::Role;

/// `MiniMax` M2 to M2.7: one normalisation over all heads together.
pub(super) const MINIMAX_M2: FamilySpec = FamilySpec {
    name: "minimax-m2",
    attention: Attention {
        query_key_norm: QueryKeyNorm::AllHeads,
        ..FamilySpec::LLAMA.attention
    },
    network: Network {
        selection_bias: |_| true,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};

/// `MiniMax` M3: a shared expert, dense first layers, and beside the experts a small
/// indexer that quantisers leave alone.
pub(super) const MINIMAX_M3: FamilySpec = FamilySpec {
    name: "minimax-m3",
    network: Network {
        selection_bias: |_| true,
        ..FamilySpec::LLAMA.network
    },
    more_in_layer: |list, architecture, layer| {
        let (Some(indexer), FeedForward::Experts(_)) =
            (architecture.extras.indexer, layer.feed_forward)
        else {
            return;
        };
        let hidden = u64::from(architecture.hidden);
        let dim = u64::from(indexer.head_dim);
        let heads = u64::from(indexer.heads);
        list.matrix(Role::Unquantised, "indexer.q_proj", hidden, heads * dim);
        list.matrix(Role::Unquantised, "indexer.k_proj", hidden, dim);
        list.vector("indexer.q_norm", dim);
        list.vector("indexer.k_norm", dim);
    },
    ..FamilySpec::QUERY_KEY_NORM
};
