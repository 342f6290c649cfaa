//! EXAONE.

use super::spec::{FamilySpec, Network, Norms, Rotary};

/// EXAONE 3 and 3.5.
pub(super) const EXAONE: FamilySpec = FamilySpec {
    name: "exaone",
    rotary: Rotary::Factors,
    ..FamilySpec::LLAMA
};

/// EXAONE 4: norms after the parts only.
pub(super) const EXAONE4: FamilySpec = FamilySpec {
    name: "exaone4",
    norms: Norms {
        attention: false,
        after_attention: true,
        network: false,
        after_network: true,
        bias: false,
    },
    rotary: Rotary::Factors,
    ..FamilySpec::QUERY_KEY_NORM
};

/// K-EXAONE.
pub(super) const EXAONE_MOE: FamilySpec = FamilySpec {
    name: "exaone-moe",
    network: Network {
        selection_bias: |_| true,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::QUERY_KEY_NORM
};
