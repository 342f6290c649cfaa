//! Cohere's models: attention and network in parallel behind one norm.

use super::spec::{FamilySpec, Norms};
use crate::model::Mixer;

/// Command R; from 64 layers on (R+) queries and keys are normalised head by head.
pub(super) const COMMAND_R: FamilySpec = FamilySpec {
    name: "command-r",
    norms: Norms {
        network: false,
        ..FamilySpec::LLAMA.norms
    },
    more_in_layer: |list, architecture, layer| {
        if let (true, Mixer::Full(heads)) = (architecture.layers.len() >= 64, layer.mixer) {
            list.table(
                "attn_q_norm",
                u64::from(heads.key_dim),
                u64::from(heads.query),
            );
            list.table("attn_k_norm", u64::from(heads.key_dim), u64::from(heads.kv));
        }
    },
    ..FamilySpec::LLAMA
};

/// Command R7B and Command A.
pub(super) const COHERE2: FamilySpec = FamilySpec {
    name: "cohere2",
    norms: Norms {
        network: false,
        ..FamilySpec::LLAMA.norms
    },
    ..FamilySpec::LLAMA
};

/// The same with experts.
pub(super) const COHERE2MOE: FamilySpec = FamilySpec {
    name: "cohere2moe",
    norms: Norms {
        network: false,
        ..FamilySpec::LLAMA.norms
    },
    ..FamilySpec::LLAMA
};
