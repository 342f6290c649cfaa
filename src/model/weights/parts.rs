//! What weights consist of: amounts, layers, and how well they are known.

use crate::units::Bytes;

/// Parameters and the bytes they take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stored {
    /// Parameters.
    pub params: u64,
    /// Bytes.
    pub bytes: Bytes,
}

/// The weights of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LayerWeights {
    /// Read for each token: mixer, norms, router, shared experts, dense network.
    pub dense: Stored,
    /// All routed experts.
    pub experts: Stored,
}

/// How well the bytes are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exactness {
    /// llama.cpp's published recipe, tensor by tensor.
    Recipe,
    /// The format's documented layout.
    Layout,
    /// Read from a file's header.
    File,
    /// Scaled to a published size of the file.
    Stated,
    /// No published recipe: the nearest mix stands in, as the sentence says.
    Nearest(String),
}

impl Exactness {
    /// A sentence for the reader.
    pub fn sentence(&self) -> &str {
        match self {
            Self::Recipe => "from llama.cpp's recipe, tensor by tensor",
            Self::Layout => "from the format's documented layout",
            Self::File => "from the file's header",
            Self::Stated => "scaled to the file's published size",
            Self::Nearest(sentence) => sentence,
        }
    }
}

/// Why there are no weights to count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// More than 64 bits can count.
    #[error("the tensor `{tensor}` is too large to count: check the hyper-parameters")]
    TooLarge {
        /// The tensor.
        tensor: String,
    },
    /// The quant exists for models with experts only.
    #[error("`{quant}` stores routed experts, which this model has none of: choose another quant")]
    NeedsExperts {
        /// The quant.
        quant: String,
    },
}

impl Stored {
    pub(super) fn add(&mut self, params: u64, bytes: Bytes) -> Option<()> {
        self.params = self.params.checked_add(params)?;
        self.bytes = Bytes(self.bytes.0.checked_add(bytes.0)?);
        Some(())
    }

    pub(super) fn scaled(self, factor: f64) -> Self {
        Self {
            params: self.params,
            bytes: Bytes((self.bytes.as_f64() * factor).round() as u64),
        }
    }
}

impl std::ops::Add for Stored {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            params: self.params + other.params,
            bytes: self.bytes + other.bytes,
        }
    }
}

impl std::ops::Sub for Stored {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self {
            params: self.params.saturating_sub(other.params),
            bytes: self.bytes.saturating_sub(other.bytes),
        }
    }
}

impl std::iter::Sum for Stored {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), std::ops::Add::add)
    }
}
