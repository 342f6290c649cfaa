//! The bytes of a header: numbers in the file's byte order and texts with a
//! length in front, counted, and never trusted.

use std::io::{self, Read};

use super::error::{GgufError, Problem};

/// In which order the bytes of a number lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// The low byte first: nearly every file.
    Little,
    /// The high byte first: made for IBM Z and old POWER.
    Big,
}

/// A reader that knows where it is.
#[derive(Debug)]
pub(super) struct ByteReader<R> {
    inner: R,
    position: u64,
    order: ByteOrder,
}

/// The longest header that is read; the largest known (a vocabulary of 262,144
/// with merges) has about 16 MiB.
const HEADER_LIMIT: u64 = 1 << 30;
/// Bytes read at once of what is skipped.
const CHUNK: usize = 8192;

impl<R: Read> ByteReader<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            position: 0,
            order: ByteOrder::Little,
        }
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn order(&self) -> ByteOrder {
        self.order
    }

    pub(super) fn set_order(&mut self, order: ByteOrder) {
        self.order = order;
    }

    /// A fault where the reader stands.
    pub(super) fn error(&self, problem: Problem) -> GgufError {
        GgufError::at(self.position, problem)
    }

    /// Fills a buffer, or says where the file ended.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), GgufError> {
        self.inner
            .read_exact(buffer)
            .map_err(|error| self.failed(error))?;
        self.advance(buffer.len() as u64)
    }

    fn failed(&self, error: io::Error) -> GgufError {
        self.error(match error.kind() {
            io::ErrorKind::UnexpectedEof => Problem::EndOfFile,
            _ => Problem::Read(error),
        })
    }

    fn advance(&mut self, bytes: u64) -> Result<(), GgufError> {
        self.position = self.position.saturating_add(bytes);
        if self.position > HEADER_LIMIT {
            let (what, count) = ("the header's length", self.position);
            return Err(self.error(Problem::TooMany {
                what,
                count,
                limit: HEADER_LIMIT,
            }));
        }
        Ok(())
    }

    /// `N` bytes of a number, the low byte first.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], GgufError> {
        let mut buffer = [0; N];
        self.fill(&mut buffer)?;
        if self.order == ByteOrder::Big {
            buffer.reverse();
        }
        Ok(buffer)
    }

    /// Four bytes as they stand in the file.
    pub(super) fn magic(&mut self) -> Result<[u8; 4], GgufError> {
        let mut buffer = [0; 4];
        self.fill(&mut buffer)?;
        Ok(buffer)
    }

    pub(super) fn u32(&mut self) -> Result<u32, GgufError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, GgufError> {
        self.array().map(u64::from_le_bytes)
    }

    /// A count that must not exceed a limit.
    pub(super) fn count(&mut self, what: &'static str, limit: u64) -> Result<u64, GgufError> {
        let at = self.position;
        let count = self.u64()?;
        if count > limit {
            return Err(GgufError::at(at, Problem::TooMany { what, count, limit }));
        }
        Ok(count)
    }

    /// Passes over bytes without keeping them.
    pub(super) fn skip(&mut self, bytes: u64) -> Result<(), GgufError> {
        let mut buffer = [0; CHUNK];
        let mut left = bytes;
        while left > 0 {
            let now = left.min(CHUNK as u64);
            self.fill(&mut buffer[..now as usize])?;
            left -= now;
        }
        Ok(())
    }

    /// The bytes of a text of known length; memory grows only as bytes arrive.
    pub(super) fn text(&mut self, length: u64) -> Result<Vec<u8>, GgufError> {
        let mut text = Vec::new();
        let read = self.inner.by_ref().take(length).read_to_end(&mut text);
        let read = read.map_err(|error| self.failed(error))? as u64;
        self.advance(read)?;
        if read < length {
            return Err(self.error(Problem::EndOfFile));
        }
        Ok(text)
    }

    /// A name: a length and UTF-8 text.
    pub(super) fn name(&mut self, what: &'static str, limit: u64) -> Result<String, GgufError> {
        let length = self.count(what, limit)?;
        let at = self.position;
        String::from_utf8(self.text(length)?).map_err(|_| GgufError::at(at, Problem::Text))
    }
}
