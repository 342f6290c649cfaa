//! Made headers for kinds of layers that the real ones do not have.

use hwcmp::import::gguf::{Described, Header};
use hwcmp::model::{Mixer, Recurrence};

use crate::builder::Builder;

fn described(builder: &Builder) -> Described {
    let header = Header::read(&builder.build()[..]).unwrap_or_else(|error| panic!("{error}"));
    header
        .architecture()
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Keys of a model of several layers.
fn keys(name: &str, layers: u32) -> Builder {
    Builder::new()
        .text("general.architecture", name)
        .u32(&format!("{name}.block_count"), layers)
        .u32(&format!("{name}.context_length"), 4096)
        .u32(&format!("{name}.embedding_length"), 64)
        .u32(&format!("{name}.attention.head_count"), 4)
}

#[test]
fn head_sizes_by_layer_and_shared_caches() {
    // Gemma 4: one layer slides (2 heads of 16), one is full (1 head of 32, keys as values), one reuses a cache.
    let flags = [
        7_u32.to_le_bytes().to_vec(),
        3_u64.to_le_bytes().to_vec(),
        vec![1, 0, 1],
    ]
    .concat();
    let mut builder = keys("gemma4", 3)
        .u32s("gemma4.attention.head_count_kv", &[2, 1, 2])
        .u32("gemma4.attention.key_length", 32)
        .u32("gemma4.attention.value_length", 32)
        .u32("gemma4.attention.key_length_swa", 16)
        .u32("gemma4.attention.value_length_swa", 16)
        .u32("gemma4.attention.sliding_window", 512)
        .u32("gemma4.attention.shared_kv_layers", 1)
        .raw("gemma4.attention.sliding_window_pattern", 9, &flags)
        .tensor("token_embd.weight", &[64, 100], 0);
    for (layer, query) in [(0, 64), (1, 128), (2, 64)] {
        builder = builder
            .tensor(&format!("blk.{layer}.attn_q.weight"), &[64, query], 0)
            .tensor(&format!("blk.{layer}.ffn_down.weight"), &[128, 64], 0);
    }
    for (part, layer) in [("attn_k", 0), ("attn_v", 0), ("attn_k", 1)] {
        builder = builder.tensor(&format!("blk.{layer}.{part}.weight"), &[64, 32], 0);
    }
    let described = described(&builder);
    let mixers: Vec<Mixer> = described
        .architecture
        .layers
        .iter()
        .map(|layer| layer.mixer)
        .collect();
    assert!(
        matches!(mixers[0], Mixer::Sliding { heads, window: 512 } if heads.key_dim == 16 && !heads.shared_projection)
    );
    assert!(
        matches!(mixers[1], Mixer::Full(heads) if heads.key_dim == 32 && heads.kv == 1 && heads.shared_projection)
    );
    assert!(matches!(
        mixers[2],
        Mixer::Shared {
            window: Some(512),
            ..
        }
    ));
}

#[test]
fn short_convolutions() {
    let builder = keys("lfm2", 2)
        .u32s("lfm2.attention.head_count_kv", &[0, 2])
        .u32("lfm2.shortconv.l_cache", 3)
        .tensors(0)
        .tensor("blk.0.shortconv.conv.weight", &[3, 64], 0)
        .tensor("blk.0.ffn_down.weight", &[128, 64], 0)
        .tensor("blk.1.attn_q.weight", &[64, 64], 0)
        .tensor("blk.1.attn_k.weight", &[64, 32], 0)
        .tensor("blk.1.attn_v.weight", &[64, 32], 0)
        .tensor("blk.1.ffn_down.weight", &[128, 64], 0);
    let layers = described(&builder).architecture.layers;
    let Mixer::Recurrent(conv) = layers[0].mixer else {
        panic!("a convolution")
    };
    assert_eq!(
        (conv.kind, conv.conv, conv.inner, conv.state),
        (Recurrence::ShortConvolution, 3, 64, 0)
    );
    assert!(matches!(layers[1].mixer, Mixer::Full(heads) if heads.kv == 2));
}

#[test]
fn latent_attention_of_old_files_is_cached_in_full() {
    let builder = keys("deepseek2", 1)
        .u32("deepseek2.attention.key_length", 24)
        .u32("deepseek2.attention.value_length", 16)
        .u32("deepseek2.attention.kv_lora_rank", 32)
        .tensor("token_embd.weight", &[64, 100], 0)
        .tensor("blk.0.attn_q.weight", &[64, 96], 0)
        .tensor("blk.0.attn_kv_a_mqa.weight", &[64, 40], 0)
        .tensor("blk.0.attn_kv_b.weight", &[32, 128], 0)
        .tensor("blk.0.ffn_down.weight", &[128, 64], 0);
    let described = described(&builder);
    assert!(matches!(described.architecture.layers[0].mixer,
        Mixer::Full(heads) if heads.kv == 4 && heads.key_dim == 24 && heads.value_dim == 16));
    assert!(
        described.assumptions[0].contains("before 2025-04"),
        "{:?}",
        described.assumptions
    );
}

#[test]
fn a_window_that_llama_cpp_ignores_is_said() {
    let builder = Builder::tiny_llama().u32("llama.attention.sliding_window", 4096);
    let described = described(&builder);
    assert!(matches!(
        described.architecture.layers[0].mixer,
        Mixer::Full(_)
    ));
    assert!(described.assumptions[0].contains("llama.attention.sliding_window"));
}

#[test]
fn the_quant_by_number_or_by_the_bytes() {
    let quant = |builder: Builder| {
        let header = Header::read(&builder.build()[..]).expect("a good header");
        header
            .quant()
            .map(|quant| quant.id)
            .map_err(|error| error.to_string())
    };
    assert_eq!(
        quant(Builder::tiny_llama().u32("general.file_type", 15)),
        Ok("q4_k_m".to_owned())
    );
    assert_eq!(quant(Builder::tiny_llama()), Ok("f32".to_owned()));
    let many = Builder::tiny_llama()
        .u32("general.file_type", 999)
        .tensor("big", &[32, 100_000], 8);
    assert_eq!(quant(many), Ok("q8_0".to_owned()));
    let integers = quant(Builder::new().tensor("t", &[32], 26));
    assert!(
        integers.is_err_and(
            |message| message.contains("general.file_type") && message.contains("--quant")
        )
    );
}
