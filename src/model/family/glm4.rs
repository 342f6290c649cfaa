//! GLM-4 and GLM-4.5 to 4.7. (GLM-4.7-Flash is `deepseek2`.)

use super::spec::{Attention, FamilySpec, Gate, Network};

/// GLM-4-9B of 2024.
pub(super) const CHATGLM: FamilySpec = FamilySpec {
    name: "chatglm",
    attention: Attention {
        fused: true,
        bias: true,
        ..FamilySpec::LLAMA.attention
    },
    network: Network {
        gate: Gate::WithUp,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};

/// GLM-4-0414, dense.
pub(super) const GLM4: FamilySpec = FamilySpec {
    name: "glm4",
    norms: FamilySpec::FOUR_NORMS,
    network: Network {
        gate: Gate::WithUp,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};

/// GLM-4.5, 4.6 and 4.7 with experts. The large ones normalise queries and keys (`qk_norm`), Air does not.
pub(super) const GLM4MOE: FamilySpec = FamilySpec {
    name: "glm4moe",
    norms: FamilySpec::NORM_AFTER_ATTENTION,
    attention: Attention {
        bias: true,
        ..FamilySpec::LLAMA.attention
    },
    network: Network {
        selection_bias: |_| true,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};
