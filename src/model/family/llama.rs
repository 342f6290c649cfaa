//! Llama 1 to 3 and everything published in its layout.

use super::spec::{FamilySpec, Rotary};

/// Llama 1 to 3, Mistral and Mixtral, `TinyLlama`, and what was made of them.
pub(super) const LLAMA: FamilySpec = FamilySpec {
    rotary: Rotary::StretchedLlama3,
    large_at_layers: Some(80),
    ..FamilySpec::LLAMA
};
