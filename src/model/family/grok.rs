//! Early large mixtures of experts with a norm behind the attention.

use super::spec::{Attention, FamilySpec, Norms};

/// Grok 1 and 2.
pub(super) const GROK: FamilySpec = FamilySpec {
    name: "grok",
    more_in_layer: |list, architecture, _| {
        list.vector("attn_output_norm", u64::from(architecture.hidden));
        list.vector("layer_output_norm", u64::from(architecture.hidden));
    },
    ..FamilySpec::LLAMA
};

/// DBRX.
pub(super) const DBRX: FamilySpec = FamilySpec {
    name: "dbrx",
    norms: Norms {
        network: false,
        ..FamilySpec::LLAMA.norms
    },
    attention: Attention {
        fused: true,
        ..FamilySpec::LLAMA.attention
    },
    more_in_layer: |list, architecture, _| {
        list.vector("attn_output_norm", u64::from(architecture.hidden));
    },
    ..FamilySpec::LLAMA
};
