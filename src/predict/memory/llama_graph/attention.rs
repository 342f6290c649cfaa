//! Attention with heads (`build_attn`, `build_attn_mha`).

use super::Builder;
use super::inputs::{CacheInputs, Inputs};
use crate::model::family::QueryKeyNorm;
use crate::model::{AttentionGate, Heads};
use crate::predict::memory::cache_type::CacheType;
use crate::predict::memory::graph::{Graph, Id};

/// Queries, keys and values of a layer; a layer without a cache of its own has queries only.
struct Projected {
    query: Id,
    own: Option<(Id, Id)>,
    /// Gates the output: from the query's projection, or the layer's input and its width.
    gate: Option<Id>,
}

impl Builder<'_> {
    pub(super) fn attention(
        &mut self,
        normed: Id,
        heads: Heads,
        window: Option<u32>,
        own_cache: bool,
        inputs: &Inputs,
    ) -> Id {
        let cache = window.and(inputs.sliding).unwrap_or(inputs.full);
        let rotate = self.habits.rotary && !(self.habits.no_rotary_in_full && window.is_none());
        let Projected {
            mut query,
            own,
            gate,
        } = self.project(normed, heads, own_cache, rotate, inputs);
        if let Some(turn) = cache.key_turn {
            query = self.turned(query, turn);
        }
        let own = own.map(|(key, value)| {
            let key = cache.key_turn.map_or(key, |turn| self.turned(key, turn));
            let value = cache
                .value_turn
                .map_or(value, |turn| self.turned(value, turn));
            (key, value)
        });
        self.graph.expand(query);
        if let Some((key, value)) = own {
            self.graph.expand(value);
            self.graph.expand(key);
            let key = self.flat(key, heads.kv, heads.key_dim);
            self.graph.store(&[Graph::EXTERNAL, key, cache.key_rows]);
            let value = self.flat(value, heads.kv, heads.value_dim);
            self.graph
                .store(&[Graph::EXTERNAL, value, cache.value_rows]);
        }
        let mut mixed = self.attend(query, heads, &cache);
        if let Some(turn) = cache.value_turn {
            mixed = self.turned(mixed, turn);
        }
        if let Some(gate) = gate {
            let factor = self.graph.element_wise(&[gate]);
            mixed = self.graph.element_wise(&[mixed, factor]);
        }
        let out = self.linear(self.hidden, mixed);
        if self.spec.attention.output_bias {
            self.graph.element_wise(&[out])
        } else {
            out
        }
    }

    fn project(
        &mut self,
        normed: Id,
        heads: Heads,
        own_cache: bool,
        rotate: bool,
        inputs: &Inputs,
    ) -> Projected {
        let (tokens, spec) = (self.tokens, self.spec.attention);
        let bias = self.architecture.extras.attention_bias.unwrap_or(spec.bias);
        let (h, kv) = (u64::from(heads.query), u64::from(heads.kv));
        let (k_dim, v_dim) = (u64::from(heads.key_dim), u64::from(heads.value_dim));
        let biased = |builder: &mut Self, id| {
            if bias {
                builder.graph.element_wise(&[id])
            } else {
                id
            }
        };
        let (mut query, mut key, mut value);
        let mut gate_source = None;
        if spec.fused {
            let all = self.linear(h * k_dim + kv * (k_dim + v_dim), normed);
            query = biased(self, all);
            (key, value) = (query, query);
        } else if spec.gate_in_query {
            query = self.linear(2 * h * k_dim, normed);
            gate_source = Some(query);
            key = self.linear(kv * k_dim, normed);
            value = self.linear(kv * v_dim, normed);
        } else {
            let product = self.linear(h * k_dim, normed);
            query = biased(self, product);
            let product = self.linear(kv * k_dim, normed);
            key = biased(self, product);
            if heads.shared_projection {
                value = key;
            } else {
                let product = self.linear(kv * v_dim, normed);
                value = biased(self, product);
            }
            if spec.query_key_norm == QueryKeyNorm::AllHeads {
                query = self.norm(query);
                key = self.norm(key);
            }
        }
        query = self.graph.view(query, [k_dim, h, tokens, 1]);
        key = self.graph.view(key, [k_dim, kv, tokens, 1]);
        value = self.graph.view(value, [v_dim, kv, tokens, 1]);
        let by_head = matches!(
            spec.query_key_norm,
            QueryKeyNorm::SharedByHeads | QueryKeyNorm::EachHead
        );
        if by_head {
            query = self.norm(query);
        }
        query = self.rotated(query, rotate, inputs);
        if by_head {
            key = self.norm(key);
        }
        if rotate {
            key = self.graph.element_wise(&[key, inputs.positions]);
            if self.habits.llama4 {
                query = self.graph.element_wise(&[query]);
                key = self.graph.element_wise(&[key]);
            }
        }
        if self.habits.value_norm {
            value = self.graph.element_wise(&[value]);
        }
        let gate = self.gate(normed, gate_source, h, k_dim);
        Projected {
            query,
            own: own_cache.then_some((key, value)),
            gate,
        }
    }

    fn rotated(&mut self, query: Id, rotate: bool, inputs: &Inputs) -> Id {
        if rotate {
            self.graph.element_wise(&[query, inputs.positions])
        } else if self.habits.llama4 {
            self.graph.element_wise(&[query, inputs.scale])
        } else {
            query
        }
    }

    /// The gate on the output: half of the query's projection, or one of its own.
    fn gate(&mut self, normed: Id, in_query: Option<Id>, heads: u64, dim: u64) -> Option<Id> {
        if let Some(query) = in_query {
            let half = self.graph.view(query, [dim, heads, self.tokens, 1]);
            return Some(
                self.graph
                    .compute([heads * dim, self.tokens, 1, 1], &[half]),
            );
        }
        let gate = self
            .architecture
            .extras
            .attention_gate
            .or(self.spec.attention.gate)?;
        let width = match gate {
            AttentionGate::PerHead => heads,
            AttentionGate::PerElement => heads * dim,
        };
        Some(self.linear(width, normed))
    }

    /// Scores, softmax and the weighted sum of values: one operation with flash attention.
    fn attend(&mut self, query: Id, heads: Heads, cache: &CacheInputs) -> Id {
        let (h, kv) = (u64::from(heads.query), u64::from(heads.kv));
        let (k_dim, v_dim) = (u64::from(heads.key_dim), u64::from(heads.value_dim));
        let (streams, each) = (self.streams, self.tokens / self.streams);
        let query = self.graph.view(query, [k_dim, h, each, streams]);
        let query = self.graph.view(query, [k_dim, each, h, streams]);
        let mixed = if self.settings.flash_attention {
            let key = self.cached(self.settings.key_type, [k_dim, cache.cells, kv, streams]);
            let value = self.cached(self.settings.value_type, [v_dim, cache.cells, kv, streams]);
            let sum = self
                .graph
                .compute([v_dim, h, each, streams], &[query, key, value, cache.mask]);
            self.graph.view(sum, [v_dim * h, self.tokens, 1, 1])
        } else {
            let sum = self.weighted(query, h, v_dim, Graph::EXTERNAL, cache);
            let turned = self.graph.view(sum, [v_dim, h, each, streams]);
            self.graph
                .compute([v_dim * h, self.tokens, 1, 1], &[turned])
        };
        self.graph.expand(mixed);
        mixed
    }

    /// Attention in three operations: scores of all heads over all cells in F32.
    pub(super) fn weighted(
        &mut self,
        query: Id,
        heads: u64,
        width: u64,
        value: Id,
        cache: &CacheInputs,
    ) -> Id {
        let (streams, each) = (self.streams, self.tokens / self.streams);
        let scores = self.graph.compute(
            [cache.cells, each, heads, streams],
            &[Graph::EXTERNAL, query],
        );
        let weights = self.graph.element_wise(&[scores, cache.mask]);
        self.graph
            .compute([width, each, heads, streams], &[value, weights])
    }

    /// Keys or values of the cache; flash attention reads F32 ones as an F16 copy.
    pub(super) fn cached(&mut self, kind: CacheType, shape: [u64; 4]) -> Id {
        if kind == CacheType::F32 {
            self.graph.cast_f16(shape, Graph::EXTERNAL)
        } else {
            Graph::EXTERNAL
        }
    }

    /// Heads side by side again, as a row of the cache.
    fn flat(&mut self, source: Id, heads: u32, dim: u32) -> Id {
        self.graph.view(
            source,
            [u64::from(heads) * u64::from(dim), self.tokens, 1, 1],
        )
    }

    /// Turned by a Hadamard matrix, block by block.
    fn turned(&mut self, source: Id, matrix: Id) -> Id {
        let shape = self.graph.shape(source);
        let width = self.graph.shape(matrix)[0];
        let elements = shape
            .iter()
            .fold(1u64, |product, &n| product.saturating_mul(n));
        let blocks = [width, elements / width, 1, 1];
        let flat = self.graph.view(source, blocks);
        let turned = self.graph.compute(blocks, &[matrix, flat]);
        self.graph.view(turned, shape)
    }
}
