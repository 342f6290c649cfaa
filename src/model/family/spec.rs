//! What a family's tensor layout consists of. A family is a value of [`FamilySpec`]
//! that says in what it differs from the plain Llama one.

use crate::model::tensors::List;
use crate::model::{Architecture, AttentionGate, Experts, Layer};

/// The tensors of a family, as differences from [`FamilySpec::LLAMA`].
#[derive(Debug)]
pub struct FamilySpec {
    /// llama.cpp's architecture name.
    pub name: &'static str,
    /// The normalisations of a layer.
    pub norms: Norms,
    /// The attention's tensors.
    pub attention: Attention,
    /// The feed-forward part's tensors.
    pub network: Network,
    /// The head has a bias.
    pub head_bias: bool,
    /// Name of the last normalisation's tensor.
    pub last_norm: &'static str,
    /// Tables of rotary factors.
    pub rotary: Rotary,
    /// Attention has tensors of its own, added by `more_in_layer` (`DeepSeek` V4).
    pub compressed_attention: bool,
    /// Linear-attention layers have one tensor for their two small gates.
    pub delta_gates_fused: bool,
    /// Each layer has a feed-forward part, also where a pattern names its mixer
    /// (Granite 4). Otherwise a pattern's layer is one thing only (Nemotron-H).
    pub network_in_each_layer: bool,
    /// llama.cpp's quantiser counts models of so many layers as its "70B", whose
    /// value projections get more bits (`LLM_TYPE_70B` in src/models/).
    pub large_at_layers: Option<u32>,
    /// The routed experts are published in MXFP4 and stay so in every quantised file.
    pub native_mxfp4_experts: bool,
    /// Tensors of a layer that nothing above describes.
    pub more_in_layer: fn(&mut List, &Architecture, &Layer),
    /// Tensors outside the layers that nothing above describes.
    pub more: fn(&mut List, &Architecture),
}

/// The normalisations of a layer.
#[derive(Debug, Clone, Copy)]
pub struct Norms {
    /// Before the attention (`attn_norm`).
    pub attention: bool,
    /// After the attention (`post_attention_norm`).
    pub after_attention: bool,
    /// Before the feed-forward part (`ffn_norm`).
    pub network: bool,
    /// After the feed-forward part (`post_ffw_norm`).
    pub after_network: bool,
    /// They have a bias (`LayerNorm` instead of `RMSNorm`).
    pub bias: bool,
}

/// The attention's tensors.
#[derive(Debug, Clone, Copy)]
pub struct Attention {
    /// Query, key and value are one tensor.
    pub fused: bool,
    /// Biases on query, key and value.
    pub bias: bool,
    /// A bias on the output projection.
    pub output_bias: bool,
    /// Normalisation of queries and keys.
    pub query_key_norm: QueryKeyNorm,
    /// The query projection is twice as wide: its second half gates the output.
    pub gate_in_query: bool,
    /// A gate on the output with a projection of its own, unless the model says otherwise.
    pub gate: Option<AttentionGate>,
    /// A sink logit for each head.
    pub sinks: bool,
    /// Layers that reuse another's KV cache still have key and value tensors.
    pub unused_kv: bool,
}

/// Normalisation of queries and keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryKeyNorm {
    /// None.
    None,
    /// One weight for each element of a head, shared by the heads.
    SharedByHeads,
    /// Weights of its own for each head.
    EachHead,
    /// One normalisation over all heads together.
    AllHeads,
}

/// The feed-forward part's tensors.
#[derive(Debug, Clone, Copy)]
pub struct Network {
    /// How the gate is stored.
    pub gate: Gate,
    /// Biases on the dense network.
    pub bias: bool,
    /// Biases on router and routed experts.
    pub expert_bias: bool,
    /// Whether a bias steers the choice of experts, unless the model says otherwise.
    pub selection_bias: fn(Experts) -> bool,
    /// A gate on the shared experts' output.
    pub shared_gate: bool,
}

/// How the gate of a feed-forward network is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// A tensor of its own.
    Own,
    /// In one tensor with the up projection.
    WithUp,
    /// There is none: two matrices only.
    None,
}

/// Tables of rotary factors outside the layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotary {
    /// None.
    None,
    /// One (`rope_freqs`).
    Factors,
    /// One in models that stretch Llama 3's context: those with its vocabulary
    /// of 128,256 and a context beyond its 8,192 (Llama 3.1 to 3.3 and what was
    /// made of them).
    StretchedLlama3,
    /// Two, for long and short contexts, in models made for more than 16,384 tokens
    /// (Phi-3's `LongRoPE`).
    LongAndShort,
}

impl FamilySpec {
    /// The plain Llama layout: three projections, a gated network, two `RMSNorm`s.
    pub const LLAMA: Self = Self {
        name: "llama",
        norms: Norms {
            attention: true,
            after_attention: false,
            network: true,
            after_network: false,
            bias: false,
        },
        attention: Attention {
            fused: false,
            bias: false,
            output_bias: false,
            query_key_norm: QueryKeyNorm::None,
            gate_in_query: false,
            gate: None,
            sinks: false,
            unused_kv: false,
        },
        network: Network {
            gate: Gate::Own,
            bias: false,
            expert_bias: false,
            selection_bias: |_| false,
            shared_gate: false,
        },
        head_bias: false,
        last_norm: "output_norm",
        rotary: Rotary::None,
        compressed_attention: false,
        delta_gates_fused: false,
        network_in_each_layer: false,
        large_at_layers: None,
        native_mxfp4_experts: false,
        more_in_layer: |_, _, _| {},
        more: |_, _| {},
    };

    /// Qwen3's: Llama's with normalised queries and keys.
    pub const QUERY_KEY_NORM: Self = Self {
        attention: Attention {
            query_key_norm: QueryKeyNorm::SharedByHeads,
            ..Self::LLAMA.attention
        },
        ..Self::LLAMA
    };

    /// Two normalisations around attention and two around the network (Gemma 2, GLM-4).
    pub const FOUR_NORMS: Norms = Norms {
        attention: true,
        after_attention: true,
        network: true,
        after_network: true,
        bias: false,
    };

    /// The network's normalisation is named after the attention (Qwen3.5, GLM-4.5, Seed-OSS).
    pub const NORM_AFTER_ATTENTION: Norms = Norms {
        attention: true,
        after_attention: true,
        network: false,
        after_network: false,
        bias: false,
    };

    /// Two `LayerNorm`s with bias (`StarCoder2`, Nemotron-4).
    pub const LAYER_NORMS: Norms = Norms {
        attention: true,
        after_attention: false,
        network: true,
        after_network: false,
        bias: true,
    };
}
