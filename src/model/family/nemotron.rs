//! NVIDIA's own models.

use super::spec::{FamilySpec, Gate, Network, Norms};

/// Nemotron-4 and Minitron: two matrices, `LayerNorm`.
pub(super) const NEMOTRON: FamilySpec = FamilySpec {
    name: "nemotron",
    norms: FamilySpec::LAYER_NORMS,
    network: Network {
        gate: Gate::None,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};

/// Nemotron-H and Nemotron Nano 2: each layer is Mamba-2, attention or a network.
pub(super) const NEMOTRON_H: FamilySpec = FamilySpec {
    name: "nemotron_h",
    norms: Norms {
        network: false,
        ..FamilySpec::LLAMA.norms
    },
    network: Network {
        gate: Gate::None,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};

/// Nemotron 3: the same with experts.
pub(super) const NEMOTRON_H_MOE: FamilySpec = FamilySpec {
    name: "nemotron_h_moe",
    norms: Norms {
        network: false,
        ..FamilySpec::LLAMA.norms
    },
    network: Network {
        gate: Gate::None,
        selection_bias: |_| true,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};
