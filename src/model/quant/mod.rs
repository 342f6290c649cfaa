//! Quants: how a file stores a model's weights.

mod file_type;
mod layout;
mod list;
mod recipe;
mod storage;
mod types;

pub use file_type::FileType;
pub use layout::{Layout, Parts};
pub use list::Quant;
pub use storage::{Packaging, StorageClass};
pub use types::TensorType;

use super::architecture::Architecture;
use super::tensors::Tensor;
use crate::units::Bytes;

/// A tensor's type and bytes; none where the bytes exceed 64 bits.
pub(super) type Placed = (TensorType, Option<Bytes>);

impl Quant {
    /// The type and bytes of each tensor, in their order.
    pub(super) fn place(&self, architecture: &Architecture, tensors: &[Tensor]) -> Vec<Placed> {
        match self.layout {
            Layout::Gguf(file) | Layout::Near(file) => {
                in_gguf(&recipe::types(file, architecture, tensors), tensors)
            }
            Layout::GgufMxfp4F16 => {
                let types: Vec<_> = tensors
                    .iter()
                    .zip(recipe::types(FileType::F16, architecture, tensors))
                    .map(|(tensor, plain)| {
                        let expert = tensor.routed && plain == TensorType::F16;
                        if expert { TensorType::Mxfp4 } else { plain }
                    })
                    .collect();
                in_gguf(&types, tensors)
            }
            _ => {
                let layers = architecture.layers.len() as u32;
                tensors
                    .iter()
                    .map(|tensor| self.place_elsewhere(tensor, layers))
                    .collect()
            }
        }
    }

    fn place_elsewhere(&self, tensor: &Tensor, layers: u32) -> Placed {
        let chosen = layout::tensor_type(self.layout, tensor, layers).unwrap_or(TensorType::Bf16);
        let bytes = tensor.elements().and_then(|elements| match self.layout {
            Layout::Exl3 { hundredths } if chosen == TensorType::Exl3 => {
                let bits =
                    u128::from(elements) * u128::from(layout::exl3_hundredths(hundredths, tensor));
                u64::try_from(bits.div_ceil(800)).ok().map(Bytes)
            }
            _ => chosen.bytes_of(elements),
        });
        (chosen, bytes)
    }
}

fn in_gguf(types: &[TensorType], tensors: &[Tensor]) -> Vec<Placed> {
    let bytes = |tensor: &Tensor, tensor_type: TensorType| {
        let rows = tensor.shape[1..]
            .iter()
            .try_fold(1_u64, |product, &size| product.checked_mul(size))?;
        tensor_type
            .row_bytes(tensor.shape[0])?
            .0
            .checked_mul(rows)
            .map(Bytes)
    };
    types
        .iter()
        .zip(tensors)
        .map(|(&chosen, tensor)| (chosen, bytes(tensor, chosen)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Quant, TensorType};
    use crate::model::{ModelTable, tensors};

    /// The type of a tensor of a small model of that shape at that quant.
    fn type_of(
        family: &str,
        layers: u32,
        kv_heads: u32,
        experts: u32,
        quant: &str,
        name: &str,
    ) -> TensorType {
        let mut table = ModelTable {
            family: family.to_owned(),
            layers,
            hidden: 1024,
            vocab: 32_000,
            heads: Some(8),
            kv_heads: Some(kv_heads),
            ffn: Some(2048),
            max_context: 4096,
            ..ModelTable::default()
        };
        if experts > 0 {
            table.experts = Some(crate::model::ExpertsTable {
                total: experts,
                used: 2,
                ffn: 512,
                ..Default::default()
            });
        }
        let architecture = table.architecture().expect("architecture");
        let list = tensors(&architecture);
        let types = Quant::from_id(quant)
            .expect("quant")
            .place(&architecture, &list);
        let index = list
            .iter()
            .position(|tensor| tensor.name() == name)
            .expect("tensor");
        types[index].0
    }

    #[test]
    fn eight_experts_have_rules_of_their_own() {
        for (name, expected) in [
            ("blk.5.attn_k.weight", TensorType::Q8_0),
            ("blk.5.attn_v.weight", TensorType::Q8_0),
            ("blk.5.attn_output.weight", TensorType::Q5K),
            ("blk.5.ffn_gate_inp.weight", TensorType::F32),
        ] {
            assert_eq!(
                type_of("llama", 16, 2, 8, "q4_k_m", name),
                expected,
                "{name}"
            );
        }
        assert_eq!(
            type_of("llama", 16, 2, 4, "q4_k_m", "blk.5.attn_k.weight"),
            TensorType::Q4K
        );
    }

    #[test]
    fn eighty_grouped_layers_count_as_the_70b() {
        assert_eq!(
            type_of("llama", 80, 1, 0, "q4_k_m", "blk.11.attn_v.weight"),
            TensorType::Q5K
        );
        assert_eq!(
            type_of("llama", 80, 8, 0, "q4_k_m", "blk.11.attn_v.weight"),
            TensorType::Q4K
        );
        assert_eq!(
            type_of("qwen3", 80, 1, 0, "q4_k_m", "blk.11.attn_v.weight"),
            TensorType::Q4K
        );
    }

    #[test]
    fn falcon_keeps_its_head_at_eight_bits() {
        assert_eq!(
            type_of("falcon", 32, 1, 0, "q4_k_m", "output.weight"),
            TensorType::Q8_0
        );
        assert_eq!(
            type_of("falcon", 32, 1, 0, "q4_k_m", "blk.6.ffn_down.weight"),
            TensorType::Q5K
        );
        assert_eq!(
            type_of("llama", 32, 1, 0, "q2_k", "output.weight"),
            TensorType::Q6K
        );
    }

    #[test]
    fn other_formats_leave_head_and_embedding_alone_but_mlx_does_not() {
        for (quant, head) in [
            ("fp8", TensorType::Bf16),
            ("awq-int4", TensorType::Bf16),
            ("mlx-4bit", TensorType::Mlx4),
            ("exl3-4.0bpw", TensorType::Exl3),
        ] {
            assert_eq!(
                type_of("llama", 4, 2, 0, quant, "output.weight"),
                head,
                "{quant}"
            );
        }
        assert_eq!(
            type_of("llama", 4, 2, 0, "nvfp4", "blk.0.ffn_up.weight"),
            TensorType::Nvfp4
        );
        assert_eq!(
            type_of("llama", 4, 2, 0, "nvfp4", "token_embd.weight"),
            TensorType::Bf16
        );
    }

    #[test]
    fn makers_leave_different_parts_of_an_nvfp4_file_alone() {
        use TensorType::{Bf16, Fp8, Nvfp4};
        for (quant, attention, first, last, head) in [
            ("nvfp4", Nvfp4, Nvfp4, Nvfp4, Bf16),
            ("nvfp4-mlp", Bf16, Nvfp4, Nvfp4, Bf16),
            ("nvfp4-fp8", Fp8, Nvfp4, Nvfp4, Nvfp4),
            ("nvfp4-unsloth", Fp8, Nvfp4, Fp8, Fp8),
        ] {
            let found = |name: &str| type_of("llama", 64, 8, 0, quant, name);
            assert_eq!(found("blk.3.attn_q.weight"), attention, "{quant}");
            assert_eq!(found("blk.55.ffn_up.weight"), first, "{quant}");
            assert_eq!(found("blk.56.ffn_up.weight"), last, "{quant}");
            assert_eq!(found("output.weight"), head, "{quant}");
        }
    }
}
