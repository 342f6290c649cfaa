//! Which numbers of devices an engine divides a model over.

mod common;

use std::process::Output;
use std::sync::LazyLock;

use hwcmp::catalog::{Catalog, DATA_DATE, QuantChoice, Shape};
use hwcmp::machine::Machine;
use hwcmp::model::Mixer;
use hwcmp::predict::memory::{Fits, best_plans, indivisible, open_splits, plan};
use hwcmp::predict::{Split, SplitChoice};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::open(None, DATA_DATE).expect("the built-in data"));

fn hwcmp(arguments: &[&str]) -> Output {
    let mut command = common::hwcmp();
    command.args(arguments).output().expect("it runs")
}

/// So many cards without a host, which takes any number of them.
fn cards(count: u32) -> Machine {
    let device = &CATALOG.devices().expect("devices")["rtx-pro-6000-blackwell"];
    Machine::of_cards(count, device, None, None).expect("a machine")
}

#[test]
fn attention_heads_of_every_model_divide_or_the_split_is_refused() {
    for model in CATALOG.models().expect("models").values() {
        let queries = |mixer: &Mixer| match mixer {
            Mixer::Full(heads) | Mixer::Sliding { heads, .. } | Mixer::Shared { heads, .. } => {
                Some((heads.query, heads.kv))
            }
            Mixer::Latent(latent) => Some((latent.heads, 1)),
            Mixer::Recurrent(_) | Mixer::None => None,
        };
        for count in 2..=8 {
            let candidate = CATALOG
                .prepare(cards(count), model, &QuantChoice::Usual, Some("vllm"))
                .expect("vLLM runs it");
            let tensor = Shape {
                split: SplitChoice::Only(Split::Tensor),
                ..Shape::usual()
            };
            let scenario = candidate.scenario(&tensor);
            let refused = indivisible(&scenario);
            let uneven = model.architecture.layers.iter().any(|layer| {
                queries(&layer.mixer).is_some_and(|(query, kv)| {
                    query % count != 0 || (kv % count != 0 && count % kv != 0)
                })
            });
            // Recurrent heads may rule out more, never less.
            assert!(
                !uneven || refused.is_some(),
                "{} over {count}: {refused:?}",
                model.id
            );
            let Some(refusal) = refused else { continue };
            assert!(!refusal.possible.contains(&count), "{refusal}");
            assert!(refusal.possible.contains(&1), "{refusal}");
            assert_eq!(
                plan(&scenario, Split::Tensor).fits,
                Fits::No,
                "{}",
                model.id
            );
            // The layers still lie one after another.
            let open = candidate.scenario(&Shape::usual());
            assert_eq!(open_splits(&open), [Split::Layer], "{}", model.id);
            let plans = best_plans(&open);
            assert!(plans.iter().all(|plan| plan.split == Split::Layer));
        }
    }
}

#[test]
fn what_was_measured_is_possible() {
    let engines = CATALOG.engines().expect("engines");
    let models = CATALOG.models().expect("models");
    let mut seen = 0;
    for series in CATALOG.all_series().expect("series") {
        let known = engines.get(&series.engine).zip(models.get(&series.model));
        let Some((engine, model)) = known.filter(|_| series.split == "tensor") else {
            continue;
        };
        let count = series.devices / series.replicas.unwrap_or(1);
        let candidate = CATALOG
            .prepare(cards(count), model, &QuantChoice::Usual, Some("vllm"))
            .expect("vLLM runs it");
        let mut scenario = candidate.scenario(&Shape::usual());
        scenario.engine = engine;
        assert_eq!(indivisible(&scenario), None, "{} {count}", series.model);
        seen += 1;
    }
    assert!(seen > 100, "{seen} series");
}

#[test]
fn other_engines_give_uneven_shares() {
    let model = &CATALOG.models().expect("models")["qwen3-32b"];
    for (engine, even) in [("vllm", true), ("sglang", true), ("exllama", false)] {
        let candidate = CATALOG
            .prepare(cards(3), model, &QuantChoice::Usual, Some(engine))
            .expect("it runs there");
        let refusal = indivisible(&candidate.scenario(&Shape::usual()));
        assert_eq!(refusal.is_some(), even, "{engine}");
        if let Some(refusal) = refusal {
            assert_eq!((refusal.heads, refusal.devices), (64, 3));
            assert_eq!(refusal.possible, [1, 2, 4, 8, 16]);
        }
    }
}

#[test]
fn more_devices_than_kv_heads_do_not_shrink_the_cache() {
    // Two KV heads: on two devices each holds half of the cache, on four still half.
    let model = &CATALOG.models().expect("models")["qwen3.6-35b-a3b"];
    let cache = |count: u32| {
        let candidate = CATALOG
            .prepare(cards(count), model, &QuantChoice::Usual, Some("vllm"))
            .expect("vLLM runs it");
        plan(&candidate.scenario(&Shape::usual()), Split::Tensor).devices[0].kv
    };
    assert_eq!(cache(4), cache(2));
    assert!(cache(1).0.abs_diff(2 * cache(2).0) < 64);
}

#[test]
fn a_split_asked_for_that_cannot_be_says_why() {
    let asked = [
        "speed",
        "qwen3-32b",
        "--quant",
        "awq",
        "--machine",
        "3x rtx-3080-ti",
        "--engine",
        "vllm",
    ];
    let refusal = |line: &[&str]| {
        let refused = hwcmp(line);
        assert_eq!(refused.status.code(), Some(2), "{line:?}");
        String::from_utf8_lossy(&refused.stderr).into_owned()
    };
    assert_eq!(
        refusal(&[&asked[..], &["--split", "tensor"]].concat()),
        "error: vLLM divides 64 attention heads evenly only: over 1, 2, 4, 8 or 16 devices, not over 3; --split layer works with 3\n"
    );
    let layers_only = [
        "speed",
        "llama-70b-q4",
        "--machine",
        "4x rtx-3090",
        "--engine",
        "ollama",
        "--split",
        "tensor",
    ];
    assert_eq!(
        refusal(&layers_only),
        "error: Ollama lays a model on several devices layer by layer only: write --split layer, or --engine llama.cpp\n"
    );
    let open = hwcmp(&[&asked[..], &["--width", "300"]].concat());
    let answer = String::from_utf8_lossy(&open.stdout).into_owned();
    assert!(
        answer.contains("3x rtx-3080-ti: no tensor split, vLLM divides 64"),
        "{answer}"
    );
    let error = refusal(&[
        "fit",
        "qwen3-32b",
        "--quant",
        "awq",
        "--machine",
        "3x rtx-3080-ti",
        "--engine",
        "sglang",
    ]);
    assert!(
        error.ends_with("name another number of devices, or another --engine\n"),
        "{error}"
    );
}

#[test]
fn nobody_is_told_to_buy_what_cannot_divide_the_model() {
    let out = hwcmp(&[
        "recommend",
        "--budget",
        "9000",
        "--model",
        "qwen3-32b-q4",
        "--engine",
        "vllm",
        "--min-decode",
        "20",
        "--format",
        "json",
    ]);
    let answer: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let rows = answer["rows"].as_array().expect("rows");
    assert!(!rows.is_empty());
    for row in rows.iter().filter(|row| row["split"] == "tensor") {
        let machine = row["machine"].as_str().expect("a machine");
        let count = machine
            .split_once('x')
            .and_then(|(count, _)| count.parse::<u32>().ok());
        assert!(count.is_none_or(|count| 64 % count == 0), "{machine}");
    }
}
