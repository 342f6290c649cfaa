//! Headers of real models. The sizes were computed by llama.cpp itself
//! (v0.5.0, 2026-09) for the complete files.

use std::path::PathBuf;

use hwcmp::import::gguf::{ByteOrder, Described, Header};
use hwcmp::model::{FeedForward, Mixer, Recurrence};
use hwcmp::units::Bytes;

use crate::builder::Builder;

/// The headers in tests/data/gguf.
pub const NAMES: [&str; 6] = [
    "llama3.1-8b.Q4_K_M",
    "deepseek-v2-lite.Q4_K_M",
    "gpt-oss-20b.MXFP4",
    "nemotron-3-nano-30b-a3b.Q4_K_M",
    "qwen3.5-35b-a3b.Q4_K_M",
    "gemma3-27b.Q4_K_M",
];

/// One of them, read.
pub fn header(name: &str) -> Header {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/gguf")
        .join(format!("{name}.header.gguf"));
    Header::open(&path).unwrap_or_else(|error| panic!("{error}"))
}

fn described(name: &str) -> Described {
    header(name)
        .architecture()
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn sizes_agree_to_the_byte() {
    for (name, family, tensors, data, header_bytes) in [
        ("llama3.1-8b.Q4_K_M", "llama", 292, 4_912_898_304, 18_067),
        (
            "deepseek-v2-lite.Q4_K_M",
            "deepseek2",
            404,
            10_363_959_296,
            27_944,
        ),
        ("gpt-oss-20b.MXFP4", "gpt-oss", 459, 12_096_558_336, 28_937),
        (
            "nemotron-3-nano-30b-a3b.Q4_K_M",
            "nemotron_h_moe",
            401,
            24_507_234_048,
            26_238,
        ),
        (
            "qwen3.5-35b-a3b.Q4_K_M",
            "qwen35moe",
            733,
            21_155_768_832,
            47_509,
        ),
        ("gemma3-27b.Q4_K_M", "gemma3", 808, 16_539_843_584, 48_923),
    ] {
        let header = header(name);
        assert_eq!(header.architecture_name(), Some(family), "{name}");
        assert_eq!(header.tensors.len(), tensors, "{name}");
        assert_eq!(header.tensor_bytes(), Bytes(data), "{name}");
        assert_eq!(header.data_bytes, Bytes(data), "{name}");
        assert_eq!(header.header_bytes, Bytes(header_bytes), "{name}");
        assert_eq!(
            header.missing_bytes,
            Some(Bytes(data)),
            "{name}: only the header is there"
        );
        let described = header
            .architecture()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(described.architecture.family.name(), family);
        assert_eq!(described.assumptions, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_plain_dense_model() {
    let architecture = described("llama3.1-8b.Q4_K_M").architecture;
    assert_eq!(
        (
            architecture.hidden,
            architecture.vocab,
            architecture.layers.len()
        ),
        (4096, 128_256, 32)
    );
    assert_eq!(
        (architecture.tied_embeddings, architecture.max_context),
        (false, 131_072)
    );
    let Mixer::Full(heads) = architecture.layers[31].mixer else {
        panic!("full attention")
    };
    assert_eq!(
        (heads.query, heads.kv, heads.key_dim, heads.value_dim),
        (32, 8, 128, 128)
    );
    assert_eq!(
        architecture.layers[0].feed_forward,
        FeedForward::Dense { width: 14_336 }
    );
}

#[test]
fn sliding_windows_by_the_family_s_pattern() {
    let slides = |name| -> Vec<bool> {
        let layers = described(name).architecture.layers;
        layers
            .iter()
            .map(|layer| matches!(layer.mixer, Mixer::Sliding { .. }))
            .collect()
    };
    let gemma = slides("gemma3-27b.Q4_K_M");
    assert_eq!(gemma[..7], [true, true, true, true, true, false, true]);
    assert_eq!(
        gemma.iter().filter(|slides| !**slides).count(),
        10,
        "62 layers, every sixth is full"
    );
    assert_eq!(slides("gpt-oss-20b.MXFP4")[..4], [true, false, true, false]);
    assert!(described("gemma3-27b.Q4_K_M").architecture.tied_embeddings);
}

#[test]
fn experts_with_shared_and_leading_dense_layers() {
    let architecture = described("deepseek-v2-lite.Q4_K_M").architecture;
    assert_eq!(
        architecture.layers[0].feed_forward,
        FeedForward::Dense { width: 10_944 }
    );
    let FeedForward::Experts(experts) = architecture.layers[1].feed_forward else {
        panic!("experts")
    };
    assert_eq!(
        (
            experts.total,
            experts.used,
            experts.width,
            experts.shared_width
        ),
        (64, 6, 1408, 2816)
    );
    assert_eq!(architecture.expert_layers(), 26);
    let Mixer::Latent(latent) = architecture.layers[0].mixer else {
        panic!("latent attention")
    };
    assert_eq!(
        (latent.heads, latent.kv_rank, latent.q_rank),
        (16, 512, None)
    );
    assert_eq!(
        (latent.rope_dim, latent.nope_dim, latent.value_dim),
        (64, 128, 128)
    );
}

#[test]
fn hybrids() {
    let qwen = described("qwen3.5-35b-a3b.Q4_K_M").architecture;
    assert_eq!(
        qwen.recurrent_layers(),
        30,
        "40 layers, every fourth has attention"
    );
    let Mixer::Recurrent(delta) = qwen.layers[0].mixer else {
        panic!("recurrent")
    };
    assert_eq!(delta.kind, Recurrence::GatedDeltaNet);
    assert_eq!(
        (
            delta.conv,
            delta.inner,
            delta.groups,
            delta.state,
            delta.heads
        ),
        (4, 4096, 16, 128, 32)
    );
    assert!(
        matches!(qwen.layers[3].mixer, Mixer::Full(heads) if heads.kv == 2 && heads.key_dim == 256)
    );

    let nemotron = described("nemotron-3-nano-30b-a3b.Q4_K_M").architecture;
    assert_eq!(
        (nemotron.recurrent_layers(), nemotron.expert_layers()),
        (23, 23)
    );
    assert_eq!(
        nemotron
            .layers
            .iter()
            .filter(|layer| matches!(layer.mixer, Mixer::Full(_)))
            .count(),
        6
    );
    let Mixer::Recurrent(mamba) = nemotron.layers[0].mixer else {
        panic!("recurrent")
    };
    assert_eq!(
        (mamba.kind, mamba.groups, mamba.heads),
        (Recurrence::Mamba2, 8, 64)
    );
    assert_eq!(nemotron.layers[1].mixer, Mixer::None);
}

#[test]
fn a_vocabulary_is_counted_and_not_kept() {
    let tokens = (0..128_256).map(|token| format!("token-{token}"));
    let bytes = Builder::tiny_llama()
        .texts("tokenizer.ggml.tokens", tokens)
        .build();
    assert!(bytes.len() > 2_000_000);
    let header = Header::read(&bytes[..]).expect("a good header");
    assert_eq!(
        header.metadata.length("tokenizer.ggml.tokens"),
        Some(128_256)
    );
    assert_eq!(header.header_bytes, Bytes(bytes.len() as u64));
}

#[test]
fn versions_and_byte_orders() {
    let three = Header::read(&Builder::tiny_llama().build()[..]).expect("version 3");
    let two = Header::read(&Builder::tiny_llama().version(2).build()[..]).expect("version 2");
    assert_eq!((two.version, two.order), (2, ByteOrder::Little));
    let big = Builder::new()
        .big_endian()
        .plain("llama")
        .tensors(1)
        .build();
    let big = Header::read(&big[..]).expect("big-endian");
    assert_eq!((big.version, big.order), (3, ByteOrder::Big));
    for other in [two, big] {
        assert_eq!(
            (&other.metadata, &other.tensors),
            (&three.metadata, &three.tensors)
        );
    }
}

#[test]
fn an_unknown_family_is_read_by_its_tensors() {
    let bytes = Builder::new()
        .plain("newcomer")
        .tensors(1)
        .tensor("blk.0.attn_novelty.weight", &[64, 2], 0)
        .build();
    let described = Header::read(&bytes[..])
        .expect("a good header")
        .architecture()
        .expect("like Llama");
    assert_eq!(described.architecture.family.name(), "llama");
    assert_eq!(described.assumptions.len(), 1);
    assert!(
        described.assumptions[0].contains("newcomer")
            && described.assumptions[0].contains("attn_novelty")
    );
}

#[test]
fn multi_token_prediction_blocks_are_apart() {
    let bytes = Builder::new()
        .plain("qwen3")
        .tensors(1)
        .u32("qwen3.nextn_predict_layers", 0)
        .build();
    let plain = Header::read(&bytes[..])
        .expect("a good header")
        .architecture()
        .expect("an architecture");
    assert_eq!(
        (
            plain.architecture.layers.len(),
            plain.architecture.mtp_layers
        ),
        (1, 0)
    );
    let bytes = Builder::new()
        .text("general.architecture", "qwen3")
        .u32("qwen3.block_count", 3)
        .u32("qwen3.nextn_predict_layers", 1)
        .u32("qwen3.context_length", 4096)
        .u32("qwen3.embedding_length", 64)
        .u32s("qwen3.attention.head_count", &[4, 4, 4])
        .u32s("qwen3.attention.head_count_kv", &[2, 2, 2])
        .tensors(3)
        .build();
    let nextn = Header::read(&bytes[..])
        .expect("a good header")
        .architecture()
        .expect("an architecture");
    assert_eq!(
        (
            nextn.architecture.layers.len(),
            nextn.architecture.mtp_layers
        ),
        (2, 1)
    );
}
