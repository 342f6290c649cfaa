//! Multi-head latent attention with experts.

use super::spec::{FamilySpec, Network};

/// `DeepSeek` `MoE` 16B of 2024, before latent attention.
pub(super) const DEEPSEEK: FamilySpec = FamilySpec {
    name: "deepseek",
    ..FamilySpec::LLAMA
};

/// `DeepSeek` V2, V3 and R1, Kimi K2, GLM-4.7-Flash, Mistral Large 3. V2 (which uses six experts) has no selection bias, V3 and all after it have.
pub(super) const DEEPSEEK2: FamilySpec = FamilySpec {
    name: "deepseek2",
    network: Network {
        selection_bias: |experts| experts.used != 6,
        ..FamilySpec::LLAMA.network
    },
    ..FamilySpec::LLAMA
};

/// `DeepSeek` V3.2: with an indexer for sparse attention.
pub(super) const DEEPSEEK32: FamilySpec = FamilySpec {
    name: "deepseek32",
    ..DEEPSEEK2
};

/// GLM-5: the same under another name.
pub(super) const GLM_DSA: FamilySpec = FamilySpec {
    name: "glm-dsa",
    ..DEEPSEEK2
};

/// Mistral Small 4.
pub(super) const MISTRAL4: FamilySpec = FamilySpec {
    name: "mistral4",
    ..DEEPSEEK2
};
