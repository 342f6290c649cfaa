//! Llama 4.

use super::spec::{FamilySpec, Rotary};

/// Llama 4: one shared expert, chunked attention.
pub(super) const LLAMA4: FamilySpec = FamilySpec {
    name: "llama4",
    rotary: Rotary::Factors,
    ..FamilySpec::LLAMA
};
