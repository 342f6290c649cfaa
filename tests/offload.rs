//! Layers and experts in the host's memory: what lies where, what it costs, and the flags.
#![allow(clippy::print_stdout)]

mod common;

use std::sync::LazyLock;

use hwcmp::catalog::{Candidate, Catalog, DATA_DATE, Shape};
use hwcmp::machine::Machine;
use hwcmp::predict::memory::{CacheType, Fits, Plan, best_plans, limits};
use hwcmp::predict::{Estimate, Offload, Trace, estimate};
use hwcmp::units::{Bytes, BytesPerSecond};
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::open(None, DATA_DATE).expect("the built-in data"));

fn asked(gpu_layers: Option<u32>, expert_layers: u32) -> Offload {
    Offload::Asked {
        gpu_layers,
        expert_layers,
    }
}

/// Cards in a host with so much memory at so many GB/s.
fn machine(name: &str, ram_gib: f64, gb_s: f64) -> Machine {
    let mut machine = CATALOG.select_machine(name).expect("a machine");
    let host = machine.host.as_mut().expect("a host");
    host.ram = Bytes::from_gib(ram_gib);
    host.ram_bandwidth = BytesPerSecond::from_gb(gb_s);
    machine
}

fn candidate(machine: Machine, model: &str, quant: &str) -> Candidate<'static> {
    let model = &CATALOG.models().expect("models")[model];
    let quant = CATALOG.select_quant(quant).expect("a quant");
    CATALOG
        .prepare(machine, model, &quant, Some("llama.cpp"))
        .expect("llama.cpp runs it")
}

fn answer(candidate: &Candidate<'_>, shape: &Shape) -> Estimate {
    let constants = CATALOG.constants().expect("constants");
    estimate(&candidate.scenario(shape), constants, &mut Trace::off())
}

fn plan(candidate: &Candidate<'_>, shape: &Shape) -> Plan {
    best_plans(&candidate.scenario(shape)).remove(0)
}

/// Published decode rates with experts in the host's memory, each of one person on one
/// machine: what, model, quant, layers with experts there, GB/s of the memory, tok/s.
/// The formula's two constants are chosen on them.
const PUBLISHED: [(&str, &str, &str, u32, f64, f64); 7] = [
    // r/LocalLLaMA 1rei65v, 2026-02-25: Ryzen 9 9950X, DDR5-4800, KV cache q8_0.
    ("rtx-5080", "qwen3.5-35b-a3b", "q8_0", 40, 76.8, 35.7),
    ("rtx-5080", "qwen3.5-35b-a3b", "q4_k_m", 40, 76.8, 51.0),
    ("rtx-5080", "qwen3.5-35b-a3b", "q4_k_m", 24, 76.8, 69.6),
    // ggml-org/llama.cpp discussion 15396, 2025-08: Ryzen 9 5900X, DDR4-3200, "~20 tok/s".
    ("rx-7900-xt", "gpt-oss-20b", "mxfp4", 24, 51.2, 20.0),
    // postl.ai, 2025-12-31: Ryzen 9 9950X, 256 GB DDR5-6000.
    ("rtx-5090", "glm-4.7", "mxfp4", 92, 96.0, 6.17),
    // r/LocalLLaMA 1ofxt6s, 2025-10: Ryzen 9 7900, DDR5-5600, ROCm 6.2 (28 layers there).
    ("rx-6900-xt", "gpt-oss-120b", "mxfp4", 30, 89.6, 19.0),
    // ggml-org/llama.cpp pull request 15077, 2025-08-07: memory not stated, it hardly counts.
    ("2x rtx-5090", "gpt-oss-120b", "mxfp4", 3, 89.6, 108.0),
];

#[test]
fn published_rates_lie_around_the_predicted() {
    let mut errors = Vec::new();
    for (device, model, quant, experts, gb_s, published) in PUBLISHED {
        let candidate = candidate(machine(device, 256.0, gb_s), model, quant);
        let shape = Shape {
            context: 4096,
            key_type: CacheType::Q8_0,
            value_type: CacheType::Q8_0,
            offload: asked(None, experts),
            ..Shape::usual()
        };
        let answer = answer(&candidate, &shape);
        assert_eq!(answer.plan.fits, Fits::Offload, "{device} {model}");
        let error = (answer.decode.expect("a rate").mid / published).ln();
        println!(
            "{device} {model} {quant} {experts}: {:+.0}%",
            100.0 * error.exp_m1()
        );
        assert!(error.abs() < 0.4, "{device} {model} {quant}: {error}");
        errors.push(error);
    }
    errors.sort_by(f64::total_cmp);
    // The share of the memory's rate is chosen so that they err to both sides.
    let middle = errors[errors.len() / 2];
    assert!(middle.abs() < 0.1, "{middle}");
    assert!(errors[0] < 0.0 && errors[errors.len() - 1] > 0.0);
}

/// What, model, quant, layers on the devices, layers with experts on the host, nominal GB/s of
/// the memory, tok/s.
type Rate = (&'static str, &'static str, &'static str, u32, u32, f64, f64);

/// Published decode rates found after the constants were chosen. With no layer on the devices
/// the card does not count.
const FOUND_LATER: [Rate; 8] = [
    // ikawrakow/ik_llama.cpp discussion 357, 2025-04-30, main line of llama.cpp: Threadripper
    // PRO 7965WX, 8 channels DDR5-4800.
    ("rtx-a6000", "qwen3-235b-a22b", "q8_0", 99, 81, 307.2, 10.44),
    // The same discussion, 2025-05-03: EPYC 9355 in a virtual machine, 12 channels DDR5-6000.
    ("rtx-3090", "qwen3-235b-a22b", "q6_k", 99, 89, 576.0, 12.20),
    // ikawrakow/ik_llama.cpp issue 437, 2025-05-20, main line: Xeon 8480, 8 channels DDR5-4800.
    ("rtx-5090", "llama-3.1-8b", "q4_k_m", 0, 0, 307.2, 37.28),
    // ggml-org/llama.cpp pull request 12922, 2025-04-14: Ryzen 7 5800X, DDR4-2133.
    (
        "rtx-3070",
        "deepseek-coder-v2-lite",
        "q6_k",
        0,
        0,
        34.1,
        9.51,
    ),
    // ahelpme.com/?p=6685: EPYC 9554, 12 channels DDR5-4800.
    ("rtx-5090", "phi-4-14b", "q4_k_m", 0, 0, 460.8, 28.74),
    ("rtx-5090", "phi-4-14b", "q6_k", 0, 0, 460.8, 23.246),
    ("rtx-5090", "phi-4-14b", "q8_0", 0, 0, 460.8, 19.194),
    // ggml-org/llama.cpp issue 19480, 2026-02-10: Ryzen AI 9 HX PRO 370, DDR5-5600.
    ("rtx-5090", "qwen2.5-coder-32b", "q4_k_m", 0, 0, 89.6, 3.54),
];

#[test]
fn rates_found_later_lie_around_the_predicted_too() {
    let mut errors = Vec::new();
    for (device, model, quant, gpu_layers, experts, gb_s, published) in FOUND_LATER {
        let candidate = candidate(machine(device, 1024.0, gb_s), model, quant);
        let shape = Shape {
            context: 4096,
            offload: asked(Some(gpu_layers), experts),
            ..Shape::usual()
        };
        let answer = answer(&candidate, &shape);
        assert_eq!(answer.plan.fits, Fits::Offload, "{device} {model}");
        let error = (answer.decode.expect("a rate").mid / published).ln();
        println!("{device} {model} {quant}: {:+.0}%", 100.0 * error.exp_m1());
        assert!(error.abs() < 0.5, "{device} {model} {quant}: {error}");
        errors.push(error.exp_m1().abs());
    }
    errors.sort_by(f64::total_cmp);
    let median = f64::midpoint(errors[3], errors[4]);
    println!("median error {:.0}%", 100.0 * median);
    assert!(median < 0.15, "{median}");
}

/// Published prefill of 4,096 tokens, gpt-oss-120b on an RTX 3090: tokens of a micro-batch,
/// layers with experts in host memory, tok/s (llama-bench; ai-maestro.online, "Drastically
/// improve prompt processing speed for n-cpu-moe partially offloaded models", 2026-05-12).
const PUBLISHED_PREFILL: [(u32, u32, f64); 4] = [
    (256, 25, 240.03),
    (512, 26, 380.27),
    (2048, 25, 1112.54),
    (4096, 26, 1682.47),
];

#[test]
fn published_prefill_is_faster_than_copying_every_expert() {
    // Copying all experts of 25 layers over PCIe 4.0 x16, 42 GB at 31.5 GB/s, would take
    // longer than that run's micro-batches: its tokens use fewer. Predicted are all.
    for (ubatch, experts, published) in PUBLISHED_PREFILL {
        let candidate = candidate(machine("rtx-3090", 128.0, 96.0), "gpt-oss-120b", "mxfp4");
        let shape = Shape {
            context: 8192,
            prompt: 4096,
            ubatch: Some(ubatch),
            offload: asked(None, experts),
            ..Shape::usual()
        };
        let rate = answer(&candidate, &shape).prefill.expect("a rate").mid;
        let error = rate / published;
        println!(
            "prefill, {ubatch} tokens at a time: {:+.0}%",
            100.0 * (error - 1.0)
        );
        assert!((0.5..1.0).contains(&error), "{ubatch}: {rate}");
    }
}

#[test]
fn cache_and_weights_of_host_layers_lie_on_the_host() {
    // Llama 3.3 70B: 80 layers with 8 KV heads of 128 in F16, 4,096 bytes a token and layer.
    let candidate = candidate(machine("rtx-4090", 128.0, 89.6), "llama-3.3-70b", "q4_k_m");
    let shape = Shape {
        context: 8192,
        offload: asked(Some(31), 0),
        ..Shape::usual()
    };
    let plan = plan(&candidate, &shape);
    // The output and 30 layers on the card, 50 layers on the host.
    assert_eq!((plan.host.layers, plan.devices[0].layers), (50, 30));
    assert_eq!(plan.host_cache, Bytes(50 * 8192 * 4096));
    assert_eq!(plan.devices[0].kv, Bytes(30 * 8192 * 4096));
    let layers = &candidate.weights.layers;
    let host: Bytes = layers[..50].iter().map(|layer| layer.dense.bytes).sum();
    assert_eq!(plan.offloaded, host);
    let rest: Bytes = layers[50..].iter().map(|layer| layer.dense.bytes).sum();
    let head = candidate.weights.head.bytes + candidate.weights.outside.bytes;
    assert_eq!(plan.devices[0].weights, rest + head);
    assert_eq!(plan.fits, Fits::Offload);
}

#[test]
fn the_least_that_fits_is_left_on_the_host() {
    let candidate = candidate(machine("rtx-5090", 64.0, 89.6), "gpt-oss-120b", "mxfp4");
    let auto = plan(&candidate, &Shape::usual());
    assert_eq!((auto.fits, auto.host.layers), (Fits::Offload, 0));
    let with = |expert_layers| {
        let shape = Shape {
            offload: asked(None, expert_layers),
            ..Shape::usual()
        };
        plan(&candidate, &shape)
    };
    // What it found is what the same flags give; one layer less does not fit.
    assert_eq!(with(auto.host.expert_layers), auto);
    assert_eq!(with(auto.host.expert_layers - 1).fits, Fits::No);
    // The limits reach as far as the host takes what the card does not.
    let scenario = candidate.scenario(&Shape::usual());
    let limits = limits(&scenario);
    assert_eq!(limits.context, 131_072);
    assert!(limits.concurrency > 1);
}

#[test]
fn engines_that_move_layers_only() {
    let model = &CATALOG.models().expect("models")["gpt-oss-120b"];
    let quant = CATALOG.select_quant("mxfp4").expect("a quant");
    let candidate = CATALOG
        .prepare(
            machine("rtx-5090", 64.0, 89.6),
            model,
            &quant,
            Some("ollama"),
        )
        .expect("Ollama runs it");
    let plan = plan(&candidate, &Shape::usual());
    assert_eq!((plan.fits, plan.host.expert_layers), (Fits::Offload, 0));
    assert!(plan.host.layers > 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn more_on_the_host_takes_no_device_memory_and_is_no_faster(which in 0..3usize, layers in 0..40u32, more in 1..20u32, moe: bool) {
        let model = ["gpt-oss-120b", "qwen3.5-35b-a3b", "qwen3-32b"][which];
        let quant = ["mxfp4", "q4_k_m", "q4_k_m"][which];
        let candidate = candidate(machine("rtx-pro-6000-blackwell", 256.0, 89.6), model, quant);
        let all = candidate.model.architecture.layers.len() as u32 + 1;
        let at = |count: u32| {
            let offload = if moe && which < 2 { asked(None, count) } else { asked(Some(all.saturating_sub(count)), 0) };
            answer(&candidate, &Shape { offload, context: 4096, ..Shape::usual() })
        };
        // The first part on the host brings copies into a buffer with it.
        let (few, many) = (at(layers.max(1)), at(layers.max(1) + more));
        let weights = |answer: &Estimate| answer.plan.total(|device| device.weights);
        prop_assert!(weights(&many) <= weights(&few));
        prop_assert_eq!(weights(&many) + many.plan.offloaded, weights(&few) + few.plan.offloaded);
        let cache = |answer: &Estimate| answer.plan.total(|device| device.kv + device.recurrent) + answer.plan.host_cache;
        prop_assert_eq!(cache(&many), cache(&few));
        let rate = |answer: &Estimate| answer.decode.map_or(0.0, |rate| rate.mid);
        prop_assert!(rate(&many) <= rate(&few) * (1.0 + 1e-9));
        let prefill = |answer: &Estimate| answer.prefill.map_or(0.0, |rate| rate.mid);
        prop_assert!(prefill(&many) <= prefill(&few) * (1.0 + 1e-9));
    }

    #[test]
    fn a_faster_host_never_slows(gb_s in 20.0..200.0f64, factor in 1.0..4.0f64) {
        let at = |gb_s: f64| {
            let candidate = candidate(machine("rtx-5090", 128.0, gb_s), "gpt-oss-120b", "mxfp4");
            answer(&candidate, &Shape::usual()).decode.expect("a rate").mid
        };
        prop_assert!(at(gb_s * factor) >= at(gb_s));
    }
}

fn run(line: &str) -> (Option<i32>, String) {
    let output = common::hwcmp()
        .args(line.split(' '))
        .env("COLUMNS", "100")
        .output()
        .expect("it runs");
    let text = if output.status.success() {
        output.stdout
    } else {
        output.stderr
    };
    let text = String::from_utf8(text).expect("UTF-8");
    let flowed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (output.status.code(), flowed)
}

#[test]
fn the_flags_that_do_it_are_told() {
    let (code, answer) = run("fit gpt-oss-120b --machine rtx-5090");
    assert_eq!(code, Some(0));
    let note = "of the model in host memory (llama.cpp -ngl 99 --n-cpu-moe ";
    assert!(answer.contains(note), "{answer}");
    let (_, answer) = run("speed llama-3.3-70b-q4 --machine rtx-4090");
    assert!(
        answer.contains("in host memory (llama.cpp -ngl "),
        "{answer}"
    );
    let (_, several) = run("speed gpt-oss-120b --machine 2x-rtx-4090");
    assert!(several.contains(" -ts "), "{several}");
}

#[test]
fn what_cannot_be_offloaded_says_why() {
    let refusals = [
        (
            "speed gpt-oss-120b --machine dgx-spark --cpu-moe",
            "dgx-spark has no host memory beside its own: leave out",
        ),
        (
            "fit gpt-oss-120b --machine rtx-5090 --engine vllm --cpu-moe",
            "vLLM keeps the whole model on the devices",
        ),
        (
            "fit gpt-oss-120b --machine rtx-5090 --engine ollama --n-cpu-moe 4",
            "Ollama moves whole layers only: write --gpu-layers",
        ),
        (
            "speed qwen3-32b --machine rtx-5090 --cpu-moe",
            "Qwen3 32B has no routed experts: write --gpu-layers",
        ),
        (
            "speed gpt-oss-120b --machine rtx-5090 --gpu-layers -1",
            "invalid value '-1'",
        ),
        (
            "speed gpt-oss-120b --machine rtx-5090 --cpu-moe --n-cpu-moe 3",
            "cannot be used with",
        ),
    ];
    for (line, reason) in refusals {
        let (code, error) = run(line);
        assert_eq!(code, Some(2), "{line}");
        assert!(error.contains(reason), "{line}: {error}");
    }
}

#[test]
fn what_was_asked_to_lie_on_the_host_counts_as_fitting() {
    let asked = "fit gpt-oss-120b --machine rtx-5090 --require";
    assert_eq!(run(asked).0, Some(1));
    let (code, answer) = run(&format!("{asked} --n-cpu-moe 24"));
    assert_eq!(code, Some(0));
    assert!(
        !answer.contains("To make it fit") && !answer.contains("To turn it"),
        "{answer}"
    );
    // More users fit where more lies on the host.
    let users = |flags: &str| {
        let line =
            "users gpt-oss-120b --machine 2x-rtx-5090 --min-decode 5 --max-ttft 60s --format json";
        let output = common::hwcmp()
            .args(line.split(' '))
            .args(flags.split_whitespace())
            .output()
            .expect("it runs");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        report["rows"][0]["concurrent_requests"]
            .as_u64()
            .expect("a number")
    };
    assert!(users("--n-cpu-moe 6") > users("--gpu-layers 99"));
    // Without flags as much as serves most.
    assert!(users("") >= users("--n-cpu-moe 6"));
}

#[test]
fn too_little_on_the_host_says_how_much_would_do() {
    let (_, answer) = run("fit gpt-oss-120b --machine rtx-5090 --n-cpu-moe 3");
    assert!(answer.contains("does not fit"), "{answer}");
    assert!(
        answer.contains("To make it fit 1x rtx-5090: --gpu-layers 37 --n-cpu-moe "),
        "{answer}"
    );
}
