//! Which type llama.cpp's quantiser gives each tensor of a file.
//!
//! Source: `llama_tensor_get_type_impl`, `tensor_allows_quantization` and
//! `tensor_type_fallback` in src/llama-quant.cpp, 0.6.0 (2026-11); what v0.5.0
//! made of twelve models comes out to the byte (tests/weights.rs).
//! The rules depend on the tensor's role, its layer, the count of such tensors so
//! far, the number of experts and of query heads to a key head.

mod rules;

use super::file_type::FileType as F;
use super::types::TensorType as T;
use crate::model::architecture::{Architecture, Mixer, Recurrence};
use crate::model::tensors::{Role, Tensor};

/// The types of all tensors, in their order. None for a tensor that the
/// quantiser cannot store.
pub(super) fn types(file: F, architecture: &Architecture, tensors: &[Tensor]) -> Vec<T> {
    let mut recipe = Recipe::new(file, architecture, tensors);
    tensors.iter().map(|tensor| recipe.choose(tensor)).collect()
}

/// What the choice depends on besides the tensor, and the counters that run along.
struct Recipe {
    file: F,
    /// Experts to choose from, 0 for a dense model.
    experts: u32,
    /// Query heads to a key head of the first layer, 0 where it has none.
    grouping: u32,
    layers: usize,
    falcon: bool,
    large: bool,
    tied: bool,
    native_mxfp4_experts: bool,
    importance: bool,
    values: usize,
    value: usize,
    downs: usize,
    gates: usize,
    ups: usize,
}

impl Recipe {
    fn new(file: F, architecture: &Architecture, tensors: &[Tensor]) -> Self {
        let spec = architecture.family.spec();
        let experts = architecture.experts().map_or(0, |experts| experts.total);
        let grouping = grouping(architecture);
        Self {
            file,
            experts,
            grouping,
            layers: architecture.layers.len() + architecture.mtp_layers as usize,
            falcon: spec.name == "falcon",
            large: spec.large_at_layers == u32::try_from(architecture.layers.len()).ok()
                && (spec.name != "llama" || (grouping != 1 && experts != 8)),
            tied: !tensors.iter().any(|tensor| tensor.role == Role::Output),
            native_mxfp4_experts: spec.native_mxfp4_experts,
            importance: file.needs_importance_matrix(),
            values: tensors
                .iter()
                .filter(|tensor| is_value(tensor.role))
                .count(),
            value: 0,
            downs: 0,
            gates: 0,
            ups: 0,
        }
    }

    fn choose(&mut self, tensor: &Tensor) -> T {
        match tensor.role {
            Role::Small | Role::Router => return T::F32,
            Role::Unquantised => {
                return if self.file.is_quantised() {
                    T::Bf16
                } else {
                    self.file.default_type()
                };
            }
            _ => {}
        }
        if !self.file.is_quantised() {
            return self.file.default_type();
        }
        if self.native_mxfp4_experts && tensor.routed {
            return T::Mxfp4;
        }
        fallback(self.preferred(tensor), tensor.shape[0])
    }

    /// The choice before the shape is looked at.
    fn preferred(&mut self, tensor: &Tensor) -> T {
        let embedding = matches!(tensor.role, Role::TokenEmbedding | Role::PerLayerEmbedding);
        if tensor.role == Role::Output || (embedding && self.tied) {
            return self.head(tensor);
        }
        if self.file == F::Mxfp4Moe {
            // Anything three-dimensional counts as an expert there.
            return if tensor.shape[2] > 1 {
                T::Mxfp4
            } else {
                T::Q8_0
            };
        }
        if embedding {
            return self.embedding();
        }
        if matches!(
            self.file,
            F::Iq2Xxs | F::Iq2Xs | F::Iq2S | F::Iq2M | F::Iq1S | F::Iq1M
        ) {
            return self.two_bits(tensor.role);
        }
        match tensor.role {
            role if is_value(role) => {
                let chosen = self.value();
                self.value += 1;
                chosen
            }
            Role::AttentionK | Role::UnusedK if self.experts == 8 => T::Q8_0,
            Role::AttentionQ | Role::AttentionK | Role::UnusedK => self.query_or_key(),
            Role::AttentionOutput => self.attention_output(),
            Role::FfnDown => {
                let layer = self.position(self.downs, tensor);
                self.downs += 1;
                self.down(layer)
            }
            Role::FfnGate => {
                let layer = self.position(self.gates, tensor);
                self.gates += 1;
                self.gate_or_up(layer)
            }
            Role::FfnUp => {
                let layer = self.position(self.ups, tensor);
                self.ups += 1;
                self.gate_or_up(layer)
            }
            _ => self.file.default_type(),
        }
    }

    /// The layer that a feed-forward tensor counts as: its own with experts, else
    /// the number of such tensors before it.
    fn position(&self, count: usize, tensor: &Tensor) -> usize {
        if self.experts > 1 {
            tensor.layer.unwrap_or(0) as usize
        } else {
            count
        }
    }
}

/// Roles that llama.cpp treats as value projections.
fn is_value(role: Role) -> bool {
    matches!(
        role,
        Role::AttentionV | Role::UnusedV | Role::AttentionQkv | Role::LinearQkv
    )
}

/// The first and last eighth of the layers, and every third between.
fn more_bits(index: usize, count: usize) -> bool {
    let eighth = count / 8;
    index < eighth || index >= 7 * count / 8 || (index - eighth) % 3 == 2
}

/// Query heads to a key head as llama.cpp reads them from the file: of the first
/// layer, 0 where the file says that it has no key heads. A gated delta net
/// layer has the attention's counts in the file.
fn grouping(architecture: &Architecture) -> u32 {
    let ratio = |mixer: Mixer| match mixer {
        Mixer::Full(heads) | Mixer::Sliding { heads, .. } | Mixer::Shared { heads, .. } => {
            heads.query.checked_div(heads.kv)
        }
        Mixer::Latent(latent) => Some(latent.heads),
        Mixer::Recurrent(_) | Mixer::None => None,
    };
    let per_layer = match architecture.layers.first().map(|layer| layer.mixer) {
        Some(Mixer::Recurrent(recurrent)) => recurrent.kind != Recurrence::GatedDeltaNet,
        Some(Mixer::None) => true,
        _ => false,
    };
    if per_layer {
        return 0;
    }
    architecture
        .layers
        .iter()
        .find_map(|layer| ratio(layer.mixer))
        .unwrap_or(0)
}

/// The type of smaller blocks that takes over where a row is no whole number of
/// blocks, or 16 bits where that does not fit either.
fn fallback(chosen: T, row: u64) -> T {
    let fits = |tensor_type: T| tensor_type.row_bytes(row).is_some();
    if fits(chosen) {
        return chosen;
    }
    let smaller = match chosen {
        T::Iq1S | T::Iq1M | T::Iq2Xxs | T::Iq2Xs | T::Iq2S | T::Iq3Xxs | T::Iq3S | T::Iq4Xs => {
            T::Iq4Nl
        }
        T::Q2K | T::Q3K | T::Tq1_0 | T::Tq2_0 => T::Q4_0,
        T::Q4K => T::Q5_0,
        T::Q5K => T::Q5_1,
        T::Q6K => T::Q8_0,
        other => other,
    };
    if fits(smaller) { smaller } else { T::F16 }
}

#[cfg(test)]
mod tests {
    use super::{T, fallback, more_bits};

    #[test]
    fn first_and_last_eighth_and_every_third_get_more() {
        // 32 layers: 0-3, 28-31, and from 4 on those with (i - 4) % 3 == 2.
        let raised: Vec<usize> = (0..32).filter(|&layer| more_bits(layer, 32)).collect();
        assert_eq!(
            raised,
            [0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31]
        );
        assert!((0..6).filter(|&layer| more_bits(layer, 6)).eq([2, 5]));
    }

    #[test]
    fn odd_rows_fall_back_to_smaller_blocks() {
        assert_eq!(fallback(T::Q4K, 4096), T::Q4K);
        assert_eq!(fallback(T::Q4K, 2880), T::Q5_0);
        assert_eq!(fallback(T::Q6K, 2880), T::Q8_0);
        assert_eq!(fallback(T::Iq2Xxs, 2880), T::Iq4Nl);
        assert_eq!(fallback(T::Q8_0, 100), T::F16);
    }
}
