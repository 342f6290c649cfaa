//! Apertus.

use super::spec::{FamilySpec, Gate, Network, Rotary};

/// Apertus: two matrices.
pub(super) const APERTUS: FamilySpec = FamilySpec {
    name: "apertus",
    network: Network {
        gate: Gate::None,
        ..FamilySpec::LLAMA.network
    },
    rotary: Rotary::Factors,
    ..FamilySpec::QUERY_KEY_NORM
};
