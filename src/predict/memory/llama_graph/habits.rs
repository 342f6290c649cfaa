//! What a family's graph does differently where its tensors do not show it.

use crate::model::Architecture;

/// How the router turns logits into the weights of the chosen experts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Routing {
    /// Softmax over all experts, chosen weights normalised to 1.
    Softmax,
    /// Softmax over all experts, chosen weights as they are.
    SoftmaxAsIs,
    /// Softmax over the chosen experts.
    SoftmaxOfChosen,
    /// Sigmoid, with a bias that only steers the choice; normalised and scaled.
    SigmoidWithBias,
    /// Sigmoid, applied to the input of the experts (Llama 4).
    SigmoidBefore,
}

/// Differences between the graphs that tensors and sizes do not tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habits {
    /// The last layer runs for all tokens, rows are picked after the last norm, and
    /// that norm's result is kept for a draft model (families with MTP or EAGLE heads).
    pub(super) late_outputs: bool,
    /// The first norm is put into the graph before anything else of the layer.
    pub(super) norm_first: bool,
    /// Positions of a token: 4 for multi-modal rotary embedding.
    pub(super) positions: u64,
    /// Queries and keys are rotated.
    pub(super) rotary: bool,
    /// Full-attention layers do not rotate (Llama 4, Cohere 2).
    pub(super) no_rotary_in_full: bool,
    /// Llama 4: rotated queries and keys are normalised, others scaled by position.
    pub(super) llama4: bool,
    /// Values are normalised (Gemma 3n, Gemma 4).
    pub(super) value_norm: bool,
    /// The router.
    pub(super) routing: Routing,
}

impl Habits {
    /// The habits of a model's family.
    pub(super) fn of(architecture: &Architecture) -> Self {
        let spec = architecture.family.spec();
        let name = architecture.family.name();
        let biased = architecture.experts().is_some_and(|experts| {
            architecture
                .extras
                .selection_bias
                .unwrap_or_else(|| (spec.network.selection_bias)(experts))
        });
        let routing = match name {
            "llama4" => Routing::SigmoidBefore,
            _ if spec.network.expert_bias => Routing::SoftmaxOfChosen,
            _ if biased => Routing::SigmoidWithBias,
            "deepseek" | "deepseek2" => Routing::SoftmaxAsIs,
            _ => Routing::Softmax,
        };
        Self {
            late_outputs: matches!(
                name,
                "gpt-oss" | "qwen35" | "qwen35moe" | "nemotron_h_moe" | "gemma4"
            ),
            norm_first: matches!(name, "qwen3next" | "qwen35" | "qwen35moe"),
            positions: match name {
                "qwen2vl" | "qwen3vl" | "qwen3vlmoe" | "qwen35" | "qwen35moe" => 4,
                _ => 1,
            },
            rotary: !matches!(name, "nemotron_h" | "nemotron_h_moe" | "granitehybrid"),
            no_rotary_in_full: matches!(name, "llama4" | "cohere2" | "cohere2moe" | "exaone4"),
            llama4: name == "llama4",
            value_norm: matches!(name, "gemma3n" | "gemma4"),
            routing,
        }
    }
}
