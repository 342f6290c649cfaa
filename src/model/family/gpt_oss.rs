//! gpt-oss: biases everywhere, sink logits, experts published in MXFP4.

use super::spec::{Attention, FamilySpec, Network};

/// gpt-oss 20B and 120B.
pub(super) const GPT_OSS: FamilySpec = FamilySpec {
    name: "gpt-oss",
    norms: FamilySpec::NORM_AFTER_ATTENTION,
    attention: Attention {
        bias: true,
        output_bias: true,
        sinks: true,
        ..FamilySpec::LLAMA.attention
    },
    network: Network {
        expert_bias: true,
        ..FamilySpec::LLAMA.network
    },
    native_mxfp4_experts: true,
    ..FamilySpec::LLAMA
};
