//! `DeepSeek` V4: compressed attention over a window, a residual of several
//! streams (hyper-connections), experts chosen by token id in the first layers.

use super::spec::{FamilySpec, Network};
use crate::model::tensors::{List, Role};
use crate::model::{Architecture, Compressed, Heads, Layer, Mixer};

/// `DeepSeek` V4. Its sizes beyond the usual are in `Extras::compressed`; without
/// them only the experts and the plain tensors are counted.
pub(super) const DEEPSEEK4: FamilySpec = FamilySpec {
    name: "deepseek4",
    network: Network {
        selection_bias: |_| false,
        ..FamilySpec::LLAMA.network
    },
    compressed_attention: true,
    more_in_layer,
    more: |list, architecture| {
        if let Some(sizes) = &architecture.extras.compressed {
            let streams = u64::from(sizes.streams);
            list.matrix(
                Role::Projection,
                "output_hc_fn",
                streams * u64::from(architecture.hidden),
                streams,
            );
            list.vector("output_hc_base", streams);
            list.vector("output_hc_scale", 1);
        }
    },
    ..FamilySpec::LLAMA
};

fn more_in_layer(list: &mut List, architecture: &Architecture, layer: &Layer) {
    let (Some(sizes), Some(heads)) = (&architecture.extras.compressed, heads(layer)) else {
        return;
    };
    let hidden = u64::from(architecture.hidden);
    let index = list.layer().unwrap_or(0);
    attention(list, hidden, sizes, heads);
    streams(list, hidden, u64::from(sizes.streams));
    compressor(
        list,
        architecture,
        sizes,
        heads,
        sizes.ratios.get(index as usize).copied().unwrap_or(0),
    );
    let Some(experts) = architecture.experts() else {
        return;
    };
    if index < sizes.hash_layers {
        list.ids(
            "ffn_gate_tid2eid",
            u64::from(experts.used),
            u64::from(architecture.vocab),
        );
    } else {
        list.bias("exp_probs_b", u64::from(experts.total));
    }
}

fn heads(layer: &Layer) -> Option<Heads> {
    match layer.mixer {
        Mixer::Full(heads) | Mixer::Sliding { heads, .. } => Some(heads),
        _ => None,
    }
}

fn attention(list: &mut List, hidden: u64, sizes: &Compressed, heads: Heads) {
    let rank = u64::from(sizes.q_rank);
    let dim = u64::from(heads.key_dim);
    let query = u64::from(heads.query) * dim;
    let groups = u64::from(sizes.output_groups);
    let output = u64::from(sizes.output_rank);
    list.vector("attn_sinks", u64::from(heads.query));
    list.matrix(Role::Mixer, "attn_q_a", hidden, rank);
    list.vector("attn_q_a_norm", rank);
    list.matrix(Role::Mixer, "attn_q_b", rank, query);
    list.matrix(Role::Mixer, "attn_kv", hidden, dim);
    list.vector("attn_kv_a_norm", dim);
    list.matrix(
        Role::Mixer,
        "attn_output_a",
        query.checked_div(groups).unwrap_or(0),
        output.saturating_mul(groups),
    );
    list.matrix(
        Role::Mixer,
        "attn_output_b",
        output.saturating_mul(groups),
        hidden,
    );
}

/// The mixing weights of the residual streams around attention and network.
fn streams(list: &mut List, hidden: u64, streams: u64) {
    let mixed = (2 + streams).saturating_mul(streams);
    for [weights, base, scale] in [
        ["hc_attn_fn", "hc_attn_base", "hc_attn_scale"],
        ["hc_ffn_fn", "hc_ffn_base", "hc_ffn_scale"],
    ] {
        list.matrix(Role::Mixer, weights, streams * hidden, mixed);
        list.vector(base, mixed);
        list.vector(scale, 3);
    }
}

/// What folds `ratio` tokens into one cache row, and at ratio 4 the indexer
/// that picks among the rows.
fn compressor(
    list: &mut List,
    architecture: &Architecture,
    sizes: &Compressed,
    heads: Heads,
    ratio: u32,
) {
    if ratio == 0 {
        return;
    }
    let hidden = u64::from(architecture.hidden);
    let overlap = if ratio == 4 { 2 } else { 1 };
    let dim = u64::from(heads.key_dim);
    let wide = dim * overlap;
    list.matrix(Role::Mixer, "attn_compressor_kv", hidden, wide);
    list.matrix(Role::Mixer, "attn_compressor_gate", hidden, wide);
    list.matrix(Role::Mixer, "attn_compressor_ape", wide, u64::from(ratio));
    list.vector("attn_compressor_norm", dim);
    if let (4, Some(indexer)) = (ratio, architecture.extras.indexer) {
        let dim = u64::from(indexer.head_dim);
        let heads = u64::from(indexer.heads);
        list.matrix(Role::Mixer, "indexer.proj", hidden, heads);
        list.matrix(
            Role::Mixer,
            "indexer.attn_q_b",
            u64::from(sizes.q_rank),
            heads * dim,
        );
        list.matrix(Role::Mixer, "indexer_compressor_kv", hidden, dim * 2);
        list.matrix(Role::Mixer, "indexer_compressor_gate", hidden, dim * 2);
        list.matrix(
            Role::Mixer,
            "indexer_compressor_ape",
            dim * 2,
            u64::from(ratio),
        );
        list.vector("indexer_compressor_norm", dim);
    }
}
