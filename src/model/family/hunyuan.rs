//! Tencent's Hunyuan.

use super::spec::{FamilySpec, Network};

/// Hunyuan A13B.
pub(super) const HUNYUAN_MOE: FamilySpec = FamilySpec {
    name: "hunyuan-moe",
    ..FamilySpec::QUERY_KEY_NORM
};

/// Hunyuan, dense.
pub(super) const HUNYUAN_DENSE: FamilySpec = FamilySpec {
    name: "hunyuan-dense",
    ..FamilySpec::QUERY_KEY_NORM
};

/// Hunyuan 3.
pub(super) const HY_V3: FamilySpec = FamilySpec {
    name: "hy_v3",
    network: Network {
        selection_bias: |_| true,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::QUERY_KEY_NORM
};
