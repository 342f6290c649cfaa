//! Seed-OSS.

use super::spec::{Attention, FamilySpec};

/// Seed-OSS 36B.
pub(super) const SEED_OSS: FamilySpec = FamilySpec {
    name: "seed_oss",
    norms: FamilySpec::NORM_AFTER_ATTENTION,
    attention: Attention {
        bias: true,
        ..FamilySpec::LLAMA.attention
    },
    ..FamilySpec::LLAMA
};
