//! A model's table in the catalogue, as it is written: the hyper-parameters of
//! one architecture and what identifies it. Unknown keys are refused.

use serde::Deserialize;

use super::quant::{Quant, StorageClass};
use crate::units::Date;

/// One model. `family` and the sizes determine everything else here; the
/// catalogue keys (name, licence, dates) are carried along.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelTable {
    /// The name as its maker writes it.
    pub name: String,
    /// llama.cpp's architecture name (`general.architecture`).
    pub family: String,
    /// Other spellings it is found by, lower-case.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Where its weights are published on the hub.
    pub hf_repo: Option<String>,
    /// Id of a model with the identical architecture.
    pub same_as: Option<String>,
    /// Parameters an engine loads (text body, without prediction blocks).
    pub total_params: Option<u64>,
    /// Parameters as the hub counts them.
    pub published_params: Option<u64>,
    /// Parameters read for one token.
    pub active_params: Option<u64>,
    /// Layers, without multi-token-prediction blocks.
    pub layers: u32,
    /// Width of the residual stream.
    pub hidden: u32,
    /// Entries of the vocabulary.
    pub vocab: u32,
    /// The head shares the embedding's tensor.
    #[serde(default)]
    pub tied_embeddings: bool,
    /// Query heads.
    pub heads: Option<u32>,
    /// Key and value heads.
    pub kv_heads: Option<u32>,
    /// Key and value heads of each layer, 0 for a layer without attention.
    pub kv_heads_per_layer: Option<Vec<u32>>,
    /// Size of a key head; absent = hidden / heads.
    pub head_dim: Option<u32>,
    /// Size of a value head; absent = `head_dim`.
    pub head_dim_v: Option<u32>,
    /// Inner width of the dense feed-forward network.
    pub ffn: Option<u32>,
    /// The same for each layer, 0 for a layer without one.
    pub ffn_per_layer: Option<Vec<u32>>,
    /// The same for the last `kv_shared_layers` layers; absent = `ffn`.
    pub ffn_shared_kv: Option<u32>,
    /// Last layers that reuse the KV cache of earlier ones.
    pub kv_shared_layers: Option<u32>,
    /// Longest context the model was made for.
    pub max_context: u32,
    /// Biases on query, key and value; absent = the family's habit.
    pub attention_bias: Option<bool>,
    /// Normalised queries and keys; absent = the family's habit.
    pub qk_norm: Option<bool>,
    /// A table of rotary factors in the file; absent = the family's habit.
    pub rotary_factors: Option<bool>,
    /// A gate on the attention's output.
    pub attention_gate: Option<AttentionGateTable>,
    /// The format its maker trained or released it in.
    pub native_format: Option<String>,
    /// Its licence.
    pub license: Option<String>,
    /// When it came out.
    pub released: Option<Date>,
    /// Parameter count reproduced within 1% from these numbers.
    pub verified: Option<bool>,
    /// Where the numbers come from.
    pub source: Option<String>,
    /// When they were collected.
    pub date: Option<Date>,
    /// A remark.
    pub note: Option<String>,
    /// Routed experts.
    pub experts: Option<ExpertsTable>,
    /// Sliding-window or chunked attention.
    pub sliding: Option<SlidingTable>,
    /// Sizes of the full-attention layers where they differ.
    pub global: Option<GlobalTable>,
    /// Multi-head latent attention.
    pub mla: Option<LatentTable>,
    /// Gated delta net layers.
    pub linear: Option<LinearTable>,
    /// Mamba-2 layers.
    pub mamba: Option<MambaTable>,
    /// Gated short convolutions.
    pub short_conv: Option<ShortConvTable>,
    /// Multi-token-prediction blocks.
    pub mtp: Option<MtpTable>,
    /// A second embedding that feeds each layer.
    pub per_layer_embedding: Option<PerLayerEmbeddingTable>,
    /// The indexer of sparse attention.
    pub indexer: Option<IndexerTable>,
    /// Compressed attention.
    pub compressed: Option<CompressedTable>,
    /// Hyper-connections.
    pub hyper: Option<HyperTable>,
}

impl ModelTable {
    /// The quant that the maker released the model in, where that has four bits: another
    /// four would gain nothing. The first word of `native_format` names it.
    pub fn native_four_bits(&self) -> Option<Quant> {
        let word = self.native_format.as_deref()?.split(' ').next()?;
        Quant::from_id(word).filter(|quant| quant.class == StorageClass::Mxfp4)
    }
}

/// How finely a gate acts on the attention's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttentionGateTable {
    /// One factor for each head.
    PerHead,
    /// One factor for each element.
    PerElement,
}

/// Routed experts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpertsTable {
    /// Experts to choose from.
    pub total: u32,
    /// Experts used for one token.
    pub used: u32,
    /// Inner width of one expert.
    pub ffn: u32,
    /// Shared experts.
    pub shared: Option<u32>,
    /// Total inner width of the shared experts; absent = shared x ffn.
    pub shared_ffn: Option<u32>,
    /// Dense layers before the first with experts.
    pub first_dense_layers: Option<u32>,
    /// One expert layer in every so many.
    pub every: Option<u32>,
    /// A dense network beside the experts in each layer.
    pub parallel_dense: Option<bool>,
    /// Width the experts work on where it is narrower than `hidden`.
    pub latent: Option<u32>,
    /// A bias that only steers the choice; absent = the family's habit.
    pub selection_bias: Option<bool>,
}

/// Sliding-window or chunked attention.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlidingTable {
    /// Tokens looked back at.
    pub window: u32,
    /// One layer in so many has full attention (the last of each group).
    pub full_every: Option<u32>,
    /// The full layer is the first of each group.
    pub full_first: Option<bool>,
    /// The full-attention layers, 0-based; replaces `full_every`.
    pub full_layers: Option<Vec<u32>>,
    /// KV heads of the sliding layers where they differ.
    pub kv_heads: Option<u32>,
    /// Head size of the sliding layers where it differs.
    pub head_dim: Option<u32>,
}

/// Sizes of the full-attention layers where they differ from the model's.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalTable {
    /// Query heads.
    pub heads: Option<u32>,
    /// Key and value heads.
    pub kv_heads: Option<u32>,
    /// Size of a head.
    pub head_dim: Option<u32>,
    /// Keys and values come from one projection.
    pub shared_kv_projection: Option<bool>,
}

/// Multi-head latent attention.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatentTable {
    /// Rank of the compressed keys and values.
    pub kv_lora_rank: u32,
    /// Rank of the compressed queries; absent = projected directly.
    pub q_lora_rank: Option<u32>,
    /// Rotary part of a head.
    pub rope_dim: u32,
    /// Part of a head without position.
    pub nope_dim: u32,
    /// Size of a value head.
    pub v_dim: u32,
}

/// Gated delta net layers between full-attention layers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinearTable {
    /// One layer in so many has full attention (the last of each group).
    pub full_every: u32,
    /// Key heads.
    pub k_heads: u32,
    /// Size of a key head.
    pub k_dim: u32,
    /// Value heads.
    pub v_heads: u32,
    /// Size of a value head.
    pub v_dim: u32,
    /// Width of the convolution.
    pub conv: u32,
}

/// Mamba-2 layers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MambaTable {
    /// One character a layer: `M` Mamba, `*` attention, `E` experts, `-` dense network.
    pub pattern: String,
    /// Groups.
    pub groups: u32,
    /// State size.
    pub state: u32,
    /// Heads.
    pub heads: u32,
    /// Size of a head.
    pub head_dim: u32,
    /// Width of the convolution.
    pub conv: u32,
}

/// Gated short convolutions in all layers but the listed ones.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShortConvTable {
    /// Width of the convolution.
    pub kernel: u32,
    /// The attention layers, 0-based.
    pub full_layers: Vec<u32>,
}

/// Multi-token-prediction blocks: in the file, not loaded.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MtpTable {
    /// Their number.
    pub layers: u32,
    /// They carry copies of embedding and head.
    #[serde(default)]
    pub own_vocabulary: bool,
}

/// A second embedding that feeds each layer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerLayerEmbeddingTable {
    /// Width for one layer.
    pub width: u32,
    /// Entries; absent = the model's vocabulary.
    pub vocab: Option<u32>,
}

/// The indexer of sparse attention.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexerTable {
    /// Its query heads.
    pub heads: u32,
    /// Size of its heads.
    pub head_dim: u32,
    /// Tokens picked.
    pub top_k: Option<u32>,
}

/// Compressed attention (`DeepSeek` V4).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompressedTable {
    /// Rank of the compressed queries.
    pub q_lora_rank: u32,
    /// Rank of the output projection in each group.
    pub o_lora_rank: u32,
    /// Groups of the output projection.
    pub o_groups: u32,
    /// Rotary part of a head.
    pub rope_dim: Option<u32>,
    /// Tokens folded into one cache row, for each layer; 0 for none.
    pub ratios: Vec<u32>,
    /// First layers whose experts are chosen by a table of token ids.
    #[serde(default)]
    pub hash_layers: u32,
}

/// Hyper-connections: a residual stream of several parts (`DeepSeek` V4).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HyperTable {
    /// Parallel residual streams.
    pub mult: u32,
}
