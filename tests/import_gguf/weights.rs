//! Weights from a header, and the header against the tensors that its own
//! architecture implies.

use std::collections::BTreeMap;

use hwcmp::import::gguf::Header;
use hwcmp::model::{Exactness, tensors};
use hwcmp::units::Bytes;

use crate::builder::Builder;
use crate::real::{NAMES, header};

#[test]
fn weights_sum_to_the_file_s_bytes() {
    // Bytes one token reads, by llama.cpp itself (`active_weight_bytes_per_token`).
    for (name, quant, file, active) in [
        ("llama3.1-8b.Q4_K_M", "q4_k_m", 4_912_898_304, 4_617_396_480),
        (
            "deepseek-v2-lite.Q4_K_M",
            "q4_k_m",
            10_363_959_296,
            1_611_823_104,
        ),
        ("gpt-oss-20b.MXFP4", "mxfp4", 12_096_558_336, 2_574_702_336),
        (
            "nemotron-3-nano-30b-a3b.Q4_K_M",
            "q4_k_m",
            24_507_234_048,
            2_505_803_520,
        ),
        (
            "qwen3.5-35b-a3b.Q4_K_M",
            "q4_k_m",
            21_155_768_832,
            1_975_675_392,
        ),
        (
            "gemma3-27b.Q4_K_M",
            "q4_k_m",
            16_539_843_584,
            16_539_843_584,
        ),
    ] {
        let header = header(name);
        let weights = header
            .weights()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            (weights.quant.id.as_str(), &weights.exactness),
            (quant, &Exactness::File),
            "{name}"
        );
        assert_eq!(weights.file_bytes(), Bytes(file), "{name}");
        let architecture = header
            .architecture()
            .unwrap_or_else(|error| panic!("{name}: {error}"))
            .architecture;
        assert_eq!(weights.active_bytes(&architecture), Bytes(active), "{name}");
    }
}

#[test]
fn the_architecture_implies_the_file_s_tensors() {
    for name in NAMES {
        let header = header(name);
        let architecture = header
            .architecture()
            .unwrap_or_else(|error| panic!("{name}: {error}"))
            .architecture;
        let trim = |shape: &[u64]| -> Vec<u64> {
            let used = shape
                .iter()
                .rposition(|length| *length != 1)
                .map_or(1, |last| last + 1);
            shape[..used].to_vec()
        };
        let implied: BTreeMap<String, Vec<u64>> = tensors(&architecture)
            .iter()
            .map(|tensor| (tensor.name(), trim(&tensor.shape)))
            .collect();
        let there: BTreeMap<String, Vec<u64>> = header
            .tensors
            .iter()
            .map(|tensor| (tensor.name.clone(), trim(&tensor.shape)))
            .collect();
        for (tensor, shape) in &there {
            assert_eq!(implied.get(tensor), Some(shape), "{name}: {tensor}");
        }
        assert_eq!(implied.len(), there.len(), "{name}");
    }
}

#[test]
fn prediction_blocks_are_in_the_file_and_not_loaded() {
    let bytes = Builder::new()
        .text("general.architecture", "qwen3")
        .u32("general.file_type", 0)
        .u32("qwen3.block_count", 2)
        .u32("qwen3.nextn_predict_layers", 1)
        .u32("qwen3.context_length", 4096)
        .u32("qwen3.embedding_length", 64)
        .u32("qwen3.attention.head_count", 4)
        .u32("qwen3.attention.head_count_kv", 2)
        .tensors(2)
        .build();
    let header = Header::read(&bytes[..]).expect("a good header");
    let weights = header.weights().expect("weights");
    // One block: 64 + 4,096 + 2,048 + 2,048 + 4,096 + 64 + 3 x 8,192 elements of 4 bytes.
    assert_eq!(weights.mtp.bytes, Bytes(4 * 36_992));
    assert_eq!(weights.file_bytes(), header.tensor_bytes());
    assert_eq!(
        weights.loaded_bytes(),
        Bytes(header.tensor_bytes().0 - 4 * 36_992)
    );
    assert!(weights.tied);
}

#[test]
fn old_files_with_a_tensor_for_each_expert() {
    let mut builder = Builder::new()
        .plain("llama")
        .u32("general.file_type", 0)
        .u32("llama.expert_used_count", 2)
        .tensor("token_embd.weight", &[64, 100], 0);
    for part in ["attn_q", "attn_output"] {
        builder = builder.tensor(&format!("blk.0.{part}.weight"), &[64, 64], 0);
    }
    for part in ["attn_k", "attn_v"] {
        builder = builder.tensor(&format!("blk.0.{part}.weight"), &[64, 32], 0);
    }
    for expert in 0..8 {
        for (part, shape) in [("gate", [64, 32]), ("up", [64, 32]), ("down", [32, 64])] {
            builder = builder.tensor(&format!("blk.0.ffn_{part}.{expert}.weight"), &shape, 0);
        }
    }
    let header = Header::read(&builder.build()[..]).expect("a good header");
    let experts = header
        .architecture()
        .expect("an architecture")
        .architecture
        .experts()
        .expect("experts");
    assert_eq!((experts.total, experts.used, experts.width), (8, 2, 32));
    assert_eq!(
        header.weights().expect("weights").experts_total().bytes,
        Bytes(4 * 8 * 3 * 64 * 32)
    );
}
