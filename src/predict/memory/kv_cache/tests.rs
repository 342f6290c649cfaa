//! Worked examples of the cache's formulas.

use super::{CacheSettings, CacheType, LayerCache, cache, layer_cache};
use crate::model::{
    Architecture, Extras, Family, FeedForward, Heads, Latent, Layer, Mixer, Recurrence, Recurrent,
};
use crate::units::Bytes;

const HEADS: Heads = Heads {
    query: 32,
    kv: 8,
    key_dim: 128,
    value_dim: 128,
    shared_projection: false,
};

fn layer(mixer: Mixer) -> Layer {
    Layer {
        mixer,
        feed_forward: FeedForward::None,
    }
}

fn kv(mixer: Mixer, settings: &CacheSettings) -> Bytes {
    layer_cache(&layer(mixer), settings, 0).kv
}

fn model(mixers: &[Mixer]) -> Option<Architecture> {
    Some(Architecture {
        family: Family::from_name("llama")?,
        hidden: 4096,
        vocab: 32000,
        tied_embeddings: false,
        layers: mixers.iter().copied().map(layer).collect(),
        mtp_layers: 0,
        max_context: 8192,
        extras: Extras::default(),
    })
}

#[test]
fn full_attention_counts_padded_cells() {
    // Keys and values of 8 x 128 F16 elements are 4,096 bytes a cell; 5,000 is padded to 5,120.
    let settings = CacheSettings::of_context(5000);
    assert_eq!(kv(Mixer::Full(HEADS), &settings), Bytes(4096 * 5120));
    // q8_0 keys: 32 blocks of 34 bytes = 1,088, beside 2,048 of values.
    let settings = CacheSettings {
        key_type: CacheType::Q8_0,
        ..settings
    };
    assert_eq!(kv(Mixer::Full(HEADS), &settings), Bytes(3136 * 5120));
}

#[test]
fn slots_pad_each_or_share() {
    let settings = CacheSettings {
        sequences: 3,
        ..CacheSettings::of_context(8192)
    };
    // 8,192 / 3 = 2,730, padded to 2,816 for each of three streams.
    assert_eq!(settings.cells() * settings.streams(), 3 * 2816);
    let shared = CacheSettings {
        unified: true,
        ..settings
    };
    assert_eq!((shared.cells(), shared.streams()), (8192, 1));
}

#[test]
fn a_window_keeps_a_micro_batch_more() {
    let sliding = Mixer::Sliding {
        heads: HEADS,
        window: 1024,
    };
    let settings = CacheSettings::of_context(32_768);
    assert_eq!(kv(sliding, &settings), Bytes(4096 * 1536));
    // Four slots in a unified cache: 4 x 1,024 + 512 = 4,608 cells.
    let unified = CacheSettings {
        sequences: 4,
        unified: true,
        ..settings
    };
    assert_eq!(kv(sliding, &unified), Bytes(4096 * 4608));
    let all = CacheSettings {
        full_swa: true,
        ..settings
    };
    assert_eq!(kv(sliding, &all), kv(Mixer::Full(HEADS), &all));
}

#[test]
fn latent_attention_stores_one_row() {
    let latent = Latent {
        heads: 128,
        kv_rank: 512,
        q_rank: Some(1536),
        rope_dim: 64,
        nope_dim: 128,
        value_dim: 128,
    };
    let settings = CacheSettings::of_context(4096);
    assert_eq!(kv(Mixer::Latent(latent), &settings), Bytes(576 * 2 * 4096));
}

#[test]
fn a_recurrent_state_does_not_grow() {
    let recurrent = Recurrent {
        kind: Recurrence::GatedDeltaNet,
        conv: 4,
        inner: 4096,
        groups: 16,
        state: 128,
        heads: 32,
    };
    // 4 x (3 x (4,096 + 2 x 16 x 128) + 128 x 4,096) = 2,195,456 bytes a sequence.
    let expected = LayerCache {
        kv: Bytes::ZERO,
        recurrent: Bytes(2 * 2_195_456),
    };
    for context in [512, 131_072] {
        let settings = CacheSettings {
            sequences: 2,
            ..CacheSettings::of_context(context)
        };
        assert_eq!(
            layer_cache(&layer(Mixer::Recurrent(recurrent)), &settings, 0),
            expected
        );
    }
}

#[test]
fn without_flash_attention_values_are_as_wide_as_the_widest() {
    let wide = Heads {
        value_dim: 256,
        ..HEADS
    };
    let settings = CacheSettings {
        flash_attention: false,
        ..CacheSettings::of_context(256)
    };
    let Some(model) = model(&[Mixer::Full(HEADS), Mixer::Full(wide)]) else {
        return;
    };
    // Keys 8 x 128, values 8 x 256 in both layers, 2 bytes each, 256 cells.
    assert_eq!(
        cache(&model, &settings).kv,
        Bytes(2 * (1024 + 2048) * 2 * 256)
    );
}

#[test]
fn no_input_overflows() {
    let settings = CacheSettings {
        sequences: u32::MAX,
        ubatch: u32::MAX,
        unified: true,
        ..CacheSettings::of_context(u64::MAX)
    };
    let sliding = Mixer::Sliding {
        heads: HEADS,
        window: u32::MAX,
    };
    let Some(model) = model(&[Mixer::Full(HEADS), sliding]) else {
        return;
    };
    assert_eq!(cache(&model, &settings).kv, Bytes(u64::MAX));
}
