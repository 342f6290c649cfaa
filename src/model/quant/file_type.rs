//! llama.cpp's file-level quants (`llama_ftype`): one name for a mix of types.

use super::types::TensorType;

/// A file-level quant of llama.cpp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are llama.cpp's own")]
pub enum FileType {
    F32,
    Bf16,
    F16,
    Q8_0,
    Q6K,
    Q5KM,
    Q5KS,
    Q5_1,
    Q5_0,
    Q4KM,
    Q4KS,
    Q4_1,
    Q4_0,
    Iq4Nl,
    Iq4Xs,
    Mxfp4Moe,
    Q3KL,
    Q3KM,
    Q3KS,
    Iq3M,
    Iq3S,
    Iq3Xs,
    Iq3Xxs,
    Q2K,
    Q2KS,
    Iq2M,
    Iq2S,
    Iq2Xs,
    Iq2Xxs,
    Tq2_0,
    Tq1_0,
    Iq1M,
    Iq1S,
}

impl FileType {
    /// The type of most of its tensors (`llama_ftype_get_default_type` in
    /// src/llama-quant.cpp).
    pub fn default_type(self) -> TensorType {
        match self {
            Self::F32 => TensorType::F32,
            Self::Bf16 => TensorType::Bf16,
            Self::F16 => TensorType::F16,
            Self::Q8_0 => TensorType::Q8_0,
            Self::Q6K => TensorType::Q6K,
            Self::Q5KM | Self::Q5KS => TensorType::Q5K,
            Self::Q5_1 => TensorType::Q5_1,
            Self::Q5_0 => TensorType::Q5_0,
            Self::Q4KM | Self::Q4KS => TensorType::Q4K,
            Self::Q4_1 => TensorType::Q4_1,
            Self::Q4_0 => TensorType::Q4_0,
            Self::Iq4Nl => TensorType::Iq4Nl,
            Self::Iq4Xs => TensorType::Iq4Xs,
            Self::Mxfp4Moe => TensorType::Mxfp4,
            Self::Q3KL | Self::Q3KM | Self::Q3KS => TensorType::Q3K,
            Self::Iq3M | Self::Iq3S | Self::Iq3Xs => TensorType::Iq3S,
            Self::Iq3Xxs => TensorType::Iq3Xxs,
            Self::Q2K | Self::Q2KS => TensorType::Q2K,
            Self::Iq2M => TensorType::Iq2S,
            Self::Iq2S | Self::Iq2Xs => TensorType::Iq2Xs,
            Self::Iq2Xxs => TensorType::Iq2Xxs,
            Self::Tq2_0 => TensorType::Tq2_0,
            Self::Tq1_0 => TensorType::Tq1_0,
            Self::Iq1M => TensorType::Iq1M,
            Self::Iq1S => TensorType::Iq1S,
        }
    }

    /// Whether its tensors are quantised at all.
    pub fn is_quantised(self) -> bool {
        !matches!(self, Self::F32 | Self::Bf16 | Self::F16)
    }

    /// Whether it is made with an importance matrix, which changes some choices:
    /// llama.cpp demands one for the small types, the others exist without.
    pub fn needs_importance_matrix(self) -> bool {
        matches!(
            self,
            Self::Iq3Xs
                | Self::Iq3Xxs
                | Self::Q2KS
                | Self::Iq2M
                | Self::Iq2S
                | Self::Iq2Xs
                | Self::Iq2Xxs
                | Self::Iq1M
                | Self::Iq1S
        )
    }
}
