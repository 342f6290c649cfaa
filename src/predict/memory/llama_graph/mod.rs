//! llama.cpp's compute graph of a model, as far as it decides the compute buffer.
//!
//! Source: `src/llama-graph.cpp` and `src/models/*.cpp` of llama.cpp (several versions of
//! 2025-12 to 2026-09, read 2026-11), settled by what v0.5.0 reported. The tensors are
//! those of one micro-batch with the cache full, as `llama_context::graph_reserve` builds
//! it. What a family does differently is taken from its [`FamilySpec`] and from
//! [`Habits`], so that a new family of known parts needs nothing here.
//!
//! Not modelled: the scores of sparse attention's indexer (`DeepSeek` V3.2), the
//! hyper-connections of `DeepSeek` V4, encoders and vision parts.

mod attention;
mod habits;
mod inputs;
mod latent;
mod network;
mod recurrent;

use super::graph::{Graph, HOST, Id};
use super::kv_cache::CacheSettings;
use crate::model::family::FamilySpec;
use crate::model::{Architecture, FeedForward, Layer, Mixer};
use habits::Habits;
use inputs::Inputs;

/// More sequences than llama.cpp serves (`LLAMA_MAX_SEQ` is 256), and more tokens than
/// anyone puts into a micro-batch: beyond, figures stop growing instead of overflowing.
const MOST_SEQUENCES: u64 = 1 << 12;
const MOST_TOKENS: u64 = 1 << 20;

/// The graph of one micro-batch of which `outputs` tokens give logits (none for all).
pub(super) fn build(
    architecture: &Architecture,
    settings: &CacheSettings,
    outputs: Option<u64>,
) -> Graph {
    let sequences = u64::from(settings.sequences.max(1)).min(MOST_SEQUENCES);
    let batch = u64::from(settings.ubatch)
        .min(settings.context)
        .clamp(1, MOST_TOKENS);
    let tokens = batch.div_ceil(sequences).saturating_mul(sequences);
    let mut builder = Builder {
        graph: Graph::new(),
        architecture,
        spec: architecture.family.spec(),
        habits: Habits::of(architecture),
        settings,
        tokens,
        sequences,
        streams: settings.streams().min(MOST_SEQUENCES),
        outputs: outputs.map_or(tokens, |rows| rows.clamp(1, tokens)),
        hidden: u64::from(architecture.hidden),
    };
    builder.model();
    builder.graph
}

/// The graph so far, and what all its parts need to know.
struct Builder<'a> {
    graph: Graph,
    architecture: &'a Architecture,
    spec: &'static FamilySpec,
    habits: Habits,
    settings: &'a CacheSettings,
    /// Tokens of the micro-batch.
    tokens: u64,
    sequences: u64,
    /// Streams of the KV cache.
    streams: u64,
    /// Tokens that give logits.
    outputs: u64,
    /// Width of the residual stream.
    hidden: u64,
}

impl Builder<'_> {
    fn model(&mut self) {
        let (hidden, tokens) = (self.hidden, self.tokens);
        // The graph takes tokens or ready embeddings; the unused input stays for good.
        let ids = self.graph.input([tokens, 1, 1, 1], 4);
        let ready = self.graph.input([hidden, tokens, 1, 1], 4);
        let mut stream = self.graph.compute([hidden, tokens, 1, 1], &[ids]);
        self.graph.expand(stream);
        self.graph.expand(ready);
        let inputs = self.inputs();
        let per_layer = self.per_layer_embedding(ids, stream);

        let last = self.architecture.layers.len().saturating_sub(1);
        for (index, layer) in self.architecture.layers.iter().enumerate() {
            self.graph.layer = index as u32;
            let only_outputs = index == last && !self.habits.late_outputs;
            stream = self.layer(stream, layer, &inputs, only_outputs);
            if let Some((table, width)) = per_layer {
                let rows = if only_outputs { self.outputs } else { tokens };
                stream = self.mix_per_layer(stream, table, width, rows);
            }
        }
        let mut normed = self.norm(stream);
        if self.habits.late_outputs {
            self.graph.keep(normed);
            normed = self.rows(normed, inputs.outputs);
        }
        let logits = self.linear(u64::from(self.architecture.vocab), normed);
        self.graph.expand(logits);
    }

    /// One layer: mixing tokens, then the feed-forward part, each added to the stream.
    fn layer(&mut self, stream: Id, layer: &Layer, inputs: &Inputs, only_outputs: bool) -> Id {
        let norms = self.spec.norms;
        let mut skip = stream;
        let mut normed = if norms.attention {
            self.norm(stream)
        } else {
            stream
        };
        if self.habits.norm_first {
            self.graph.expand(normed);
        }
        if layer.mixer == Mixer::None || layer.feed_forward == FeedForward::None {
            let mut part = match layer.mixer {
                Mixer::None => self.feed_forward(normed, normed, layer.feed_forward),
                _ => self.mixer(normed, &layer.mixer, inputs),
            };
            if only_outputs {
                part = self.rows(part, inputs.outputs);
                skip = self.rows(skip, inputs.outputs);
            }
            return self.graph.element_wise(&[part, skip]);
        }
        let mut mixed = self.mixer(normed, &layer.mixer, inputs);
        let parallel = norms.attention && !norms.network && !norms.after_attention;
        if only_outputs {
            mixed = self.rows(mixed, inputs.outputs);
            skip = self.rows(skip, inputs.outputs);
            if parallel {
                normed = self.rows(normed, inputs.outputs);
            }
        }
        if parallel {
            let network = self.feed_forward(normed, normed, layer.feed_forward);
            let sum = self.graph.element_wise(&[network, skip]);
            return self.graph.element_wise(&[sum, mixed]);
        }
        // A norm "after attention" is the network's own where that has none.
        let own_norm = norms.network || (norms.after_attention && !norms.after_network);
        if norms.after_attention && (norms.network || norms.after_network) {
            mixed = self.norm(mixed);
        }
        let between = self.graph.element_wise(&[mixed, skip]);
        let before = if own_norm {
            self.norm(between)
        } else {
            between
        };
        let mut network = self.feed_forward(before, between, layer.feed_forward);
        if norms.after_network {
            network = self.norm(network);
        }
        self.graph.element_wise(&[network, between])
    }

    fn mixer(&mut self, normed: Id, mixer: &Mixer, inputs: &Inputs) -> Id {
        match *mixer {
            Mixer::Full(heads) => self.attention(normed, heads, None, true, inputs),
            Mixer::Sliding { heads, window } => {
                self.attention(normed, heads, Some(window), true, inputs)
            }
            Mixer::Shared { heads, window } => self.attention(normed, heads, window, false, inputs),
            Mixer::Latent(latent) => self.latent_attention(normed, latent, inputs),
            Mixer::Recurrent(recurrent) => self.recurrence(normed, recurrent, inputs),
            Mixer::None => normed,
        }
    }

    /// A matrix product: `width` results for each token.
    fn linear(&mut self, width: u64, source: Id) -> Id {
        let [_, a, b, c] = self.graph.shape(source);
        self.graph.compute([width, a, b, c], &[source])
    }

    /// A normalisation and its weights.
    fn norm(&mut self, source: Id) -> Id {
        let normed = self.graph.element_wise(&[source]);
        self.graph.element_wise(&[normed])
    }

    /// The rows of the tokens that give logits.
    fn rows(&mut self, source: Id, which: Id) -> Id {
        let width = self.graph.shape(source)[0];
        self.graph
            .compute([width, self.outputs, 1, 1], &[source, which])
    }

    /// The second embedding of Gemma 3n and 4, projected: `width x tokens x layers`.
    fn per_layer_embedding(&mut self, ids: Id, stream: Id) -> Option<(Id, u64)> {
        let embedding = self.architecture.extras.per_layer_embedding?;
        let width = u64::from(embedding.width);
        let layers = self.architecture.layers.len() as u64;
        self.graph.layer = HOST;
        let looked_up = self
            .graph
            .compute([width * layers, self.tokens, 1, 1], &[ids]);
        self.graph.expand(looked_up);
        self.graph.layer = 0;
        let projected = self.linear(width * layers, stream);
        let projected = self.graph.element_wise(&[projected]);
        let split = self.graph.view(projected, [width, layers, self.tokens, 1]);
        let normed = self.norm(split);
        let looked_up = self.graph.view(looked_up, [width, layers, self.tokens, 1]);
        let sum = self.graph.element_wise(&[normed, looked_up]);
        let turned = self.graph.view(sum, [width, self.tokens, layers, 1]);
        let table = self
            .graph
            .compute([width, self.tokens, layers, 1], &[turned]);
        self.graph.expand(table);
        Some((table, width))
    }

    /// Adds a layer's part of the second embedding to the stream.
    fn mix_per_layer(&mut self, stream: Id, table: Id, width: u64, rows: u64) -> Id {
        let gate = self.linear(width, stream);
        let gate = self.graph.element_wise(&[gate]);
        let part = self.graph.view(table, [width, rows, 1, 1]);
        let gated = self.graph.element_wise(&[gate, part]);
        let wide = self.linear(self.hidden, gated);
        let normed = self.norm(wide);
        self.graph.element_wise(&[normed, stream])
    }
}
