//! The tensors of attention layers.

use super::{List, Role};
use crate::model::architecture::{Architecture, AttentionGate, Heads, Latent};
use crate::model::family::QueryKeyNorm;

/// The key and value tensors of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kv {
    /// Used.
    Own,
    /// In the file and loaded, but another layer's cache is read instead.
    Unused,
    /// Not in the file.
    None,
}

/// Attention with query, key and value heads.
pub(super) fn add(list: &mut List, architecture: &Architecture, heads: Heads, kv: Kv) {
    let spec = architecture.family.spec().attention;
    let hidden = u64::from(architecture.hidden);
    let query = size(heads.query, heads.key_dim);
    let key = size(heads.kv, heads.key_dim);
    let value = size(heads.kv, heads.value_dim);
    let mixed = size(heads.query, heads.value_dim);
    let bias = architecture.extras.attention_bias.unwrap_or(spec.bias);
    if spec.fused {
        let all = query.saturating_add(key).saturating_add(value);
        list.matrix(Role::AttentionQkv, "attn_qkv", hidden, all);
        if bias {
            list.bias("attn_qkv", all);
        }
    } else {
        let wide = if spec.gate_in_query {
            query.saturating_mul(2)
        } else {
            query
        };
        let mut projection = |role, stem, width| {
            list.matrix(role, stem, hidden, width);
            if bias {
                list.bias(stem, width);
            }
        };
        projection(Role::AttentionQ, "attn_q", wide);
        let roles = match kv {
            Kv::Own => Some((Role::AttentionK, Role::AttentionV)),
            Kv::Unused => Some((Role::UnusedK, Role::UnusedV)),
            Kv::None => None,
        };
        if let Some((key_role, value_role)) = roles {
            projection(key_role, "attn_k", key);
            if !heads.shared_projection {
                projection(value_role, "attn_v", value);
            }
        }
    }
    list.matrix(Role::AttentionOutput, "attn_output", mixed, hidden);
    if spec.output_bias {
        list.bias("attn_output", hidden);
    }
    let (query_dim, key_dim) = (u64::from(heads.key_dim), u64::from(heads.key_dim));
    let norm = match (architecture.extras.query_key_norm, spec.query_key_norm) {
        (Some(false), _) => QueryKeyNorm::None,
        (Some(true), QueryKeyNorm::None) => QueryKeyNorm::SharedByHeads,
        (_, habit) => habit,
    };
    match norm {
        QueryKeyNorm::None => {}
        QueryKeyNorm::SharedByHeads => {
            list.vector("attn_q_norm", query_dim);
            if kv != Kv::None {
                list.vector("attn_k_norm", key_dim);
            }
        }
        QueryKeyNorm::EachHead => {
            list.table("attn_q_norm", query_dim, u64::from(heads.query));
            list.table("attn_k_norm", key_dim, u64::from(heads.kv));
        }
        QueryKeyNorm::AllHeads => {
            list.vector("attn_q_norm", query);
            list.vector("attn_k_norm", key);
        }
    }
    if spec.sinks {
        list.vector("attn_sinks", u64::from(heads.query));
    }
    match architecture.extras.attention_gate.or(spec.gate) {
        None => {}
        Some(AttentionGate::PerHead) => {
            list.matrix(Role::Mixer, "attn_gate", hidden, u64::from(heads.query));
        }
        Some(AttentionGate::PerElement) => list.matrix(Role::Mixer, "attn_gate", hidden, query),
    }
}

/// Multi-head latent attention. Keys and values are unfolded by one matrix per
/// head (`attn_k_b`, `attn_v_b`), as llama.cpp has stored them since 2025-04.
pub(super) fn add_latent(list: &mut List, architecture: &Architecture, latent: Latent) {
    let hidden = u64::from(architecture.hidden);
    let heads = u64::from(latent.heads);
    let rank = u64::from(latent.kv_rank);
    let query = heads.saturating_mul(u64::from(latent.nope_dim) + u64::from(latent.rope_dim));
    match latent.q_rank.map(u64::from) {
        Some(q_rank) => {
            list.vector("attn_q_a_norm", q_rank);
            list.matrix(Role::Mixer, "attn_q_a", hidden, q_rank);
            list.matrix(Role::Mixer, "attn_q_b", q_rank, query);
        }
        None => list.matrix(Role::AttentionQ, "attn_q", hidden, query),
    }
    list.vector("attn_kv_a_norm", rank);
    list.matrix(
        Role::Mixer,
        "attn_kv_a_mqa",
        hidden,
        rank + u64::from(latent.rope_dim),
    );
    list.stack(
        Role::Mixer,
        "attn_k_b",
        u64::from(latent.nope_dim),
        rank,
        heads,
    );
    list.stack(
        Role::Mixer,
        "attn_v_b",
        rank,
        u64::from(latent.value_dim),
        heads,
    );
    list.matrix(
        Role::AttentionOutput,
        "attn_output",
        size(latent.heads, latent.value_dim),
        hidden,
    );
    if let Some(indexer) = architecture.extras.indexer {
        let dim = u64::from(indexer.head_dim);
        list.vector("indexer.k_norm", dim);
        list.bias("indexer.k_norm", dim);
        list.matrix(
            Role::Mixer,
            "indexer.proj",
            hidden,
            u64::from(indexer.heads),
        );
        list.matrix(Role::Mixer, "indexer.attn_k", hidden, dim);
        let rank = u64::from(latent.q_rank.unwrap_or(architecture.hidden));
        list.matrix(
            Role::Mixer,
            "indexer.attn_q_b",
            rank,
            size(indexer.heads, indexer.head_dim),
        );
    }
}

fn size(heads: u32, dim: u32) -> u64 {
    u64::from(heads) * u64::from(dim)
}
