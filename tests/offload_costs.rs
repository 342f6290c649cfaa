//! Layers and experts in the host's memory where money and power are asked for: the flags of
//! `speed` in `power`, `tco`, `breakeven` and `compare`.

mod common;

use std::process::Output;
use std::sync::LazyLock;

use hwcmp::catalog::{Catalog, DATA_DATE};
use hwcmp::predict::machine_watts;
use hwcmp::units::Watts;
use serde_json::Value;

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::open(None, DATA_DATE).expect("the built-in data"));

fn run(line: &str) -> Output {
    common::hwcmp()
        .args(line.split_whitespace())
        .env("COLUMNS", "100")
        .output()
        .expect("it runs")
}

fn json(line: &str) -> Value {
    let output = run(&format!("{line} --format json"));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{line}: {told}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// What a command says where it refuses.
fn refusal(line: &str) -> String {
    let output = run(line);
    assert_eq!(output.status.code(), Some(2), "{line}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

/// A number of the first row.
fn first(report: &Value, key: &str) -> f64 {
    number(&report["rows"][0][key])
}

#[test]
fn a_host_that_works_is_busy_while_the_cards_wait() {
    let mut machine = CATALOG.select_machine("rtx-5090").expect("a machine");
    let host = machine.host.as_mut().expect("a host");
    (host.idle, host.load) = (Watts(40.0), Watts(80.0));
    let power = &mut machine.device.power;
    (power.idle, power.load) = (Some(Watts(20.0)), Some(Watts(520.0)));
    let watts = |duty, host_works| {
        let watts = machine_watts(&machine, None, duty, host_works);
        watts.expect("known watts").0
    };
    // A card that works a quarter of the time is at 0.25 + 0.75 x 0.16 = 0.37 of its way from
    // 20 to 520 W, 205 W; the host is at 40 + 0.37 x 40 = 54.8 W, or busy with its part, 80 W.
    assert!((watts(0.25, false) - 259.8).abs() < 1e-9);
    assert!((watts(0.25, true) - 285.0).abs() < 1e-9);
    // Flat out there is no difference.
    assert!((watts(1.0, false) - 600.0).abs() < 1e-9);
    assert!((watts(1.0, true) - 600.0).abs() < 1e-9);
}

#[test]
fn more_on_the_host_draws_less_but_takes_more_of_everything_for_a_token() {
    let asked = "--model gpt-oss-120b --machine rtx-5090 --workload coding";
    let with = |flags: &str| {
        (
            json(&format!("tco {asked} {flags}")),
            json(&format!("breakeven {asked} {flags}")),
        )
    };
    let (some, some_even) = with("--n-cpu-moe 24");
    let (all, all_even) = with("--cpu-moe");
    assert!(first(&all, "busy_watts") < first(&some, "busy_watts"));
    assert!(first(&all, "busy_hours_per_day") > first(&some, "busy_hours_per_day"));
    for key in [
        "electricity_usd_per_million_tokens",
        "full_load_usd_per_million_tokens",
        "usd_per_million_tokens",
    ] {
        assert!(first(&all_even, key) > first(&some_even, key), "{key}");
    }
    assert!(first(&all_even, "max_tokens_per_day") < first(&some_even, "max_tokens_per_day"));
    // What is drawn is what is paid: between turns the machine idles as away from work.
    for report in [&some, &all] {
        let (busy, idle) = (first(report, "busy_watts"), first(report, "idle_watts"));
        let hours = first(report, "busy_hours_per_day");
        let rate = number(&report["assumptions"]["usd_per_kwh"]);
        let year = (busy * hours + idle * (24.0 - hours)) * 0.365 * rate;
        assert!((first(report, "annual_electricity_usd") / year - 1.0).abs() < 1e-9);
    }
}

#[test]
fn power_speed_and_watts_are_those_of_speed() {
    for flags in ["--cpu-moe", "--n-cpu-moe 24", "--gpu-layers 12"] {
        let speed = json(&format!("speed gpt-oss-120b --machine rtx-5090 {flags}"));
        let power = json(&format!("power rtx-5090 gpt-oss-120b {flags}"));
        let rows = power["rows"].as_array().expect("rows");
        let stock = &rows[rows.len() - 1];
        let key = "decode_tokens_per_second";
        assert_eq!(stock[key], speed["rows"][0][key], "{flags}");
        assert_eq!(stock["wall_watts"], speed["rows"][0]["watts"], "{flags}");
        // Cards that wait for the host have power to spare.
        assert!(number(&rows[0]["decode_share"]) > 0.98, "{flags}");
        assert_eq!(
            power["assumptions"]["cpu_moe"], speed["assumptions"]["cpu_moe"],
            "{flags}"
        );
    }
}

#[test]
fn what_is_found_is_what_its_flags_give() {
    for command in ["tco", "breakeven"] {
        let line = format!("{command} --model gpt-oss-120b --machine rtx-5090");
        let found = json(&line);
        let flags = found["rows"][0]["offload_flags"].as_str().expect("flags");
        assert!(flags.starts_with("-ngl 99 --n-cpu-moe "), "{flags}");
        let asked = json(&format!("{line} {}", flags.replace("-ngl", "--ngl")));
        assert_eq!(asked["rows"], found["rows"], "{command}");
        let answer = String::from_utf8(run(&line).stdout).expect("UTF-8");
        let flowed = answer.split_whitespace().collect::<Vec<_>>().join(" ");
        let note = format!("of the model in host memory (llama.cpp {flags})");
        assert!(flowed.contains(&note), "{flowed}");
    }
    // `power` asks for the flags, and names those that do.
    let refusal = refusal("power rtx-5090 gpt-oss-120b");
    let (_, rest) = refusal.split_once("not the cards'; ").expect("a way out");
    let (flags, _) = rest.split_once(" draws").expect("flags");
    json(&format!("power rtx-5090 gpt-oss-120b {flags}"));
    // As in llama.cpp, more layers than there are mean all.
    let whole = json("power rtx-5090 qwen3-14b-q4");
    let layers = json("power rtx-5090 qwen3-14b-q4 --gpu-layers 999");
    assert_eq!(layers["rows"], whole["rows"]);
}

#[test]
fn what_cannot_be_offloaded_says_so_as_speed_does() {
    let cases = [
        ("gpt-oss-120b", "dgx-spark", "--cpu-moe"),
        ("gpt-oss-120b", "rtx-5090", "--cpu-moe --engine vllm"),
        ("gpt-oss-120b", "rtx-5090", "--n-cpu-moe 4 --engine ollama"),
        ("gpt-oss-120b", "4x3090-pro", "--gpu-layers 12"),
        ("qwen3-32b", "rtx-5090", "--n-cpu-moe 4"),
    ];
    for (model, machine, flags) in cases {
        let speed = refusal(&format!("speed {model} --machine {machine} {flags}"));
        for command in [
            format!("power {machine} {model}"),
            format!("tco --model {model} --machine {machine}"),
            format!("breakeven --model {model} --machine {machine}"),
        ] {
            assert_eq!(refusal(&format!("{command} {flags}")), speed, "{command}");
        }
    }
    for command in [
        "power rtx-5090 gpt-oss-120b",
        "tco",
        "breakeven",
        "compare rtx-5090 dgx-spark",
    ] {
        let both = refusal(&format!("{command} --cpu-moe --n-cpu-moe 3"));
        assert!(both.contains("cannot be used with"), "{command}: {both}");
        let unknown = refusal(&format!("{command} --engine lama.cpp"));
        assert!(unknown.contains("did you mean `llama.cpp`"), "{unknown}");
    }
}

#[test]
fn a_machine_without_such_memory_is_left_out_beside_one_with_it() {
    let spark = "dgx-spark has no host memory beside its own";
    for command in ["tco", "breakeven"] {
        let line = format!(
            "{command} --model gpt-oss-120b --machine dgx-spark --machine rtx-5090 --cpu-moe"
        );
        let report = json(&line);
        let rows = report["rows"].as_array().expect("rows");
        assert!(rows.iter().all(|row| row["machine"] == "1x rtx-5090"));
        assert_eq!(report["assumptions"]["cpu_moe"], true);
        let answer = String::from_utf8(run(&line).stdout).expect("UTF-8");
        let flowed = answer.split_whitespace().collect::<Vec<_>>().join(" ");
        let note = format!("Left out: dgx-spark: {spark}");
        assert!(flowed.contains(&note), "{flowed}");
    }
    // One machine alone is nothing to compare.
    let alone = refusal("compare dgx-spark rtx-5090 --cpu-moe");
    assert!(alone.contains(spark), "{alone}");
}

#[test]
fn in_a_basket_the_flags_are_for_the_models_that_take_them() {
    let line = "compare rtx-5090-workstation rtx-5090";
    let (usual, asked) = (json(line), json(&format!("{line} --cpu-moe")));
    let of = |report: &Value, criterion: &str, key: &str| {
        let rows = report["rows"].as_array().expect("rows");
        let row = rows.iter().find(|row| row["criterion"] == criterion);
        row.expect("a criterion")[key]["rtx-5090-workstation"].clone()
    };
    // Four of the six have experts, two of them whole on the card without flags.
    let words = |report| of(report, "decode", "texts").to_string();
    assert!(words(&usual).contains("2 partly"), "{}", words(&usual));
    assert!(words(&asked).contains("4 partly"), "{}", words(&asked));
    let decode = |report| number(&of(report, "decode", "values"));
    assert!(decode(&asked) < decode(&usual));
    // What a machine holds does not depend on what is asked of these models.
    let capacity = |report| of(report, "capacity", "texts");
    assert_eq!(capacity(&asked), capacity(&usual));
    // A basket without experts takes none: the reason is that of its first model.
    let dense = refusal("tco --machine rtx-5090 --workload fine-tuning --cpu-moe");
    assert!(
        dense.contains("Llama 3.1 8B has no routed experts"),
        "{dense}"
    );
}
