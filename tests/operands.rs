//! Machines and models as operands; the ids that options take are listed.

mod common;

use std::process::Output;

use hwcmp::catalog::{Catalog, DATA_DATE};
use serde_json::Value;

fn run(line: &str) -> Output {
    common::hwcmp()
        .args(line.split(' '))
        .output()
        .expect("it runs")
}

fn json(line: &str) -> Value {
    let output = run(&format!("{line} --format json"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {errors}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn no_name_is_both_a_machine_and_a_model() {
    let catalog = Catalog::open(None, DATA_DATE).expect("the built-in data");
    let machines = catalog.machines().expect("machines").keys();
    let devices = catalog.devices().expect("devices").keys();
    for id in machines.chain(devices) {
        assert!(catalog.select_model(id).is_err(), "{id} is a model too");
    }
    for id in catalog.models().expect("models").keys() {
        assert!(catalog.select_machine(id).is_err(), "{id} is a machine too");
    }
}

#[test]
fn operands_say_the_same_as_options() {
    for (operands, options) in [
        (
            "breakeven dgx-spark gpt-oss-120b",
            "breakeven --machine dgx-spark --model gpt-oss-120b",
        ),
        (
            "breakeven gpt-oss-120b dgx-spark strix-halo-128",
            "breakeven --model gpt-oss-120b --machine dgx-spark --machine strix-halo-128",
        ),
        (
            "breakeven strix-halo-128 --machine dgx-spark",
            "breakeven --machine dgx-spark --machine strix-halo-128",
        ),
        (
            "bench a40 llama-3-8b",
            "bench --machine a40 --model llama-3-8b",
        ),
        ("bench a40", "bench --machine a40"),
    ] {
        assert_eq!(json(operands), json(options), "{operands}");
    }
}

#[test]
fn what_is_neither_is_refused_with_a_suggestion() {
    for (line, near) in [
        ("breakeven dgx-sprak", "did you mean `dgx-spark`?"),
        ("breakeven gpt-oss-12b", "did you mean `gpt-oss-120b`?"),
        (
            "bench zzzzzz",
            "`hwcmp list machines` and `hwcmp list models`",
        ),
        ("breakeven gpt-oss-120b qwen3-32b", "two models: name one"),
        ("bench a40 rtx-3090", "two machines: name one"),
        (
            "breakeven --subscription claude-max-5",
            "did you mean `claude-max-5x`?",
        ),
        (
            "breakeven --subscription zzzzzz",
            "`hwcmp list subscriptions`",
        ),
    ] {
        let output = run(line);
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(output.stdout.is_empty(), "{line}");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(near), "{line}: {error}");
    }
}

#[test]
fn every_listed_subscription_is_taken() {
    let list = json("list subscriptions");
    let rows = list["rows"].as_array().expect("rows");
    assert!(rows.len() > 5);
    for row in rows {
        let id = row["id"].as_str().expect("an id");
        let report = json(&format!("breakeven dgx-spark --subscription {id}"));
        let named = report["rows"].as_array().expect("rows").iter();
        let named = named.filter(|against| against["rival"] == row["name"]);
        assert_eq!(named.count(), 1, "{id}");
    }
    for what in ["apis", "rentals"] {
        let rows = json(&format!("list {what}"))["rows"].as_array().cloned();
        assert!(rows.is_some_and(|rows| !rows.is_empty()), "{what}");
    }
}
