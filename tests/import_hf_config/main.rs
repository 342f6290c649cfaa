//! Hugging Face's configs: the parameter counts are those that the hub or the maker publishes for the text part.

mod configs;

use std::fs;

use configs::{
    DEEPSEEK_V2_LITE, GEMMA3_4B, GPT_OSS_20B, LLAMA_8B, LLAMA4_SCOUT, NEMOTRON_NANO, QWEN3_30B,
    QWEN35_35B,
};
use hwcmp::import::hf_config::{self, HfModel};
use hwcmp::model::{Mixer, Quant, Weights};

fn model(text: &str) -> HfModel {
    hf_config::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn parameters(model: &HfModel) -> u64 {
    let plain = Quant::from_id("bf16").expect("a known quant");
    Weights::of(&model.architecture, &plain)
        .expect("weights")
        .total_params()
}

#[test]
fn parameters_are_those_published() {
    for (text, family, published) in [
        (LLAMA_8B, "llama", 8_030_261_248_u64),
        (QWEN3_30B, "qwen3moe", 30_532_122_624),
        (GPT_OSS_20B, "gpt-oss", 20_914_757_184),
        (DEEPSEEK_V2_LITE, "deepseek2", 15_706_484_224),
        (GEMMA3_4B, "gemma3", 3_880_099_328 + 64 * 2560), // The hub's vocabulary has 64 entries more than llama.cpp's.
        (QWEN35_35B, "qwen35moe", 34_660_610_688),
        (NEMOTRON_NANO, "nemotron_h_moe", 31_577_937_344),
        (LLAMA4_SCOUT, "llama4", 107_769_861_120),
    ] {
        let model = model(text);
        assert_eq!(model.table.family, family);
        let found = parameters(&model);
        let off = found.abs_diff(published);
        // llama.cpp adds tables of rotary factors and the like: less than one in 100,000.
        assert!(
            off <= published / 100_000,
            "{family}: {found} where {published} are published"
        );
    }
}

#[test]
fn layers_of_each_kind() {
    let sliding = |text| -> Vec<bool> {
        model(text)
            .architecture
            .layers
            .iter()
            .map(|layer| matches!(layer.mixer, Mixer::Sliding { .. }))
            .collect()
    };
    assert_eq!(sliding(GPT_OSS_20B)[..3], [true, false, true]);
    assert_eq!(sliding(GEMMA3_4B)[3..7], [true, true, false, true]);
    assert_eq!(sliding(LLAMA4_SCOUT)[..5], [true, true, true, false, true]);
    assert!(!sliding(QWEN3_30B).contains(&true));
    let qwen = model(QWEN35_35B).architecture;
    assert_eq!((qwen.recurrent_layers(), qwen.mtp_layers), (30, 1));
    assert!(model(DEEPSEEK_V2_LITE).architecture.is_latent());
    assert_eq!(model(QWEN3_30B).table.ffn, None, "no layer is dense");
}

#[test]
fn what_a_config_leaves_out_is_assumed_and_said() {
    let gemma = model(GEMMA3_4B);
    assert_eq!(
        (
            gemma.table.heads,
            gemma.table.kv_heads,
            gemma.table.head_dim
        ),
        (Some(8), Some(4), Some(256))
    );
    assert!(gemma.table.tied_embeddings);
    assert_eq!(gemma.assumptions.len(), 3, "{:?}", gemma.assumptions);
    let stranger = model(&LLAMA_8B.replace("\"llama\"", "\"brand_new\""));
    assert_eq!(stranger.table.family, "llama");
    assert!(stranger.assumptions[0].contains("`brand_new` is not known by name"));
    assert_eq!(parameters(&stranger), parameters(&model(LLAMA_8B)));
    assert!(model(LLAMA_8B).assumptions.is_empty());
}

#[test]
fn per_layer_lists() {
    let gemma4 = model(
        r#"{"model_type": "gemma4", "text_config": {"model_type": "gemma4_text", "hidden_size": 2816, "intermediate_size": 2112,
            "num_hidden_layers": 30, "num_attention_heads": 16, "num_key_value_heads": 8, "num_global_key_value_heads": 2, "head_dim": 256,
            "global_head_dim": 512, "attention_k_eq_v": true, "vocab_size": 262144, "max_position_embeddings": 262144, "sliding_window": 1024,
            "enable_moe_block": true, "num_experts": 128, "top_k_experts": 8, "moe_intermediate_size": 704,
            "num_kv_shared_layers": 0, "hidden_size_per_layer_input": 0}}"#,
    );
    // llama.cpp's rotary factors (256) and a scale for each expert (30 x 128) come on top.
    assert_eq!(parameters(&gemma4), 25_233_137_950 + 256 + 30 * 128);
    assert!(
        matches!(gemma4.architecture.layers[5].mixer, Mixer::Full(heads) if heads.kv == 2 && heads.key_dim == 512)
    );

    let laguna = model(
        r#"{"model_type": "laguna", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4,
            "num_attention_heads_per_layer": [4, 6, 6, 6], "num_key_value_heads": 2, "head_dim": 16, "vocab_size": 100,
            "max_position_embeddings": 1024, "sliding_window": 32, "gating": "per-element",
            "layer_types": ["full_attention", "sliding_attention", "sliding_attention", "sliding_attention"],
            "mlp_layer_types": ["dense", "sparse", "sparse", "sparse"], "num_experts": 8, "num_experts_per_tok": 2,
            "moe_intermediate_size": 32, "shared_expert_intermediate_size": 48}"#,
    );
    assert!(matches!(laguna.architecture.layers[0].mixer, Mixer::Full(heads) if heads.query == 4));
    assert!(
        matches!(laguna.architecture.layers[1].mixer, Mixer::Sliding { heads, window: 32 } if heads.query == 6)
    );
    assert_eq!(laguna.architecture.expert_layers(), 3);

    let deci = model(
        r#"{"model_type": "nemotron-nas", "hidden_size": 512, "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": null,
            "vocab_size": 100, "max_position_embeddings": 1024, "block_configs": [
            {"attention": {"n_heads_in_group": 4, "no_op": false}, "ffn": {"ffn_mult": 2.625, "no_op": false}},
            {"attention": {"n_heads_in_group": null, "no_op": true}, "ffn": {"ffn_mult": 1.0}}]}"#,
    );
    // 2 x 2.625 x 512 / 3 = 896, up to a multiple of 256: 1,024; 2 x 512 / 3 = 341: 512.
    assert_eq!(deci.table.ffn_per_layer.as_deref(), Some(&[1024, 512][..]));
    assert_eq!(deci.table.kv_heads_per_layer.as_deref(), Some(&[2, 0][..]));
    assert_eq!(deci.architecture.layers[1].mixer, Mixer::None);
}

#[test]
fn the_checkpoint_s_quant() {
    let with = |extra: &str| {
        let text = LLAMA_8B.replacen('{', &format!("{{{extra},"), 1);
        model(&text).quant
    };
    assert_eq!(model(LLAMA_8B).quant.as_deref(), Some("bf16"));
    assert_eq!(model(GPT_OSS_20B).quant.as_deref(), Some("mxfp4"));
    for (config, id) in [
        (
            r#""quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}"#,
            "fp8",
        ),
        (
            r#""quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128}"#,
            "awq-int4",
        ),
        (
            r#""quantization_config": {"quant_method": "gptq", "bits": 4}"#,
            "gptq-int4",
        ),
        (
            r#""quantization_config": {"quant_method": "auto-round", "bits": 4}"#,
            "autoround-int4",
        ),
        (
            r#""quantization_config": {"quant_method": "modelopt", "quant_algo": "NVFP4"}"#,
            "nvfp4",
        ),
        (
            r#""quantization_config": {"quant_method": "modelopt", "quant_algo": "NVFP4",
                "ignore": ["lm_head", "model.layers.0.self_attn*", "model.layers.1.self_attn*"]}"#,
            "nvfp4",
        ),
        (
            r#""quantization_config": {"quant_method": "modelopt", "quant_algo": "NVFP4",
                "ignore": ["lm_head", "*self_attn*", "model.layers.0.mlp.gate"]}"#,
            "nvfp4-mlp",
        ),
        (
            r#""quantization_config": {"quant_method": "modelopt", "quant_algo": "NVFP4",
                "ignore": ["*.self_attn*", "*.mlp.shared_expert*", "*.mlp.shared_expert_gate"]}"#,
            "nvfp4-experts",
        ),
        (
            r#""quantization_config": {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION",
                "quantized_layers": {
                    "model.layers.0.self_attn.q_proj": {"quant_algo": "FP8"},
                    "model.layers.0.linear_attn.out_proj": {"quant_algo": "FP8"},
                    "model.layers.0.mlp.up_proj": {"quant_algo": "W4A16_NVFP4"},
                    "lm_head": {"quant_algo": "W4A16_NVFP4"}}}"#,
            "nvfp4-fp8",
        ),
        (
            r#""quantization_config": {"quant_method": "exl3", "bits": 4.0}"#,
            "exl3-4.0bpw",
        ),
        (
            r#""quantization_config": {"quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized"}"#,
            "nvfp4",
        ),
        (
            r#""quantization_config": {"quant_method": "compressed-tensors", "format": "pack-quantized",
                "config_groups": {"group_0": {"weights": {"num_bits": 4, "type": "int", "group_size": 32}}}}"#,
            "int4-g32",
        ),
        (
            r#""quantization_config": {"quant_method": "compressed-tensors", "format": "float-quantized",
                "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "float"}}}}"#,
            "fp8",
        ),
        (
            r#""quantization_config": {"quant_method": "compressed-tensors", "format": "int-quantized",
                "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "int"}}}}"#,
            "int8-w8a8",
        ),
        (
            r#""quantization": {"group_size": 64, "bits": 4}, "quantization_config": {"group_size": 64, "bits": 4}"#,
            "mlx-4bit",
        ),
    ] {
        assert_eq!(with(config).as_deref(), Some(id), "{config}");
    }
    assert_eq!(
        with(r#""quantization_config": {"quant_method": "bitsandbytes"}"#),
        None,
        "not a known one"
    );
}

#[test]
fn faults_name_the_key_and_come_all_at_once() {
    for (text, parts) in [
        ("{", &["is no JSON", "line 1 column 1"][..]),
        ("[]", &["is no JSON object"]),
        (
            "{}",
            &[
                "`hidden_size` is missing",
                "`num_hidden_layers` is missing",
                "`vocab_size` is missing",
                "`intermediate_size` is missing",
            ],
        ),
        (
            &LLAMA_8B.replace("4096,", "-1,"),
            &["`hidden_size` is no whole number"],
        ),
        (
            &LLAMA_8B.replace(": 32,", ": 0,"),
            &["`num_hidden_layers` is 0", "`num_attention_heads` is 0"],
        ),
        (
            &GEMMA3_4B.replace("2560", "\"wide\""),
            &["`text_config.hidden_size` is no whole number"],
        ),
        (
            &QWEN3_30B.replace("\"num_experts_per_tok\": 8,", ""),
            &["`num_experts_per_tok` is missing"],
        ),
        (
            &LLAMA_8B.replace("\"llama\"", "\"bert\""),
            &["`model_type` is `bert`"],
        ),
        (
            &LLAMA_8B.replace(": 32,", ": 4294967295,"),
            &["layers", "beyond any real model"],
        ),
    ] {
        let message = hf_config::parse(text).expect_err(text).to_string();
        for part in parts {
            assert!(message.contains(part), "`{part}` is not in: {message}");
        }
    }
}

#[test]
fn no_value_makes_it_panic() {
    let strange = [
        "0",
        "1",
        "4294967295",
        "18446744073709551615",
        "-1",
        "1e308",
        "\"x\"",
        "null",
        "[]",
        "{}",
        "true",
        "[0, 7]",
    ];
    for text in [
        LLAMA_8B,
        QWEN3_30B,
        GPT_OSS_20B,
        DEEPSEEK_V2_LITE,
        GEMMA3_4B,
        QWEN35_35B,
        NEMOTRON_NANO,
        LLAMA4_SCOUT,
    ] {
        let whole: serde_json::Value = serde_json::from_str(text).expect("valid JSON");
        for key in whole
            .get("text_config")
            .unwrap_or(&whole)
            .as_object()
            .expect("an object")
            .keys()
        {
            for value in strange {
                let mut changed = whole.clone();
                let inner = if changed.get("text_config").is_some() {
                    &mut changed["text_config"]
                } else {
                    &mut changed
                };
                inner[key] = serde_json::from_str(value).expect("valid JSON");
                if let Ok(model) = hf_config::parse(&changed.to_string()) {
                    let plain = Quant::from_id("q4_k_m").expect("a known quant");
                    let _ = Weights::of(&model.architecture, &plain);
                }
            }
        }
    }
}

#[test]
fn a_folder_stands_for_its_config() {
    let folder = std::env::temp_dir().join(format!("hwcmp-{}-Some-Model", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    let missing = hf_config::open(&folder)
        .expect_err("no config yet")
        .to_string();
    fs::write(folder.join("config.json"), LLAMA_8B).expect("a writable folder");
    fs::write(
        folder.join("hf_quant_config.json"),
        r#"{"quantization": {"quant_algo": "NVFP4"}}"#,
    )
    .expect("a writable folder");
    let model = hf_config::open(&folder);
    let _ = fs::remove_dir_all(&folder);
    assert!(
        missing.contains("config.json: cannot be read") && missing.contains("folder that holds it"),
        "{missing}"
    );
    let model = model.unwrap_or_else(|error| panic!("{error}"));
    assert!(model.table.name.ends_with("Some-Model"));
    assert_eq!(model.quant.as_deref(), Some("nvfp4"));
}
