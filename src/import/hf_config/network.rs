//! The feed-forward parts of a config: dense widths, experts, prediction
//! blocks and per-layer embeddings.

use super::keys::Keys;
use crate::model::{ExpertsTable, ModelTable, MtpTable, PerLayerEmbeddingTable};

/// Adds everything about the feed-forward parts to the table.
pub(super) fn add(keys: &mut Keys<'_>, table: &mut ModelTable) {
    let dense = dense_width(keys, table);
    table.experts = experts(keys, table, dense);
    let has_dense_layers = table.experts.as_ref().is_none_or(|experts| {
        experts.first_dense_layers.unwrap_or(0) > 0
            || experts.every.unwrap_or(1) > 1
            || experts.parallel_dense == Some(true)
    });
    let pattern = table
        .mamba
        .as_ref()
        .is_some_and(|mamba| !mamba.pattern.contains('-') && mamba.pattern.contains('E'));
    if has_dense_layers && !pattern && table.ffn_per_layer.is_none() {
        table.ffn = dense;
        if dense.is_none() {
            keys.problem(
                "intermediate_size",
                "is missing; without it the feed-forward network is unknown",
            );
        }
    }
    if keys.flag(&["use_double_wide_mlp"]) == Some(true) && table.kv_shared_layers.is_some() {
        table.ffn_shared_kv = dense.and_then(|width| width.checked_mul(2));
    }
    per_layer(keys, table);
    let prediction = [
        "num_nextn_predict_layers",
        "mtp_num_hidden_layers",
        "num_mtp_modules",
        "num_mtp_layers",
    ];
    table.mtp = keys
        .positive(&prediction)
        .filter(|_| keys.flag(&["use_mtp"]) != Some(false))
        .map(|layers| MtpTable {
            layers,
            own_vocabulary: false,
        });
}

/// The dense network's width.
fn dense_width(keys: &mut Keys<'_>, table: &ModelTable) -> Option<u32> {
    if table.family == "llama4"
        && let Some(width) = keys.positive(&["intermediate_size_mlp"])
    {
        return Some(width);
    }
    let width = keys.positive(&[
        "intermediate_size",
        "ffn_hidden_size",
        "n_inner",
        "ffn_dim",
        "block_ff_dim",
    ]);
    if table.family.starts_with("lfm2") && keys.flag(&["block_auto_adjust_ff_dim"]) == Some(true) {
        return adjusted(keys, width?);
    }
    // Falcon's class has no key for it: four times the hidden width.
    width.or_else(|| {
        if table.family == "falcon" {
            table.hidden.checked_mul(4)
        } else {
            None
        }
    })
}

/// LFM2's width: two thirds, times a factor, up to a multiple.
fn adjusted(keys: &mut Keys<'_>, width: u32) -> Option<u32> {
    let factor = keys
        .get(&["block_ffn_dim_multiplier"])
        .and_then(serde_json::Value::as_f64)
        .unwrap_or(1.0);
    let multiple = keys.positive(&["block_multiple_of"]).unwrap_or(256);
    let plain =
        (factor * f64::from(width.checked_mul(2)? / 3)).clamp(0.0, f64::from(u32::MAX / 2)) as u32;
    plain.div_ceil(multiple).checked_mul(multiple)
}

fn experts(keys: &mut Keys<'_>, table: &ModelTable, dense: Option<u32>) -> Option<ExpertsTable> {
    if keys.flag(&["enable_moe_block"]) == Some(false) {
        return None;
    }
    let count = [
        "num_local_experts",
        "num_experts",
        "n_routed_experts",
        "moe_num_experts",
        "num_routed_experts",
    ];
    let total = keys.positive(&count).filter(|total| *total > 1)?;
    let used = keys.required(&[
        "num_experts_per_tok",
        "num_experts_per_token",
        "experts_per_token",
        "top_k_experts",
        "moe_topk",
        "moe_k",
        "moe_top_k",
        "num_selected_experts",
    ]);
    let own = keys.positive(&[
        "moe_intermediate_size",
        "moe_ffn_hidden_size",
        "expert_intermediate_size",
        "moe_ffn_dim",
    ]);
    let plain = if table.family == "llama4" {
        keys.positive(&["intermediate_size"])
    } else {
        dense
    };
    let Some(ffn) = own.or(plain) else {
        keys.problem(
            "moe_intermediate_size",
            "is missing; without it the experts' width is unknown",
        );
        return None;
    };
    let stated = keys.positive(&[
        "n_shared_experts",
        "num_shared_experts",
        "num_shared_expert",
        "moe_num_shared_experts",
    ]);
    // Llama 4 always has one, Laguna says only how wide it is.
    let shared = stated.or((table.family == "llama4").then_some(1));
    let shared_ffn = keys
        .positive(&[
            "shared_expert_intermediate_size",
            "moe_shared_expert_intermediate_size",
            "shared_intermediate_size",
        ])
        .filter(|width| shared.and_then(|count| count.checked_mul(ffn)) != Some(*width));
    Some(ExpertsTable {
        total,
        used,
        ffn,
        shared,
        shared_ffn,
        first_dense_layers: first_dense_layers(keys).filter(|layers| *layers > 0),
        every: keys
            .positive(&[
                "interleave_moe_layer_step",
                "decoder_sparse_step",
                "moe_layer_interval",
            ])
            .or_else(|| {
                keys.get(&["moe_layer_freq"])?
                    .as_u64()
                    .and_then(|every| u32::try_from(every).ok())
            })
            .filter(|every| *every > 1),
        parallel_dense: keys.flag(&["enable_moe_block"]),
        latent: keys.positive(&["moe_latent_size"]),
        selection_bias: keys.flag(&["moe_router_enable_expert_bias", "use_routing_bias"]),
    })
}

/// Dense layers before the first with experts: a number, or the beginning of a list.
fn first_dense_layers(keys: &mut Keys<'_>) -> Option<u32> {
    let leading = |count: usize| u32::try_from(count).ok();
    if let Some(kinds) = keys.words(&["mlp_layer_types"]) {
        return leading(kinds.iter().take_while(|kind| **kind == "dense").count());
    }
    if let Some(each) = keys.numbers(&["moe_layer_freq"]) {
        return leading(each.iter().take_while(|sparse| **sparse == 0).count());
    }
    if let Some(dense) = keys
        .numbers(&["mlp_only_layers"])
        .filter(|dense| !dense.is_empty())
    {
        return leading(
            (0..)
                .zip(&dense)
                .take_while(|(index, layer)| index == *layer)
                .count(),
        );
    }
    keys.number(&[
        "first_k_dense_replace",
        "num_dense_layers",
        "moe_layer_start_index",
    ])
}

/// Gemma 3n and 4: a second embedding, and widths that differ by layer.
fn per_layer(keys: &mut Keys<'_>, table: &mut ModelTable) {
    if let Some(width) = keys.positive(&["hidden_size_per_layer_input"]) {
        let vocab = keys.positive(&["vocab_size_per_layer_input"]);
        table.per_layer_embedding = Some(PerLayerEmbeddingTable { width, vocab });
    }
    let widths = keys.numbers(&["intermediate_size"]);
    if let Some(widths) =
        widths.filter(|widths| widths.iter().any(|width| Some(width) != widths.first()))
    {
        table.ffn_per_layer = Some(widths);
        table.ffn = None;
    }
}
