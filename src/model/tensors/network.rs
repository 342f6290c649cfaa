//! The tensors of feed-forward parts.

use super::{List, Role};
use crate::model::architecture::{Architecture, Experts};
use crate::model::family::Gate;

/// A dense network.
pub(super) fn dense(list: &mut List, architecture: &Architecture, width: u32) {
    let spec = architecture.family.spec().network;
    let hidden = u64::from(architecture.hidden);
    let width = u64::from(width);
    three(
        list,
        spec.gate,
        ["ffn_gate", "ffn_up", "ffn_down"],
        hidden,
        width,
    );
    if spec.bias {
        if spec.gate == Gate::Own {
            list.bias("ffn_gate", width);
        }
        list.bias("ffn_up", width);
        list.bias("ffn_down", hidden);
    }
}

fn three(list: &mut List, gate: Gate, stems: [&'static str; 3], hidden: u64, width: u64) {
    if gate == Gate::Own {
        list.matrix(Role::FfnGate, stems[0], hidden, width);
    }
    let up = if gate == Gate::WithUp {
        width.saturating_mul(2)
    } else {
        width
    };
    list.matrix(Role::FfnUp, stems[1], hidden, up);
    list.matrix(Role::FfnDown, stems[2], width, hidden);
}

/// Router, routed and shared experts, and a dense network beside them.
pub(super) fn experts(list: &mut List, architecture: &Architecture, experts: Experts) {
    let spec = architecture.family.spec().network;
    let hidden = u64::from(architecture.hidden);
    let total = u64::from(experts.total);
    let width = u64::from(experts.width);
    list.matrix(Role::Router, "ffn_gate_inp", hidden, total);
    if architecture
        .extras
        .selection_bias
        .unwrap_or_else(|| (spec.selection_bias)(experts))
    {
        list.bias("exp_probs_b", total);
    }
    let inner = match architecture.extras.expert_latent.map(u64::from) {
        Some(latent) => {
            list.matrix(Role::Projection, "ffn_latent_down", hidden, latent);
            list.matrix(Role::Projection, "ffn_latent_up", latent, hidden);
            latent
        }
        None => hidden,
    };
    if spec.gate != Gate::None {
        list.experts(Role::FfnGate, "ffn_gate_exps", inner, width, total);
    }
    list.experts(Role::FfnUp, "ffn_up_exps", inner, width, total);
    list.experts(Role::FfnDown, "ffn_down_exps", width, inner, total);
    if spec.expert_bias {
        list.bias("ffn_gate_inp", total);
        list.expert_bias("ffn_gate_exps", width, total);
        list.expert_bias("ffn_up_exps", width, total);
        list.expert_bias("ffn_down_exps", inner, total);
    }
    if experts.shared_width > 0 {
        if spec.shared_gate {
            list.vector("ffn_gate_inp_shexp", hidden);
        }
        let stems = ["ffn_gate_shexp", "ffn_up_shexp", "ffn_down_shexp"];
        three(
            list,
            spec.gate,
            stems,
            hidden,
            u64::from(experts.shared_width),
        );
    }
    if experts.dense_width > 0 {
        dense(list, architecture, experts.dense_width);
    }
}
