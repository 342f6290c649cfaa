//! Values of the metadata: small ones are kept, vocabularies only counted.

use std::collections::BTreeMap;
use std::io::Read;

use super::error::{GgufError, Problem};
use super::reader::ByteReader;

/// A value of the metadata.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// An unsigned number of any width.
    Unsigned(u64),
    /// A signed number of any width.
    Signed(i64),
    /// A floating-point number of any width.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// A text; what is no UTF-8 in it is replaced.
    Text(String),
    /// A text too long to keep (a tokenizer in JSON).
    LongText {
        /// Its length in bytes.
        bytes: u64,
    },
    /// A list.
    Array {
        /// Number of its items.
        length: u64,
        /// The items, or nothing where the list is a long one (a vocabulary).
        items: Vec<Value>,
    },
}

/// The metadata by key.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metadata(pub(super) BTreeMap<String, Value>);

/// The longest list that is kept: one item a layer.
const KEEP_ITEMS: u64 = 1024;
/// The longest text that is kept.
const KEEP_TEXT: u64 = 64 * 1024;
/// Memory for kept values of one file.
const KEEP_BYTES: u64 = 16 << 20;
/// The longest list that is read.
const ITEM_LIMIT: u64 = 1 << 25;
/// The longest text that is read.
const TEXT_LIMIT: u64 = 256 << 20;
/// How deep lists may lie in lists; llama.cpp itself allows none.
const DEPTH_LIMIT: u32 = 4;

/// Type number of a text.
const TEXT: u32 = 8;
/// Type number of a list.
const ARRAY: u32 = 9;

/// Reads values and keeps account of the memory they take.
#[derive(Debug, Default)]
pub(super) struct ValueReader {
    kept: u64,
}

impl ValueReader {
    /// One value with its type in front.
    pub(super) fn read<R: Read>(&mut self, bytes: &mut ByteReader<R>) -> Result<Value, GgufError> {
        let kind = value_type(bytes)?;
        self.value(bytes, kind, 0)
    }

    fn value<R: Read>(
        &mut self,
        bytes: &mut ByteReader<R>,
        kind: u32,
        depth: u32,
    ) -> Result<Value, GgufError> {
        Ok(match kind {
            0 => Value::Unsigned(u8::from_le_bytes(bytes.array()?).into()),
            1 => Value::Signed(i8::from_le_bytes(bytes.array()?).into()),
            2 => Value::Unsigned(u16::from_le_bytes(bytes.array()?).into()),
            3 => Value::Signed(i16::from_le_bytes(bytes.array()?).into()),
            4 => Value::Unsigned(bytes.u32()?.into()),
            5 => Value::Signed(i32::from_le_bytes(bytes.array()?).into()),
            6 => Value::Float(f32::from_le_bytes(bytes.array()?).into()),
            7 => Value::Bool(bytes.array::<1>()? != [0]),
            TEXT => self.text(bytes)?,
            ARRAY => self.list(bytes, depth)?,
            10 => Value::Unsigned(bytes.u64()?),
            11 => Value::Signed(i64::from_le_bytes(bytes.array()?)),
            12 => Value::Float(f64::from_le_bytes(bytes.array()?)),
            other => return Err(bytes.error(Problem::ValueType(other))),
        })
    }

    /// Whether that much more may be kept; if so it is counted.
    fn keep(&mut self, bytes: u64) -> bool {
        let total = self.kept.saturating_add(bytes);
        let fits = total <= KEEP_BYTES;
        if fits {
            self.kept = total;
        }
        fits
    }

    fn text<R: Read>(&mut self, bytes: &mut ByteReader<R>) -> Result<Value, GgufError> {
        let length = bytes.count("the length of a text", TEXT_LIMIT)?;
        if length <= KEEP_TEXT && self.keep(length) {
            return Ok(Value::Text(
                String::from_utf8_lossy(&bytes.text(length)?).into_owned(),
            ));
        }
        bytes.skip(length)?;
        Ok(Value::LongText { bytes: length })
    }

    fn list<R: Read>(&mut self, bytes: &mut ByteReader<R>, depth: u32) -> Result<Value, GgufError> {
        if depth >= DEPTH_LIMIT {
            let (what, limit) = ("the depth of lists in lists", u64::from(DEPTH_LIMIT));
            return Err(bytes.error(Problem::TooMany {
                what,
                count: limit.saturating_add(1),
                limit,
            }));
        }
        let kind = value_type(bytes)?;
        let length = bytes.count("the length of a list", ITEM_LIMIT)?;
        let mut items = Vec::new();
        let size = length.saturating_mul(size_of::<Value>() as u64);
        if length <= KEEP_ITEMS && self.keep(size) {
            for _ in 0..length {
                items.push(self.value(bytes, kind, depth.saturating_add(1))?);
            }
        } else if let Some(width) = width(kind) {
            bytes.skip(length.saturating_mul(width))?;
        } else {
            for _ in 0..length {
                skip_one(bytes, kind, depth.saturating_add(1))?;
            }
        }
        Ok(Value::Array { length, items })
    }
}

/// Passes over one text or list.
fn skip_one<R: Read>(bytes: &mut ByteReader<R>, kind: u32, depth: u32) -> Result<(), GgufError> {
    if kind == TEXT {
        let length = bytes.count("the length of a text", TEXT_LIMIT)?;
        return bytes.skip(length);
    }
    // A list: read with nothing left to keep.
    ValueReader { kept: KEEP_BYTES }
        .list(bytes, depth)
        .map(drop)
}

/// A type number, which must be one that exists.
fn value_type<R: Read>(bytes: &mut ByteReader<R>) -> Result<u32, GgufError> {
    let at = bytes.position();
    match bytes.u32()? {
        kind @ 0..=12 => Ok(kind),
        kind => Err(GgufError::at(at, Problem::ValueType(kind))),
    }
}

/// Bytes of a value of fixed width.
fn width(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

impl Value {
    /// As a count, where it is a whole number that is not negative.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Unsigned(value) => Some(*value),
            Self::Signed(value) => u64::try_from(*value).ok(),
            Self::Bool(value) => Some(u64::from(*value)),
            Self::Float(_) | Self::Text(_) | Self::LongText { .. } | Self::Array { .. } => None,
        }
    }
}

impl Metadata {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The text of a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The count of a key.
    pub fn count(&self, key: &str) -> Option<u64> {
        self.get(key).and_then(Value::count)
    }

    /// Number of items of a list, kept or not.
    pub fn length(&self, key: &str) -> Option<u64> {
        match self.get(key) {
            Some(Value::Array { length, .. }) => Some(*length),
            _ => None,
        }
    }

    /// All keys and values in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }
}
