//! Where a compute graph's tensors would lie in one buffer.
//!
//! The rules of ggml's allocator (`ggml/src/ggml-alloc.c` of llama.cpp, read 2026-11): the
//! smallest free block that is large enough (the later of equals), the open end if
//! there is none; freed blocks merge with their neighbours. What the buffer has to
//! hold is the highest address ever used, so holes count.

/// Alignment of a tensor in bytes (the CPU's and RPC's; CUDA's 128 changes nothing
/// that matters at these sizes).
const ALIGNMENT: u64 = 32;
/// More than any buffer: the size of the open end.
const ENDLESS: u64 = 1 << 62;

/// A free stretch of the buffer.
#[derive(Debug, Clone, Copy)]
struct Block {
    start: u64,
    size: u64,
}

/// One buffer: its free blocks by address, and how far it was ever used.
#[derive(Debug, Clone)]
pub(super) struct Allocator {
    free: Vec<Block>,
    highest: u64,
}

impl Allocator {
    /// An empty buffer.
    pub(super) fn new() -> Self {
        Self {
            free: vec![Block {
                start: 0,
                size: ENDLESS,
            }],
            highest: 0,
        }
    }

    /// Bytes that the buffer needs so far.
    pub(super) fn highest(&self) -> u64 {
        self.highest
    }

    /// Takes room for so many bytes and returns its address.
    pub(super) fn take(&mut self, bytes: u64) -> u64 {
        let size = aligned(bytes);
        let open_end = self.free.len() - 1;
        let mut chosen = open_end;
        let mut smallest = u64::MAX;
        for (index, block) in self.free[..open_end].iter().enumerate() {
            if block.size >= size && block.size <= smallest {
                chosen = index;
                smallest = block.size;
            }
        }
        let block = &mut self.free[chosen];
        let start = block.start;
        block.start = start.saturating_add(size);
        block.size = block.size.saturating_sub(size);
        if block.size == 0 && chosen != open_end {
            self.free.remove(chosen);
        }
        self.highest = self.highest.max(start.saturating_add(size));
        start
    }

    /// Gives room back.
    pub(super) fn give_back(&mut self, start: u64, bytes: u64) {
        let size = aligned(bytes);
        if size == 0 {
            return;
        }
        let next = self.free.partition_point(|block| block.start < start);
        let end = start.saturating_add(size);
        let joins_next = self.free.get(next).is_some_and(|block| block.start == end);
        let previous = next.checked_sub(1).filter(|&index| {
            let block = self.free[index];
            block.start.saturating_add(block.size) == start
        });
        match (previous, joins_next) {
            (Some(index), true) => {
                self.free[index].size = self.free[index]
                    .size
                    .saturating_add(size)
                    .saturating_add(self.free[next].size);
                self.free.remove(next);
            }
            (Some(index), false) => self.free[index].size += size,
            (None, true) => {
                self.free[next].start = start;
                self.free[next].size = self.free[next].size.saturating_add(size);
            }
            (None, false) => self.free.insert(next, Block { start, size }),
        }
    }
}

fn aligned(bytes: u64) -> u64 {
    bytes.div_ceil(ALIGNMENT).saturating_mul(ALIGNMENT)
}

#[cfg(test)]
mod tests {
    use super::Allocator;

    #[test]
    fn a_hole_that_fits_is_used_again() {
        let mut buffer = Allocator::new();
        let (first, second, _third) = (buffer.take(64), buffer.take(128), buffer.take(32));
        buffer.give_back(first, 64);
        buffer.give_back(second, 128);
        // 64 + 128 merged into one hole of 192 at 0.
        assert_eq!(buffer.take(160), 0);
        assert_eq!(
            buffer.take(33),
            224,
            "32 bytes are left in the hole: not enough"
        );
        assert_eq!(buffer.highest(), 288);
    }

    #[test]
    fn the_smallest_hole_wins() {
        let mut buffer = Allocator::new();
        let big = buffer.take(320);
        let _wall = buffer.take(32);
        let small = buffer.take(64);
        let _end = buffer.take(32);
        buffer.give_back(big, 320);
        buffer.give_back(small, 64);
        assert_eq!(buffer.take(64), small);
        assert_eq!(buffer.take(64), big);
    }
}
