//! `hwcmp audit` as one types it.

use snapbox::cmd::{Command, cargo_bin};
use snapbox::str;

fn hwcmp(arguments: &[&str]) -> Command {
    Command::new(cargo_bin!("hwcmp"))
        .args(arguments)
        .env_remove("HWCMP_DATA")
        .env("XDG_CONFIG_HOME", "/nonexistent")
}

#[test]
fn one_claim() {
    hwcmp(&["audit", "--claim", "a057", "--width", "80"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
A057 (thinksmart.life, Budget vs Spark comparison): off; claimed 50 GB, computed
100-112.5 GB.
200e9 x 4 / 8 = 100 GB (MXFP4 with scales, 4.25 bits: 106; NVFP4: 112.5). 50 GB
is two bits a weight.

id    claim                     claimed  computed      finding
──────────────────────────────────────────────────────────────
A057  200B at FP4/MXFP4 ~50 GB  50 GB    100-112.5 GB  off
Hidden at this width: why (--columns all, --width 88)

Computed from: 200e9 x 4 to 4.5 bits / 8

"#]]);
}

#[test]
fn an_unknown_claim_is_an_error() {
    hwcmp(&["audit", "--claim", "A999"])
        .assert()
        .code(2)
        .stdout_eq(str![""])
        .stderr_eq(str![[r#"
error: there is no claim `A999`: `hwcmp audit --columns id,claim` lists them

"#]]);
}

#[test]
fn json_has_every_claim_and_a_summary() {
    let output = hwcmp(&["audit", "--format", "json"])
        .output()
        .expect("runs");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(answer["command"], "audit");
    let rows = answer["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 198);
    for row in rows {
        for key in [
            "id", "claim", "source", "claimed", "computed", "unit", "finding", "reason",
        ] {
            assert!(row.get(key).is_some(), "{key}");
        }
        assert!(
            row["claimed"].is_number() || row["claimed"].is_null(),
            "{row}"
        );
        assert!(
            row["computed"].is_number() || row["computed"].is_null(),
            "{row}"
        );
    }
    let found: u64 = ["reproduced", "off", "impossible", "unchecked"]
        .iter()
        .filter_map(|finding| answer["summary"][finding].as_u64())
        .sum();
    assert_eq!(found, 198);
    assert_eq!(
        answer["summary"]["decisive"].as_array().map(Vec::len),
        Some(5)
    );
}
