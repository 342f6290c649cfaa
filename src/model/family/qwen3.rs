//! Qwen3: normalised queries and keys.

use super::spec::FamilySpec;

/// Qwen3, dense.
pub(super) const QWEN3: FamilySpec = FamilySpec {
    name: "qwen3",
    ..FamilySpec::QUERY_KEY_NORM
};

/// The text part of Qwen3-VL.
pub(super) const QWEN3VL: FamilySpec = FamilySpec {
    name: "qwen3vl",
    ..FamilySpec::QUERY_KEY_NORM
};

/// Qwen3 with experts: 30B-A3B, 235B-A22B, Coder.
pub(super) const QWEN3MOE: FamilySpec = FamilySpec {
    name: "qwen3moe",
    ..FamilySpec::QUERY_KEY_NORM
};

/// The text part of Qwen3-VL with experts.
pub(super) const QWEN3VLMOE: FamilySpec = FamilySpec {
    name: "qwen3vlmoe",
    ..FamilySpec::QUERY_KEY_NORM
};
