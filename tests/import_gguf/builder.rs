//! Writes GGUF headers for tests.

/// A header under construction.
#[derive(Clone)]
pub struct Builder {
    version: u32,
    big_endian: bool,
    keys: Vec<Vec<u8>>,
    tensors: Vec<(String, Vec<u64>, u32, Option<u64>)>,
    next_offset: u64,
}

impl Builder {
    pub fn new() -> Self {
        Self {
            version: 3,
            big_endian: false,
            keys: Vec::new(),
            tensors: Vec::new(),
            next_offset: 0,
        }
    }

    /// A Llama of one layer: hidden 64, 4 heads (2 for keys and values), FFN 128, vocabulary 100.
    pub fn tiny_llama() -> Self {
        Self::new().plain("llama").tensors(1)
    }

    /// The keys of a plain transformer under an architecture's name.
    pub fn plain(self, name: &str) -> Self {
        self.text("general.architecture", name)
            .u32(&format!("{name}.block_count"), 1)
            .u32(&format!("{name}.context_length"), 4096)
            .u32(&format!("{name}.embedding_length"), 64)
            .u32(&format!("{name}.attention.head_count"), 4)
            .u32(&format!("{name}.attention.head_count_kv"), 2)
    }

    /// The tensors of a plain transformer, all F32.
    pub fn tensors(self, layers: u32) -> Self {
        let mut builder =
            self.tensor("token_embd.weight", &[64, 100], 0)
                .tensor("output_norm.weight", &[64], 0);
        for layer in 0..layers {
            for (part, shape) in [
                ("attn_norm", &[64][..]),
                ("attn_q", &[64, 64]),
                ("attn_k", &[64, 32]),
                ("attn_v", &[64, 32]),
                ("attn_output", &[64, 64]),
                ("ffn_norm", &[64]),
                ("ffn_gate", &[64, 128]),
                ("ffn_up", &[64, 128]),
                ("ffn_down", &[128, 64]),
            ] {
                builder = builder.tensor(&format!("blk.{layer}.{part}.weight"), shape, 0);
            }
        }
        builder
    }

    pub fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// Only before any key or tensor.
    pub fn big_endian(mut self) -> Self {
        self.big_endian = true;
        self
    }

    fn number(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        if self.big_endian {
            bytes.reverse();
        }
        bytes
    }

    fn put_text(&self, into: &mut Vec<u8>, text: &str) {
        into.extend(self.number(&(text.len() as u64).to_le_bytes()));
        into.extend(text.as_bytes());
    }

    /// A key with a value given as bytes.
    pub fn raw(mut self, key: &str, kind: u32, value: &[u8]) -> Self {
        let mut bytes = Vec::new();
        self.put_text(&mut bytes, key);
        bytes.extend(self.number(&kind.to_le_bytes()));
        bytes.extend(value);
        self.keys.push(bytes);
        self
    }

    pub fn u32(self, key: &str, value: u32) -> Self {
        let bytes = self.number(&value.to_le_bytes());
        self.raw(key, 4, &bytes)
    }

    pub fn u16(self, key: &str, value: u16) -> Self {
        let bytes = self.number(&value.to_le_bytes());
        self.raw(key, 2, &bytes)
    }

    pub fn i32(self, key: &str, value: i32) -> Self {
        let bytes = self.number(&value.to_le_bytes());
        self.raw(key, 5, &bytes)
    }

    pub fn text(self, key: &str, value: &str) -> Self {
        let mut bytes = Vec::new();
        self.put_text(&mut bytes, value);
        self.raw(key, 8, &bytes)
    }

    pub fn texts(self, key: &str, values: impl ExactSizeIterator<Item = String>) -> Self {
        let mut bytes = self.number(&8_u32.to_le_bytes());
        bytes.extend(self.number(&(values.len() as u64).to_le_bytes()));
        for value in values {
            self.put_text(&mut bytes, &value);
        }
        self.raw(key, 9, &bytes)
    }

    pub fn u32s(self, key: &str, values: &[u32]) -> Self {
        let mut bytes = self.number(&4_u32.to_le_bytes());
        bytes.extend(self.number(&(values.len() as u64).to_le_bytes()));
        for value in values {
            bytes.extend(self.number(&value.to_le_bytes()));
        }
        self.raw(key, 9, &bytes)
    }

    /// A tensor behind the one before; F32 (0), `Q8_0` (8) and unknown types only.
    pub fn tensor(mut self, name: &str, shape: &[u64], kind: u32) -> Self {
        let elements: u64 = shape
            .iter()
            .fold(1, |product: u64, length| product.wrapping_mul(*length));
        let bytes = if kind == 8 {
            elements / 32 * 34
        } else {
            elements.wrapping_mul(4)
        };
        self.tensors
            .push((name.to_owned(), shape.to_vec(), kind, None));
        let place = self.next_offset;
        self.next_offset = place.wrapping_add(bytes).div_ceil(32).wrapping_mul(32);
        self.tensors.last_mut().expect("just pushed").3 = Some(place);
        self
    }

    /// A tensor at a place of its own.
    pub fn tensor_at(mut self, name: &str, shape: &[u64], kind: u32, offset: u64) -> Self {
        self.tensors
            .push((name.to_owned(), shape.to_vec(), kind, Some(offset)));
        self
    }

    pub fn build(&self) -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(self.number(&self.version.to_le_bytes()));
        bytes.extend(self.number(&(self.tensors.len() as u64).to_le_bytes()));
        bytes.extend(self.number(&(self.keys.len() as u64).to_le_bytes()));
        self.keys.iter().for_each(|key| bytes.extend(key));
        for (name, shape, kind, offset) in &self.tensors {
            self.put_text(&mut bytes, name);
            bytes.extend(self.number(&(shape.len() as u32).to_le_bytes()));
            for length in shape {
                bytes.extend(self.number(&length.to_le_bytes()));
            }
            bytes.extend(self.number(&kind.to_le_bytes()));
            bytes.extend(self.number(&offset.unwrap_or(0).to_le_bytes()));
        }
        bytes
    }
}
