//! The formats of the other engines: which tensors they quantise and how.

use super::types::TensorType as T;
use crate::model::tensors::{Role, Tensor};

/// How a file's tensors get their types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// llama.cpp's recipe for this file-level quant.
    Gguf(super::FileType),
    /// MXFP4 experts beside 16-bit everything else, in GGUF.
    GgufMxfp4F16,
    /// A maker's own mix, no published recipe; this is the nearest of llama.cpp's.
    Near(super::FileType),
    /// Each kind of matrix of the decoder in its own type; embedding, routers, norms and
    /// convolutions in 16 bits.
    Parts(Parts),
    /// MLX: every matrix whose row is a multiple of the group, embedding, head and
    /// router included; the rest in 16 bits (`mlx.nn.quantize`: all layers that define
    /// `to_quantized`, group 64, scale and bias of 16 bits; 2026).
    Mlx(T),
    /// `ExLlamaV3`: linear layers at this many hundredths of a bit, the head at 6
    /// bits, embedding and small tensors in 16 bits (exllamav3 doc/convert.md:
    /// `--head_bits`, default 6; 2025).
    Exl3 {
        /// Hundredths of a bit for one weight.
        hundredths: u32,
    },
}

/// The types of the decoder's matrices, by what they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// Routed experts.
    pub experts: T,
    /// Other feed-forward networks: dense ones and shared experts.
    pub feed_forward: T,
    /// Projections of attention.
    pub attention: T,
    /// Linear attention, and the low-rank parts of latent attention.
    pub mixer: T,
    /// Projections of Mamba and short-convolution layers.
    pub recurrent: T,
    /// The head, where it is not the embedding.
    pub head: T,
    /// So many last layers with feed-forward networks and experts in another type.
    pub last: Option<(u32, T)>,
}

impl Parts {
    /// Every linear layer in one type, the head in 16 bits. That is what llm-compressor and
    /// `AutoAWQ` do by default (docs.vllm.ai, "FP8 W8A8": `targets="Linear",
    /// ignore=["lm_head"]`, v0.32, 2026; published `quantization_config`s list routers
    /// beside the head).
    pub const fn linear(chosen: T) -> Self {
        Self {
            experts: chosen,
            feed_forward: chosen,
            attention: chosen,
            mixer: chosen,
            recurrent: chosen,
            head: T::Bf16,
            last: None,
        }
    }

    /// The same without linear attention and the low-rank parts of latent attention,
    /// which makers of 4-bit floating-point files leave in 16 bits too
    /// (`hf_quant_config.json` of NVFP4 files of Qwen3-Coder-Next, Qwen3.5 9B and
    /// GLM-4.7-Flash, model card of Qwen3.8 27B; 2026). Integer files quantise them.
    pub const fn plain_linear(chosen: T) -> Self {
        Self {
            mixer: T::Bf16,
            ..Self::linear(chosen)
        }
    }

    /// Only the routed experts (gpt-oss as published: `modules_to_not_convert` in its
    /// config.json, 2025-08).
    pub const fn experts(chosen: T) -> Self {
        Self {
            experts: chosen,
            ..Self::linear(T::Bf16)
        }
    }

    /// Whether nothing else than routed experts is quantised.
    pub fn are_experts_only(&self) -> bool {
        let all = Self {
            last: None,
            ..*self
        };
        all == Self::experts(self.experts) && self.experts != T::Bf16
    }

    /// Whether any model is quantised so, not only those of some makers.
    pub fn are_usual(&self) -> bool {
        *self
            == match self.experts {
                T::Nvfp4 => Self::plain_linear(T::Nvfp4),
                chosen => Self::linear(chosen),
            }
    }

    /// The type of a tensor of a model of so many layers.
    fn tensor_type(&self, tensor: &Tensor, layers: u32) -> T {
        let feed_forward = |usual| match self.last {
            Some((count, chosen)) if tensor.layer.is_some_and(|layer| layer + count >= layers) => {
                chosen
            }
            _ => usual,
        };
        match tensor.role {
            Role::FfnGate | Role::FfnUp | Role::FfnDown if tensor.routed => {
                feed_forward(self.experts)
            }
            Role::FfnGate | Role::FfnUp | Role::FfnDown => feed_forward(self.feed_forward),
            Role::AttentionQ
            | Role::AttentionK
            | Role::AttentionV
            | Role::UnusedK
            | Role::UnusedV
            | Role::AttentionQkv
            | Role::AttentionOutput => self.attention,
            Role::Mixer | Role::LinearQkv => self.mixer,
            Role::Recurrent => self.recurrent,
            Role::Output => self.head,
            _ => T::Bf16,
        }
    }
}

/// What `ExLlamaV3` quantises: the head with the linear layers.
const EXL3: Parts = Parts {
    head: T::Exl3,
    ..Parts::linear(T::Exl3)
};

/// Bits of the head in an EXL3 file, where the name does not say otherwise.
const EXL3_HEAD_BITS: u32 = 6;

/// The type of a tensor of a model of so many layers in one of the layouts that need no
/// counting; none for GGUF.
pub(super) fn tensor_type(layout: Layout, tensor: &Tensor, layers: u32) -> Option<T> {
    Some(match layout {
        Layout::Gguf(_) | Layout::GgufMxfp4F16 | Layout::Near(_) => return None,
        Layout::Parts(parts) => parts.tensor_type(tensor, layers),
        Layout::Mlx(chosen) if is_matrix(tensor) && chosen.row_bytes(tensor.shape[0]).is_some() => {
            chosen
        }
        Layout::Mlx(_) => T::Bf16,
        Layout::Exl3 { .. } => EXL3.tensor_type(tensor, layers),
    })
}

/// Bits of an EXL3 tensor in hundredths.
pub(super) fn exl3_hundredths(hundredths: u32, tensor: &Tensor) -> u32 {
    if tensor.role == Role::Output {
        EXL3_HEAD_BITS * 100
    } else {
        hundredths
    }
}

fn is_matrix(tensor: &Tensor) -> bool {
    tensor.role != Role::Small && tensor.shape[1] > 1
}
