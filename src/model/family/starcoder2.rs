//! Families with `LayerNorm`.

use super::spec::{Attention, FamilySpec, Gate, Network};

/// `StarCoder2`.
pub(super) const STARCODER2: FamilySpec = FamilySpec {
    name: "starcoder2",
    norms: FamilySpec::LAYER_NORMS,
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
    ..FamilySpec::LLAMA
};

/// `StableLM` 2.
pub(super) const STABLELM: FamilySpec = FamilySpec {
    name: "stablelm",
    norms: FamilySpec::LAYER_NORMS,
    ..FamilySpec::LLAMA
};

/// Orion.
pub(super) const ORION: FamilySpec = FamilySpec {
    name: "orion",
    norms: FamilySpec::LAYER_NORMS,
    ..FamilySpec::LLAMA
};
