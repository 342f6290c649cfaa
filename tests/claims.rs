//! Faults of claims: each told with its place, all in one run.

use std::fs;
use std::path::PathBuf;

use hwcmp::catalog::Catalog;
use hwcmp::units::Date;

/// The faults of one claim laid over the built-in data; `check` starts in line 10.
fn faults(name: &str, source: &str, check: &str) -> Vec<String> {
    let text = format!(
        "[X1]\nsource = \"{source}\"\nsection = \"1\"\nsubject = \"s\"\nclaim = \"c\"\nquantity = \"q\"\n\
         claimed = 3.0\nfinding = \"unchecked\"\nreason = \"r\"\n{check}\n"
    );
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("claims-{name}.toml"));
    fs::write(&file, text).expect("the file is written");
    let shown = file.display().to_string();
    match Catalog::check(&[file], None, Date::new(2026, 11, 21)) {
        Ok(_) => Vec::new(),
        Err(faults) => {
            let faults = faults.0.iter().map(ToString::to_string);
            faults
                .map(|fault| fault.trim_start_matches(&format!("{shown}:")).to_owned())
                .collect()
        }
    }
}

#[track_caller]
fn assert_faults(found: &[String], expected: &[&str]) {
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (fault, expected) in found.iter().zip(expected) {
        assert!(fault.starts_with(expected), "{fault}\nis not\n{expected}");
    }
}

#[test]
fn a_sound_claim_loads() {
    let check = "[X1.check.ratio]\nnumerator = \"A026\"\ndenominator = 35";
    assert_faults(&faults("sound", "codersera-2026-06", check), &[]);
}

#[test]
fn an_unknown_kind_of_check() {
    let found = faults(
        "kind",
        "codersera-2026-06",
        "[X1.check.decod]\nmachine = \"dgx-spark\"",
    );
    assert_faults(&found, &["10:11: there is no kind `decod`"]);
}

#[test]
fn a_ratio_of_claims_that_are_not_there_or_print_no_figure() {
    let check = "[X1.check.ratio]\nnumerator = \"A999\"\ndenominator = \"A013\"";
    assert_faults(
        &faults("ratio", "codersera-2026-06", check),
        &[
            "11:13: there is no claim `A999`",
            "12:15: the claim `A013` prints no single figure",
        ],
    );
}

#[test]
fn unknown_names_are_told_all_at_once() {
    let check = "[X1.check.decode]\nmachine = \"dgx-sprak\"\nmodel = \"qwen3-32\"\nquant = \"q4_k_x\"\n\
                 engine = \"olama\"\nsplit = \"rows\"";
    let found = faults("names", "nobody", check);
    assert_faults(
        &found,
        &[
            "2:10: there is no source `nobody`",
            "11:11: there is no machine `dgx-sprak`",
            "12:9: there is no model `qwen3-32`",
            "13:9: there is no quant `q4_k_x`",
            "14:10: there is no engine `olama`",
            "15:9: there is no split `rows`",
        ],
    );
    assert!(
        found[1].ends_with("= did you mean `dgx-spark`?"),
        "{}",
        found[1]
    );
}

#[test]
fn a_check_that_does_not_say_enough() {
    let found = faults(
        "size",
        "codersera-2026-06",
        "[X1.check.weights]\nparams_b = 3.0",
    );
    assert_faults(&found, &["10:1: the check does not say what is stored"]);
    let future = "[X1.check.price]\nitem = \"dgx-spark\"\nas_of = \"2027-01\"";
    assert_faults(
        &faults("date", "codersera-2026-06", future),
        &["12:9: the date 2027-01 lies in the future"],
    );
}
