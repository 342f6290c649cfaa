//! IBM's Granite.

use super::spec::FamilySpec;

/// Granite 3.
pub(super) const GRANITE: FamilySpec = FamilySpec {
    name: "granite",
    ..FamilySpec::LLAMA
};

/// Granite 3 with experts.
pub(super) const GRANITEMOE: FamilySpec = FamilySpec {
    name: "granitemoe",
    ..FamilySpec::LLAMA
};

/// Granite 4: Mamba-2 and attention layers, each with a network.
pub(super) const GRANITEHYBRID: FamilySpec = FamilySpec {
    name: "granitehybrid",
    network_in_each_layer: true,
    ..FamilySpec::LLAMA
};
