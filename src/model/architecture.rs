//! An architecture as an engine sees it: a list of layers, each with a way of
//! mixing tokens and a feed-forward part, between an embedding and a head.

/// How the attention of one layer looks back over the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mixer {
    /// Attention over all tokens (MHA, GQA or MQA).
    Full(Heads),
    /// Attention over the last `window` tokens (sliding or chunked).
    Sliding {
        /// The heads.
        heads: Heads,
        /// Tokens looked back at.
        window: u32,
    },
    /// Multi-head latent attention: one latent and one rotary key for all heads.
    Latent(Latent),
    /// A recurrent layer with a state of constant size.
    Recurrent(Recurrent),
    /// Attention that reuses an earlier layer's KV cache and stores none itself.
    Shared {
        /// The heads.
        heads: Heads,
        /// The window, none for full attention.
        window: Option<u32>,
    },
    /// No token mixing in this layer (a feed-forward layer of a hybrid).
    None,
}

/// The heads of an attention layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heads {
    /// Query heads.
    pub query: u32,
    /// Key and value heads.
    pub kv: u32,
    /// Size of a key (and query) head.
    pub key_dim: u32,
    /// Size of a value head.
    pub value_dim: u32,
    /// Keys and values come from one projection (no value tensor); the cache still stores both.
    pub shared_projection: bool,
}

/// Multi-head latent attention (`DeepSeek` V2 and after).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latent {
    /// Query heads.
    pub heads: u32,
    /// Rank of the compressed keys and values.
    pub kv_rank: u32,
    /// Rank of the compressed queries; none where queries are projected directly.
    pub q_rank: Option<u32>,
    /// Rotary part of a head.
    pub rope_dim: u32,
    /// Part of a head without position.
    pub nope_dim: u32,
    /// Size of a value head.
    pub value_dim: u32,
}

/// What kind of recurrence a layer runs; they differ in tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recurrence {
    /// Gated delta net (Qwen3-Next, Qwen3.5).
    GatedDeltaNet,
    /// Mamba-2 (Nemotron-H).
    Mamba2,
    /// A gated short convolution without a state matrix (LFM2).
    ShortConvolution,
}

/// A recurrent layer. The state a sequence keeps is
/// `4 x ((conv - 1) x (inner + 2 x groups x state) + state x inner)` bytes (F32),
/// as llama.cpp allocates it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recurrent {
    /// The kind.
    pub kind: Recurrence,
    /// Width of the convolution.
    pub conv: u32,
    /// Inner width (value heads x value size).
    pub inner: u32,
    /// Groups (key heads).
    pub groups: u32,
    /// State size (key size); 0 where only the convolution keeps a state.
    pub state: u32,
    /// Value heads.
    pub heads: u32,
}

/// The feed-forward part of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedForward {
    /// None (the token mixing layers of some hybrids).
    None,
    /// One dense network.
    Dense {
        /// Its inner width.
        width: u32,
    },
    /// Routed experts, with shared and parallel dense parts where the model has them.
    Experts(Experts),
}

/// Routed experts of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Experts {
    /// Experts to choose from.
    pub total: u32,
    /// Experts used for one token.
    pub used: u32,
    /// Inner width of one expert.
    pub width: u32,
    /// Total inner width of the shared experts, 0 for none.
    pub shared_width: u32,
    /// Inner width of a dense network beside the experts, 0 for none.
    pub dense_width: u32,
}

/// One layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layer {
    /// How it mixes tokens.
    pub mixer: Mixer,
    /// Its feed-forward part.
    pub feed_forward: FeedForward,
}

/// A whole architecture, validated.
#[derive(Debug, Clone, PartialEq)]
pub struct Architecture {
    /// The family: llama.cpp's name of the tensor layout.
    pub family: super::Family,
    /// Width of the residual stream.
    pub hidden: u32,
    /// Entries of the vocabulary, as padded in the checkpoint.
    pub vocab: u32,
    /// The head shares the embedding's tensor.
    pub tied_embeddings: bool,
    /// The layers in order, without multi-token-prediction blocks.
    pub layers: Vec<Layer>,
    /// Multi-token-prediction blocks: in the file, not loaded.
    pub mtp_layers: u32,
    /// Longest context the model was made for.
    pub max_context: u32,
    /// What only some families have.
    pub extras: Extras,
}

/// Parts that only some families or models have. The default is none of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extras {
    /// Biases on the query, key and value projections; none for the family's habit.
    pub attention_bias: Option<bool>,
    /// Normalised queries and keys; none for the family's habit.
    pub query_key_norm: Option<bool>,
    /// A table of rotary factors in the file; none for the family's habit.
    pub rotary_factors: Option<bool>,
    /// A bias that only steers which experts are chosen; none for the family's habit.
    pub selection_bias: Option<bool>,
    /// A gate on the attention's output, with a projection of its own.
    pub attention_gate: Option<AttentionGate>,
    /// A second embedding that feeds each layer (Gemma 3n, Gemma 4 E2B and E4B).
    pub per_layer_embedding: Option<PerLayerEmbedding>,
    /// Width that routed experts work on, where it is narrower than the hidden width.
    pub expert_latent: Option<u32>,
    /// The indexer of sparse attention (`DeepSeek` V3.2 and after).
    pub indexer: Option<Indexer>,
    /// Compressed attention with hyper-connections (`DeepSeek` V4).
    pub compressed: Option<Compressed>,
    /// The multi-token-prediction blocks carry copies of embedding and head.
    pub mtp_vocabulary: bool,
}

/// How finely a gate acts on the attention's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttentionGate {
    /// One factor for each head.
    PerHead,
    /// One factor for each element of each head.
    PerElement,
}

/// A second embedding table with a row part for each layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerLayerEmbedding {
    /// Width for one layer.
    pub width: u32,
    /// Entries of its vocabulary.
    pub vocab: u32,
}

/// The small scorer that picks the tokens which sparse attention looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indexer {
    /// Its query heads.
    pub heads: u32,
    /// Size of its heads.
    pub head_dim: u32,
    /// Tokens picked.
    pub top_k: Option<u32>,
}

/// The sizes of `DeepSeek` V4's attention and residual stream beyond the usual ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compressed {
    /// Rank of the compressed queries.
    pub q_rank: u32,
    /// Rank of the output projection in each group.
    pub output_rank: u32,
    /// Groups of the output projection.
    pub output_groups: u32,
    /// Parallel residual streams (hyper-connections).
    pub streams: u32,
    /// Tokens folded into one cache row, for each layer; 0 for none.
    pub ratios: Vec<u32>,
    /// First layers whose experts are chosen by a table of token ids.
    pub hash_layers: u32,
}

impl Heads {
    /// Elements of one token's keys and values.
    pub fn kv_elements(self) -> u64 {
        u64::from(self.kv) * u64::from(self.key_dim + self.value_dim)
    }
}

impl Architecture {
    /// The routed experts of the first layer that has any; all expert layers of
    /// a model have the same.
    pub fn experts(&self) -> Option<Experts> {
        self.layers
            .iter()
            .find_map(|layer| match layer.feed_forward {
                FeedForward::Experts(experts) => Some(experts),
                FeedForward::None | FeedForward::Dense { .. } => None,
            })
    }

    /// Number of layers with routed experts.
    pub fn expert_layers(&self) -> usize {
        self.count(|layer| matches!(layer.feed_forward, FeedForward::Experts(_)))
    }

    /// Number of recurrent layers.
    pub fn recurrent_layers(&self) -> usize {
        self.count(|layer| matches!(layer.mixer, Mixer::Recurrent(_)))
    }

    /// Whether attention is latent (MLA).
    pub fn is_latent(&self) -> bool {
        self.layers
            .iter()
            .any(|layer| matches!(layer.mixer, Mixer::Latent(_)))
    }

    fn count(&self, which: impl Fn(&Layer) -> bool) -> usize {
        self.layers.iter().filter(|layer| which(layer)).count()
    }
}
