//! One bad file for each message.

use hwcmp::import::gguf::Header;

use crate::builder::Builder;

/// The message for a bad header, wherever it is found.
fn message(bytes: &[u8]) -> String {
    match Header::read(bytes).and_then(|header| header.architecture()) {
        Ok(_) => panic!("this should be a fault"),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn assert_fault(bytes: &[u8], parts: &[&str]) {
    let message = message(bytes);
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}

/// A good header up to a key with this value.
fn with_value(kind: u32, value: &[u8]) -> Vec<u8> {
    Builder::tiny_llama().raw("x", kind, value).build()
}

#[test]
fn other_files() {
    assert_fault(b"PK\x03\x04....", &["byte 0x0", "no GGUF file", "zip"]);
    assert_fault(b"version https://git-lfs.github.com/spec/v1", &["Git LFS"]);
    assert_fault(b"\x1f\x8b\x08\x00aaaa", &["gzip"]);
    assert_fault(
        b"{\"a\": 1}",
        &["begins with", "whose first four bytes are `GGUF`"],
    );
    assert_fault(b"", &["byte 0x0", "ends inside the header"]);
    assert_fault(
        &Builder::new().version(1).build(),
        &["byte 0x4", "version 1 is not supported"],
    );
    assert_fault(
        &Builder::new().version(4).build(),
        &["version 4 is not supported"],
    );
}

#[test]
fn every_cut_is_an_early_end() {
    let bytes = Builder::tiny_llama()
        .text("a.b", "text")
        .u32s("c", &[1, 2])
        .build();
    for length in 0..bytes.len() {
        assert_fault(&bytes[..length], &["byte 0x", "ends inside the header"]);
    }
}

#[test]
fn attention_without_queries() {
    let bytes = Builder::new()
        .plain("llama")
        .tensor("token_embd.weight", &[64, 100], 0)
        .tensor("blk.0.attn_k.weight", &[64, 32], 0)
        .tensor("blk.0.ffn_down.weight", &[128, 64], 0)
        .build();
    assert_fault(&bytes, &["layer `blk.0`", "no queries", "damaged"]);
}

#[test]
fn hostile_counts_and_lengths() {
    let mut bytes = Builder::tiny_llama().build();
    bytes[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_fault(
        &bytes,
        &["byte 0x8", "the number of tensors is 18446744073709551615"],
    );
    let mut bytes = Builder::tiny_llama().build();
    bytes[16..24].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_fault(&bytes, &["byte 0x10", "the number of keys"]);
    let mut bytes = Builder::tiny_llama().build();
    bytes[24..32].copy_from_slice(&(1_u64 << 40).to_le_bytes());
    assert_fault(
        &bytes,
        &["byte 0x18", "the length of a key is 1099511627776"],
    );
    assert_fault(
        &with_value(8, &u64::MAX.to_le_bytes()),
        &["key `x`", "the length of a text"],
    );
    // 255 MiB are promised, a few hundred bytes are there.
    assert_fault(
        &with_value(8, &(255_u64 << 20).to_le_bytes()),
        &["key `x`", "ends inside the header"],
    );
    let list = |kind: u32, length: u64| [&kind.to_le_bytes()[..], &length.to_le_bytes()].concat();
    assert_fault(
        &with_value(9, &list(4, u64::MAX)),
        &["key `x`", "the length of a list"],
    );
    assert_fault(
        &with_value(9, &list(8, 1 << 24)),
        &["key `x`", "the length of a text"],
    );
    assert_fault(
        &with_value(9, &list(13, 1)),
        &["key `x`", "value type 13 does not exist"],
    );
    assert_fault(
        &with_value(77, &[]),
        &["key `x`", "value type 77 does not exist"],
    );
}

#[test]
fn lists_in_lists_have_a_depth() {
    let nested = |depth: usize| {
        let mut value = Vec::new();
        for _ in 0..depth {
            value.extend(9_u32.to_le_bytes());
            value.extend(1_u64.to_le_bytes());
        }
        value.extend(4_u32.to_le_bytes());
        value.extend(0_u64.to_le_bytes());
        with_value(9, &value)
    };
    assert!(Header::read(&nested(2)[..]).is_ok());
    assert_fault(&nested(1000), &["key `x`", "the depth of lists in lists"]);
}

#[test]
fn names() {
    assert_fault(
        &Builder::tiny_llama().u32("llama.block_count", 1).build(),
        &["key `llama.block_count`", "twice"],
    );
    let twice = Builder::tiny_llama().tensor("output_norm.weight", &[64], 0);
    assert_fault(&twice.build(), &["tensor `output_norm.weight`", "twice"]);
    let mut bytes = Builder::tiny_llama().build();
    bytes[32] = 0xff;
    assert_fault(&bytes, &["byte 0x20", "not UTF-8"]);
}

#[test]
fn tensors() {
    let good = Builder::tiny_llama;
    assert_fault(
        &good().tensor("t", &[1, 1, 1, 1, 1], 0).build(),
        &["tensor `t`", "dimensions is 5"],
    );
    assert_fault(
        &good().tensor("t", &[32], 43).build(),
        &["byte 0x", "tensor `t`", "tensor type 43 is unknown"],
    );
    assert_fault(
        &good().tensor("t", &[32], 4).build(),
        &["tensor type 4 (Q4_2"],
    );
    assert_fault(
        &good().tensor("t", &[32], 137).build(),
        &["tensor type 137 (perhaps of ik_llama.cpp"],
    );
    assert_fault(
        &good().tensor("t", &[48], 8).build(),
        &["tensor `t`", "row of 48 elements", "32", "Q8_0"],
    );
    assert_fault(
        &good().tensor("t", &[1 << 40, 1 << 40], 0).build(),
        &["tensor `t`", "beyond 2^64"],
    );
    assert_fault(
        &good().tensor_at("t", &[32], 0, 32).build(),
        &["tensor `t`", "inside `token_embd.weight`"],
    );
    assert_fault(
        &good().tensor_at("t", &[32], 0, (1 << 40) + 4).build(),
        &["no multiple of the alignment 32"],
    );
    assert_fault(
        &good().tensor_at("t", &[1 << 60], 0, u64::MAX - 31).build(),
        &["tensor `t`", "beyond 2^64"],
    );
    assert_fault(
        &good().u32("general.alignment", 24).build(),
        &["general.alignment", "24 is no power of two"],
    );
    assert_fault(
        &good().text("general.alignment", "32").build(),
        &["general.alignment", "no power of two"],
    );
}

#[test]
fn no_language_model() {
    let vision = Builder::new().text("general.architecture", "clip");
    assert_fault(&vision.build(), &["`clip`, not a language model"]);
    let adapter = Builder::tiny_llama().text("general.type", "adapter");
    assert_fault(&adapter.build(), &["`adapter`, not a language model"]);
    let encoder = Builder::new()
        .plain("bert")
        .tensors(1)
        .raw("bert.attention.causal", 7, &[0]);
    assert_fault(&encoder.build(), &["bert.attention.causal", "encoder"]);
    assert_fault(
        &Builder::new().build(),
        &["key `general.architecture`", "missing"],
    );
}

#[test]
fn what_is_missing_is_named() {
    let bare = Builder::new()
        .text("general.architecture", "llama")
        .tensors(1);
    assert_fault(
        &bare.build(),
        &["lacks `llama.block_count`, `llama.context_length`, `llama.embedding_length`"],
    );
    assert_fault(
        &Builder::new().plain("llama").build(),
        &["tensor `token_embd.weight`", "no token embedding"],
    );
    let two = Builder::new()
        .plain("llama")
        .tensors(1)
        .tensor("blk.1.x.weight", &[64], 0)
        .build();
    assert!(
        Header::read(&two[..]).expect("good").architecture().is_ok(),
        "tensors of further blocks are no fault"
    );
    let strange = Builder::new()
        .plain("mystery")
        .tensor("token_embd.weight", &[64, 100], 0)
        .tensor("blk.0.time_mix_key.weight", &[64, 64], 0);
    assert_fault(
        &strange.build(),
        &[
            "layer `blk.0`",
            "neither attention",
            "time_mix_key",
            "`mystery`",
        ],
    );
    let empty = Builder::new()
        .plain("llama")
        .tensor("token_embd.weight", &[64, 100], 0);
    assert_fault(&empty.build(), &["layer `blk.0`", "no tensors"]);
}

#[test]
fn keys_that_contradict_the_tensors() {
    let rows = Builder::new()
        .text("general.architecture", "llama")
        .u32("llama.block_count", 1)
        .u32("llama.context_length", 4096)
        .u32("llama.embedding_length", 64)
        .u32("llama.attention.head_count", 4)
        .tensors(1);
    assert_fault(
        &rows.build(),
        &["tensor `blk.0.attn_k.weight`", "32 rows", "4 heads of 16"],
    );
    let layers = Builder::new()
        .plain("llama")
        .tensors(1)
        .i32("llama.nextn_predict_layers", -1);
    assert_fault(
        &layers.build(),
        &["key `llama.nextn_predict_layers`", "whole number"],
    );
    let many = Builder::new()
        .text("general.architecture", "llama")
        .u32("llama.block_count", u32::MAX)
        .u32("llama.context_length", 4096)
        .u32("llama.embedding_length", 64);
    assert_fault(
        &many.build(),
        &[
            "key `llama.block_count`",
            "the number of layers is 4294967295",
        ],
    );
}
