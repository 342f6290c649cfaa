//! Gemma 1 to 3: the head is the embedding; norms on both sides from Gemma 2 on.

use super::spec::FamilySpec;

/// Gemma 1.
pub(super) const GEMMA: FamilySpec = FamilySpec {
    name: "gemma",
    ..FamilySpec::LLAMA
};

/// Gemma 2.
pub(super) const GEMMA2: FamilySpec = FamilySpec {
    name: "gemma2",
    norms: FamilySpec::FOUR_NORMS,
    ..FamilySpec::LLAMA
};

/// Gemma 3, the text part.
pub(super) const GEMMA3: FamilySpec = FamilySpec {
    name: "gemma3",
    norms: FamilySpec::FOUR_NORMS,
    ..FamilySpec::QUERY_KEY_NORM
};
