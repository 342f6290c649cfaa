//! Llama 3 models pruned layer by layer (NVIDIA's NAS).

use super::spec::{FamilySpec, Rotary};

/// Nemotron Super and Ultra: layers of unequal width, some without attention or network.
pub(super) const DECI: FamilySpec = FamilySpec {
    name: "deci",
    rotary: Rotary::StretchedLlama3,
    large_at_layers: Some(80),
    ..FamilySpec::LLAMA
};
