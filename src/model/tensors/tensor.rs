//! One tensor.

/// What a tensor does, as finely as quantisers tell tensors apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The token embedding: a lookup, except where it is the head as well.
    TokenEmbedding,
    /// A second embedding that feeds each layer: a lookup.
    PerLayerEmbedding,
    /// The head.
    Output,
    /// Query projection.
    AttentionQ,
    /// Key projection.
    AttentionK,
    /// Value projection.
    AttentionV,
    /// Key projection of a layer that reuses another's cache: loaded, never read.
    UnusedK,
    /// Value projection of such a layer.
    UnusedV,
    /// Query, key and value in one.
    AttentionQkv,
    /// The same of a linear-attention layer.
    LinearQkv,
    /// The attention's output projection.
    AttentionOutput,
    /// Any other matrix of attention or a delta net: low-rank parts, gates, its output.
    Mixer,
    /// Projections of Mamba and short-convolution layers.
    Recurrent,
    /// Gate projection of a feed-forward network.
    FfnGate,
    /// Up projection.
    FfnUp,
    /// Down projection.
    FfnDown,
    /// Any other matrix of a feed-forward part or a prediction block.
    Projection,
    /// The router of the experts.
    Router,
    /// A matrix that quantisers leave in the checkpoint's 16 bits.
    Unquantised,
    /// Norms, biases, convolutions and other small tensors: 32 bits in GGUF.
    Small,
}

/// The part of a tensor's name after its stem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// `.weight`
    Weight,
    /// `.bias`
    Bias,
    /// `.scale`
    Scale,
    /// Nothing.
    Bare,
}

/// One tensor of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tensor {
    /// What it does.
    pub role: Role,
    /// Its name without layer and part: `attn_q`.
    pub stem: &'static str,
    /// The part after the stem.
    pub part: Part,
    /// Its layer, none for those outside the layers.
    pub layer: Option<u32>,
    /// Its sizes, row length first as in GGUF; unused dimensions are 1.
    pub shape: [u64; 4],
    /// It belongs to the routed experts.
    pub routed: bool,
    /// It belongs to a multi-token-prediction block.
    pub mtp: bool,
}

impl Tensor {
    /// Its elements; none beyond 64 bits.
    pub fn elements(&self) -> Option<u64> {
        self.shape
            .iter()
            .try_fold(1_u64, |product, &size| product.checked_mul(size))
    }

    /// Its name in a GGUF file.
    pub fn name(&self) -> String {
        let part = match self.part {
            Part::Weight => ".weight",
            Part::Bias => ".bias",
            Part::Scale => ".scale",
            Part::Bare => "",
        };
        match self.layer {
            Some(layer) => format!("blk.{layer}.{}{part}", self.stem),
            None => format!("{}{part}", self.stem),
        }
    }
}
