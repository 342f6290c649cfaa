//! The words for packagings and storage classes in data and output.

use super::{Packaging, StorageClass};

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
