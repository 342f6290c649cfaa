//! The token mixers of a config: heads, windows, latent, recurrent.

use serde_json::Value;

use super::keys::{Keys, places};
use crate::model::{
    AttentionGateTable, CompressedTable, GlobalTable, HyperTable, IndexerTable, LatentTable,
    LinearTable, MambaTable, ModelTable, ShortConvTable, SlidingTable,
};

/// Families in which llama.cpp makes some layers sliding: name, layers in a
/// group, full layer first. Others have full attention whatever the config says.
const SLIDING: [(&str, u32, bool); 17] = [
    ("afmoe", 4, false),
    ("cohere2", 4, false),
    ("cohere2moe", 4, true),
    ("deepseek4", 0, false),
    ("exaone4", 4, false),
    ("exaone-moe", 4, false),
    ("gemma2", 2, false),
    ("gemma3", 6, false),
    ("gemma3n", 5, false),
    ("gemma4", 6, false),
    ("gpt-oss", 2, false),
    ("laguna", 4, true),
    ("llama4", 4, false),
    ("muse-glimmer", 4, false),
    ("olmo2", 4, false),
    ("smallthinker", 4, true),
    ("step35", 4, true),
];

/// What transformers' `Gemma3TextConfig` takes where a config is silent.
const GEMMA3_HEADS: u32 = 8;
/// The same for key and value heads.
const GEMMA3_KV_HEADS: u32 = 4;
/// The same for the size of a head.
const GEMMA3_HEAD_DIM: u32 = 256;

/// Adds everything about the mixers to the table.
pub(super) fn add(keys: &mut Keys<'_>, table: &mut ModelTable) {
    latent(keys, table);
    heads(keys, table);
    sliding(keys, table);
    recurrent(keys, table);
    indexer_and_compression(keys, table);
    table.kv_shared_layers = keys.positive(&["num_kv_shared_layers"]);
    table.attention_gate = gate(keys);
    if table.family == "deci" {
        grouped_by_block(keys, table);
    }
}

fn heads(keys: &mut Keys<'_>, table: &mut ModelTable) {
    let heads = heads_or_default(keys, table);
    table.heads = Some(heads);
    let falcon = table.family == "falcon" && keys.flag(&["new_decoder_architecture"]) != Some(true);
    let stated = if falcon && keys.flag(&["multi_query"]) == Some(true) {
        Some(1)
    } else if falcon {
        None
    } else {
        keys.positive(&[
            "num_key_value_heads",
            "num_kv_heads",
            "n_head_kv",
            "num_attention_groups",
            "multi_query_group_num",
        ])
    };
    let usual = if table.family == "gemma3" {
        GEMMA3_KV_HEADS
    } else {
        heads
    };
    table.kv_heads = Some(stated.unwrap_or(usual));
    if table.mla.is_some() {
        // The latent's own sizes count; `head_dim` means something else in each config.
        return;
    }
    let divided = table.hidden.checked_div(heads).unwrap_or(1);
    let usual = if table.family == "gemma3" {
        GEMMA3_HEAD_DIM
    } else {
        divided
    };
    table.head_dim = Some(
        keys.positive(&["head_dim", "attention_head_dim", "kv_channels"])
            .unwrap_or(usual),
    );
    table.head_dim_v = keys
        .positive(&["v_head_dim"])
        .filter(|size| Some(*size) != table.head_dim);
}

/// Query heads; Gemma 3 4B's config leaves them to its class' default.
fn heads_or_default(keys: &mut Keys<'_>, table: &ModelTable) -> u32 {
    let names = ["num_attention_heads", "n_head", "num_heads", "n_heads"];
    if table.family == "gemma3" && keys.get(&names).is_none() {
        keys.assume(format!(
            "no `num_attention_heads`: the {GEMMA3_HEADS} of Gemma 3's class are taken"
        ));
        return GEMMA3_HEADS;
    }
    keys.required(&names)
}

fn latent(keys: &mut Keys<'_>, table: &mut ModelTable) {
    let Some(kv_lora_rank) = keys.positive(&["kv_lora_rank"]) else {
        return;
    };
    table.mla = Some(LatentTable {
        kv_lora_rank,
        q_lora_rank: keys.positive(&["q_lora_rank"]),
        rope_dim: keys.required(&["qk_rope_head_dim"]),
        nope_dim: keys.required(&["qk_nope_head_dim"]),
        v_dim: keys.required(&["v_head_dim"]),
    });
}

fn sliding(keys: &mut Keys<'_>, table: &mut ModelTable) {
    let kinds = keys.words(&["layer_types"]).unwrap_or_default();
    let slides = |kind: &&str| {
        matches!(
            *kind,
            "sliding_attention" | "chunked_attention" | "local_attention"
        )
    };
    let known = SLIDING.iter().find(|(family, ..)| *family == table.family);
    let chunk = if table.family == "llama4" {
        keys.positive(&["attention_chunk_size"])
    } else {
        None
    };
    let window =
        chunk.or_else(|| keys.positive(&["sliding_window", "sliding_window_size", "window_size"]));
    let off = keys.flag(&["use_sliding_window"]) == Some(false);
    let Some(window) = window.filter(|_| !off) else {
        return;
    };
    let hybrid = keys
        .numbers(&["hybrid_layer_pattern"])
        .filter(|_| table.family == "mimo2");
    let list = if kinds.iter().any(slides) {
        Some(places(&kinds, |kind| !slides(kind)))
    } else {
        // MiMo: 1 marks a sliding layer.
        hybrid.map(|pattern| places(&pattern, |kind| *kind == 0))
    };
    if list.is_none() && (known.is_none() || !kinds.is_empty()) {
        return;
    }
    let period = known.map_or(0, |known| known.1);
    let stated = keys.number(&["_sliding_window_pattern"]);
    let stated = stated.or_else(|| {
        keys.get(&["sliding_window_pattern"])?
            .as_u64()
            .and_then(|every| u32::try_from(every).ok())
    });
    let every = stated.unwrap_or(period);
    if every == 1 && list.is_none() {
        return;
    }
    let in_full = if table.family == "deepseek4" {
        None
    } else {
        list
    };
    table.sliding = Some(SlidingTable {
        window,
        full_every: Some(every).filter(|every| *every > 0 && in_full.is_none()),
        full_first: known
            .filter(|known| known.2 && in_full.is_none())
            .map(|_| true),
        kv_heads: keys.positive(&["swa_num_key_value_heads"]),
        head_dim: keys
            .positive(&["swa_head_dim"])
            .filter(|size| Some(*size) != table.head_dim),
        full_layers: in_full,
    });
    full_layers_sizes(keys, table, &kinds);
}

/// Sizes of the full-attention layers where they differ from the sliding ones.
fn full_layers_sizes(keys: &mut Keys<'_>, table: &mut ModelTable, kinds: &[&str]) {
    let of_kind = |list: &[u32], full: bool| {
        kinds
            .iter()
            .zip(list)
            .find(|(kind, _)| (**kind == "full_attention") == full)
            .map(|(_, heads)| *heads)
    };
    let mut global = GlobalTable {
        heads: None,
        kv_heads: keys
            .positive(&["num_global_key_value_heads"])
            .filter(|heads| Some(*heads) != table.kv_heads),
        head_dim: keys
            .positive(&["global_head_dim"])
            .filter(|size| Some(*size) != table.head_dim),
        shared_kv_projection: keys.flag(&["attention_k_eq_v"]).filter(|shared| *shared),
    };
    if let Some(each) = keys.numbers(&["num_attention_heads_per_layer"]) {
        // The model's own number is that of the sliding layers.
        table.heads = of_kind(&each, false).or(table.heads);
        global.heads = of_kind(&each, true).filter(|heads| Some(*heads) != table.heads);
    }
    if global.heads.is_some()
        || global.kv_heads.is_some()
        || global.head_dim.is_some()
        || global.shared_kv_projection.is_some()
    {
        table.global = Some(global);
    }
}

fn recurrent(keys: &mut Keys<'_>, table: &mut ModelTable) {
    let kinds = keys.words(&["layer_types"]).unwrap_or_default();
    let full = places(&kinds, |kind| {
        matches!(*kind, "full_attention" | "attention")
    });
    if let Some(k_heads) = keys.positive(&["linear_num_key_heads"]) {
        let first = full.first().map(|first| first.saturating_add(1));
        table.linear = Some(LinearTable {
            full_every: keys
                .positive(&["full_attention_interval"])
                .or(first)
                .unwrap_or(4),
            k_heads,
            k_dim: keys.required(&["linear_key_head_dim"]),
            v_heads: keys.required(&["linear_num_value_heads"]),
            v_dim: keys.required(&["linear_value_head_dim"]),
            conv: keys.positive(&["linear_conv_kernel_dim"]).unwrap_or(4),
        });
    }
    if let Some(heads) = keys.positive(&["mamba_num_heads", "mamba_n_heads"]) {
        table.mamba = Some(MambaTable {
            pattern: pattern(keys, &kinds),
            groups: keys.positive(&["n_groups", "mamba_n_groups"]).unwrap_or(1),
            state: keys.required(&["ssm_state_size", "mamba_d_state"]),
            heads,
            head_dim: keys.required(&["mamba_head_dim", "mamba_d_head"]),
            conv: keys.positive(&["conv_kernel", "mamba_d_conv"]).unwrap_or(4),
        });
    }
    if let Some(kernel) = keys.positive(&["conv_L_cache"]) {
        let listed = keys.numbers(&["full_attn_idxs"]);
        table.short_conv = Some(ShortConvTable {
            kernel,
            full_layers: listed.unwrap_or(full),
        });
    }
}

/// The pattern of a Mamba hybrid: written out, or from words for the layers.
fn pattern(keys: &mut Keys<'_>, kinds: &[&str]) -> String {
    if let Some(pattern) = keys.text(&["hybrid_override_pattern"]) {
        return pattern;
    }
    let words = keys
        .words(&["layers_block_type"])
        .unwrap_or_else(|| kinds.to_vec());
    if words.is_empty() {
        keys.problem(
            "hybrid_override_pattern",
            "is missing; without it or `layer_types` the layers' kinds are unknown",
        );
    }
    let letter = |word: &&str| match *word {
        "mamba" => 'M',
        "attention" | "full_attention" => '*',
        "moe" => 'E',
        _ => '-',
    };
    words.iter().map(letter).collect()
}

fn indexer_and_compression(keys: &mut Keys<'_>, table: &mut ModelTable) {
    if let Some(heads) = keys.positive(&["index_n_heads"]) {
        let head_dim = keys.required(&["index_head_dim"]);
        table.indexer = Some(IndexerTable {
            heads,
            head_dim,
            top_k: keys.positive(&["index_topk"]),
        });
    }
    if let Some(mut ratios) = keys.numbers(&["compress_ratios"]) {
        // The list may go on over the prediction blocks.
        ratios.truncate(table.layers as usize);
        table.compressed = Some(CompressedTable {
            q_lora_rank: keys.required(&["q_lora_rank"]),
            o_lora_rank: keys.required(&["o_lora_rank"]),
            o_groups: keys.required(&["o_groups"]),
            rope_dim: keys.positive(&["qk_rope_head_dim"]),
            ratios,
            hash_layers: keys.number(&["num_hash_layers"]).unwrap_or(0),
        });
        table.hyper = Some(HyperTable {
            mult: keys.required(&["hc_mult"]),
        });
    }
}

/// Laguna's gate: a word, or `true` for one factor a head.
fn gate(keys: &Keys<'_>) -> Option<AttentionGateTable> {
    let types = keys.list(&["gating_types"]).and_then(<[Value]>::first);
    match types.or(keys.get(&["gating"]))? {
        Value::String(word) if word.replace('-', "_") == "per_element" => {
            Some(AttentionGateTable::PerElement)
        }
        Value::String(_) | Value::Bool(true) => Some(AttentionGateTable::PerHead),
        _ => None,
    }
}

/// Heads and widths of each block (Nemotron's pruned Llamas): either part may be left out.
fn grouped_by_block(keys: &mut Keys<'_>, table: &mut ModelTable) {
    let Some(blocks) = keys.list(&["block_configs"]) else {
        keys.problem(
            "block_configs",
            "is missing; without it the heads of each layer are unknown",
        );
        return;
    };
    let (heads, hidden) = (table.heads.unwrap_or(1), f64::from(table.hidden));
    let group = |block: &Value| {
        block
            .get("attention")?
            .get("n_heads_in_group")?
            .as_u64()
            .and_then(|size| u32::try_from(size).ok())
    };
    let kv = blocks
        .iter()
        .map(|block| {
            group(block)
                .and_then(|size| heads.checked_div(size))
                .unwrap_or(0)
        })
        .collect();
    // `_ffn_mult_to_intermediate_size` of the model's code: two thirds, up to a multiple of 256.
    let width = |block: &Value| {
        let factor = block.get("ffn")?.get("ffn_mult")?.as_f64()?;
        let plain = (2.0 * factor * hidden / 3.0).clamp(0.0, f64::from(u32::MAX / 2)) as u32;
        Some(plain.div_ceil(256).saturating_mul(256))
    };
    table.ffn_per_layer = Some(
        blocks
            .iter()
            .map(|block| width(block).unwrap_or(0))
            .collect(),
    );
    table.kv_heads_per_layer = Some(kv);
    table.kv_heads = None;
}
