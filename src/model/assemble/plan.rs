//! Which layer is what: patterns of sliding, recurrent, dense and expert layers.

use super::parts;
use super::{Faults, MOST};
use crate::model::architecture::{Experts, FeedForward, Heads, Latent, Mixer, Recurrent};
use crate::model::family::Family;
use crate::model::hyper_parameters::{ModelTable, SlidingTable};

/// The parts that layers are made of, checked once.
pub(super) struct Plan<'a> {
    table: &'a ModelTable,
    /// Each layer has a feed-forward part even where a pattern names its mixer.
    network_in_each_layer: bool,
    heads: Heads,
    global: Heads,
    sliding: Heads,
    latent: Option<Latent>,
    recurrent: Option<Recurrent>,
    pattern: Vec<u8>,
    experts: Option<Experts>,
    first_with_own_cache_last: u32,
}

impl<'a> Plan<'a> {
    pub(super) fn new(table: &'a ModelTable, family: Option<Family>, faults: &mut Faults) -> Self {
        let heads = parts::heads(table, faults);
        let global = table.global.as_ref().map_or(heads, |global| {
            let key_dim = global
                .head_dim
                .map_or(heads.key_dim, |dim| faults.size("global.head_dim", dim));
            Heads {
                query: global
                    .heads
                    .map_or(heads.query, |count| faults.size("global.heads", count)),
                kv: global
                    .kv_heads
                    .map_or(heads.kv, |count| faults.size("global.kv_heads", count)),
                key_dim,
                value_dim: if global.head_dim.is_some() {
                    key_dim
                } else {
                    heads.value_dim
                },
                shared_projection: global.shared_kv_projection.unwrap_or(false),
            }
        });
        let sliding = table.sliding.as_ref().map_or(heads, |sliding| {
            let key_dim = sliding
                .head_dim
                .map_or(heads.key_dim, |dim| faults.size("sliding.head_dim", dim));
            Heads {
                kv: sliding
                    .kv_heads
                    .map_or(heads.kv, |count| faults.size("sliding.kv_heads", count)),
                key_dim,
                value_dim: if sliding.head_dim.is_some() {
                    key_dim
                } else {
                    heads.value_dim
                },
                ..heads
            }
        });
        parts::check_sliding(table, faults);
        let shared = table.kv_shared_layers.unwrap_or(0);
        if shared >= table.layers.max(1) {
            faults.add(
                "kv_shared_layers",
                "leaves no layer with a KV cache: give fewer than `layers`",
            );
        }
        Self {
            table,
            network_in_each_layer: family.is_none_or(|family| family.spec().network_in_each_layer),
            heads,
            global,
            sliding,
            latent: parts::latent(table, faults),
            recurrent: parts::recurrent(table, faults),
            pattern: parts::pattern(table, faults),
            experts: table
                .experts
                .as_ref()
                .map(|experts| parts::experts(table, experts, faults)),
            first_with_own_cache_last: table.layers.saturating_sub(shared),
        }
    }

    pub(super) fn mixer(&self, index: u32) -> Mixer {
        if let Some(kind) = self.pattern.get(index as usize) {
            return match (kind, self.recurrent) {
                (b'M', Some(recurrent)) => Mixer::Recurrent(recurrent),
                (b'*', _) => Mixer::Full(self.heads),
                _ => Mixer::None,
            };
        }
        if let Some(recurrent) = self.recurrent {
            let full = match (&self.table.linear, &self.table.short_conv) {
                (Some(linear), _) => (index + 1).is_multiple_of(linear.full_every.max(1)),
                (_, Some(conv)) => conv.full_layers.contains(&index),
                _ => false,
            };
            if !full {
                return Mixer::Recurrent(recurrent);
            }
        }
        if let Some(latent) = self.latent {
            return Mixer::Latent(latent);
        }
        if let Some(each) = &self.table.kv_heads_per_layer {
            return match each.get(index as usize) {
                None | Some(0) => Mixer::None,
                Some(&kv) => Mixer::Full(Heads {
                    kv: kv.min(MOST),
                    ..self.heads
                }),
            };
        }
        let window = self
            .table
            .sliding
            .as_ref()
            .filter(|sliding| !is_full(sliding, index))
            .map(|sliding| sliding.window);
        let heads = if window.is_some() {
            self.sliding
        } else {
            self.global
        };
        match window {
            _ if index >= self.first_with_own_cache_last => Mixer::Shared { heads, window },
            Some(window) => Mixer::Sliding { heads, window },
            None => Mixer::Full(heads),
        }
    }

    pub(super) fn feed_forward(&self, index: u32, faults: &mut Faults) -> FeedForward {
        let table = self.table;
        let mut dense = || FeedForward::Dense {
            width: faults.required(
                "ffn",
                table.ffn,
                "some layers have a dense network, give its inner width",
            ),
        };
        if !self.network_in_each_layer {
            match self.pattern.get(index as usize) {
                Some(b'-') => return dense(),
                Some(b'M' | b'*') => return FeedForward::None,
                _ => {}
            }
        }
        if let Some(each) = &table.ffn_per_layer {
            return match each.get(index as usize) {
                None | Some(0) => FeedForward::None,
                Some(&width) => FeedForward::Dense {
                    width: width.min(MOST),
                },
            };
        }
        if let (Some(experts), Some(stated)) = (self.experts, &table.experts) {
            let first = index >= stated.first_dense_layers.unwrap_or(0);
            if first && (index + 1).is_multiple_of(stated.every.unwrap_or(1).max(1)) {
                return FeedForward::Experts(experts);
            }
        }
        match table.ffn_shared_kv {
            Some(width) if index >= self.first_with_own_cache_last => FeedForward::Dense {
                width: faults.size("ffn_shared_kv", width),
            },
            _ => dense(),
        }
    }
}

/// Whether a layer of a sliding-window model has full attention.
fn is_full(sliding: &SlidingTable, index: u32) -> bool {
    match (&sliding.full_layers, sliding.full_every) {
        (Some(layers), _) => layers.contains(&index),
        (None, Some(every)) if sliding.full_first == Some(true) => {
            index.is_multiple_of(every.max(1))
        }
        (None, Some(every)) => (index + 1).is_multiple_of(every.max(1)),
        (None, None) => false,
    }
}
