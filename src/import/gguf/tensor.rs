//! Tensor infos: name, shape, type and place; their sizes, and whether the
//! places agree with the sizes.

use std::io::Read;

use super::error::{GgufError, Problem};
use super::reader::ByteReader;
use crate::model::TensorType;
use crate::units::Bytes;

/// One tensor of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// Its name, such as `blk.0.attn_q.weight`.
    pub name: String,
    /// Its shape, the length of a row first; 1 to 4 numbers.
    pub shape: Vec<u64>,
    /// How its elements are stored.
    pub kind: TensorType,
    /// Where it begins, counted from the start of the data.
    pub offset: u64,
    /// Its size.
    pub bytes: Bytes,
}

/// The longest name; llama.cpp itself allows 63 bytes.
const NAME_LIMIT: u64 = 512;
/// The most dimensions (`GGML_MAX_DIMS`).
const DIMENSION_LIMIT: u32 = 4;

impl TensorInfo {
    /// Reads one tensor info.
    pub(super) fn read<R: Read>(bytes: &mut ByteReader<R>) -> Result<Self, GgufError> {
        let name = bytes.name("the length of a tensor's name", NAME_LIMIT)?;
        let within = |error: GgufError| error.within("tensor", &name);
        let at = bytes.position();
        let dimensions = bytes.u32().map_err(within)?;
        if dimensions > DIMENSION_LIMIT {
            let (count, limit) = (u64::from(dimensions), u64::from(DIMENSION_LIMIT));
            let problem = Problem::TooMany {
                what: "the number of dimensions",
                count,
                limit,
            };
            return Err(within(GgufError::at(at, problem)));
        }
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            shape.push(bytes.u64().map_err(within)?);
        }
        let at = bytes.position();
        let id = bytes.u32().map_err(within)?;
        let kind = TensorType::from_gguf_id(id).ok_or_else(|| {
            within(GgufError::at(
                at,
                Problem::TensorType { id, hint: hint(id) },
            ))
        })?;
        let offset = bytes.u64().map_err(within)?;
        let size = size(kind, &shape).map_err(|problem| within(GgufError::at(at, problem)))?;
        Ok(Self {
            name,
            shape,
            kind,
            offset,
            bytes: size,
        })
    }

    /// Number of elements; a tensor without dimensions has one.
    pub fn elements(&self) -> u64 {
        self.shape.iter().product()
    }

    /// The layer it belongs to: the number in `blk.N.`.
    pub fn layer(&self) -> Option<u32> {
        self.name
            .strip_prefix("blk.")?
            .split_once('.')?
            .0
            .parse()
            .ok()
    }

    /// The name within its layer: what follows `blk.N.`.
    pub fn part(&self) -> &str {
        match self
            .name
            .strip_prefix("blk.")
            .and_then(|rest| rest.split_once('.'))
        {
            Some((number, part)) if number.parse::<u32>().is_ok() => part,
            _ => &self.name,
        }
    }
}

/// The size of a tensor: whole rows of whole blocks.
fn size(kind: TensorType, shape: &[u64]) -> Result<Bytes, Problem> {
    let row = shape.first().copied().unwrap_or(1);
    let (block, _) = kind.block();
    let mut elements = row;
    for length in shape.iter().skip(1) {
        elements = elements.checked_mul(*length).ok_or(Problem::Overflow)?;
    }
    if !row.is_multiple_of(block) {
        return Err(Problem::Row {
            row,
            block,
            name: kind.name(),
        });
    }
    kind.row_bytes(elements).ok_or(Problem::Overflow)
}

/// What is known of a type number without a block size.
fn hint(id: u32) -> &'static str {
    match id {
        4 | 5 => " (Q4_2 or Q4_3, removed from llama.cpp in 2023)",
        31..=33 | 36..=38 => " (a repacked Q4_0 or IQ4_NL, removed from GGUF files in 2024)",
        97.. => " (perhaps of ik_llama.cpp or another fork)",
        _ => "",
    }
}

/// Checks that no tensor lies off the alignment or in another one, and gives
/// the length of the data: the end of the last tensor, padded.
pub(super) fn data_length(tensors: &[TensorInfo], alignment: u64) -> Result<u64, GgufError> {
    let mut order: Vec<&TensorInfo> = tensors.iter().collect();
    order.sort_by_key(|tensor| (tensor.offset, tensor.bytes));
    let mut end = 0_u64;
    let mut before = "";
    for tensor in order {
        let offset = tensor.offset;
        let error = |problem| GgufError::new(problem).within("tensor", &tensor.name);
        if !offset.is_multiple_of(alignment) {
            return Err(error(Problem::Misaligned { offset, alignment }));
        }
        if offset < end {
            return Err(error(Problem::Overlap {
                offset,
                other: before.to_owned(),
                end,
            }));
        }
        end = offset
            .checked_add(tensor.bytes.0)
            .ok_or_else(|| error(Problem::Overflow))?;
        before = &tensor.name;
    }
    end.checked_next_multiple_of(alignment)
        .ok_or_else(|| GgufError::new(Problem::Overflow))
}
