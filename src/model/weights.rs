//! Bytes of weights: one model at one quant, by part and by type.

use std::collections::BTreeMap;

use super::architecture::{Architecture, Experts};
use super::quant::{Layout, Quant, TensorType};
use super::tensors::{Role, Tensor, tensors};
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

/// The weights of one model at one quant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    /// The quant.
    pub quant: Quant,
    /// The token embedding.
    pub embedding: Stored,
    /// A second embedding that feeds each layer: a lookup, never read as a whole.
    pub per_layer_embedding: Stored,
    /// The head; the embedding itself where it is tied.
    pub head: Stored,
    /// Embedding and head are one tensor, counted once.
    pub tied: bool,
    /// What is read for each token outside the layers: the last norm, rotary tables.
    pub outside: Stored,
    /// Layer by layer.
    pub layers: Vec<LayerWeights>,
    /// Multi-token-prediction blocks: in the file, not loaded.
    pub mtp: Stored,
    /// Loaded bytes by type (without the multi-token-prediction blocks).
    pub by_type: BTreeMap<TensorType, Bytes>,
    /// How well the bytes are known.
    pub exactness: Exactness,
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
    fn add(&mut self, params: u64, bytes: Bytes) -> Option<()> {
        self.params = self.params.checked_add(params)?;
        self.bytes = Bytes(self.bytes.0.checked_add(bytes.0)?);
        Some(())
    }

    fn scaled(self, factor: f64) -> Self {
        Self { params: self.params, bytes: Bytes((self.bytes.as_f64() * factor).round() as u64) }
    }
}

impl std::ops::Add for Stored {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { params: self.params + other.params, bytes: self.bytes + other.bytes }
    }
}

impl std::iter::Sum for Stored {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), std::ops::Add::add)
    }
}

impl Weights {
    /// Counts the tensors of the architecture at the quant.
    ///
    /// # Errors
    /// The quant is not defined for the architecture, or a hyper-parameter is absurd.
    pub fn of(architecture: &Architecture, quant: &Quant) -> Result<Self, WeightsError> {
        if matches!(quant.layout, Layout::GgufMxfp4F16 | Layout::Experts(_)) && architecture.experts().is_none() {
            return Err(WeightsError::NeedsExperts { quant: quant.id.clone() });
        }
        let list = tensors(architecture);
        let placed = quant.place(architecture, &list);
        let sized = list.iter().zip(placed).map(|(tensor, (tensor_type, bytes))| (tensor, tensor_type, bytes));
        let exactness = match quant.layout {
            Layout::Gguf(_) | Layout::GgufMxfp4F16 => Exactness::Recipe,
            Layout::Near(_) => Exactness::Nearest(format!(
                "{} follows no published recipe: counted as llama.cpp's nearest mix",
                quant.id
            )),
            _ => Exactness::Layout,
        };
        Self::sum(quant, architecture.layers.len(), sized, exactness)
    }

    /// Sums tensors whose types are known, as from a file's header.
    ///
    /// # Errors
    /// The sizes exceed what 64 bits can count.
    pub fn sum<'a>(
        quant: &Quant,
        layers: usize,
        sized: impl Iterator<Item = (&'a Tensor, TensorType, Option<Bytes>)>,
        exactness: Exactness,
    ) -> Result<Self, WeightsError> {
        let mut weights = Self {
            quant: quant.clone(),
            embedding: Stored::default(),
            per_layer_embedding: Stored::default(),
            head: Stored::default(),
            tied: true,
            outside: Stored::default(),
            layers: vec![LayerWeights::default(); layers],
            mtp: Stored::default(),
            by_type: BTreeMap::new(),
            exactness,
        };
        let mut total = Stored::default();
        for (tensor, tensor_type, bytes) in sized {
            tensor
                .elements()
                .zip(bytes)
                // Everything is part of the total, so that no later sum can overflow.
                .and_then(|(params, bytes)| total.add(params, bytes).map(|()| (params, bytes)))
                .and_then(|(params, bytes)| weights.take(tensor, tensor_type, params, bytes))
                .ok_or_else(|| WeightsError::TooLarge { tensor: tensor.name() })?;
        }
        if weights.tied {
            weights.head = weights.embedding;
        }
        Ok(weights)
    }

    fn take(&mut self, tensor: &Tensor, tensor_type: TensorType, params: u64, bytes: Bytes) -> Option<()> {
        if tensor.mtp {
            return self.mtp.add(params, bytes);
        }
        *self.by_type.entry(tensor_type).or_default() += bytes;
        let layer = tensor.layer.and_then(|index| self.layers.get_mut(index as usize));
        match (tensor.role, layer) {
            (Role::TokenEmbedding, _) => self.embedding.add(params, bytes),
            (Role::PerLayerEmbedding, _) => self.per_layer_embedding.add(params, bytes),
            (Role::Output, _) => {
                self.tied = false;
                self.head.add(params, bytes)
            }
            (_, Some(layer)) if tensor.routed => layer.experts.add(params, bytes),
            (_, Some(layer)) => layer.dense.add(params, bytes),
            (_, None) => self.outside.add(params, bytes),
        }
    }

    /// Everything the engine loads: a tied head once, no multi-token prediction.
    pub fn loaded(&self) -> Stored {
        let head = if self.tied { Stored::default() } else { self.head };
        self.embedding + self.per_layer_embedding + head + self.dense_read() + self.experts_total()
    }

    /// Bytes the engine loads.
    pub fn loaded_bytes(&self) -> Bytes {
        self.loaded().bytes
    }

    /// Bytes of all tensors in the file.
    pub fn file_bytes(&self) -> Bytes {
        self.loaded_bytes() + self.mtp.bytes
    }

    /// Parameters the engine loads.
    pub fn total_params(&self) -> u64 {
        self.loaded().params
    }

    /// What is read for each token besides head and routed experts: mixers, norms,
    /// routers, shared experts, dense networks. An embedding is a lookup, no read.
    pub fn dense_read(&self) -> Stored {
        self.outside + self.layers.iter().map(|layer| layer.dense).sum()
    }

    /// The head, read once a step.
    pub fn head_read(&self) -> Stored {
        self.head
    }

    /// All routed experts of all layers.
    pub fn experts_total(&self) -> Stored {
        self.layers.iter().map(|layer| layer.experts).sum()
    }

    /// What one token reads: the dense part, the head and `used / total` of the experts.
    pub fn active(&self, architecture: &Architecture) -> Stored {
        let experts = self.experts_total();
        let share = architecture.experts().map_or(experts, |Experts { total, used, .. }| Stored {
            params: part(experts.params, used, total),
            bytes: Bytes(part(experts.bytes.0, used, total)),
        });
        self.dense_read() + self.head + share
    }

    /// Bytes one token reads.
    pub fn active_bytes(&self, architecture: &Architecture) -> Bytes {
        self.active(architecture).bytes
    }

    /// Parameters one token uses.
    pub fn active_params(&self, architecture: &Architecture) -> u64 {
        self.active(architecture).params
    }

    /// The same weights brought to a file's real size. The experts of a mixture take
    /// the difference, because a maker's own mix changes them most; where they are
    /// published in MXFP4 everything else takes it; a dense model scales evenly.
    #[must_use]
    pub fn scaled_to(self, architecture: &Architecture, real_file: Bytes) -> Self {
        let file = self.file_bytes();
        let experts = self.experts_total().bytes;
        let fixed = architecture.family.spec().native_mxfp4_experts;
        let scaled = match (experts.0 > 0, fixed) {
            (true, false) => experts,
            (true, true) => file.saturating_sub(experts),
            (false, _) => file,
        };
        let rest = file.saturating_sub(scaled);
        let wanted = real_file.saturating_sub(rest);
        if scaled == Bytes::ZERO || wanted == Bytes::ZERO {
            return self;
        }
        let factor = wanted.as_f64() / scaled.as_f64();
        let (dense, routed) = match (experts.0 > 0, fixed) {
            (true, false) => (1.0, factor),
            (true, true) => (factor, 1.0),
            (false, _) => (factor, factor),
        };
        let before = self.loaded_bytes().as_f64();
        let mut scaled = Self {
            embedding: self.embedding.scaled(dense),
            per_layer_embedding: self.per_layer_embedding.scaled(dense),
            head: self.head.scaled(dense),
            outside: self.outside.scaled(dense),
            layers: self
                .layers
                .iter()
                .map(|layer| LayerWeights { dense: layer.dense.scaled(dense), experts: layer.experts.scaled(routed) })
                .collect(),
            mtp: self.mtp.scaled(dense),
            exactness: Exactness::Stated,
            ..self
        };
        // By type only the sum is known; each type takes its even share.
        let share = scaled.loaded_bytes().as_f64() / before;
        for bytes in scaled.by_type.values_mut() {
            *bytes = Bytes((bytes.as_f64() * share).round() as u64);
        }
        scaled
    }
}

fn part(whole: u64, used: u32, total: u32) -> u64 {
    let share = u128::from(whole) * u128::from(used) / u128::from(total.max(1));
    u64::try_from(share).unwrap_or(u64::MAX)
}
