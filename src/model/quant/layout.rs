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
    /// Linear layers of the decoder in this type; embedding, head, routers, norms and
    /// convolutions in 16 bits. That is what llm-compressor and `AutoAWQ` do by default
    /// (docs.vllm.ai, "FP8 W8A8": `targets="Linear", ignore=["lm_head"]`, v0.32, 2026;
    /// published `quantization_config`s list routers beside the head).
    Linear(T),
    /// The same without linear attention and the low-rank parts of latent attention,
    /// which makers of 4-bit floating-point files leave in 16 bits too
    /// (`hf_quant_config.json` of NVFP4 files of Qwen3-Coder-Next, Qwen3.5 9B and
    /// GLM-4.7-Flash, model card of Qwen3.8 27B; 2026). Integer files quantise them.
    PlainLinear(T),
    /// Linear layers of the decoder and the head in this type, routers, embedding and
    /// small tensors in 16 bits: what the `vllm-node-mxfp4` build makes of gpt-oss as it
    /// loads it (`--mxfp4-layers moe,qkv,o,lm_head`; eugr/spark-vllm-docker README.md, 2026).
    LinearAndHead(T),
    /// Routed experts in the first type, other linear layers of the decoder in the
    /// second, embedding, head and routers in 16 bits (`DeepSeek` V4 as published:
    /// "FP4 + FP8 Mixed"; antirez/ds4 `MODEL_CARD.md`@8d576642, 2026).
    ExpertsBeside(T, T),
    /// Only the routed experts in this type, the rest in 16 bits (gpt-oss as
    /// published: `modules_to_not_convert` in its config.json, 2025-08).
    Experts(T),
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

/// Bits of the head in an EXL3 file, where the name does not say otherwise.
const EXL3_HEAD_BITS: u32 = 6;

/// The type of a tensor in one of the layouts that need no counting; none for GGUF.
pub(super) fn tensor_type(layout: Layout, tensor: &Tensor) -> Option<T> {
    let linear = is_linear(tensor);
    Some(match layout {
        Layout::Gguf(_) | Layout::GgufMxfp4F16 | Layout::Near(_) => return None,
        Layout::Linear(chosen) if linear => chosen,
        Layout::PlainLinear(chosen)
            if linear && !matches!(tensor.role, Role::Mixer | Role::LinearQkv) =>
        {
            chosen
        }
        Layout::LinearAndHead(chosen) if linear || tensor.role == Role::Output => chosen,
        Layout::Experts(chosen) | Layout::ExpertsBeside(chosen, _) if linear && tensor.routed => {
            chosen
        }
        Layout::ExpertsBeside(_, chosen) if linear => chosen,
        Layout::Mlx(chosen) if is_matrix(tensor) && chosen.row_bytes(tensor.shape[0]).is_some() => {
            chosen
        }
        Layout::Exl3 { .. } if linear || tensor.role == Role::Output => T::Exl3,
        _ => T::Bf16,
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

fn is_linear(tensor: &Tensor) -> bool {
    matches!(
        tensor.role,
        Role::AttentionQ
            | Role::AttentionK
            | Role::AttentionV
            | Role::UnusedK
            | Role::UnusedV
            | Role::AttentionQkv
            | Role::LinearQkv
            | Role::AttentionOutput
            | Role::Mixer
            | Role::Recurrent
            | Role::FfnGate
            | Role::FfnUp
            | Role::FfnDown
    )
}

fn is_matrix(tensor: &Tensor) -> bool {
    tensor.role != Role::Small && tensor.shape[1] > 1
}
