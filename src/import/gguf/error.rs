//! What can be wrong with a GGUF file: where, what, and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A fault in a GGUF file, located as far as it is known.
#[derive(Debug, thiserror::Error)]
pub struct GgufError {
    /// The file, where it has a name.
    pub file: Option<PathBuf>,
    /// The byte of the file at which reading stopped.
    pub byte: Option<u64>,
    /// The key or tensor that was being read.
    pub within: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a GGUF file.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The system could not read the file.
    #[error("cannot be read: {0}")]
    Read(io::Error),
    /// The file ends before the header does.
    #[error("the file ends inside the header; it is cut off, so download it again")]
    EndOfFile,
    /// The first four bytes are not `GGUF`.
    #[error("this is no GGUF file ({found}); give a file whose first four bytes are `GGUF`")]
    NotGguf {
        /// What it seems to be instead.
        found: String,
    },
    /// A version this reader does not know.
    #[error(
        "GGUF version {0} is not supported (2 and 3 are); convert the model again with a current llama.cpp"
    )]
    Version(u32),
    /// A count or length beyond what any model needs.
    #[error("{what} is {count}, more than the {limit} a model can have; the file is damaged")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// The count in the file.
        count: u64,
        /// The most that is read.
        limit: u64,
    },
    /// Names must be UTF-8.
    #[error("the name is not UTF-8 text; the file is damaged")]
    Text,
    /// A number for the type of a value that GGUF does not define.
    #[error("value type {0} does not exist (0 to 12 do); the file is damaged")]
    ValueType(u32),
    /// A key or tensor name that occurs twice.
    #[error("occurs twice; the file is damaged")]
    Duplicate,
    /// A tensor type this reader has no block size for.
    #[error(
        "tensor type {id}{hint} is unknown, so its size cannot be told; convert the model to a type of current llama.cpp"
    )]
    TensorType {
        /// The number in the file.
        id: u32,
        /// What is known about the number.
        hint: &'static str,
    },
    /// A row that does not consist of whole blocks.
    #[error(
        "a row of {row} elements is no multiple of the {block} in a block of {name}; the file is damaged"
    )]
    Row {
        /// Elements of a row.
        row: u64,
        /// Elements of a block.
        block: u64,
        /// The type's name.
        name: &'static str,
    },
    /// Sizes beyond 2^64 bytes.
    #[error("the size is beyond 2^64 bytes; the file is damaged")]
    Overflow,
    /// An alignment that is no power of two.
    #[error("the alignment {0} is no power of two up to 2^20; the file is damaged")]
    Alignment(u64),
    /// A tensor that does not start at a multiple of the alignment.
    #[error("the offset {offset} is no multiple of the alignment {alignment}; the file is damaged")]
    Misaligned {
        /// The tensor's offset.
        offset: u64,
        /// The file's alignment.
        alignment: u64,
    },
    /// A tensor that begins before the one before it ends.
    #[error(
        "begins at offset {offset}, inside `{other}`, which ends at {end}; the file is damaged"
    )]
    Overlap {
        /// The tensor's offset.
        offset: u64,
        /// The tensor it lies in.
        other: String,
        /// The other's end.
        end: u64,
    },
    /// A split file with a name from which the other parts' cannot be made.
    #[error(
        "this is part {number} of {count}, but the name does not end in `-{number:05}-of-{count:05}.gguf`, \
             so the other parts cannot be found; give the parts their original names"
    )]
    SplitName {
        /// The part, from 1.
        number: u64,
        /// Number of parts.
        count: u64,
    },
    /// A part of a split model that is not there.
    #[error("part {number} of {count} is missing; put it beside the others")]
    MissingPart {
        /// The part, from 1.
        number: u64,
        /// Number of parts.
        count: u64,
    },
    /// Parts that do not belong together.
    #[error("does not belong to the other parts: {0}; download all parts from one place")]
    ForeignPart(String),
    /// Keys or tensors that are needed and are not there.
    #[error("{0}")]
    Incomplete(String),
    /// A file that holds something else than a language model, or a kind of model that is not modelled.
    #[error("{0}")]
    Unsupported(String),
}

impl fmt::Display for GgufError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", file.display())?;
        }
        if let Some(byte) = self.byte {
            write!(f, "byte {byte:#x}: ")?;
        }
        if let Some(within) = &self.within {
            write!(f, "{within}: ")?;
        }
        write!(f, "{}", self.problem)
    }
}

impl GgufError {
    /// A fault of which only the nature is known.
    pub(super) fn new(problem: Problem) -> Self {
        Self {
            file: None,
            byte: None,
            within: None,
            problem,
        }
    }

    /// A fault at a byte.
    pub(super) fn at(byte: u64, problem: Problem) -> Self {
        Self {
            byte: Some(byte),
            ..Self::new(problem)
        }
    }

    /// The same fault, inside a named key or tensor.
    pub(super) fn within(self, kind: &str, name: &str) -> Self {
        Self {
            within: self
                .within
                .or_else(|| Some(format!("{kind} `{}`", shown(name)))),
            ..self
        }
    }

    /// The same fault, in a file.
    pub(super) fn in_file(self, path: &Path) -> Self {
        Self {
            file: self.file.or_else(|| Some(path.to_owned())),
            ..self
        }
    }
}

/// A name from a file, short and without control characters.
fn shown(name: &str) -> String {
    let mut text: String = name.chars().take(80).flat_map(char::escape_debug).collect();
    if name.chars().nth(80).is_some() {
        text.push_str("...");
    }
    text
}
