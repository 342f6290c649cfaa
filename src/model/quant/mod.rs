//! Quants: how a file stores a model's weights.

mod file_type;
mod layout;
mod list;
mod names;
mod recipe;
mod types;

pub use file_type::FileType;
pub use layout::Layout;
pub use list::{Packaging, Quant, StorageClass};
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
            Layout::Gguf(file) | Layout::Near(file) => in_gguf(&recipe::types(file, architecture, tensors), tensors),
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
            _ => tensors.iter().map(|tensor| self.place_elsewhere(tensor)).collect(),
        }
    }

    fn place_elsewhere(&self, tensor: &Tensor) -> Placed {
        let chosen = layout::tensor_type(self.layout, tensor).unwrap_or(TensorType::Bf16);
        let bytes = tensor.elements().and_then(|elements| match self.layout {
            Layout::Exl3 { hundredths } if chosen == TensorType::Exl3 => {
                let bits = u128::from(elements) * u128::from(layout::exl3_hundredths(hundredths, tensor));
                u64::try_from(bits.div_ceil(800)).ok().map(Bytes)
            }
            _ => chosen.bytes_of(elements),
        });
        (chosen, bytes)
    }
}

fn in_gguf(types: &[TensorType], tensors: &[Tensor]) -> Vec<Placed> {
    let bytes = |tensor: &Tensor, tensor_type: TensorType| {
        let rows = tensor.shape[1..].iter().try_fold(1_u64, |product, &size| product.checked_mul(size))?;
        tensor_type.row_bytes(tensor.shape[0])?.0.checked_mul(rows).map(Bytes)
    };
    types.iter().zip(tensors).map(|(&chosen, tensor)| (chosen, bytes(tensor, chosen))).collect()
}
