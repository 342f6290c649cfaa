//! What a buyer reads first: how surely the winner's speeds are known.

mod common;

use serde_json::Value;

const WORKLOADS: [&str; 8] = [
    "coding",
    "chat",
    "agents",
    "serving",
    "long-context",
    "big-models",
    "fine-tuning",
    "always-on",
];

/// The answer of a command line, as it is written at 80 columns.
fn answer(line: &str, format: &str) -> String {
    let output = common::hwcmp()
        .args(line.split(' '))
        .args(["--format", format, "--width", "80"])
        .output()
        .expect("it runs");
    assert!(
        output.status.success(),
        "{line}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn rows(line: &str) -> Vec<Value> {
    let report: Value = serde_json::from_str(&answer(line, "json")).expect("JSON");
    report["rows"].as_array().expect("rows").clone()
}

/// The lines above the table, as one text.
fn headline(line: &str) -> String {
    let text = answer(line, "table");
    let end = text.find("\n\n").expect("a table below");
    text[..end].replace('\n', " ")
}

fn is_timed(row: &Value) -> bool {
    ["measured", "calibrated"].contains(&row["evidence"].as_str().expect("evidence"))
}

#[test]
fn a_winner_that_nobody_timed_is_said_to_be_so() {
    let mut estimated = 0;
    for workload in WORKLOADS {
        let line = format!("verdict --workload {workload}");
        let rows = rows(&line);
        let headline = headline(&line);
        let timed = rows.iter().find(|row| is_timed(row)).expect("a timed one");
        assert_eq!(
            headline.contains("speeds are estimate"),
            !is_timed(&rows[0]),
            "{workload}: {headline}"
        );
        if !is_timed(&rows[0]) {
            estimated += 1;
            let best = format!(
                "the best machine with measured speeds is {} ",
                timed["machine"].as_str().expect("a machine")
            );
            assert!(headline.contains(&best), "{workload}: {headline}");
        }
    }
    assert!(
        estimated > 0,
        "no winner is estimated: the test tests nothing"
    );
}

#[test]
fn a_verdict_is_one_screen() {
    for workload in WORKLOADS {
        for budget in ["", " --budget 4000"] {
            let line = format!("verdict --workload {workload}{budget}");
            let lines = |width: &str| {
                let output = common::hwcmp()
                    .args(line.split(' '))
                    .args(["--width", width])
                    .output()
                    .expect("it runs");
                String::from_utf8_lossy(&output.stdout).lines().count()
            };
            assert!(lines("80") > 10, "{line}: no table");
            assert!(lines("80") <= 30, "{line}: {} at 80", lines("80"));
            assert!(lines("120") <= 24, "{line}: {} at 120", lines("120"));
        }
    }
}

#[test]
fn the_price_of_the_winner_says_what_it_rests_on() {
    for (line, basis) in [
        ("verdict --machine mac-studio-m3-ultra-96", "(list 2026-06)"),
        (
            "verdict --machine 4x3090-pro",
            "(used/street 2026-02 to 2026-09)",
        ),
        (
            "verdict --machine dgx-spark --price dgx-spark=3999",
            "$3,999 (--price)",
        ),
        ("verdict --machine dgx-spark --own dgx-spark", "$0 (owned)"),
    ] {
        let headline = headline(line);
        assert!(headline.contains(basis), "{line}: {headline}");
    }
}

#[test]
fn a_better_machine_outside_the_line_up_is_named() {
    let mut named = 0;
    for workload in WORKLOADS {
        for budget in ["", " --budget 4000"] {
            let line = format!("verdict --workload {workload}{budget}");
            let report: Value = serde_json::from_str(&answer(&line, "json")).expect("JSON");
            let all = rows(&format!("{line} --machine all"));
            let score = |row: &Value| row["score"].as_f64().expect("a score");
            let best = &report["rows"][0];
            // Of those that can be bought: a machine without a price is in the ranking only.
            let first = all
                .iter()
                .find(|row| !row["rank"].is_null() && !row["hardware_usd"].is_null())
                .expect("one in the running");
            let better = &report["better_elsewhere"];
            if better.is_null() {
                assert!(score(first) <= score(best) + 1e-9, "{line}: {first}");
            } else {
                named += 1;
                assert_eq!(better["machine"], first["machine"], "{line}");
                let id = better["machine"].as_str().expect("an id");
                let words = headline(&line);
                assert!(words.contains(", buy: "), "{line}");
                assert!(words.contains(&format!("(--machine {id})")), "{line}");
                assert!(words.contains("below"), "{line}");
            }
        }
    }
    assert!(named > 0, "nothing better was found anywhere");
    let chosen: Value =
        serde_json::from_str(&answer("verdict --machine dgx-spark", "json")).expect("JSON");
    assert!(chosen["better_elsewhere"].is_null());
}

#[test]
fn estimated_speeds_carry_a_mark() {
    let text = answer("verdict --workload coding", "table");
    for row in rows("verdict --workload coding") {
        let id = row["machine"].as_str().expect("a machine");
        let line = text
            .lines()
            .find(|line| line.contains(&format!("  {id} ")))
            .unwrap_or_else(|| panic!("no line of {id}"));
        assert_eq!(line.contains('~'), !is_timed(&row), "{line}");
    }
}

#[test]
fn where_nothing_was_timed_no_other_machine_is_named() {
    let line = "verdict --machine mac-studio-m5-ultra-96";
    assert!(!is_timed(&rows(line)[0]), "it was timed: take another");
    let headline = headline(line);
    assert!(headline.contains("nobody in our tables has timed it"));
    assert!(headline.contains("no machine here has measured speeds"));
    // Alone it has nothing to be compared with, so no reason is given.
    assert!(!headline.contains("Because"), "{headline}");
}

#[test]
fn fit_answers_in_its_first_two_lines() {
    for model in ["llama-70b-q4", "qwen3-32b", "gpt-oss-120b"] {
        let line = format!("fit {model}");
        let report: Value = serde_json::from_str(&answer(&line, "json")).expect("JSON");
        let rows = report["rows"].as_array().expect("rows");
        let fitting: Vec<&Value> = rows.iter().filter(|row| row["fits"] == "yes").collect();
        let usd = |row: &Value| row["hardware_usd"].as_f64().expect("a price");
        let rate = |row: &Value| {
            row["decode_tokens_per_second"]["mid"]
                .as_f64()
                .expect("a rate")
        };
        let id = |row: &Value| row["machine"].as_str().expect("a machine").to_owned();
        let cheapest = fitting.iter().min_by(|a, b| usd(a).total_cmp(&usd(b)));
        let fastest = fitting.iter().max_by(|a, b| rate(a).total_cmp(&rate(b)));
        let (cheapest, fastest) = (cheapest.expect("one fits"), fastest.expect("one fits"));
        assert_eq!(report["summary"]["fitting"], fitting.len());
        assert_eq!(report["summary"]["cheapest"], id(cheapest));
        assert_eq!(report["summary"]["fastest"], id(fastest));
        let text = answer(&line, "table");
        let first: Vec<&str> = text.lines().take(2).collect();
        let first = first.join(" ");
        let count = if fitting.len() == rows.len() {
            format!("fits all {} machines", rows.len())
        } else {
            format!("fits {} of {} machines", fitting.len(), rows.len())
        };
        let dollars = format!("{}, $", id(cheapest));
        for part in [
            count,
            dollars,
            format!("{}, ", id(fastest)),
            "tok/s".to_owned(),
        ] {
            assert!(first.contains(&part), "{model}: no `{part}` in: {first}");
        }
    }
}

#[test]
fn the_best_for_each_budget_is_what_that_budget_gives() {
    let all: Value =
        serde_json::from_str(&answer("verdict --workload coding", "json")).expect("JSON");
    let steps = all["budgets"].as_array().expect("budgets");
    assert!(steps.len() > 2, "{steps:?}");
    let text = headline("verdict --workload coding");
    for step in steps {
        let (usd, machine) = (&step["from_usd"], step["machine"].as_str().expect("an id"));
        let line = format!("verdict --workload coding --budget {usd}");
        assert_eq!(rows(&line)[0]["machine"], machine, "{line}");
        let dollars = hwcmp::units::dollars(usd.as_f64().expect("a price"));
        assert!(text.contains(&format!("{dollars} {machine}")), "{text}");
    }
}

#[test]
fn the_changes_that_turn_a_verdict_do_so_as_written() {
    let mut tried = 0;
    for workload in WORKLOADS {
        let line = format!("verdict --workload {workload}");
        let text = answer(&line, "table").replace('\n', " ");
        let Some((_, turns)) = text.split_once("To turn it: ") else {
            continue;
        };
        for turn in turns.trim_end_matches(['.', ' ']).split("; ") {
            let (how, winner) = turn.split_once(" makes it ").expect("a change");
            let how = how.split(" (").next().expect("a flag");
            if how.starts_with("--") {
                tried += 1;
                assert_eq!(
                    rows(&format!("{line} {how}"))[0]["machine"],
                    winner,
                    "{how}"
                );
            }
        }
    }
    assert!(tried > 0, "no change was tried");
}
