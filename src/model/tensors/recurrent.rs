//! The tensors of recurrent layers.

use super::{List, Part, Role};
use crate::model::architecture::{Architecture, Recurrence, Recurrent};

/// Adds the tensors of one recurrent layer.
pub(super) fn add(list: &mut List, architecture: &Architecture, recurrent: Recurrent) {
    let hidden = u64::from(architecture.hidden);
    match recurrent.kind {
        Recurrence::GatedDeltaNet => {
            gated_delta_net(
                list,
                hidden,
                recurrent,
                architecture.family.spec().delta_gates_fused,
            );
        }
        Recurrence::Mamba2 => mamba2(list, hidden, recurrent),
        Recurrence::ShortConvolution => {
            list.table("shortconv.conv", u64::from(recurrent.conv), hidden);
            list.matrix(
                Role::Recurrent,
                "shortconv.in_proj",
                hidden,
                hidden.saturating_mul(3),
            );
            list.matrix(Role::Recurrent, "shortconv.out_proj", hidden, hidden);
        }
    }
}

fn gated_delta_net(list: &mut List, hidden: u64, recurrent: Recurrent, fused: bool) {
    let inner = u64::from(recurrent.inner);
    let heads = u64::from(recurrent.heads);
    let mixed = mixed_width(recurrent);
    list.matrix(Role::LinearQkv, "attn_qkv", hidden, mixed);
    list.matrix(Role::Mixer, "attn_gate", hidden, inner);
    list.table("ssm_conv1d", u64::from(recurrent.conv), mixed);
    list.bias("ssm_dt", heads);
    list.small("ssm_a", Part::Bare, heads, 1);
    if fused {
        list.matrix(Role::Mixer, "ssm_ba", hidden, heads * 2);
    } else {
        list.matrix(Role::Mixer, "ssm_beta", hidden, heads);
        list.matrix(Role::Mixer, "ssm_alpha", hidden, heads);
    }
    // A norm over one value head.
    list.vector("ssm_norm", inner.checked_div(heads).unwrap_or(0));
    list.matrix(Role::Mixer, "ssm_out", inner, hidden);
}

fn mamba2(list: &mut List, hidden: u64, recurrent: Recurrent) {
    let inner = u64::from(recurrent.inner);
    let heads = u64::from(recurrent.heads);
    let groups = u64::from(recurrent.groups);
    let mixed = mixed_width(recurrent);
    let input = inner.saturating_add(mixed).saturating_add(heads);
    list.matrix(Role::Recurrent, "ssm_in", hidden, input);
    list.table("ssm_conv1d", u64::from(recurrent.conv), mixed);
    list.bias("ssm_conv1d", mixed);
    list.bias("ssm_dt", heads);
    list.small("ssm_a", Part::Bare, 1, heads);
    list.small("ssm_d", Part::Bare, 1, heads);
    list.table("ssm_norm", inner.checked_div(groups).unwrap_or(0), groups);
    list.matrix(Role::Recurrent, "ssm_out", inner, hidden);
}

/// Width of what the convolution runs over: the inner width and, for each
/// group, a key and a query of the state's size.
fn mixed_width(recurrent: Recurrent) -> u64 {
    let keys = u64::from(recurrent.groups) * u64::from(recurrent.state);
    keys.saturating_mul(2)
        .saturating_add(u64::from(recurrent.inner))
}
