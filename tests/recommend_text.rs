//! What a buyer reads of a recommendation: the answer first, the knee marked, the next $500.

mod common;

use serde_json::Value;

const MODELS: [&str; 3] = ["qwen3-32b-q4", "llama-70b-q4", "gpt-oss-120b"];

fn answer(line: &str, format: &str) -> String {
    let output = common::hwcmp()
        .args(line.split(' '))
        .args(["--format", format, "--width", "80"])
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{line}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(line: &str) -> Value {
    serde_json::from_str(&answer(line, "json")).expect("JSON")
}

fn usd(row: &Value) -> f64 {
    row["hardware_usd"].as_f64().expect("a price")
}

/// The rate to count on.
fn rate(row: &Value) -> f64 {
    row["decode_tokens_per_second"]["low"]
        .as_f64()
        .expect("a rate")
}

/// `$2,079`, as prices are written.
fn dollars(usd: f64) -> String {
    hwcmp::units::dollars(usd)
}

#[test]
fn the_knee_is_the_most_speed_per_dollar_and_said_first() {
    for model in MODELS {
        for budget in [4000, 10_000] {
            let line = format!("recommend --budget {budget} --model {model}");
            let report = json(&line);
            let rows = report["rows"].as_array().expect("rows");
            let knee = rows.iter().find(|row| row["knee"] == true).expect("a knee");
            for row in rows {
                assert!(rate(row) / usd(row) <= rate(knee) / usd(knee), "{line}");
            }
            let text = answer(&line, "table");
            let first: Vec<&str> = text.lines().take(2).collect();
            let first = first.join(" ");
            for part in [
                "buy: ",
                &dollars(usd(knee)),
                "tok/s",
                "most speed per dollar",
            ] {
                assert!(first.contains(part), "{line}: no `{part}` in: {first}");
            }
            let id = knee["machine"].as_str().expect("a machine");
            let marked = text.lines().find(|line| line.contains("  knee"));
            assert!(marked.is_some_and(|row| row.starts_with(id)), "{line}");
        }
    }
}

#[test]
fn estimates_are_said_to_be_so() {
    for model in MODELS {
        let line = format!("recommend --budget 10000 --model {model}");
        let report = json(&line);
        let rows = report["rows"].as_array().expect("rows");
        let knee = rows.iter().find(|row| row["knee"] == true).expect("a knee");
        let timed = knee["evidence"] == "measured" || knee["evidence"] == "calibrated";
        let text = answer(&line, "table").replace('\n', " ");
        assert_eq!(text.contains("is an estimate"), !timed, "{line}: {text}");
    }
}

#[test]
fn the_next_500_dollars_are_a_sentence_of_their_own() {
    let mut asked = 0;
    for model in MODELS {
        for budget in [2700, 4000, 10_000] {
            let line = format!("recommend --budget {budget} --model {model}");
            let report = json(&line);
            if report["rows"].as_array().expect("rows").is_empty() {
                continue;
            }
            asked += 1;
            let next = report["next_500_usd"].clone();
            let text = answer(&line, "table");
            let last = text.replace('\n', " ");
            let last = &last[last.rfind("$500 more").expect("a last line")..];
            let (key, words) = if next["machine"].is_null() {
                ("next_step_machine", "buys no speed")
            } else {
                ("machine", "in all) buys")
            };
            assert!(last.contains(words), "{line}: {last}");
            let named = next[key].as_str().expect("a machine");
            assert!(last.contains(named), "{line}: {last}");
        }
    }
    assert!(asked >= 6, "{asked}");
}

#[test]
fn what_only_the_middle_reaches_is_not_promised() {
    let line = "recommend --budget 2000 --model qwen3-32b-q4";
    let report = json(&format!("{line} --by mid"));
    let middles = report["rows"].as_array().expect("rows").iter();
    let middles = middles.map(|row| row["decode_tokens_per_second"]["mid"].as_f64());
    let most = middles.map(|mid| mid.expect("a rate")).fold(0.0, f64::max);
    let line = format!("{line} --min-decode {}", most * 0.999);
    assert!(json(&line)["rows"].as_array().expect("rows").is_empty());
    let text = answer(&line, "table").replace('\n', " ");
    assert!(text.contains("no machine does it"), "{text}");
    assert!(text.contains("In the middle of its range"), "{text}");
    assert!(
        !json(&format!("{line} --by mid"))["rows"]
            .as_array()
            .expect("rows")
            .is_empty()
    );
}
