//! Where everything is ruled out: the change that is named lets a machine in, a smaller one does not.

mod common;

use serde_json::Value;

fn report(words: &[String]) -> Value {
    let output = common::hwcmp()
        .args(words)
        .args(["--format", "json"])
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{words:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

/// The machines that are in the running.
fn running(report: &Value) -> Vec<String> {
    report["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .filter(|row| report["command"] == "recommend" || !row["rank"].is_null())
        .map(|row| row["machine"].as_str().expect("a machine").to_owned())
        .collect()
}

/// The flag of an input, and the least step on it to the stricter side.
fn flag(input: &str) -> Option<(&'static str, f64)> {
    Some(match input {
        "budget_usd" => ("--budget", -1.0),
        "max_watts" => ("--max-watts", -1.0),
        "max_noise_dba" => ("--max-noise", -1.0),
        "min_decode_tokens_per_second" => ("--min-decode", 1.0),
        _ => return None,
    })
}

/// The command line with another value of a flag.
fn with(words: &[String], flag: &str, value: f64) -> Vec<String> {
    let mut changed = words.to_vec();
    match changed.iter().position(|word| word == flag) {
        Some(at) => changed[at + 1] = value.to_string(),
        None => changed.extend([flag.to_owned(), value.to_string()]),
    }
    changed
}

#[test]
fn each_change_alone_lets_its_machine_in() {
    for line in [
        "verdict --budget 1000",
        "verdict --budget 5000 --max-noise 20",
        "verdict --workload chat --max-watts 50 --budget 6000",
        "verdict --min-decode 500",
        "verdict --model llama-70b-q4 --budget 4000",
        "recommend --budget 400",
        "recommend --budget 1500 --model llama-70b-q4",
        "recommend --model gpt-oss-120b --min-decode 5000",
        "recommend --max-watts 20 --model llama-8b",
    ] {
        let words = words(line);
        let all = report(&words);
        assert_eq!(running(&all), [""; 0], "{line}");
        let eases = all["eases"].as_array().expect("eases");
        assert!(!eases.is_empty(), "{line}");
        for ease in eases {
            assert_eq!(ease["alone"], true, "{line}");
            let input = ease["input"].as_str().expect("an input");
            let Some((flag, stricter)) = flag(input) else {
                continue;
            };
            let to = ease["to"].as_f64().expect("a value");
            let machine = ease["machine"].as_str().expect("a machine");
            let let_in = running(&report(&with(&words, flag, to)));
            assert!(
                let_in.iter().any(|id| id == machine),
                "{line} {flag} {to}: {machine} is not in {let_in:?}"
            );
            let still_out = running(&report(&with(&words, flag, to + stricter)));
            assert_eq!(still_out, [""; 0], "{line} {flag} {to} is not the smallest");
        }
    }
}

#[test]
fn several_limits_together_let_one_in() {
    let line = "verdict --budget 1000 --max-noise 20 --require-cuda";
    let mut changed = words(line);
    let all = report(&changed);
    let eases = all["eases"].as_array().expect("eases");
    assert!(eases.len() > 1, "{all}");
    for ease in eases {
        assert_eq!(ease["alone"], false);
        let (flag, _) = flag(ease["input"].as_str().expect("an input")).expect("a flag");
        changed = with(&changed, flag, ease["to"].as_f64().expect("a value"));
    }
    let machine = eases[0]["machine"].as_str().expect("a machine");
    let let_in = running(&report(&changed));
    assert!(let_in.iter().any(|id| id == machine), "{let_in:?}");
}

#[test]
fn nothing_is_to_be_eased_where_a_machine_is_in() {
    for line in ["verdict --budget 5000", "recommend --budget 4000"] {
        let report = report(&words(line));
        assert_eq!(report["eases"], Value::Array(Vec::new()), "{line}");
    }
}
