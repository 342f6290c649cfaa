//! The types in which an engine stores keys and values.

/// How the elements of a KV cache are stored.
///
/// The blocks are ggml's (`ggml/src/ggml-common.h` of llama.cpp): `q8_0` is 32
/// elements and one half-precision scale; the `_1` types add a minimum. `Fp8`
/// is vLLM's `--kv-cache-dtype fp8`: a byte an element, one scale per tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum CacheType {
    /// 32-bit floating point.
    F32,
    /// 16-bit floating point, every engine's default.
    #[default]
    F16,
    /// 16-bit brain floating point.
    Bf16,
    /// 8 bits and a scale for 32 elements.
    Q8_0,
    /// 5 bits, a scale and a minimum for 32 elements.
    Q5_1,
    /// 5 bits and a scale for 32 elements.
    Q5_0,
    /// 4 bits, a scale and a minimum for 32 elements.
    Q4_1,
    /// 4 bits and a scale for 32 elements.
    Q4_0,
    /// 8-bit floating point (vLLM, `SGLang`).
    Fp8,
}

impl CacheType {
    /// All types, largest first.
    pub const ALL: [Self; 9] = [
        Self::F32,
        Self::F16,
        Self::Bf16,
        Self::Q8_0,
        Self::Fp8,
        Self::Q5_1,
        Self::Q5_0,
        Self::Q4_1,
        Self::Q4_0,
    ];

    /// The name that llama.cpp's `--cache-type-k` (and vLLM's fp8) uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::Q8_0 => "q8_0",
            Self::Q5_1 => "q5_1",
            Self::Q5_0 => "q5_0",
            Self::Q4_1 => "q4_1",
            Self::Q4_0 => "q4_0",
            Self::Fp8 => "fp8",
        }
    }

    /// The type of a name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// Elements and bytes of one block.
    pub fn block(self) -> (u64, u64) {
        match self {
            Self::F32 => (1, 4),
            Self::F16 | Self::Bf16 => (1, 2),
            Self::Q8_0 => (32, 34),
            Self::Q5_1 => (32, 24),
            Self::Q5_0 => (32, 22),
            Self::Q4_1 => (32, 20),
            Self::Q4_0 => (32, 18),
            Self::Fp8 => (1, 1),
        }
    }

    /// Bytes of a row of so many elements; a row that is no whole number of
    /// blocks (which llama.cpp refuses) is rounded up to one.
    pub fn row_bytes(self, elements: u64) -> u64 {
        let (block, bytes) = self.block();
        elements.div_ceil(block).saturating_mul(bytes)
    }

    /// Whether the elements are stored in blocks with a scale. llama.cpp needs
    /// flash attention for such values.
    pub fn is_quantized(self) -> bool {
        self.block().0 > 1
    }
}

#[cfg(test)]
mod tests {
    use super::CacheType;

    #[test]
    fn names_come_back() {
        for kind in CacheType::ALL {
            assert_eq!(
                CacheType::from_name(&kind.name().to_uppercase()),
                Some(kind)
            );
        }
        assert_eq!(CacheType::from_name("q6_k"), None);
    }

    #[test]
    fn rows_are_whole_blocks() {
        // 1,024 elements: 32 blocks of 34 bytes; 33 elements need two blocks.
        assert_eq!(CacheType::Q8_0.row_bytes(1024), 1088);
        assert_eq!(CacheType::Q4_0.row_bytes(33), 36);
        assert_eq!(CacheType::Bf16.row_bytes(33), 66);
        assert_eq!(CacheType::F16.row_bytes(u64::MAX), u64::MAX);
    }
}
