//! The parts of layers as a table states them, each checked.

use super::{Faults, MOST};
use crate::model::architecture::{Experts, Heads, Latent, Recurrence, Recurrent};
use crate::model::hyper_parameters::{ExpertsTable, ModelTable};

pub(super) fn check_sliding(table: &ModelTable, faults: &mut Faults) {
    let Some(sliding) = &table.sliding else {
        return;
    };
    faults.size("sliding.window", sliding.window);
    if sliding.full_every == Some(0) {
        faults.add(
            "sliding.full_every",
            "is 0: leave it out where no layer has full attention",
        );
    }
    if let Some(layers) = &sliding.full_layers
        && layers.iter().any(|&layer| layer >= table.layers)
    {
        faults.add(
            "sliding.full_layers",
            format!(
                "names a layer beyond the last, {}",
                table.layers.saturating_sub(1)
            ),
        );
    }
}

pub(super) fn heads(table: &ModelTable, faults: &mut Faults) -> Heads {
    // A model of latent or of recurrent layers only has no such heads.
    let needed = table.mla.is_none();
    let mut required = |field: &str, value: Option<u32>, why: &str| {
        if needed || value.is_some() {
            faults.required(field, value, why)
        } else {
            1
        }
    };
    let query = required("heads", table.heads, "give the number of query heads");
    let kv = required(
        "kv_heads",
        table
            .kv_heads
            .or_else(|| table.kv_heads_per_layer.as_ref()?.iter().max().copied()),
        "give the number of key and value heads (the number of heads where they are not grouped)",
    );
    let key_dim = required(
        "head_dim",
        table.head_dim.or(table.hidden.checked_div(query)),
        "give the size of a head",
    );
    if kv > query && needed {
        faults.add(
            "kv_heads",
            format!("is {kv}, more than the {query} query heads"),
        );
    }
    Heads {
        query,
        kv,
        key_dim,
        value_dim: table
            .head_dim_v
            .map_or(key_dim, |dim| faults.size("head_dim_v", dim)),
        shared_projection: false,
    }
}

pub(super) fn latent(table: &ModelTable, faults: &mut Faults) -> Option<Latent> {
    let mla = table.mla.as_ref()?;
    Some(Latent {
        heads: faults.required("heads", table.heads, "give the number of query heads"),
        kv_rank: faults.size("mla.kv_lora_rank", mla.kv_lora_rank),
        q_rank: mla
            .q_lora_rank
            .map(|rank| faults.size("mla.q_lora_rank", rank)),
        rope_dim: faults.size("mla.rope_dim", mla.rope_dim),
        nope_dim: faults.size("mla.nope_dim", mla.nope_dim),
        value_dim: faults.size("mla.v_dim", mla.v_dim),
    })
}

pub(super) fn recurrent(table: &ModelTable, faults: &mut Faults) -> Option<Recurrent> {
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

pub(super) fn pattern(table: &ModelTable, faults: &mut Faults) -> Vec<u8> {
    let Some(mamba) = &table.mamba else {
        return Vec::new();
    };
    let pattern = mamba.pattern.as_bytes().to_vec();
    if pattern.len() != table.layers as usize {
        faults.add(
            "mamba.pattern",
            format!(
                "has {} characters for {} layers",
                pattern.len(),
                table.layers
            ),
        );
    }
    if let Some(other) = mamba.pattern.chars().find(|kind| !"ME*-".contains(*kind)) {
        faults.add(
            "mamba.pattern",
            format!("has `{other}`: use M (Mamba), * (attention), E (experts), - (dense network)"),
        );
    }
    if mamba.pattern.contains('E') && table.experts.is_none() {
        faults.add("experts", "is missing: `mamba.pattern` has expert layers");
    }
    pattern
}

pub(super) fn experts(table: &ModelTable, experts: &ExpertsTable, faults: &mut Faults) -> Experts {
    let total = faults.size("experts.total", experts.total);
    let used = faults.size("experts.used", experts.used);
    let width = faults.size("experts.ffn", experts.ffn);
    if used > total {
        faults.add(
            "experts.used",
            format!("is {used}, more than the {total} experts"),
        );
    }
    if experts.every == Some(0) {
        faults.add(
            "experts.every",
            "is 0: leave it out where each layer has experts",
        );
    }
    let shared = experts
        .shared_ffn
        .unwrap_or_else(|| experts.shared.unwrap_or(0).saturating_mul(width));
    if shared > MOST {
        faults.add(
            "experts.shared_ffn",
            format!("is {shared}, beyond any real model (at most {MOST})"),
        );
    }
    let dense_width = if experts.parallel_dense == Some(true) {
        faults.required(
            "ffn",
            table.ffn,
            "`experts.parallel_dense` needs the width of the dense network",
        )
    } else {
        0
    };
    Experts {
        total,
        used,
        width,
        shared_width: shared.min(MOST),
        dense_width,
    }
}
