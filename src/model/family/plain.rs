//! Families that differ from Llama in arithmetic only, not in tensors.

use super::spec::FamilySpec;

/// `SmolLM` 3.
pub(super) const SMOLLM3: FamilySpec = FamilySpec {
    name: "smollm3",
    ..FamilySpec::LLAMA
};

/// `InternLM` 2 and 3.
pub(super) const INTERNLM2: FamilySpec = FamilySpec {
    name: "internlm2",
    ..FamilySpec::LLAMA
};

/// Baichuan 1 and 2.
pub(super) const BAICHUAN: FamilySpec = FamilySpec {
    name: "baichuan",
    ..FamilySpec::LLAMA
};

/// XVERSE.
pub(super) const XVERSE: FamilySpec = FamilySpec {
    name: "xverse",
    ..FamilySpec::LLAMA
};

/// `MiniCPM` 1 and 2.
pub(super) const MINICPM: FamilySpec = FamilySpec {
    name: "minicpm",
    ..FamilySpec::LLAMA
};

/// `SmallThinker`.
pub(super) const SMALLTHINKER: FamilySpec = FamilySpec {
    name: "smallthinker",
    ..FamilySpec::LLAMA
};

/// Nanbeige 4.
pub(super) const NANBEIGE: FamilySpec = FamilySpec {
    name: "nanbeige",
    ..FamilySpec::LLAMA
};
