//! What only some families have, read off the tensors where they show it.

use super::error::GgufError;
use super::facts::Facts;
use super::value::Value;
use crate::model::{AttentionGate, Compressed, Extras, Indexer, PerLayerEmbedding};

/// The extras of a model.
pub(super) fn of(facts: &Facts<'_>, hidden: u32) -> Result<Extras, GgufError> {
    let header = facts.header;
    let in_any_layer = |parts: &[&str]| (0..facts.layers).find(|layer| facts.has(*layer, parts));
    let experts = in_any_layer(&["ffn_up_exps.weight"]);
    let inner = experts.and_then(|layer| facts.length(layer, "ffn_up_exps.weight", 0));
    let outside = |names: &[&str]| names.iter().any(|name| header.tensor(name).is_some());
    Ok(Extras {
        attention_bias: Some(
            in_any_layer(&["attn_q.bias", "attn_qkv.bias", "attn_k.bias"]).is_some(),
        ),
        query_key_norm: Some(in_any_layer(&["attn_q_norm.weight"]).is_some()),
        rotary_factors: Some(outside(&["rope_freqs.weight", "rope_factors_long.weight"])),
        selection_bias: experts
            .map(|_| in_any_layer(&["exp_probs_b.bias", "exp_probs_b"]).is_some()),
        attention_gate: attention_gate(facts)?,
        per_layer_embedding: per_layer_embedding(facts)?,
        expert_latent: inner.filter(|inner| *inner != hidden),
        indexer: indexer(facts)?,
        compressed: compressed(facts)?,
        mtp_vocabulary: (facts.layers..facts.layers.saturating_add(facts.mtp_layers))
            .any(|layer| facts.has(layer, &["nextn.embed_tokens.weight"])),
    })
}

/// A gate beside plain attention (delta nets have one of the same name).
fn attention_gate(facts: &Facts<'_>) -> Result<Option<AttentionGate>, GgufError> {
    let gated = |layer: &u32| {
        facts.has(*layer, &["attn_gate.weight"]) && facts.has(*layer, &["attn_q.weight"])
    };
    let Some(layer) = (0..facts.layers).find(gated) else {
        return Ok(None);
    };
    let heads = facts.of_layer("attention.head_count", layer)?;
    let per_head = facts.length(layer, "attn_gate.weight", 1) == heads;
    Ok(Some(if per_head {
        AttentionGate::PerHead
    } else {
        AttentionGate::PerElement
    }))
}

fn per_layer_embedding(facts: &Facts<'_>) -> Result<Option<PerLayerEmbedding>, GgufError> {
    let width = facts
        .number("embedding_length_per_layer_input")?
        .unwrap_or(0);
    let table = facts.header.tensor("per_layer_token_embd.weight");
    let vocab = table
        .and_then(|table| table.shape.get(1))
        .and_then(|vocab| u32::try_from(*vocab).ok());
    Ok(vocab
        .filter(|_| width > 0)
        .map(|vocab| PerLayerEmbedding { width, vocab }))
}

fn indexer(facts: &Facts<'_>) -> Result<Option<Indexer>, GgufError> {
    let heads = facts.number("attention.indexer.head_count")?;
    let head_dim = facts.number("attention.indexer.key_length")?;
    let top_k = facts.number("attention.indexer.top_k")?;
    Ok(heads.zip(head_dim).map(|(heads, head_dim)| Indexer {
        heads,
        head_dim,
        top_k,
    }))
}

/// Compressed attention with hyper-connections (`DeepSeek` V4).
fn compressed(facts: &Facts<'_>) -> Result<Option<Compressed>, GgufError> {
    let key = facts.key("attention.compress_ratios");
    let Some(Value::Array { items, .. }) = facts.header.metadata.get(&key) else {
        return Ok(None);
    };
    let ratio = |item: &Value| {
        item.count()
            .and_then(|ratio| u32::try_from(ratio).ok())
            .unwrap_or(0)
    };
    Ok(Some(Compressed {
        q_rank: facts.required("attention.q_lora_rank")?,
        output_rank: facts.required("attention.output_lora_rank")?,
        output_groups: facts.required("attention.output_group_count")?,
        streams: facts.required("hyper_connection.count")?,
        ratios: items.iter().map(ratio).collect(),
        hash_layers: facts.number("hash_layer_count")?.unwrap_or(0),
    }))
}
