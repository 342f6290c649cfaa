//! The readers whom two articles tell what to buy, and where the figures lead them.

mod common;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// One reader.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Persona {
    claim: String,
    quote: String,
    flags: String,
    #[serde(default)]
    extra: Vec<String>,
    among: Vec<String>,
    article: Vec<String>,
    leads_to: Vec<String>,
    line_up: Vec<String>,
    why: Option<String>,
    #[serde(default)]
    may_move: bool,
}

/// How far behind the first an expected machine may come where a calibration may turn it.
const CLOSE: f64 = 5.0;
/// The weights that a persona's flags may set: what is wanted, what does not matter.
const WEIGHTS: [&str; 2] = ["5", "0"];
/// The default machines, named where a persona adds one.
const LINE_UP: [&str; 7] = [
    "dgx-spark",
    "4x3090-budget",
    "4x3090-pro",
    "rtx-5090-workstation",
    "mac-studio-m5-ultra-96",
    "mac-studio-m3-ultra-96",
    "strix-halo-128",
];

fn personas() -> BTreeMap<String, Persona> {
    toml::from_str(include_str!("data/personas.toml")).expect("personas")
}

/// The machines in the running with their scores, best first. Scores do not depend on who
/// else is there, so one run answers for every choice of machines.
fn verdict(persona: &Persona) -> Vec<(String, f64)> {
    let mut command = common::hwcmp();
    command
        .arg("verdict")
        .args(persona.flags.split(' '))
        .args(["--format", "json"]);
    for machine in LINE_UP
        .iter()
        .copied()
        .chain(persona.extra.iter().map(String::as_str))
    {
        command.args(["--machine", machine]);
    }
    let output = command.output().expect("it runs");
    assert!(
        output.status.success(),
        "{}: {}",
        persona.quote,
        String::from_utf8_lossy(&output.stderr)
    );
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rows = answer["rows"].as_array().expect("rows");
    rows.iter()
        .filter(|row| row["rank"].is_number())
        .map(|row| {
            (
                row["machine"].as_str().expect("machine").to_owned(),
                row["score"].as_f64().expect("score"),
            )
        })
        .collect()
}

/// Fails unless an expected machine is first of those that count, or close behind where
/// the persona may move.
fn lead(id: &str, persona: &Persona, running: &[(String, f64)], expected: &[String]) {
    let (first, top) = running
        .first()
        .unwrap_or_else(|| panic!("{id}: all are out"));
    if expected.contains(first) {
        return;
    }
    let best = running
        .iter()
        .find(|(machine, _)| expected.contains(machine))
        .map_or(f64::NEG_INFINITY, |(_, score)| *score);
    assert!(
        persona.may_move && top - best <= CLOSE,
        "{id} ({}): {first} is first with {top:.1}, expected one of {expected:?} ({best:.1})",
        persona.quote
    );
}

#[test]
fn every_reader_is_led_where_the_figures_lead() {
    for (id, persona) in personas() {
        let running = verdict(&persona);
        let among: Vec<(String, f64)> = running
            .iter()
            .filter(|(machine, _)| persona.among.contains(machine))
            .cloned()
            .collect();
        lead(&id, &persona, &among, &persona.leads_to);
        let line_up: Vec<(String, f64)> = running
            .iter()
            .filter(|(machine, _)| LINE_UP.contains(&machine.as_str()))
            .cloned()
            .collect();
        lead(&id, &persona, &line_up, &persona.line_up);
    }
}

#[test]
fn who_is_led_elsewhere_is_told_why() {
    let personas = personas();
    assert!(personas.len() >= 20);
    for (id, persona) in personas {
        let agrees = |machines: &[String]| {
            machines
                .iter()
                .any(|machine| persona.article.contains(machine))
        };
        let same = agrees(&persona.leads_to) && agrees(&persona.line_up);
        assert!(
            same || persona.why.as_ref().is_some_and(|why| why.len() > 20),
            "{id}: say why"
        );
    }
}

#[test]
fn no_weight_is_tuned_to_one_reader() {
    for (id, persona) in personas() {
        let words: Vec<&str> = persona.flags.split(' ').collect();
        for pair in words.windows(2).filter(|pair| pair[0] == "--weight") {
            let weight = pair[1].split('=').nth(1);
            assert!(
                weight.is_some_and(|weight| WEIGHTS.contains(&weight)),
                "{id}: {}",
                pair[1]
            );
        }
    }
}

#[test]
fn every_reader_is_a_published_claim() {
    let claims: toml::Table = toml::from_str(include_str!("../data/claims.toml")).expect("claims");
    for (id, persona) in personas() {
        assert!(
            claims.contains_key(&persona.claim),
            "{id}: no claim {}",
            persona.claim
        );
    }
}
