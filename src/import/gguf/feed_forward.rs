//! The feed-forward part of a layer. Widths come from the down projection,
//! because gate and up may be one tensor of twice the width.

use super::error::{GgufError, Problem};
use super::facts::Facts;
use crate::model::{Experts, FeedForward};

/// The feed-forward part of a layer, from its tensors.
pub(super) fn of_layer(facts: &Facts<'_>, layer: u32) -> Result<FeedForward, GgufError> {
    let dense = facts.length(layer, "ffn_down.weight", 0).unwrap_or(0);
    let Some((total, width)) = experts(facts, layer) else {
        return Ok(if dense == 0 {
            FeedForward::None
        } else {
            FeedForward::Dense { width: dense }
        });
    };
    let used = facts.of_layer("expert_used_count", layer)?.ok_or_else(|| {
        facts.at(
            "expert_used_count",
            Problem::Incomplete("the key is missing; convert the model again".to_owned()),
        )
    })?;
    if used == 0 || used > total {
        return Err(facts.at(
            "expert_used_count",
            Problem::Incomplete(format!(
                "{used} of the {total} experts of layer {layer} cannot be used; the file is damaged"
            )),
        ));
    }
    let shared_width = facts.length(layer, "ffn_down_shexp.weight", 0).unwrap_or(0);
    Ok(FeedForward::Experts(Experts {
        total,
        used,
        width,
        shared_width,
        dense_width: dense,
    }))
}

/// Number of routed experts of a layer and the width of one.
fn experts(facts: &Facts<'_>, layer: u32) -> Option<(u32, u32)> {
    if let Some(width) = facts.length(layer, "ffn_down_exps.weight", 0) {
        return Some((facts.length(layer, "ffn_down_exps.weight", 2)?, width));
    }
    // Files from before 2024-04 have a tensor for each expert: `ffn_down.7.weight`.
    let count = facts
        .parts(layer)
        .filter(|part| is_single_expert(part) && part.starts_with("ffn_down."))
        .count();
    let width = facts.length(layer, "ffn_down.0.weight", 0)?;
    Some((u32::try_from(count).ok()?, width))
}

/// Whether a part of a layer belongs to one routed expert alone, as
/// `ffn_up.7.weight` of old files.
pub(super) fn is_single_expert(part: &str) -> bool {
    let mut words = part.split('.');
    matches!(words.next(), Some("ffn_up" | "ffn_gate" | "ffn_down"))
        && words.next().is_some_and(|word| word.parse::<u32>().is_ok())
}
