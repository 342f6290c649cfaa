//! ERNIE 4.5.

use super::spec::{FamilySpec, Network};

/// ERNIE 4.5, dense.
pub(super) const ERNIE4_5: FamilySpec = FamilySpec {
    name: "ernie4_5",
    ..FamilySpec::LLAMA
};

/// ERNIE 4.5 with experts.
pub(super) const ERNIE4_5_MOE: FamilySpec = FamilySpec {
    name: "ernie4_5-moe",
    network: Network {
        selection_bias: |_| true,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};
