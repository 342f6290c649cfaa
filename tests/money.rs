//! The money commands as programs see them: JSON keys and their arithmetic.

mod common;

use serde_json::Value;

/// The JSON answer of a command line, without an overlay.
fn json(line: &str) -> Value {
    let (words, quoted) = line.split_once('\'').map_or((line, None), |(words, rest)| {
        (words, Some(rest.trim_end_matches('\'')))
    });
    let result = common::hwcmp()
        .args(words.split_whitespace())
        .args(quoted)
        .args(["--format", "json"])
        .output()
        .expect("it runs");
    assert!(
        result.status.success(),
        "{line}: {}",
        String::from_utf8_lossy(&result.stderr)
    );
    serde_json::from_slice(&result.stdout).expect("JSON")
}

fn number(row: &Value, key: &str) -> f64 {
    row[key]
        .as_f64()
        .unwrap_or_else(|| panic!("{key} in {row}"))
}

fn rows(answer: &Value) -> &[Value] {
    answer["rows"].as_array().expect("rows")
}

fn row<'a>(answer: &'a Value, machine: &str) -> &'a Value {
    rows(answer)
        .iter()
        .find(|row| row["machine"] == machine)
        .unwrap_or_else(|| panic!("{machine}"))
}

#[test]
fn net_is_hardware_plus_electricity_minus_resale() {
    for line in [
        "tco",
        "tco --hours 24",
        "tco --workload coding --off",
        "tco --workload serving --own rtx-3090 --years 5",
    ] {
        let answer = json(line);
        let mut wins = 0.0;
        for row in rows(&answer) {
            let net = number(row, "hardware_usd") + number(row, "electricity_usd")
                - number(row, "resale_usd");
            assert!(
                (net - number(row, "net_cost_usd")).abs() < 0.005,
                "{line}: {row}"
            );
            let range = &row["net_cost_usd_range"];
            assert!(range["low"].as_f64() <= range["high"].as_f64());
            wins += number(row, "cheapest_probability");
        }
        assert!((wins - 1.0).abs() < 1e-9, "{line}: {wins}");
    }
}

#[test]
fn the_articles_table_in_365_days() {
    // An article of 2026-02 at its own prices, hours and $0.12/kWh, nothing counted while idle.
    // Its rig: 1,400 W x 8 h x 365 x 0.12 = $490.56 a year (it says $484: 360 days);
    // 3,620 + 1,471.68 - 0.718 x 3,620 = $2,492.52 (it says $2,472 with a resale of $2,600).
    let answer =
        json("tco --machine 4x3090-budget --price 4x3090-budget=3620 --rate 0.12 --hours 8 --off");
    let rig = row(&answer, "4x3090-budget");
    assert!((number(rig, "full_load_annual_electricity_usd") - 490.56).abs() < 0.005);
    assert!((number(rig, "full_load_net_cost_usd") - 2492.52).abs() < 0.005);
    // Around the clock idle hours do not matter: 1,400 W x 24 h x 365 x 0.12 = $1,471.68 a year.
    let answer =
        json("tco --machine 4x3090-budget --price 4x3090-budget=3620 --rate 0.12 --hours 24");
    let rig = row(&answer, "4x3090-budget");
    assert!((number(rig, "full_load_annual_electricity_usd") - 1471.68).abs() < 0.005);
}

#[test]
fn both_cost_the_same_where_they_cross() {
    let answer = json("tco");
    let crossings = answer["crossovers"].as_array().expect("a list");
    assert!(!crossings.is_empty());
    for cross in crossings {
        let keys: Vec<&String> = cross.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["cheaper_below", "cheaper_above", "hours_per_day"]);
        let hours = number(cross, "hours_per_day");
        let there = json(&format!("tco --hours {hours}"));
        let net = |key: &str| {
            let id = cross[key].as_str().expect("an id");
            number(row(&there, id), "net_cost_usd")
        };
        assert!((net("cheaper_below") - net("cheaper_above")).abs() < 0.005);
    }
    for (member, key, flag) in [
        ("crossovers_usd_per_kwh", "usd_per_kwh", "--rate"),
        ("crossovers_years", "years", "--years"),
    ] {
        let list = answer[member].as_array().expect("a list");
        let pairs = rows(&answer).len() * (rows(&answer).len() - 1) / 2;
        assert!(list.len() >= pairs, "every pair crosses or never does");
        for cross in list {
            let Some(value) = cross[key].as_f64() else {
                assert_eq!(cross["cheaper_below"], cross["cheaper_above"]);
                assert_ne!(cross["cheaper_below"], cross["never_cheaper"]);
                continue;
            };
            let there = json(&format!("tco {flag} {value}"));
            let net = |side: &str| {
                let id = cross[side].as_str().expect("an id");
                number(row(&there, id), "net_cost_usd")
            };
            let gap = (net("cheaper_below") - net("cheaper_above")).abs();
            assert!(gap < 0.005, "{member}: {cross}: {gap}");
        }
    }
    for cross in answer["crossovers_resale"].as_array().expect("a list") {
        // Net cost is linear in the share: price x (1 - share) + electricity.
        if let Some(share) = cross["resale_share"].as_f64() {
            let own = row(&answer, cross["resale_of"].as_str().expect("an id"));
            let other = row(&answer, cross["cheaper_below"].as_str().expect("an id"));
            let net = number(own, "hardware_usd") * (1.0 - share) + number(own, "electricity_usd");
            assert!(
                (net - number(other, "net_cost_usd")).abs() < 0.005,
                "{cross}"
            );
        }
    }
}

#[test]
fn owned_parts_are_not_paid() {
    let all = json("tco --machine 4x3090-budget");
    let one = json("tco --machine 4x3090-budget --own rtx-3090");
    let host = json("tco --machine 4x3090-budget --own mining-h510");
    let paid = |answer: &Value| number(row(answer, "4x3090-budget"), "hardware_usd");
    let card = paid(&all) - paid(&one);
    assert!(card > 500.0 && card < 2000.0, "{card}");
    // What is left without the host is four cards.
    assert!((paid(&host) - 4.0 * card).abs() < 0.005);
    let everything = json("tco --machine 4x3090-budget --own 4x3090-budget");
    assert!(paid(&everything).abs() < 0.005);
}

#[test]
fn a_workload_loads_a_machine_for_part_of_the_day() {
    let work = json("tco --workload coding --machine dgx-spark");
    let flat = json("tco --machine dgx-spark");
    let (work, flat) = (row(&work, "dgx-spark"), row(&flat, "dgx-spark"));
    let busy = number(work, "busy_hours_per_day");
    assert!(busy > 0.0 && busy < 8.0);
    assert!((number(flat, "busy_hours_per_day") - 8.0).abs() < 1e-9);
    let year = |row: &Value| {
        let busy = number(row, "busy_hours_per_day");
        (number(row, "busy_watts") * busy + number(row, "idle_watts") * (24.0 - busy)) / 1000.0
            * 365.0
            * 0.1872
    };
    assert!((year(work) - number(work, "annual_electricity_usd")).abs() < 0.005);
    assert!((year(flat) - number(flat, "annual_electricity_usd")).abs() < 0.005);
}

#[test]
fn breakeven_adds_up() {
    for line in [
        "breakeven",
        "breakeven --workload serving --model gpt-oss-120b --concurrency 4",
        "breakeven --workload chat --off --hours 3 --subscription cursor-pro",
    ] {
        let answer = json(line);
        let days = 365.0 * 3.0;
        for row in rows(&answer) {
            let tokens = number(row, "tokens_per_day") * days / 1e6;
            let own = number(row, "net_cost_usd") / tokens;
            assert!((own - number(row, "usd_per_million_tokens")).abs() < 0.005);
            let rival = number(row, "rival_cost_usd") / tokens;
            assert!((rival - number(row, "rival_usd_per_million_tokens")).abs() < 0.005);
            let pays = number(row, "net_cost_usd") < number(row, "rival_cost_usd");
            assert_eq!(row["pays"].as_bool(), Some(pays), "{row}");
            assert!(number(row, "full_load_usd_per_million_tokens") <= own + 0.005);
            if let Some(most) = row["break_even_tokens_per_day"].as_f64() {
                assert!(most > 0.0, "{row}");
            }
        }
    }
}

#[test]
fn an_api_at_the_cheapest_host_is_never_reached() {
    // gpt-oss-120b at $0.03 in and $0.17 out costs less than a DGX Spark's electricity and price.
    let answer = json("breakeven --workload chat --model gpt-oss-120b --machine dgx-spark");
    let api = rows(&answer)
        .iter()
        .find(|row| row["against"] == "api")
        .expect("an API price");
    assert_eq!(api["pays"], false);
    assert!(api["break_even_months"].is_null());
}
