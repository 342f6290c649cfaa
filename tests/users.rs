//! Many users on the command line: `hwcmp users`, and curves of `hwcmp speed`.

mod common;

use std::process::Output;

use hwcmp::catalog::{Catalog, DATA_DATE};
use serde_json::Value;

fn run(line: &str, more: &[&str]) -> Output {
    common::hwcmp()
        .args(line.split(' '))
        .args(more)
        .env("COLUMNS", "80")
        .output()
        .expect("it runs")
}

fn json(line: &str) -> Value {
    let output = run(line, &["--format", "json"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {error}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn text(line: &str) -> String {
    let output = run(line, &[]);
    assert!(output.status.success(), "{line}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// As one line, to look for sentences.
fn flowed(line: &str) -> String {
    text(line).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn rows(report: &Value) -> &Vec<Value> {
    report["rows"].as_array().expect("rows")
}

#[test]
fn users_keeps_its_contract() {
    let report = json("users gpt-oss-120b --min-decode 10 --max-ttft 5s");
    assert_eq!(report["assumptions"]["min_decode_tokens_per_second"], 10);
    assert_eq!(report["assumptions"]["max_ttft_seconds"], 5);
    let rows = rows(&report);
    assert_eq!(rows.len(), 7);
    let count =
        |row: &Value, key: &str| row[key].as_u64().unwrap_or_else(|| panic!("{key}: {row}"));
    for row in rows {
        let (people, requests) = (count(row, "people"), count(row, "concurrent_requests"));
        assert!(people >= requests);
        assert!(count(row, "cautious_concurrent_requests") <= requests);
        assert!(count(row, "cautious_people") <= people);
        assert!(row["limited_by"].is_string());
        let mid = |key: &str| {
            for part in ["low", "mid", "high"] {
                assert!(row[key][part].is_number(), "{key}: {row}");
            }
            row[key]["mid"].as_f64().expect("a number")
        };
        let each = mid("decode_tokens_per_second");
        assert!(mid("aggregate_decode_tokens_per_second") >= each);
        let ttft = mid("ttft_seconds");
        if requests > 0 {
            assert!(each >= 10.0 && ttft <= 5.0, "{row}");
            assert!(
                row["usd_per_million_output_tokens"]
                    .as_f64()
                    .expect("a cost")
                    > 0.0
            );
            assert!(row["watts"].as_f64().expect("watts") > 0.0);
        } else {
            assert!(people == 0 && row["usd_per_million_output_tokens"].is_null());
        }
    }
    let people: Vec<u64> = rows.iter().map(|row| count(row, "people")).collect();
    assert!(
        people.is_sorted_by(|a, b| a >= b),
        "the most first: {people:?}"
    );
}

#[test]
fn the_cost_of_a_million_tokens_by_hand() {
    let report = json(
        "users gpt-oss-20b --machine dgx-spark --price dgx-spark=4000 --rate 0.2 --hours 10 --years 3 --active-share 1",
    );
    let row = &rows(&report)[0];
    let number = |key: &str| row[key].as_f64().unwrap_or_else(|| panic!("{key}: {row}"));
    let catalog = Catalog::open(None, DATA_DATE).expect("the built-in data");
    let machine = catalog.select_machine("dgx-spark").expect("a machine");
    let idle = machine.idle_watts().expect("watts").0;
    let share = hwcmp::money::resale_3y(&machine).mid;
    // Ten hours under load and 14 idle on 1,095 days, less what the machine is sold for.
    let energy = (number("watts") * 10.0 + idle * 14.0) / 1000.0 * 1095.0;
    let net = 4000.0 * (1.0 - share) + energy * 0.2;
    // 400 tokens of each request in as long as a request takes.
    let tokens = number("concurrent_requests") * 400.0 / number("request_seconds");
    let million = tokens * 3600.0 * 10.0 * 1095.0 / 1e6;
    let cost = number("usd_per_million_output_tokens");
    assert!(
        (cost / (net / million) - 1.0).abs() < 1e-9,
        "{cost} not {}",
        net / million
    );
    // With a share of one, people are requests, and a person's share is of the same cost.
    assert_eq!(row["people"], row["concurrent_requests"]);
    let person = net / 36.0 / number("people");
    assert!((number("usd_per_person_month") / person - 1.0).abs() < 1e-9);
}

#[test]
fn the_people_ask_no_more_than_the_machine_makes() {
    for workload in ["serving", "chat", "agents"] {
        let report = json(&format!("users qwen3.6-35b-a3b --workload {workload}"));
        for row in rows(&report) {
            let number = |key: &str| row[key].as_f64().unwrap_or(0.0);
            let running = number("people") * number("active_share");
            assert!(
                running <= number("concurrent_requests"),
                "{workload}: {row}"
            );
        }
    }
}

#[test]
fn users_answers_first_and_says_what_turns_it() {
    let answer = flowed("users gpt-oss-120b --min-decode 10 --max-ttft 5s");
    let head =
        "gpt-oss 120B at 10 tok/s or more each and the first token within 5 s: 4x3090-pro serves ";
    assert!(answer.starts_with(head), "{answer}");
    assert!(
        answer.contains("A million output tokens cost $"),
        "{answer}"
    );
    assert!(
        answer.contains("To turn it: --max-ttft 10s makes 4x3090-pro serve "),
        "{answer}"
    );
    let none = flowed("users llama-70b-q4 --min-decode 500");
    assert!(none.contains("no machine here serves anybody"), "{none}");
}

#[test]
fn a_flag_that_turns_it_does() {
    // What the last line promises is what the command then answers.
    let answer = flowed("users gpt-oss-120b --min-decode 10 --max-ttft 5s");
    let promise = "--max-ttft 10s makes 4x3090-pro serve ";
    let at = answer.find(promise).expect("a promise") + promise.len();
    let number = answer[at..].split(' ').next().expect("a number");
    let report = json("users gpt-oss-120b --min-decode 10 --max-ttft 10s");
    assert_eq!(rows(&report)[0]["people"].to_string(), number);
}

#[test]
fn speed_draws_a_curve() {
    let line = "speed qwen3-32b-q4 --engine vllm --machine 4x3090-pro --machine dgx-spark --concurrency 1,4,16,1000";
    let report = json(line);
    assert_eq!(
        report["assumptions"]["concurrency"]
            .as_array()
            .map(Vec::len),
        Some(4)
    );
    let rows = rows(&report);
    assert_eq!(rows.len(), 8);
    for pair in rows
        .windows(2)
        .filter(|pair| pair[0]["machine"] == pair[1]["machine"])
    {
        let mid = |row: &Value, key: &str| row[key]["mid"].as_f64().expect("a rate");
        assert!(pair[0]["concurrency"].as_u64() < pair[1]["concurrency"].as_u64());
        let all = "aggregate_decode_tokens_per_second";
        assert!(mid(&pair[0], all) < mid(&pair[1], all));
        assert!(mid(&pair[0], "ttft_seconds") < mid(&pair[1], "ttft_seconds"));
        assert!(mid(&pair[1], "wall_tokens_per_second") < mid(&pair[1], all));
    }
    // Where the cache is full is what the last row runs at once.
    let answer = flowed(line);
    let full = format!(
        "beyond {} users the KV cache is full and requests queue",
        rows[3]["batch"]
    );
    assert!(answer.contains(&full), "{full}: {answer}");
    assert!(
        answer.contains("4x3090-pro: tensor split: decode "),
        "{answer}"
    );
}

#[test]
fn engines_that_do_not_batch_are_told_apart() {
    let answer = flowed("speed llama-8b --machine rtx-3090 --engine ollama --concurrency 1,8");
    let told = "Ollama answers one request at a time, the others queue";
    assert!(answer.contains(told), "{answer}");
    let answer = flowed("speed llama-8b --machine rtx-3090 --engine llama.cpp --concurrency 1,2");
    assert!(answer.contains("all 2 run at once"), "{answer}");
    let rows = json("users llama-8b --machine rtx-3090 --engine ollama");
    assert_eq!(rows["rows"][0]["limited_by"], "one by one");
}

#[test]
fn one_number_of_users_is_no_curve() {
    let report = json("speed llama-8b --machine rtx-3090 --concurrency 8");
    assert_eq!(report["assumptions"]["concurrency"], 8);
    assert!(rows(&report)[0]["wall_tokens_per_second"]["mid"].is_number());
    assert!(flowed("speed llama-8b --machine rtx-3090").contains("decodes"));
}

#[test]
fn a_link_that_nobody_measured_is_said() {
    let answer = flowed("speed gpt-oss-120b --machine 4x3090-budget --engine llama.cpp");
    assert!(
        answer.contains("Nobody measured layer over pcie-3-x1 in llama.cpp"),
        "{answer}"
    );
}

#[test]
fn every_format_and_width_answers() {
    let curve = "speed gpt-oss-120b --concurrency 1,8,64";
    for line in [curve, "users gpt-oss-120b"] {
        for format in ["table", "json", "csv", "md"] {
            let output = run(line, &["--format", format]);
            assert!(
                output.status.success() && !output.stdout.is_empty(),
                "{line} {format}"
            );
        }
        for width in [80usize, 120] {
            let output = run(line, &["--width", &width.to_string()]);
            let text = String::from_utf8(output.stdout).expect("UTF-8");
            assert!(
                text.lines().all(|row| row.chars().count() <= width),
                "{text}"
            );
        }
    }
}

#[test]
fn nonsense_is_refused_with_what_to_do() {
    for (line, told) in [
        ("speed llama-8b --concurrency 1,1", "write each number once"),
        ("speed llama-8b --concurrency 4,2", "rising order"),
        ("speed llama-8b --concurrency 1,,2", "1,2,4,8"),
        ("speed llama-8b --concurrency 0", "from 1 to 4096"),
        ("fit llama-8b --concurrency 1,2", "write one number"),
        ("users llama-8b --concurrency 4", "leave out --concurrency"),
        ("users llama-8b --max-ttft soon", "`5s`"),
        ("users llama-8b --max-ttft 0s", "5s"),
        ("users llama-8b --min-decode 0", "such as 10"),
        ("users llama-8b --active-share 0", "20%"),
        ("users llama-8b --active-share 2", "60%"),
        ("users llama-8b --output-tokens 0", "--output-tokens 400"),
        ("users llama-8b --hours 0", "--hours 8"),
        ("users llama-8b --context 0", "--context 32k"),
        ("users llama-8b --workload team", "list workloads"),
        ("users lama-8b", "did you mean"),
    ] {
        let output = run(line, &[]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(
            output.stdout.is_empty() && error.contains(told),
            "{line}: {error}"
        );
    }
}
