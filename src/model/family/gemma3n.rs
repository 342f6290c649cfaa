//! Gemma 3n: alternating updates of four streams, low-rank residuals and a
//! per-layer embedding.

use super::spec::{Attention, FamilySpec};
use crate::model::tensors::{List, Role};
use crate::model::{Architecture, Layer};

/// Parallel streams (`altup_num_inputs`).
const STREAMS: u64 = 4;
/// Rank of the learned residual (`laurel_rank`).
const RESIDUAL_RANK: u64 = 64;

/// Gemma 3n E2B and E4B. Both published sizes share the two constants above.
pub(super) const GEMMA3N: FamilySpec = FamilySpec {
    name: "gemma3n",
    norms: FamilySpec::FOUR_NORMS,
    attention: Attention {
        unused_kv: true,
        ..FamilySpec::QUERY_KEY_NORM.attention
    },
    more_in_layer,
    more: |list, architecture| {
        let hidden = u64::from(architecture.hidden);
        list.stack(Role::Unquantised, "altup_proj", hidden, hidden, STREAMS - 1);
        list.stack(
            Role::Unquantised,
            "altup_unembd_proj",
            hidden,
            hidden,
            STREAMS - 1,
        );
    },
    ..FamilySpec::LLAMA
};

fn more_in_layer(list: &mut List, architecture: &Architecture, _: &Layer) {
    let hidden = u64::from(architecture.hidden);
    list.table("altup_correct_coef", STREAMS, STREAMS);
    list.vector("altup_correct_scale", hidden);
    list.table("altup_predict_coef", STREAMS, STREAMS * STREAMS);
    list.table("altup_router", hidden, STREAMS);
    list.vector("altup_router_norm", hidden);
    list.matrix(Role::Unquantised, "laurel_l", hidden, RESIDUAL_RANK);
    list.matrix(Role::Unquantised, "laurel_r", RESIDUAL_RANK, hidden);
    list.vector("laurel_post_norm", hidden);
}
