//! What files come as and what their speeds are pooled with, with the words in data and output.

/// Formats that read about equally fast for their bytes; by file, not by tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StorageClass {
    /// 32-bit floating point.
    F32,
    /// 16-bit floating point (IEEE).
    F16,
    /// bfloat16.
    Bf16,
    /// GGUF at 8 bits.
    Q8,
    /// GGUF at 6 bits.
    Q6,
    /// GGUF at 5 bits.
    Q5,
    /// GGUF at 4 bits in K or I blocks.
    Q4K,
    /// GGUF at 4 bits in the old blocks of 32.
    Q4Legacy,
    /// GGUF at 3 bits and below.
    Q2Q3,
    /// MXFP4.
    Mxfp4,
    /// NVFP4.
    Nvfp4,
    /// FP8.
    Fp8,
    /// 4-bit integers with 16-bit activations (AWQ, GPTQ, `AutoRound`).
    Int4,
    /// 8-bit integers, activations too.
    Int8,
    /// MLX at 8 bits.
    Mlx8,
    /// MLX at 5 and 6 bits.
    Mlx6,
    /// MLX at 4 bits.
    Mlx4,
    /// MLX at 2 and 3 bits.
    MlxLow,
    /// `ExLlamaV3`.
    Exl3,
}

/// What a file comes as, and so which engines can load it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Packaging {
    /// llama.cpp, Ollama and what is built on them.
    Gguf,
    /// vLLM, `SGLang`, TensorRT-LLM.
    Safetensors,
    /// MLX.
    Mlx,
    /// `ExLlamaV3`.
    Exl3,
}

impl Packaging {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gguf, Self::Safetensors, Self::Mlx, Self::Exl3];

    /// The word used in data and output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gguf => "gguf",
            Self::Safetensors => "safetensors",
            Self::Mlx => "mlx",
            Self::Exl3 => "exl3",
        }
    }

    /// The packaging of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|packaging| packaging.name() == name)
    }
}

impl StorageClass {
    /// Whether weights are stored as they were trained, in floating point of 16 or 32 bits.
    pub const fn is_unquantized(self) -> bool {
        matches!(self, Self::F32 | Self::F16 | Self::Bf16)
    }

    /// The word used in the calibration's levels.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::Q8 => "q8",
            Self::Q6 => "q6",
            Self::Q5 => "q5",
            Self::Q4K => "q4_k",
            Self::Q4Legacy => "q4_0",
            Self::Q2Q3 => "q2_q3",
            Self::Mxfp4 => "mxfp4",
            Self::Nvfp4 => "nvfp4",
            Self::Fp8 => "fp8",
            Self::Int4 => "int4",
            Self::Int8 => "int8",
            Self::Mlx8 => "mlx8",
            Self::Mlx6 => "mlx6",
            Self::Mlx4 => "mlx4",
            Self::MlxLow => "mlx_low",
            Self::Exl3 => "exl3",
        }
    }
}
