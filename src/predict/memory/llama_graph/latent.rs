//! Latent attention (MLA, `src/models/deepseek2.cpp`).

use super::Builder;
use super::inputs::Inputs;
use crate::model::Latent;
use crate::predict::memory::graph::{Graph, Id};

impl Builder<'_> {
    /// Latent attention with absorbed projections: all heads over one latent row a cell.
    pub(super) fn latent_attention(&mut self, normed: Id, latent: Latent, inputs: &Inputs) -> Id {
        let (tokens, streams, each) = (self.tokens, self.streams, self.tokens / self.streams);
        let (h, rank) = (u64::from(latent.heads), u64::from(latent.kv_rank));
        let (rope, nope) = (u64::from(latent.rope_dim), u64::from(latent.nope_dim));
        let (v_dim, row) = (u64::from(latent.value_dim), rank + rope);
        let cache = inputs.full;

        let mut source = normed;
        if let Some(q_rank) = latent.q_rank {
            source = self.linear(u64::from(q_rank), normed);
            source = self.norm(source);
        }
        let query = self.linear(h * (nope + rope), source);
        let without = self.graph.view(query, [nope, h, tokens, 1]);
        let with = self.graph.view(query, [rope, h, tokens, 1]);
        let both = self.linear(row, normed);
        let compressed = self.graph.view(both, [rank, tokens, 1, 1]);
        let key_rope = self.graph.view(both, [rope, 1, tokens, 1]);
        let with = self.graph.element_wise(&[with, inputs.positions]);
        let key_rope = self.graph.element_wise(&[key_rope, inputs.positions]);
        let compressed = self.norm(compressed);
        let without = self.graph.view(without, [nope, tokens, h, 1]);
        let absorbed = self.graph.compute([rank, tokens, h, 1], &[without]);
        let absorbed = self.graph.view(absorbed, [rank, h, tokens, 1]);
        let query = self.graph.compute([row, h, tokens, 1], &[absorbed, with]);
        let compressed = self.graph.view(compressed, [rank, 1, tokens, 1]);
        let key = self
            .graph
            .compute([row, 1, tokens, 1], &[compressed, key_rope]);
        self.graph.expand(query);
        self.graph.expand(compressed);
        self.graph.expand(key);
        let key = self.graph.view(key, [row, tokens, 1, 1]);
        self.graph.store(&[Graph::EXTERNAL, key, cache.key_rows]);

        let query = self.graph.view(query, [row, h, each, streams]);
        let query = self.graph.view(query, [row, each, h, streams]);
        let mixed = if self.settings.flash_attention {
            let key = self.cached(self.settings.key_type, [row, cache.cells, 1, streams]);
            let value = self.cached(self.settings.key_type, [rank, cache.cells, 1, streams]);
            let sum = self
                .graph
                .compute([rank, h, each, streams], &[query, key, value, cache.mask]);
            let turned = self.graph.view(sum, [rank, each, h, streams]);
            let values = self.graph.compute([v_dim, each, h, streams], &[turned]);
            let turned = self.graph.view(values, [v_dim, h, each, streams]);
            let joined = self.graph.compute([v_dim, h, each, streams], &[turned]);
            self.graph.view(joined, [v_dim * h, tokens, 1, 1])
        } else {
            let turned = self
                .graph
                .cast_f16([cache.cells, rank, 1, streams], Graph::EXTERNAL);
            let sum = self.weighted(query, h, rank, turned, &cache);
            let values = self.graph.compute([v_dim, each, h, streams], &[sum]);
            let turned = self.graph.view(values, [v_dim, h, each, streams]);
            self.graph.compute([v_dim * h, tokens, 1, 1], &[turned])
        };
        self.graph.expand(mixed);
        self.linear(self.hidden, mixed)
    }
}
