//! The header of one GGUF file: everything before the data.

use std::collections::BTreeSet;
use std::io::Read;

use super::error::{GgufError, Problem};
use super::reader::{ByteOrder, ByteReader};
use super::tensor::{self, TensorInfo};
use super::value::{Metadata, ValueReader};
use crate::units::Bytes;

/// What stands before the data of a GGUF file. For a model split over several
/// files it is the first part's, with the tensors of all parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// 2 or 3.
    pub version: u32,
    /// The byte order; llama.cpp loads only that of the machine it runs on.
    pub order: ByteOrder,
    /// Keys and values.
    pub metadata: Metadata,
    /// The tensors in the order of the file.
    pub tensors: Vec<TensorInfo>,
    /// What tensors' offsets are multiples of.
    pub alignment: u64,
    /// Length of the header, without the padding behind it (of all parts).
    pub header_bytes: Bytes,
    /// Length of the data if it is complete, with padding (of all parts).
    pub data_bytes: Bytes,
    /// Bytes of data that are not there: all of it in a header-only file, some
    /// in one cut off; unknown where the header came without a file.
    pub missing_bytes: Option<Bytes>,
    /// Number of files.
    pub parts: u32,
}

/// The most tensors; Kimi K2 with every expert apart has about 70,000.
const TENSOR_LIMIT: u64 = 1 << 17;
/// The most keys; files have 20 to 60.
const KEY_LIMIT: u64 = 1 << 16;
/// The longest key, by the format's definition.
const KEY_LENGTH_LIMIT: u64 = 65_535;
/// The alignment where the file states none.
const DEFAULT_ALIGNMENT: u64 = 32;
/// The largest alignment that makes sense.
const ALIGNMENT_LIMIT: u64 = 1 << 20;

impl Header {
    /// Reads a header. Nothing behind it is read, apart from what a buffered
    /// reader takes ahead.
    ///
    /// Files in either byte order are read, because sizes are the same in
    /// both; [`Header::order`] says which it was.
    ///
    /// # Errors
    /// If it is no header of GGUF version 2 or 3, is damaged or ends early.
    pub fn read(reader: impl Read) -> Result<Self, GgufError> {
        let mut bytes = ByteReader::new(reader);
        let version = version(&mut bytes)?;
        let tensor_count = bytes.count("the number of tensors", TENSOR_LIMIT)?;
        let key_count = bytes.count("the number of keys", KEY_LIMIT)?;
        let metadata = metadata(&mut bytes, key_count)?;
        let alignment = alignment(&metadata)?;
        let mut names = BTreeSet::new();
        let mut tensors: Vec<TensorInfo> = Vec::new();
        for _ in 0..tensor_count {
            let at = bytes.position();
            let tensor = TensorInfo::read(&mut bytes)?;
            if !names.insert(tensor.name.clone()) {
                return Err(GgufError::at(at, Problem::Duplicate).within("tensor", &tensor.name));
            }
            tensors.push(tensor);
        }
        let data_bytes = Bytes(tensor::data_length(&tensors, alignment)?);
        let header_bytes = Bytes(bytes.position());
        Ok(Self {
            version,
            order: bytes.order(),
            metadata,
            tensors,
            alignment,
            header_bytes,
            data_bytes,
            missing_bytes: None,
            parts: 1,
        })
    }

    /// Where the data begins: the header's end, padded to the alignment.
    pub fn data_start(&self) -> u64 {
        self.header_bytes.0.next_multiple_of(self.alignment)
    }

    /// The sum of all tensors.
    pub fn tensor_bytes(&self) -> Bytes {
        Bytes(
            self.tensors
                .iter()
                .fold(0, |sum: u64, tensor| sum.saturating_add(tensor.bytes.0)),
        )
    }

    /// The model's architecture by llama.cpp's name.
    pub fn architecture_name(&self) -> Option<&str> {
        self.metadata.text("general.architecture")
    }

    /// The model's name for people.
    pub fn name(&self) -> Option<&str> {
        self.metadata.text("general.name")
    }

    /// A tensor by name.
    pub fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }
}

/// The magic and the version; sets the byte order.
fn version<R: Read>(bytes: &mut ByteReader<R>) -> Result<u32, GgufError> {
    let magic = bytes.magic()?;
    if magic != *b"GGUF" {
        return Err(GgufError::at(
            0,
            Problem::NotGguf {
                found: recognise(magic),
            },
        ));
    }
    let at = bytes.position();
    match bytes.u32()? {
        version @ (2 | 3) => Ok(version),
        version if matches!(version.swap_bytes(), 2 | 3) => {
            bytes.set_order(ByteOrder::Big);
            Ok(version.swap_bytes())
        }
        version => Err(GgufError::at(at, Problem::Version(version))),
    }
}

/// What a file seems to be that is no GGUF file.
fn recognise(magic: [u8; 4]) -> String {
    match &magic {
        b"FUGG" => "its magic is reversed".to_owned(),
        b"vers" => {
            "it looks like a Git LFS pointer: the model itself was not downloaded".to_owned()
        }
        b"PK\x03\x04" => "it looks like a zip archive or a PyTorch checkpoint".to_owned(),
        b"ggml" | b"lmgg" | b"ggjt" | b"tjgg" | b"ggmf" | b"fmgg" => {
            "it is a GGML file from before GGUF, which llama.cpp no longer reads".to_owned()
        }
        [0x1f, 0x8b, ..] => "it is compressed with gzip: unpack it first".to_owned(),
        [_, _, _, 0] => "it may be a safetensors file: give its folder's config.json".to_owned(),
        _ => format!("it begins with `{}`", magic.escape_ascii()),
    }
}

/// All keys and values.
fn metadata<R: Read>(bytes: &mut ByteReader<R>, count: u64) -> Result<Metadata, GgufError> {
    let mut metadata = Metadata::default();
    let mut values = ValueReader::default();
    for _ in 0..count {
        let at = bytes.position();
        let key = bytes.name("the length of a key", KEY_LENGTH_LIMIT)?;
        let value = values
            .read(bytes)
            .map_err(|error| error.within("key", &key))?;
        if metadata.get(&key).is_some() {
            return Err(GgufError::at(at, Problem::Duplicate).within("key", &key));
        }
        metadata.0.insert(key, value);
    }
    Ok(metadata)
}

/// The alignment the file states, or the default.
fn alignment(metadata: &Metadata) -> Result<u64, GgufError> {
    let key = "general.alignment";
    let Some(value) = metadata.get(key) else {
        return Ok(DEFAULT_ALIGNMENT);
    };
    match value.count() {
        Some(alignment) if alignment.is_power_of_two() && alignment <= ALIGNMENT_LIMIT => {
            Ok(alignment)
        }
        other => Err(GgufError::new(Problem::Alignment(other.unwrap_or(0))).within("key", key)),
    }
}
