//! dots.llm1.

use super::spec::{FamilySpec, Network};

/// dots.llm1.
pub(super) const DOTS1: FamilySpec = FamilySpec {
    name: "dots1",
    network: Network {
        selection_bias: |_| true,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::QUERY_KEY_NORM
};
