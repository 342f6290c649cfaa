//! Thousands of damaged headers, always the same ones: none may panic, take
//! long or take much memory. The fuzz target `gguf_header` goes further.

use std::time::{Duration, Instant};

use hwcmp::import::gguf::Header;

use crate::builder::Builder;

/// Numbers that look random and are the same in each run (Marsaglia's xorshift64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// Damages a header in one to four places.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    const STRANGE: [u64; 8] = [0, 1, 31, 255, 1 << 31, u32::MAX as u64, 1 << 40, u64::MAX];
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.next() as u8,
            2 => {
                let strange = STRANGE[random.below(STRANGE.len())].to_le_bytes();
                let end = (at + 8).min(bytes.len());
                bytes[at..end].copy_from_slice(&strange[..end - at]);
            }
            3 => bytes.truncate(at.max(1)),
            _ => {
                let end = (at + 1 + random.below(64)).min(bytes.len());
                bytes.drain(at..end);
                if bytes.is_empty() {
                    bytes.push(0);
                }
            }
        }
    }
}

#[test]
fn damaged_headers_are_refused_in_no_time() {
    let seeds = [
        include_bytes!("../data/gguf/llama3.1-8b.Q4_K_M.header.gguf").to_vec(),
        include_bytes!("../data/gguf/nemotron-3-nano-30b-a3b.Q4_K_M.header.gguf").to_vec(),
        Builder::tiny_llama()
            .texts(
                "tokenizer.ggml.tokens",
                (0..2000).map(|token| token.to_string()),
            )
            .build(),
        Builder::new()
            .big_endian()
            .plain("gemma3")
            .u32("gemma3.attention.sliding_window", 512)
            .tensors(1)
            .build(),
    ];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let start = Instant::now();
    let (mut good, mut refused) = (0, 0);
    for round in 0..4000 {
        let mut bytes = seeds[round % seeds.len()].clone();
        // Every other round only in the first 2 KiB, where the counts and keys are.
        let tail = if round % 8 < 4 && bytes.len() > 2048 {
            bytes.split_off(2048)
        } else {
            Vec::new()
        };
        mutate(&mut bytes, &mut random);
        bytes.extend(tail);
        let one = Instant::now();
        match Header::read(&bytes[..]) {
            Ok(header) => {
                good += 1;
                // Whatever it makes of it, it must not panic.
                let _ = header.architecture();
                if let Ok(weights) = header.weights() {
                    assert_eq!(weights.file_bytes(), header.tensor_bytes());
                }
                assert!(header.tensors.len() <= bytes.len());
            }
            Err(error) => {
                refused += 1;
                assert!(error.to_string().len() < 1000, "{error}");
            }
        }
        assert!(
            one.elapsed() < Duration::from_secs(2),
            "round {round} took {:?}",
            one.elapsed()
        );
    }
    assert!(
        good > 100 && refused > 1000,
        "{good} read, {refused} refused"
    );
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "{:?}",
        start.elapsed()
    );
}
