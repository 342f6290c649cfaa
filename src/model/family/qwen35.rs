//! Qwen3-Next, Qwen3.5 and after: gated delta net layers between gated attention.

use super::spec::{Attention, FamilySpec, Network};

/// Qwen3-Next and Qwen3-Coder-Next.
pub(super) const QWEN3NEXT: FamilySpec = FamilySpec {
    name: "qwen3next",
    norms: FamilySpec::NORM_AFTER_ATTENTION,
    attention: Attention {
        gate_in_query: true,
        ..FamilySpec::QUERY_KEY_NORM.attention
    },
    network: Network {
        shared_gate: true,
        ..FamilySpec::LLAMA.network
    },
    delta_gates_fused: true,
    ..FamilySpec::LLAMA
};

/// Qwen3.5 and after, dense.
pub(super) const QWEN35: FamilySpec = FamilySpec {
    name: "qwen35",
    norms: FamilySpec::NORM_AFTER_ATTENTION,
    attention: Attention {
        gate_in_query: true,
        ..FamilySpec::QUERY_KEY_NORM.attention
    },
    ..FamilySpec::LLAMA
};

/// Qwen3.5 and after, with experts.
pub(super) const QWEN35MOE: FamilySpec = FamilySpec {
    name: "qwen35moe",
    norms: FamilySpec::NORM_AFTER_ATTENTION,
    attention: Attention {
        gate_in_query: true,
        ..FamilySpec::QUERY_KEY_NORM.attention
    },
    network: Network {
        shared_gate: true,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};
