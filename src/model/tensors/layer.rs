//! One layer: norms, mixer, feed-forward part, and what the family adds.

use super::attention::Kv;
use super::{List, Role, attention, network, recurrent};
use crate::model::architecture::{Architecture, FeedForward, Layer, Mixer};

/// Adds the tensors of one layer.
pub(super) fn add(list: &mut List, architecture: &Architecture, layer: &Layer) {
    let spec = architecture.family.spec();
    let hidden = u64::from(architecture.hidden);
    let mixes = layer.mixer != Mixer::None;
    let feeds = layer.feed_forward != FeedForward::None;
    // Where a layer is one thing only, its one norm carries the attention's name.
    let one_norm = spec.norms.attention && !spec.norms.network && !spec.norms.after_attention;
    let mut norm = |stem, present: bool| {
        if present {
            list.vector(stem, hidden);
            if spec.norms.bias {
                list.bias(stem, hidden);
            }
        }
    };
    norm("attn_norm", spec.norms.attention && (mixes || one_norm));
    norm("post_attention_norm", spec.norms.after_attention && mixes);
    norm("ffn_norm", spec.norms.network && feeds);
    norm("post_ffw_norm", spec.norms.after_network && feeds);
    match layer.mixer {
        Mixer::None => {}
        _ if spec.compressed_attention && architecture.extras.compressed.is_some() => {}
        Mixer::Full(heads) | Mixer::Sliding { heads, .. } => {
            attention::add(list, architecture, heads, Kv::Own);
        }
        Mixer::Shared { heads, .. } => {
            let kv = if spec.attention.unused_kv {
                Kv::Unused
            } else {
                Kv::None
            };
            attention::add(list, architecture, heads, kv);
        }
        Mixer::Latent(latent) => attention::add_latent(list, architecture, latent),
        Mixer::Recurrent(recurrent) => recurrent::add(list, architecture, recurrent),
    }
    match layer.feed_forward {
        FeedForward::None => {}
        FeedForward::Dense { width } => network::dense(list, architecture, width),
        FeedForward::Experts(experts) => network::experts(list, architecture, experts),
    }
    if let Some(table) = architecture.extras.per_layer_embedding {
        let width = u64::from(table.width);
        list.matrix(Role::Projection, "inp_gate", hidden, width);
        list.matrix(Role::Projection, "proj", width, hidden);
        list.vector("post_norm", hidden);
    }
    (spec.more_in_layer)(list, architecture, layer);
}

/// Adds what a multi-token-prediction block has beside a layer: it joins the
/// last hidden state and the next token's embedding.
pub(super) fn add_prediction(list: &mut List, architecture: &Architecture) {
    let hidden = u64::from(architecture.hidden);
    list.matrix(
        Role::Projection,
        "nextn.eh_proj",
        hidden.saturating_mul(2),
        hidden,
    );
    list.vector("nextn.enorm", hidden);
    list.vector("nextn.hnorm", hidden);
    list.vector("nextn.shared_head_norm", hidden);
    if architecture.extras.mtp_vocabulary {
        let vocab = u64::from(architecture.vocab);
        list.matrix(Role::Projection, "nextn.embed_tokens", hidden, vocab);
        list.matrix(Role::Projection, "nextn.shared_head_head", hidden, vocab);
    }
}
