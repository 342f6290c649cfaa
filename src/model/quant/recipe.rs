//! Which type llama.cpp's quantiser gives each tensor of a file.
//!
//! Source: `llama_tensor_get_type_impl`, `tensor_allows_quantization` and
//! `tensor_type_fallback` in src/llama-quant.cpp, v0.5.0 (de3ff815ea7d, 2026-09).
//! The rules depend on the tensor's role, its layer, the count of such tensors so
//! far, the number of experts and of query heads to a key head.

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
            values: tensors.iter().filter(|tensor| is_value(tensor.role)).count(),
            value: 0,
            downs: 0,
            gates: 0,
            ups: 0,
        }
    }

    fn choose(&mut self, tensor: &Tensor) -> T {
        match tensor.role {
            Role::Small | Role::Router => return T::F32,
            Role::Unquantised => return if self.file.is_quantised() { T::Bf16 } else { self.file.default_type() },
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
            return if tensor.shape[2] > 1 { T::Mxfp4 } else { T::Q8_0 };
        }
        if embedding {
            return self.embedding();
        }
        if matches!(self.file, F::Iq2Xxs | F::Iq2Xs | F::Iq2S | F::Iq2M | F::Iq1S | F::Iq1M) {
            return self.two_bits(tensor.role);
        }
        match tensor.role {
            role if is_value(role) => {
                let chosen = self.value();
                self.value += 1;
                chosen
            }
            Role::AttentionQ => self.query(),
            Role::AttentionK if self.experts == 8 => T::Q8_0,
            Role::AttentionK => self.query(),
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
        if self.experts > 1 { tensor.layer.unwrap_or(0) as usize } else { count }
    }

    fn head(&self, tensor: &Tensor) -> T {
        let base = self.file.default_type();
        let (block, _) = base.block();
        if self.file == F::Mxfp4Moe || self.falcon || !tensor.shape[0].is_multiple_of(block) {
            return T::Q8_0;
        }
        match self.file {
            F::Iq2Xxs | F::Iq2Xs | F::Iq3Xxs | F::Iq1S | F::Iq2S | F::Iq2M | F::Iq1M => T::Q5K,
            F::Q8_0 => T::Q8_0,
            _ => T::Q6K,
        }
    }

    fn embedding(&self) -> T {
        match self.file {
            F::Iq2Xxs | F::Iq2Xs | F::Iq1S | F::Iq1M => T::Q2K,
            F::Iq2S | F::Iq2M | F::Iq3Xxs => T::Iq3S,
            F::Tq1_0 | F::Tq2_0 => T::Q4K,
            _ => self.file.default_type(),
        }
    }

    /// The files of about two bits and below have rules of their own.
    fn two_bits(&mut self, role: Role) -> T {
        let better = matches!(self.file, F::Iq2S | F::Iq2M);
        let raised = if better { T::Iq3S } else { T::Q2K };
        match role {
            role if is_value(role) => {
                self.value += 1;
                if self.grouping >= 4 || self.experts >= 4 { T::Q4K } else { raised }
            }
            Role::AttentionK if self.experts == 8 => T::Q4K,
            Role::FfnDown => {
                let first = self.downs < self.layers / 8;
                self.downs += 1;
                if first { raised } else { self.file.default_type() }
            }
            Role::AttentionOutput if self.experts == 8 => T::Q5K,
            Role::AttentionOutput if better => T::Iq3S,
            Role::AttentionOutput if matches!(self.file, F::Iq1S | F::Iq1M) => T::Iq2Xxs,
            _ => self.file.default_type(),
        }
    }

    fn value(&self) -> T {
        let grouped = self.grouping >= 4;
        let base = self.file.default_type();
        let mut chosen = match self.file {
            F::Q2K => if grouped { T::Q4K } else { T::Q3K },
            F::Q2KS | F::Iq3Xxs | F::Iq3Xs | F::Iq3S if grouped => T::Q4K,
            F::Iq3Xxs if !self.importance => T::Iq3S,
            F::Iq3M => T::Q4K,
            F::Q3KM => if self.value < 2 { T::Q5K } else { T::Q4K },
            F::Q3KL => T::Q5K,
            F::Iq4Nl | F::Iq4Xs if grouped => T::Q5K,
            F::Q4KM | F::Q5KM if more_bits(self.value, self.values) => T::Q6K,
            F::Q4KS if self.value < 4 => T::Q5K,
            _ => base,
        };
        if self.large && matches!(chosen, T::Q3K | T::Q4K) {
            chosen = T::Q5K;
        }
        if self.experts == 8 { T::Q8_0 } else { chosen }
    }

    fn query(&self) -> T {
        match self.file {
            F::Iq3Xs => T::Iq3Xxs,
            F::Iq3Xxs => T::Iq2S,
            _ => self.file.default_type(),
        }
    }

    fn attention_output(&self) -> T {
        let base = self.file.default_type();
        if self.falcon {
            return if self.file == F::Q3KL { T::Q4K } else { base };
        }
        if self.experts == 8 {
            return match self.file {
                F::Q2K | F::Iq3Xs | F::Iq3Xxs | F::Q3KS | F::Q3KM | F::Iq4Nl | F::Q4KS | F::Q4KM | F::Iq3S
                | F::Iq3M | F::Iq4Xs => T::Q5K,
                _ => base,
            };
        }
        match self.file {
            F::Q2K => T::Q3K,
            F::Iq3Xxs => T::Iq3S,
            F::Q3KM | F::Iq3M => T::Q4K,
            F::Q3KL => T::Q5K,
            _ => base,
        }
    }

    fn down(&self, layer: usize) -> T {
        let layers = self.layers;
        let early = layer < layers / 8;
        let more = more_bits(layer, layers);
        match self.file {
            F::Q2K => T::Q3K,
            F::Q2KS if early => T::Q4K,
            F::Iq3Xxs if !self.importance => if early { T::Q4K } else { T::Q3K },
            F::Q3KM if layer < layers / 16 => T::Q5K,
            F::Q3KM if !self.falcon || more => T::Q4K,
            F::Iq3M if early || (self.experts == 8 && more) => T::Q4K,
            F::Q3KL => if self.falcon { T::Q4K } else { T::Q5K },
            F::Q4KM if self.falcon => match (layer < layers / 16, more) {
                (true, _) => T::Q6K,
                (false, true) => T::Q5K,
                (false, false) => T::Q4K,
            },
            F::Q4KM | F::Q5KM if more => T::Q6K,
            F::Iq4Nl | F::Iq4Xs if early && !self.importance => T::Q5K,
            F::Q4KS if early && !self.falcon => T::Q5K,
            // With an importance matrix Q4_0 and Q5_0 would raise the first eighth;
            // they are taken as made without one.
            _ => self.file.default_type(),
        }
    }

    fn gate_or_up(&self, layer: usize) -> T {
        let middle = layer >= self.layers / 8 && layer < 7 * self.layers / 8;
        if self.file == F::Iq3Xs && middle { T::Iq3Xxs } else { self.file.default_type() }
    }
}

/// Roles that llama.cpp treats as value projections.
fn is_value(role: Role) -> bool {
    matches!(role, Role::AttentionV | Role::AttentionQkv)
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
    architecture.layers.iter().find_map(|layer| ratio(layer.mixer)).unwrap_or(0)
}

/// The type of smaller blocks that takes over where a row is no whole number of
/// blocks, or 16 bits where that does not fit either.
fn fallback(chosen: T, row: u64) -> T {
    let fits = |tensor_type: T| tensor_type.row_bytes(row).is_some();
    if fits(chosen) {
        return chosen;
    }
    let smaller = match chosen {
        T::Iq1S | T::Iq1M | T::Iq2Xxs | T::Iq2Xs | T::Iq2S | T::Iq3Xxs | T::Iq3S | T::Iq4Xs => T::Iq4Nl,
        T::Q2K | T::Q3K | T::Tq1_0 | T::Tq2_0 => T::Q4_0,
        T::Q4K => T::Q5_0,
        T::Q5K => T::Q5_1,
        T::Q6K => T::Q8_0,
        other => other,
    };
    if fits(smaller) { smaller } else { T::F16 }
}
