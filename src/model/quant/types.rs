//! Storage types of a tensor: how many bytes a block of elements takes.

use crate::units::Bytes;

/// How one tensor is stored.
///
/// Block sizes of the GGUF types: `ggml/src/ggml-common.h` and
/// `GGML_QUANT_SIZES` (gguf-py `constants.py`), read at 0.6.0, 2026-11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(
    missing_docs,
    reason = "the names are the documentation; layouts are in `TensorType::FACTS`"
)]
pub enum TensorType {
    F64,
    F32,
    F16,
    Bf16,
    I64,
    I32,
    I16,
    I8,
    Q8_0,
    Q8_1,
    Q8K,
    Q6K,
    Q5_0,
    Q5_1,
    Q5K,
    Q4_0,
    Q4_1,
    Q4K,
    Q3K,
    Q2K,
    Q2_0,
    Q1_0,
    Iq4Nl,
    Iq4Xs,
    Iq3S,
    Iq3Xxs,
    Iq2S,
    Iq2Xs,
    Iq2Xxs,
    Iq1M,
    Iq1S,
    Tq2_0,
    Tq1_0,
    Mxfp4,
    Nvfp4,
    /// FP8 E4M3 with one 32-bit scale for each 128 x 128 block (`DeepSeek` V3 technical
    /// report, 2024-12; per-channel scales take about as little).
    Fp8,
    /// INT8 weights with one 16-bit scale for each output channel (compressed-tensors
    /// W8A8); the scale is not counted, it is below 0.1%.
    Int8,
    /// 4 bits in groups of 128: a 16-bit scale and a 4-bit zero point a group
    /// (`AutoAWQ`, GPTQ, `AutoRound`).
    Int4Group128,
    /// 4 bits in groups of 32 with a 16-bit scale (compressed-tensors W4A16, group 32).
    Int4Group32,
    /// MLX affine quantisation at 8 bits: 16-bit scale and bias for each 64 elements.
    Mlx8,
    /// The same at 6 bits.
    Mlx6,
    /// The same at 5 bits.
    Mlx5,
    /// The same at 4 bits.
    Mlx4,
    /// The same at 3 bits.
    Mlx3,
    /// The same at 2 bits.
    Mlx2,
    /// `ExLlamaV3` trellis codes: as many bits as the file is named after.
    Exl3,
}

/// One line of the table of types.
struct Fact {
    tensor_type: TensorType,
    name: &'static str,
    gguf_id: Option<u32>,
    elements: u64,
    bytes: u64,
}

const fn gguf(
    tensor_type: TensorType,
    name: &'static str,
    id: u32,
    elements: u64,
    bytes: u64,
) -> Fact {
    Fact {
        tensor_type,
        name,
        gguf_id: Some(id),
        elements,
        bytes,
    }
}

const fn other(tensor_type: TensorType, name: &'static str, elements: u64, bytes: u64) -> Fact {
    Fact {
        tensor_type,
        name,
        gguf_id: None,
        elements,
        bytes,
    }
}

use TensorType as T;

/// Name, number in a GGUF header, elements and bytes of a block; in the order of the enum.
static FACTS: &[Fact] = &[
    gguf(T::F64, "F64", 28, 1, 8),
    gguf(T::F32, "F32", 0, 1, 4),
    gguf(T::F16, "F16", 1, 1, 2),
    gguf(T::Bf16, "BF16", 30, 1, 2),
    gguf(T::I64, "I64", 27, 1, 8),
    gguf(T::I32, "I32", 26, 1, 4),
    gguf(T::I16, "I16", 25, 1, 2),
    gguf(T::I8, "I8", 24, 1, 1),
    gguf(T::Q8_0, "Q8_0", 8, 32, 34),
    gguf(T::Q8_1, "Q8_1", 9, 32, 36),
    gguf(T::Q8K, "Q8_K", 15, 256, 292),
    gguf(T::Q6K, "Q6_K", 14, 256, 210),
    gguf(T::Q5_0, "Q5_0", 6, 32, 22),
    gguf(T::Q5_1, "Q5_1", 7, 32, 24),
    gguf(T::Q5K, "Q5_K", 13, 256, 176),
    gguf(T::Q4_0, "Q4_0", 2, 32, 18),
    gguf(T::Q4_1, "Q4_1", 3, 32, 20),
    gguf(T::Q4K, "Q4_K", 12, 256, 144),
    gguf(T::Q3K, "Q3_K", 11, 256, 110),
    gguf(T::Q2K, "Q2_K", 10, 256, 84),
    gguf(T::Q2_0, "Q2_0", 42, 64, 18),
    gguf(T::Q1_0, "Q1_0", 41, 128, 18),
    gguf(T::Iq4Nl, "IQ4_NL", 20, 32, 18),
    gguf(T::Iq4Xs, "IQ4_XS", 23, 256, 136),
    gguf(T::Iq3S, "IQ3_S", 21, 256, 110),
    gguf(T::Iq3Xxs, "IQ3_XXS", 18, 256, 98),
    gguf(T::Iq2S, "IQ2_S", 22, 256, 82),
    gguf(T::Iq2Xs, "IQ2_XS", 17, 256, 74),
    gguf(T::Iq2Xxs, "IQ2_XXS", 16, 256, 66),
    gguf(T::Iq1M, "IQ1_M", 29, 256, 56),
    gguf(T::Iq1S, "IQ1_S", 19, 256, 50),
    gguf(T::Tq2_0, "TQ2_0", 35, 256, 66),
    gguf(T::Tq1_0, "TQ1_0", 34, 256, 54),
    gguf(T::Mxfp4, "MXFP4", 39, 32, 17),
    gguf(T::Nvfp4, "NVFP4", 40, 64, 36),
    other(T::Fp8, "FP8", 16_384, 16_388),
    other(T::Int8, "INT8", 1, 1),
    other(T::Int4Group128, "INT4-G128", 256, 133),
    other(T::Int4Group32, "INT4-G32", 32, 18),
    other(T::Mlx8, "MLX-8", 64, 68),
    other(T::Mlx6, "MLX-6", 64, 52),
    other(T::Mlx5, "MLX-5", 64, 44),
    other(T::Mlx4, "MLX-4", 64, 36),
    other(T::Mlx3, "MLX-3", 64, 28),
    other(T::Mlx2, "MLX-2", 64, 20),
    other(T::Exl3, "EXL3", 0, 0),
];

impl TensorType {
    fn fact(self) -> &'static Fact {
        // The table is in the order of the enum; a test holds it to that.
        &FACTS[self as usize]
    }

    /// All types.
    pub fn all() -> impl Iterator<Item = Self> {
        FACTS.iter().map(|fact| fact.tensor_type)
    }

    /// The name as GGUF writes it.
    pub fn name(self) -> &'static str {
        self.fact().name
    }

    /// Elements and bytes of one block; `(0, 0)` for EXL3, whose rate is the file's.
    pub fn block(self) -> (u64, u64) {
        (self.fact().elements, self.fact().bytes)
    }

    /// Bits for one element, scales included; 0 for EXL3.
    pub fn bits(self) -> f64 {
        let (elements, bytes) = self.block();
        if elements == 0 {
            0.0
        } else {
            bytes as f64 * 8.0 / elements as f64
        }
    }

    /// Bytes of a row of so many elements; none where it is no whole number of blocks.
    pub fn row_bytes(self, elements: u64) -> Option<Bytes> {
        let (block, bytes) = self.block();
        if block == 0 || !elements.is_multiple_of(block) {
            return None;
        }
        (elements / block).checked_mul(bytes).map(Bytes)
    }

    /// Bytes of so many elements, blocks running over row ends and the last one
    /// counted in part; for formats that store scales apart from the codes.
    pub(super) fn bytes_of(self, elements: u64) -> Option<Bytes> {
        let (block, bytes) = self.block();
        let exact = u128::from(elements) * u128::from(bytes);
        let block = u128::from(block);
        if block == 0 {
            return None;
        }
        u64::try_from(exact.div_ceil(block)).ok().map(Bytes)
    }

    /// The type of that name (`Q4_K`, `bf16`), whatever its case.
    pub fn from_name(name: &str) -> Option<Self> {
        FACTS
            .iter()
            .find(|fact| fact.name.eq_ignore_ascii_case(name))
            .map(|fact| fact.tensor_type)
    }

    /// The type of that number in a GGUF header (`ggml_type`).
    pub fn from_gguf_id(id: u32) -> Option<Self> {
        FACTS
            .iter()
            .find(|fact| fact.gguf_id == Some(id))
            .map(|fact| fact.tensor_type)
    }

    /// Its number in a GGUF header, none where GGUF cannot hold it.
    pub fn gguf_id(self) -> Option<u32> {
        self.fact().gguf_id
    }
}

#[cfg(test)]
mod tests {
    use super::{FACTS, TensorType};
    use crate::units::Bytes;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for fact in FACTS {
            assert_eq!(fact.tensor_type.name(), fact.name);
            assert_eq!(TensorType::from_name(fact.name), Some(fact.tensor_type));
            if let Some(id) = fact.gguf_id {
                assert_eq!(TensorType::from_gguf_id(id), Some(fact.tensor_type));
            }
        }
        assert_eq!(TensorType::from_gguf_id(31), None);
    }

    #[test]
    fn rows_are_whole_blocks_or_nothing() {
        // 4096 elements are 16 blocks of 256 at 144 bytes.
        assert_eq!(TensorType::Q4K.row_bytes(4096), Some(Bytes(2304)));
        assert_eq!(TensorType::Q4K.row_bytes(2880), None);
        assert_eq!(TensorType::Mxfp4.row_bytes(2880), Some(Bytes(1530)));
        assert_eq!(TensorType::F32.row_bytes(u64::MAX), None);
        assert_eq!(TensorType::Exl3.row_bytes(256), None);
    }
}
