//! Opening a file, and the other parts of a model split over several
//! (`llama-gguf-split`: `name-00001-of-00003.gguf`).

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::error::{GgufError, Problem};
use super::header::Header;
use crate::units::Bytes;

/// Read ahead at once; headers without a vocabulary fit.
const BUFFER: usize = 64 * 1024;

impl Header {
    /// Reads the header of a file and, where it is one part of a split model,
    /// of all its parts, which must lie beside it under their original names.
    ///
    /// # Errors
    /// If a part is missing, foreign, damaged or cannot be read.
    pub fn open(path: &Path) -> Result<Self, GgufError> {
        let header = one(path)?;
        let count = header.metadata.count("split.count").unwrap_or(1);
        if count <= 1 {
            return Ok(header);
        }
        let number = header
            .metadata
            .count("split.no")
            .unwrap_or(0)
            .saturating_add(1);
        let mut whole: Option<Self> = None;
        for part in 1..=count {
            let file = part_path(path, number, count, part).ok_or_else(|| {
                GgufError::new(Problem::SplitName { number, count }).in_file(path)
            })?;
            let next = if part == number {
                header.clone()
            } else {
                other_part(&file, part, count)?
            };
            match &mut whole {
                None => whole = Some(next),
                Some(whole) => whole.append(next),
            }
        }
        let whole = whole.unwrap_or(header);
        whole.check_parts().map_err(|error| error.in_file(path))?;
        Ok(whole)
    }

    /// Adds the tensors and sizes of the next part.
    fn append(&mut self, part: Self) {
        let sum = |a: Bytes, b: Bytes| Bytes(a.0.saturating_add(b.0));
        self.header_bytes = sum(self.header_bytes, part.header_bytes);
        self.data_bytes = sum(self.data_bytes, part.data_bytes);
        self.missing_bytes = self
            .missing_bytes
            .zip(part.missing_bytes)
            .map(|(a, b)| sum(a, b));
        self.parts = self.parts.saturating_add(1);
        self.tensors.extend(part.tensors);
    }

    /// All parts together must have the tensors that the first one promises,
    /// each once.
    fn check_parts(&self) -> Result<(), GgufError> {
        let mut names = BTreeSet::new();
        if let Some(twice) = self
            .tensors
            .iter()
            .find(|tensor| !names.insert(&tensor.name))
        {
            return Err(GgufError::new(Problem::Duplicate).within("tensor", &twice.name));
        }
        let (found, promised) = (
            self.tensors.len() as u64,
            self.metadata.count("split.tensors.count"),
        );
        match promised {
            Some(promised) if promised != found => Err(GgufError::new(Problem::ForeignPart(
                format!("they have {found} tensors together where {promised} are promised"),
            ))),
            _ => Ok(()),
        }
    }
}

/// The header of one file, and how much of its data is there.
fn one(path: &Path) -> Result<Header, GgufError> {
    let failed = |error| GgufError::new(Problem::Read(error)).in_file(path);
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut header = Header::read(BufReader::with_capacity(BUFFER, file))
        .map_err(|error| error.in_file(path))?;
    let there = length.saturating_sub(header.data_start());
    // The padding behind the last tensor may be left out.
    let needed = header
        .tensors
        .iter()
        .map(|tensor| tensor.offset.saturating_add(tensor.bytes.0))
        .max();
    header.missing_bytes = Some(Bytes(needed.unwrap_or(0).saturating_sub(there)));
    Ok(header)
}

/// The header of another part, which must say of itself that it is that part.
fn other_part(path: &Path, part: u64, count: u64) -> Result<Header, GgufError> {
    let header = one(path).map_err(|error| match error.problem {
        Problem::Read(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
            GgufError::new(Problem::MissingPart {
                number: part,
                count,
            })
            .in_file(path)
        }
        problem => GgufError { problem, ..error },
    })?;
    let says = (
        header.metadata.count("split.no"),
        header.metadata.count("split.count"),
    );
    if says == (Some(part.saturating_sub(1)), Some(count)) {
        return Ok(header);
    }
    let problem = match says {
        (Some(number), Some(of)) => {
            format!("it says it is part {} of {of}", number.saturating_add(1))
        }
        _ => "it does not say which part it is".to_owned(),
    };
    Err(GgufError::new(Problem::ForeignPart(problem)).in_file(path))
}

/// The path of a part, made from that of another one.
fn part_path(path: &Path, number: u64, count: u64, part: u64) -> Option<PathBuf> {
    let stem = path
        .file_name()?
        .to_str()?
        .strip_suffix(&format!("-{number:05}-of-{count:05}.gguf"))?;
    Some(path.with_file_name(format!("{stem}-{part:05}-of-{count:05}.gguf")))
}
