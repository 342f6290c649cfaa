//! Any bytes as a GGUF header: read or refused, without a panic, with memory
//! that grows only as bytes arrive.
//!
//! `cargo +nightly fuzz run gguf_header fuzz/corpus/gguf_header tests/data/gguf -- -max_len=65536 -rss_limit_mb=512`
#![no_main]

use hwcmp::import::gguf::Header;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(header) = Header::read(bytes) {
        let _ = header.architecture();
        if let Ok(weights) = header.weights() {
            assert_eq!(weights.file_bytes(), header.tensor_bytes());
        }
    }
});
