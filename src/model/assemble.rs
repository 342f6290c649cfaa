//! From a model's table to its architecture: which layer is what, with every
//! fault of the table reported at once.

use super::architecture::{
    Architecture, AttentionGate, Compressed, Experts, Extras, FeedForward, Heads, Indexer, Latent,
    Layer, Mixer, PerLayerEmbedding, Recurrence, Recurrent,
};
use super::family::Family;
use super::hyper_parameters::{AttentionGateTable, ExpertsTable, ModelTable, SlidingTable};

/// Most layers a model may state; far above any real one, far below harm.
const MOST_LAYERS: u32 = 4_096;
/// Largest width, head count, expert count or vocabulary a model may state.
/// Products of three such numbers still fit 64 bits.
const MOST: u32 = 1 << 21;

/// A hyper-parameter that makes no architecture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {problem}")]
pub struct ArchitectureError {
    /// The key, with its table: `experts.used`.
    pub field: String,
    /// What is wrong and what to do.
    pub problem: String,
}

/// The faults found so far.
#[derive(Default)]
struct Faults(Vec<ArchitectureError>);

impl Faults {
    fn add(&mut self, field: &str, problem: impl Into<String>) {
        self.0.push(ArchitectureError { field: field.to_owned(), problem: problem.into() });
    }

    /// A size that must be at least one and no more than [`MOST`].
    fn size(&mut self, field: &str, value: u32) -> u32 {
        if value == 0 {
            self.add(field, "is 0: leave the key out if it does not apply");
        } else if value > MOST {
            self.add(field, format!("is {value}, beyond any real model (at most {MOST})"));
        }
        value.min(MOST)
    }

    fn required(&mut self, field: &str, value: Option<u32>, why: &str) -> u32 {
        match value {
            Some(value) => self.size(field, value),
            None => {
                self.add(field, format!("is missing: {why}"));
                1
            }
        }
    }
}

impl ModelTable {
    /// The architecture that these hyper-parameters describe.
    ///
    /// # Errors
    /// Every missing, contradictory or absurd hyper-parameter.
    pub fn architecture(&self) -> Result<Architecture, Vec<ArchitectureError>> {
        let mut faults = Faults::default();
        let family = Family::from_name(&self.family);
        if family.is_none() {
            faults.add("family", format!(
                "`{}` is not known: give llama.cpp's architecture name (`general.architecture`), one of {}",
                self.family,
                Family::all().map(Family::name).collect::<Vec<_>>().join(", "),
            ));
        }
        if self.layers > MOST_LAYERS {
            faults.add("layers", format!("is {}, beyond any real model (at most {MOST_LAYERS})", self.layers));
        }
        faults.size("layers", self.layers);
        faults.size("hidden", self.hidden);
        faults.size("vocab", self.vocab);
        if self.max_context == 0 {
            faults.add("max_context", "is 0: give the longest context of the model in tokens");
        }
        let plan = Plan::new(self, family, &mut faults);
        let layers = (0..self.layers.min(MOST_LAYERS))
            .map(|index| Layer {
                mixer: plan.mixer(index),
                feed_forward: plan.feed_forward(index, &mut faults),
            })
            .collect();
        let extras = self.extras(&mut faults);
        faults.0.dedup();
        match family {
            Some(family) if faults.0.is_empty() => Ok(Architecture {
                family,
                hidden: self.hidden,
                vocab: self.vocab,
                tied_embeddings: self.tied_embeddings,
                layers,
                mtp_layers: self.mtp.as_ref().map_or(0, |mtp| mtp.layers.min(MOST_LAYERS)),
                max_context: self.max_context,
                extras,
            }),
            _ => Err(faults.0),
        }
    }

    fn extras(&self, faults: &mut Faults) -> Extras {
        Extras {
            attention_bias: self.attention_bias,
            query_key_norm: self.qk_norm,
            rotary_factors: self.rotary_factors,
            selection_bias: self.experts.as_ref().and_then(|experts| experts.selection_bias),
            attention_gate: self.attention_gate.map(|gate| match gate {
                AttentionGateTable::PerHead => AttentionGate::PerHead,
                AttentionGateTable::PerElement => AttentionGate::PerElement,
            }),
            per_layer_embedding: self.per_layer_embedding.as_ref().map(|table| PerLayerEmbedding {
                width: faults.size("per_layer_embedding.width", table.width),
                vocab: faults.size("per_layer_embedding.vocab", table.vocab.unwrap_or(self.vocab)),
            }),
            expert_latent: self
                .experts
                .as_ref()
                .and_then(|experts| experts.latent)
                .map(|latent| faults.size("experts.latent", latent)),
            indexer: self.indexer.as_ref().map(|table| Indexer {
                heads: faults.size("indexer.heads", table.heads),
                head_dim: faults.size("indexer.head_dim", table.head_dim),
                top_k: table.top_k,
            }),
            compressed: self.compressed.as_ref().map(|table| Compressed {
                q_rank: faults.size("compressed.q_lora_rank", table.q_lora_rank),
                output_rank: faults.size("compressed.o_lora_rank", table.o_lora_rank),
                output_groups: faults.size("compressed.o_groups", table.o_groups),
                streams: self.hyper.as_ref().map_or(1, |hyper| faults.size("hyper.mult", hyper.mult)),
                ratios: table.ratios.clone(),
                hash_layers: table.hash_layers,
            }),
            mtp_vocabulary: self.mtp.as_ref().is_some_and(|mtp| mtp.own_vocabulary),
        }
    }
}

/// The parts that layers are made of, checked once.
struct Plan<'a> {
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
    fn new(table: &'a ModelTable, family: Option<Family>, faults: &mut Faults) -> Self {
        let heads = heads(table, faults);
        let global = table.global.as_ref().map_or(heads, |global| {
            let key_dim = global.head_dim.map_or(heads.key_dim, |dim| faults.size("global.head_dim", dim));
            Heads {
                query: global.heads.map_or(heads.query, |count| faults.size("global.heads", count)),
                kv: global.kv_heads.map_or(heads.kv, |count| faults.size("global.kv_heads", count)),
                key_dim,
                value_dim: if global.head_dim.is_some() { key_dim } else { heads.value_dim },
                shared_projection: global.shared_kv_projection.unwrap_or(false),
            }
        });
        let sliding = table.sliding.as_ref().map_or(heads, |sliding| {
            let key_dim = sliding.head_dim.map_or(heads.key_dim, |dim| faults.size("sliding.head_dim", dim));
            Heads {
                kv: sliding.kv_heads.map_or(heads.kv, |count| faults.size("sliding.kv_heads", count)),
                key_dim,
                value_dim: if sliding.head_dim.is_some() { key_dim } else { heads.value_dim },
                ..heads
            }
        });
        check_sliding(table, faults);
        let shared = table.kv_shared_layers.unwrap_or(0);
        if shared >= table.layers.max(1) {
            faults.add("kv_shared_layers", "leaves no layer with a KV cache: give fewer than `layers`");
        }
        Self {
            table,
            network_in_each_layer: family.is_none_or(|family| family.spec().network_in_each_layer),
            heads,
            global,
            sliding,
            latent: latent(table, faults),
            recurrent: recurrent(table, faults),
            pattern: pattern(table, faults),
            experts: table.experts.as_ref().map(|experts| check_experts(table, experts, faults)),
            first_with_own_cache_last: table.layers.saturating_sub(shared),
        }
    }

    fn mixer(&self, index: u32) -> Mixer {
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
                Some(&kv) => Mixer::Full(Heads { kv: kv.min(MOST), ..self.heads }),
            };
        }
        let window = self.table.sliding.as_ref().filter(|sliding| !is_full(sliding, index)).map(|sliding| sliding.window);
        let heads = if window.is_some() { self.sliding } else { self.global };
        match window {
            _ if index >= self.first_with_own_cache_last => Mixer::Shared { heads, window },
            Some(window) => Mixer::Sliding { heads, window },
            None => Mixer::Full(heads),
        }
    }

    fn feed_forward(&self, index: u32, faults: &mut Faults) -> FeedForward {
        let table = self.table;
        let mut dense = || FeedForward::Dense {
            width: faults.required("ffn", table.ffn, "some layers have a dense network, give its inner width"),
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
                Some(&width) => FeedForward::Dense { width: width.min(MOST) },
            };
        }
        if let (Some(experts), Some(stated)) = (self.experts, &table.experts) {
            let first = index >= stated.first_dense_layers.unwrap_or(0);
            if first && (index + 1).is_multiple_of(stated.every.unwrap_or(1).max(1)) {
                return FeedForward::Experts(experts);
            }
        }
        match table.ffn_shared_kv {
            Some(width) if index >= self.first_with_own_cache_last => {
                FeedForward::Dense { width: faults.size("ffn_shared_kv", width) }
            }
            _ => dense(),
        }
    }
}

/// Whether a layer of a sliding-window model has full attention.
fn is_full(sliding: &SlidingTable, index: u32) -> bool {
    match (&sliding.full_layers, sliding.full_every) {
        (Some(layers), _) => layers.contains(&index),
        (None, Some(every)) if sliding.full_first == Some(true) => index.is_multiple_of(every.max(1)),
        (None, Some(every)) => (index + 1).is_multiple_of(every.max(1)),
        (None, None) => false,
    }
}

fn check_sliding(table: &ModelTable, faults: &mut Faults) {
    let Some(sliding) = &table.sliding else { return };
    faults.size("sliding.window", sliding.window);
    if sliding.full_every == Some(0) {
        faults.add("sliding.full_every", "is 0: leave it out where no layer has full attention");
    }
    if let Some(layers) = &sliding.full_layers
        && layers.iter().any(|&layer| layer >= table.layers)
    {
        faults.add("sliding.full_layers", format!("names a layer beyond the last, {}", table.layers.saturating_sub(1)));
    }
}

fn heads(table: &ModelTable, faults: &mut Faults) -> Heads {
    // A model of latent or of recurrent layers only has no such heads.
    let needed = table.mla.is_none();
    let mut required = |field: &str, value: Option<u32>, why: &str| {
        if needed || value.is_some() { faults.required(field, value, why) } else { 1 }
    };
    let query = required("heads", table.heads, "give the number of query heads");
    let kv = required("kv_heads", table.kv_heads.or_else(|| table.kv_heads_per_layer.as_ref()?.iter().max().copied()),
        "give the number of key and value heads (the number of heads where they are not grouped)");
    let key_dim = required("head_dim", table.head_dim.or(table.hidden.checked_div(query)), "give the size of a head");
    if kv > query && needed {
        faults.add("kv_heads", format!("is {kv}, more than the {query} query heads"));
    }
    Heads {
        query,
        kv,
        key_dim,
        value_dim: table.head_dim_v.map_or(key_dim, |dim| faults.size("head_dim_v", dim)),
        shared_projection: false,
    }
}

fn latent(table: &ModelTable, faults: &mut Faults) -> Option<Latent> {
    let mla = table.mla.as_ref()?;
    Some(Latent {
        heads: faults.required("heads", table.heads, "give the number of query heads"),
        kv_rank: faults.size("mla.kv_lora_rank", mla.kv_lora_rank),
        q_rank: mla.q_lora_rank.map(|rank| faults.size("mla.q_lora_rank", rank)),
        rope_dim: faults.size("mla.rope_dim", mla.rope_dim),
        nope_dim: faults.size("mla.nope_dim", mla.nope_dim),
        value_dim: faults.size("mla.v_dim", mla.v_dim),
    })
}

fn recurrent(table: &ModelTable, faults: &mut Faults) -> Option<Recurrent> {
    if let Some(linear) = &table.linear {
        faults.size("linear.full_every", linear.full_every);
        let heads = faults.size("linear.v_heads", linear.v_heads);
        let size = faults.size("linear.v_dim", linear.v_dim);
        return Some(Recurrent {
            kind: Recurrence::GatedDeltaNet,
            conv: faults.size("linear.conv", linear.conv),
            inner: faults.size("linear.v_heads", heads.saturating_mul(size)),
            groups: faults.size("linear.k_heads", linear.k_heads),
            state: faults.size("linear.k_dim", linear.k_dim),
            heads,
        });
    }
    if let Some(mamba) = &table.mamba {
        let heads = faults.size("mamba.heads", mamba.heads);
        let size = faults.size("mamba.head_dim", mamba.head_dim);
        return Some(Recurrent {
            kind: Recurrence::Mamba2,
            conv: faults.size("mamba.conv", mamba.conv),
            inner: faults.size("mamba.heads", heads.saturating_mul(size)),
            groups: faults.size("mamba.groups", mamba.groups),
            state: faults.size("mamba.state", mamba.state),
            heads,
        });
    }
    let short = table.short_conv.as_ref()?;
    Some(Recurrent {
        kind: Recurrence::ShortConvolution,
        conv: faults.size("short_conv.kernel", short.kernel),
        inner: table.hidden.min(MOST),
        groups: 0,
        state: 0,
        heads: 0,
    })
}

fn pattern(table: &ModelTable, faults: &mut Faults) -> Vec<u8> {
    let Some(mamba) = &table.mamba else { return Vec::new() };
    let pattern = mamba.pattern.as_bytes().to_vec();
    if pattern.len() != table.layers as usize {
        faults.add("mamba.pattern", format!("has {} characters for {} layers", pattern.len(), table.layers));
    }
    if let Some(other) = mamba.pattern.chars().find(|kind| !"ME*-".contains(*kind)) {
        faults.add("mamba.pattern", format!("has `{other}`: use M (Mamba), * (attention), E (experts), - (dense network)"));
    }
    if mamba.pattern.contains('E') && table.experts.is_none() {
        faults.add("experts", "is missing: `mamba.pattern` has expert layers");
    }
    pattern
}

fn check_experts(table: &ModelTable, experts: &ExpertsTable, faults: &mut Faults) -> Experts {
    let total = faults.size("experts.total", experts.total);
    let used = faults.size("experts.used", experts.used);
    let width = faults.size("experts.ffn", experts.ffn);
    if used > total {
        faults.add("experts.used", format!("is {used}, more than the {total} experts"));
    }
    if experts.every == Some(0) {
        faults.add("experts.every", "is 0: leave it out where each layer has experts");
    }
    let shared = experts.shared_ffn.unwrap_or_else(|| experts.shared.unwrap_or(0).saturating_mul(width));
    if shared > MOST {
        faults.add("experts.shared_ffn", format!("is {shared}, beyond any real model (at most {MOST})"));
    }
    let dense_width = if experts.parallel_dense == Some(true) {
        faults.required("ffn", table.ffn, "`experts.parallel_dense` needs the width of the dense network")
    } else {
        0
    };
    Experts { total, used, width, shared_width: shared.min(MOST), dense_width }
}
