//! Microsoft's Phi.

use super::spec::{Attention, FamilySpec, Gate, Network, Norms, Rotary};

/// Phi 1.5 and 2: biases everywhere, one norm.
pub(super) const PHI2: FamilySpec = FamilySpec {
    name: "phi2",
    norms: Norms {
        network: false,
        ..FamilySpec::LAYER_NORMS
    },
    attention: Attention {
        bias: true,
        output_bias: true,
        ..FamilySpec::LLAMA.attention
    },
    network: Network {
        gate: Gate::None,
        bias: true,
        ..FamilySpec::LLAMA.network
    },
    head_bias: true,
    ..FamilySpec::LLAMA
};

/// Phi 3, 3.5 and 4: fused projections.
pub(super) const PHI3: FamilySpec = FamilySpec {
    name: "phi3",
    attention: Attention {
        fused: true,
        ..FamilySpec::LLAMA.attention
    },
    network: Network {
        gate: Gate::WithUp,
        ..FamilySpec::LLAMA.network
    },
    rotary: Rotary::LongAndShort,
    ..FamilySpec::LLAMA
};

/// Phi 3.5 with experts.
pub(super) const PHIMOE: FamilySpec = FamilySpec {
    name: "phimoe",
    norms: FamilySpec::LAYER_NORMS,
    attention: Attention {
        bias: true,
        output_bias: true,
        ..FamilySpec::LLAMA.attention
    },
    head_bias: true,
    rotary: Rotary::LongAndShort,
    ..FamilySpec::LLAMA
};
