//! What is run: an architecture, the tensors it implies, how a quant stores
//! them, and the bytes that come of it.
//!
//! 1. [`ModelTable`]: hyper-parameters as a table of the catalogue states them.
//! 2. [`Architecture`]: the same, validated and spelt out layer by layer.
//! 3. [`Family`]: which tensors an architecture of that name has.
//! 4. [`tensors()`]: the list of them with shapes.
//! 5. [`Quant`]: how a file stores them, tensor by tensor.
//! 6. [`Weights`]: the bytes, by part and by type.
//! 7. [`Draft`]: a small network that proposes tokens for a model, as such an architecture and weights.
//!
//! Nothing here reads a file. Layouts and recipes are facts about llama.cpp
//! (read at 0.6.0, 2026-11; the figures tested against are of v0.5.0) and about the other engines' formats; each states
//! its source where it is written down.

mod architecture;
mod assemble;
mod draft;
pub mod family;
mod hyper_parameters;
mod quant;
mod tensors;
mod weights;

pub use architecture::{
    Architecture, AttentionGate, Compressed, Experts, Extras, FeedForward, Heads, Indexer, Latent,
    Layer, Mixer, PerLayerEmbedding, Recurrence, Recurrent,
};
pub use assemble::ArchitectureError;
pub use draft::{Draft, HeadShape};
pub use family::Family;
pub use hyper_parameters::{
    AttentionGateTable, CompressedTable, ExpertsTable, GlobalTable, HyperTable, IndexerTable,
    LatentTable, LinearTable, MambaTable, ModelTable, MtpTable, PerLayerEmbeddingTable,
    ShortConvTable, SlidingTable,
};
pub use quant::{FileType, Layout, Packaging, Parts, Quant, StorageClass, TensorType};
pub use tensors::{Part, Role, Tensor, tensors};
pub use weights::{Exactness, LayerWeights, Stored, Weights, WeightsError};
