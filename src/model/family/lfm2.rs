//! Liquid's LFM2: short convolutions between attention layers.

use super::spec::{FamilySpec, Network};

/// LFM2, dense.
pub(super) const LFM2: FamilySpec = FamilySpec {
    name: "lfm2",
    last_norm: "token_embd_norm",
    ..FamilySpec::QUERY_KEY_NORM
};

/// LFM2 with experts.
pub(super) const LFM2MOE: FamilySpec = FamilySpec {
    name: "lfm2moe",
    last_norm: "token_embd_norm",
    network: Network {
        selection_bias: |_| true,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::QUERY_KEY_NORM
};
