//! From a header to the bytes of its weights: summed tensor by tensor, so that
//! they are those of the file.

use std::collections::BTreeMap;

use super::error::{GgufError, Problem};
use super::facts::Facts;
use super::feed_forward::is_single_expert;
use super::header::Header;
use super::tensor::TensorInfo;
use crate::model::{Exactness, Part, Quant, Role, Tensor, TensorType, Weights};

/// Ids of quants by `general.file_type` (`llama_ftype`, `include/llama.h` of llama.cpp, 2026-09).
const FILE_TYPES: [(u64, &str); 33] = [
    (0, "f32"),
    (1, "f16"),
    (2, "q4_0"),
    (3, "q4_1"),
    (7, "q8_0"),
    (8, "q5_0"),
    (9, "q5_1"),
    (10, "q2_k"),
    (11, "q3_k_s"),
    (12, "q3_k_m"),
    (13, "q3_k_l"),
    (14, "q4_k_s"),
    (15, "q4_k_m"),
    (16, "q5_k_s"),
    (17, "q5_k_m"),
    (18, "q6_k"),
    (19, "iq2_xxs"),
    (20, "iq2_xs"),
    (21, "q2_k_s"),
    (22, "iq3_xs"),
    (23, "iq3_xxs"),
    (24, "iq1_s"),
    (25, "iq4_nl"),
    (26, "iq3_s"),
    (27, "iq3_m"),
    (28, "iq2_s"),
    (29, "iq2_m"),
    (30, "iq4_xs"),
    (31, "iq1_m"),
    (32, "bf16"),
    (36, "tq1_0"),
    (37, "tq2_0"),
    (38, "mxfp4"),
];

impl Header {
    /// The weights as the file holds them, to the byte.
    ///
    /// # Errors
    /// If the header lacks the number of layers, or the quant cannot be told.
    pub fn weights(&self) -> Result<Weights, GgufError> {
        let facts = Facts::new(self)?;
        let shared_from = facts.first_without_cache()?;
        let tensors: Vec<Tensor> = self
            .tensors
            .iter()
            .map(|tensor| sorted(&facts, shared_from, tensor))
            .collect();
        let sized = tensors
            .iter()
            .zip(&self.tensors)
            .map(|(tensor, info)| (tensor, info.kind, Some(info.bytes)));
        Weights::sum(
            &self.quant()?,
            facts.layers as usize,
            sized,
            Exactness::File,
        )
        .map_err(|error| GgufError::new(Problem::Unsupported(error.to_string())))
    }

    /// The quant that the file says it has, or that of the type which most of its bytes have.
    ///
    /// # Errors
    /// If neither is a known quant.
    pub fn quant(&self) -> Result<Quant, GgufError> {
        let stated = self.metadata.count("general.file_type");
        let listed = FILE_TYPES
            .iter()
            .find(|(number, _)| Some(*number) == stated)
            .map(|(_, id)| *id);
        let id = match listed {
            Some("mxfp4") if self.is_plain_beside_experts() => "mxfp4-f16".to_owned(),
            Some(id) => id.to_owned(),
            None => self
                .main_type()
                .map_or_else(String::new, |kind| kind.name().to_lowercase()),
        };
        Quant::from_id(&id).ok_or_else(|| {
            GgufError::new(Problem::Unsupported(format!(
                "the file type {} with tensors mostly in `{id}` is no known quant; name one with --quant",
                stated.map_or_else(|| "(not stated)".to_owned(), |number| number.to_string()),
            )))
            .within("key", "general.file_type")
        })
    }

    /// Whether the attention of an MXFP4 file is in 16 bits (others have it in `Q8_0`).
    fn is_plain_beside_experts(&self) -> bool {
        self.tensor("blk.0.attn_q.weight")
            .is_some_and(|tensor| matches!(tensor.kind, TensorType::F16 | TensorType::Bf16))
    }

    /// The type that takes the most bytes.
    fn main_type(&self) -> Option<TensorType> {
        let mut by_type: BTreeMap<TensorType, u64> = BTreeMap::new();
        for tensor in &self.tensors {
            let bytes = by_type.entry(tensor.kind).or_default();
            *bytes = bytes.saturating_add(tensor.bytes.0);
        }
        by_type
            .into_iter()
            .max_by_key(|(_, bytes)| *bytes)
            .map(|(kind, _)| kind)
    }
}

/// A tensor as the sum needs it: where it belongs, and how large it is.
fn sorted(facts: &Facts<'_>, shared_from: u32, tensor: &TensorInfo) -> Tensor {
    let layer = tensor.layer();
    let part = tensor.part();
    let reuses = layer.is_some_and(|layer| layer >= shared_from);
    let role = match (tensor.name.as_str(), part) {
        ("token_embd.weight", _) => Role::TokenEmbedding,
        ("per_layer_token_embd.weight", _) => Role::PerLayerEmbedding,
        ("output.weight", _) => Role::Output,
        (_, "attn_k.weight") if reuses => Role::UnusedK,
        (_, "attn_v.weight") if reuses => Role::UnusedV,
        _ => Role::Projection,
    };
    let mut shape = [1; 4];
    for (own, length) in shape.iter_mut().zip(&tensor.shape) {
        *own = *length;
    }
    let blocks = facts.layers..facts.layers.saturating_add(facts.mtp_layers);
    Tensor {
        role,
        stem: "tensor",
        part: Part::Bare,
        layer,
        shape,
        routed: part.contains("_exps") || part.contains("_chexps") || is_single_expert(part),
        mtp: layer.is_some_and(|layer| blocks.contains(&layer)) || part.starts_with("nextn."),
    }
}
