//! Qwen2 and Qwen2.5.

use super::spec::{Attention, FamilySpec, Network};

/// Qwen2 and Qwen2.5: biases on query, key and value.
pub(super) const QWEN2: FamilySpec = FamilySpec {
    name: "qwen2",
    attention: Attention {
        bias: true,
        ..FamilySpec::LLAMA.attention
    },
    large_at_layers: Some(80),
    ..FamilySpec::LLAMA
};

/// The text part of Qwen2-VL and Qwen2.5-VL.
pub(super) const QWEN2VL: FamilySpec = FamilySpec {
    name: "qwen2vl",
    attention: Attention {
        bias: true,
        ..FamilySpec::LLAMA.attention
    },
    ..FamilySpec::LLAMA
};

/// Qwen1.5-MoE and Qwen2-57B-A14B: gated shared experts.
pub(super) const QWEN2MOE: FamilySpec = FamilySpec {
    name: "qwen2moe",
    attention: Attention {
        bias: true,
        ..FamilySpec::LLAMA.attention
    },
    network: Network {
        shared_gate: true,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};
