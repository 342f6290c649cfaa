//! How a layer mixes tokens: recurrent, latent or plain attention, sliding or
//! not, by the rules with which llama.cpp reads the metadata
//! (`llama.cpp src/models/*.cpp`, `load_arch_hparams`, 2026-09).

use super::error::{GgufError, Problem};
use super::facts::Facts;
use super::value::Value;
use crate::model::{Heads, Latent, Mixer, Recurrence, Recurrent};

/// Which layers look back over a window only.
pub(super) struct Sliding {
    /// The window; 0 for none.
    window: u32,
    pattern: Pattern,
    /// First of the last layers that reuse an earlier layer's cache.
    shared_from: u32,
}

enum Pattern {
    None,
    /// One full layer in each group of this many, first or last.
    Period {
        period: u32,
        full_first: bool,
    },
    /// A flag for each layer.
    List(Vec<bool>),
}

/// Families in which llama.cpp takes the pattern as given where the file does
/// not state it: name, layers in a group, full layer first, window if not stated.
const PATTERNS: [(&str, u32, bool, u32); 17] = [
    ("afmoe", 4, false, 0),
    ("cohere2", 4, false, 0),
    ("cohere2moe", 4, true, 0),
    ("deepseek4", 0, false, 0),
    ("exaone-moe", 4, false, 128),
    ("exaone4", 4, false, 0),
    ("gemma2", 2, false, 4096),
    ("gemma3", 6, false, 0),
    ("gemma3n", 5, false, 0),
    ("gpt-oss", 2, false, 0),
    ("laguna", 4, true, 0),
    ("llama4", 4, false, 8192),
    ("mellum", 4, false, 0),
    ("muse-glimmer", 4, false, 0),
    ("olmo2", 4, false, 0),
    ("plamo3", 8, false, 0),
    ("smallthinker", 4, true, 4096),
];

impl Sliding {
    pub(super) fn new(facts: &Facts<'_>, assumptions: &mut Vec<String>) -> Result<Self, GgufError> {
        let known = PATTERNS.iter().find(|(name, ..)| *name == facts.name);
        let stated = facts.number("attention.sliding_window")?;
        let mut window = stated.or(known.map(|known| known.3)).unwrap_or(0);
        if facts.name == "llama4" && window != 0 {
            window = 8192; // Chunked attention; llama.cpp reads nothing else.
        }
        let key = "attention.sliding_window_pattern";
        let full_first = known.is_some_and(|known| known.2);
        let pattern = match facts.header.metadata.get(&facts.key(key)) {
            Some(Value::Array { items, length }) if items.len() as u64 == *length => {
                Pattern::List(items.iter().map(|item| item.count() == Some(1)).collect())
            }
            Some(value) if value.count().is_some() => Pattern::Period {
                period: facts.number(key)?.unwrap_or(0),
                full_first,
            },
            _ => known.map_or(Pattern::None, |known| Pattern::Period {
                period: known.1,
                full_first,
            }),
        };
        if window > 0 && matches!(pattern, Pattern::None) {
            assumptions.push(format!(
                "`{}` is {window}, but no pattern is known for `{}`: all layers count as full attention, as llama.cpp treats them",
                facts.key("attention.sliding_window"),
                facts.name
            ));
        }
        let old_latent = (0..facts.layers).any(|layer| facts.has(layer, &["attn_kv_a_mqa.weight"]))
            && facts.number("attention.key_length_mla")?.is_none();
        if old_latent {
            assumptions.push(
                "the file is from before 2025-04: llama.cpp caches its latent attention as full keys and values; \
                 a newer file needs a fraction of that"
                    .to_owned(),
            );
        }
        Ok(Self {
            window,
            pattern,
            shared_from: facts.first_without_cache()?,
        })
    }

    /// The window of a layer, none where it looks at everything.
    fn window(&self, layer: u32) -> Option<u32> {
        let slides = match &self.pattern {
            Pattern::None => false,
            Pattern::Period { period: 0, .. } => true,
            Pattern::Period {
                period,
                full_first: true,
            } => !layer.is_multiple_of(*period),
            Pattern::Period {
                period,
                full_first: false,
            } => layer % period < period - 1,
            Pattern::List(list) => list.get(layer as usize).copied().unwrap_or(false),
        };
        (slides && self.window > 0).then_some(self.window)
    }
}

/// How a layer mixes tokens, from its tensors.
pub(super) fn of_layer(
    facts: &Facts<'_>,
    layer: u32,
    hidden: u32,
    sliding: &Sliding,
) -> Result<Mixer, GgufError> {
    if facts.has(layer, &["ssm_conv1d_q.weight"]) {
        return delta_attention(facts);
    }
    if facts.has(layer, &["ssm_conv1d.weight", "ssm_in.weight"]) {
        if facts.has(layer, &["attn_q.weight", "attn_k.weight"]) {
            return Err(GgufError::new(Problem::Unsupported(format!(
                "the layer has attention and a state-space part side by side, which is not modelled; \
                 the architecture `{}` is not supported",
                facts.name
            )))
            .within("layer", &format!("blk.{layer}")));
        }
        return state_space(facts, layer);
    }
    if facts.has(
        layer,
        &["shortconv.conv.weight", "shortconv.in_proj.weight"],
    ) {
        let conv = facts.required("shortconv.l_cache")?;
        let kind = Recurrence::ShortConvolution;
        return Ok(Mixer::Recurrent(Recurrent {
            kind,
            conv,
            inner: hidden,
            groups: 0,
            state: 0,
            heads: 0,
        }));
    }
    if facts.has(layer, &["attn_kv_a_mqa.weight"])
        && facts.number("attention.key_length_mla")?.is_some()
    {
        return latent(facts, layer);
    }
    if !facts.has(
        layer,
        &[
            "attn_q.weight",
            "attn_qkv.weight",
            "attn_q_a.weight",
            "attn_kv_a_mqa.weight",
        ],
    ) {
        if facts.has(layer, &["attn_k.weight", "attn_v.weight"]) {
            return Err(GgufError::new(Problem::Incomplete(
                "the layer has keys or values but no queries (attn_q.weight); the file is damaged"
                    .to_owned(),
            ))
            .within("layer", &format!("blk.{layer}")));
        }
        return Ok(Mixer::None);
    }
    let window = sliding.window(layer);
    let heads = heads(facts, layer, hidden, window.is_some())?;
    Ok(match window {
        window if layer >= sliding.shared_from => Mixer::Shared { heads, window },
        Some(window) => Mixer::Sliding { heads, window },
        None => Mixer::Full(heads),
    })
}

/// The heads of plain attention.
fn heads(facts: &Facts<'_>, layer: u32, hidden: u32, slides: bool) -> Result<Heads, GgufError> {
    let key = "attention.head_count";
    let query = facts
        .of_layer(key, layer)?
        .filter(|query| *query > 0)
        .ok_or_else(|| {
            facts.at(
                key,
                Problem::Incomplete(format!(
                    "layer {layer} has attention, but no number of heads is stated"
                )),
            )
        })?;
    let kv = facts
        .of_layer("attention.head_count_kv", layer)?
        .unwrap_or(query);
    let size = |full: &str, sliding: &str| -> Result<u32, GgufError> {
        let own = if slides { facts.number(sliding)? } else { None };
        Ok(own.or(facts.number(full)?).unwrap_or(hidden / query))
    };
    let key_dim = size("attention.key_length", "attention.key_length_swa")?;
    let value_dim = size("attention.value_length", "attention.value_length_swa")?;
    let heads = Heads {
        query,
        kv,
        key_dim,
        value_dim,
        shared_projection: facts.has(layer, &["attn_k.weight"])
            && !facts.has(layer, &["attn_v.weight"]),
    };
    check_rows(facts, layer, "attn_k.weight", kv, key_dim)?;
    check_rows(facts, layer, "attn_v.weight", kv, value_dim)?;
    Ok(heads)
}

/// A projection must have as many rows as the metadata's heads times their size.
fn check_rows(
    facts: &Facts<'_>,
    layer: u32,
    part: &str,
    heads: u32,
    size: u32,
) -> Result<(), GgufError> {
    let rows = facts
        .part(layer, part)
        .and_then(|tensor| tensor.shape.get(1).copied());
    let expected = u64::from(heads).saturating_mul(size.into());
    match rows {
        Some(rows) if rows != expected => Err(GgufError::new(Problem::Incomplete(format!(
            "it has {rows} rows where the metadata says {heads} heads of {size}; the keys of `{}` are not understood",
            facts.name
        )))
        .within("tensor", &format!("blk.{layer}.{part}"))),
        _ => Ok(()),
    }
}

/// Multi-head latent attention.
fn latent(facts: &Facts<'_>, layer: u32) -> Result<Mixer, GgufError> {
    let rope_dim = facts.required("rope.dimension_count")?;
    let key_dim = facts.required("attention.key_length_mla")?;
    let heads = facts.of_layer("attention.head_count", layer)?.unwrap_or(0);
    if heads == 0 || rope_dim > key_dim {
        let key = "attention.key_length_mla";
        let problem = format!(
            "{heads} heads of {key_dim} with {rope_dim} of them rotary cannot be; the file is damaged"
        );
        return Err(facts.at(key, Problem::Incomplete(problem)));
    }
    Ok(Mixer::Latent(Latent {
        heads,
        kv_rank: facts.required("attention.kv_lora_rank")?,
        q_rank: facts
            .number("attention.q_lora_rank")?
            .filter(|rank| *rank > 0),
        rope_dim,
        nope_dim: key_dim - rope_dim,
        value_dim: facts.required("attention.value_length_mla")?,
    }))
}

/// Mamba and gated delta nets, which keep their sizes under the same keys.
fn state_space(facts: &Facts<'_>, layer: u32) -> Result<Mixer, GgufError> {
    let delta = facts.has(
        layer,
        &["ssm_beta.weight", "ssm_ba.weight", "ssm_alpha.weight"],
    );
    Ok(Mixer::Recurrent(Recurrent {
        kind: if delta {
            Recurrence::GatedDeltaNet
        } else {
            Recurrence::Mamba2
        },
        conv: facts.required("ssm.conv_kernel")?,
        inner: facts.required("ssm.inner_size")?,
        // Mamba 1 has no groups.
        groups: facts.number("ssm.group_count")?.unwrap_or(0),
        state: facts.required("ssm.state_size")?,
        heads: facts.number("ssm.time_step_rank")?.unwrap_or(0),
    }))
}

/// Kimi's delta attention: three convolutions, and a square state for each head.
fn delta_attention(facts: &Facts<'_>) -> Result<Mixer, GgufError> {
    let size = facts.required("kda.head_dim")?;
    let heads = facts.of_layer("attention.head_count", 0)?.unwrap_or(0);
    let inner = heads
        .checked_mul(size)
        .ok_or_else(|| facts.at("kda.head_dim", Problem::Overflow))?;
    let conv = facts.required("ssm.conv_kernel")?;
    let kind = Recurrence::GatedDeltaNet;
    Ok(Mixer::Recurrent(Recurrent {
        kind,
        conv,
        inner,
        groups: heads,
        state: size,
        heads,
    }))
}
