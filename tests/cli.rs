//! The command line as a user meets it: contracts of the JSON, errors, exit codes, pipes.

use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::Value;
use snapbox::cmd::Command as Snapped;
use snapbox::str;

fn hwcmp() -> Snapped {
    Snapped::new(env!("CARGO_BIN_EXE_hwcmp"))
        .env("COLUMNS", "80")
        .env("HOME", "/nonexistent")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("HWCMP_DATA")
}

fn json(line: &str) -> Value {
    let output = hwcmp()
        .args(line.split(' '))
        .args(["--format", "json"])
        .output()
        .expect("it runs");
    assert!(
        output.status.success(),
        "{line}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Every row has the keys, and those named with `(i)` are intervals or null.
fn has(line: &str, keys: &str) -> Value {
    let report = json(line);
    for key in [
        "schema_version",
        "command",
        "data_date",
        "assumptions",
        "rows",
    ] {
        assert!(report.get(key).is_some(), "{line}: no `{key}`");
    }
    let rows = report["rows"].as_array().expect("rows");
    assert!(!rows.is_empty(), "{line}: no rows");
    for row in rows {
        for key in keys.split(", ") {
            let (key, interval) = key
                .strip_suffix(" (i)")
                .map_or((key, false), |key| (key, true));
            let value = row
                .get(key)
                .unwrap_or_else(|| panic!("{line}: a row has no `{key}`: {row}"));
            if interval && !value.is_null() {
                for part in ["low", "mid", "high"] {
                    assert!(value[part].is_number(), "{line}: `{key}` is {value}");
                }
            }
        }
    }
    report
}

#[test]
fn fit_keeps_its_contract() {
    let report = has(
        "fit llama-70b-q4",
        "machine, engine, model, quant, split, context_tokens, fits, weights_bytes, kv_cache_bytes, \
         recurrent_state_bytes, compute_buffer_bytes, required_bytes, usable_bytes, headroom_bytes, \
         max_context_tokens, max_concurrency, decode_tokens_per_second (i), evidence"
            .replace("         ", "")
            .as_str(),
    );
    for row in report["rows"].as_array().expect("rows") {
        let bytes = |key: &str| row[key].as_i64().expect(key);
        assert_eq!(
            bytes("usable_bytes") - bytes("required_bytes"),
            bytes("headroom_bytes")
        );
        assert!(["yes", "offload", "no"].contains(&row["fits"].as_str().expect("fits")));
    }
}

#[test]
fn speed_keeps_its_contract() {
    let report = has(
        "speed llama-3.1-8b-q4 --machine dgx-spark --machine rtx-5090",
        "machine, engine, model, quant, split, depth_tokens, concurrency, decode_tokens_per_second (i), aggregate_decode_tokens_per_second (i), prefill_tokens_per_second (i), ttft_seconds (i), bound, evidence, measured",
    );
    let measured = report["rows"][1]["measured"].as_array().expect("a list");
    assert!(
        measured
            .iter()
            .all(|row| row["source"].is_string() && row["value"].is_number())
    );
}

#[test]
fn tco_keeps_its_contract() {
    let report = has(
        "tco --hours 24",
        "machine, hardware_usd, annual_electricity_usd, electricity_usd, resale_usd, total_cost_usd, net_cost_usd, net_cost_usd_range (i)",
    );
    for row in report["rows"].as_array().expect("rows") {
        let usd = |key: &str| row[key].as_f64().expect(key);
        let net = usd("hardware_usd") + usd("electricity_usd") - usd("resale_usd");
        assert!((net - usd("net_cost_usd")).abs() < 1e-6);
    }
    for crossover in report["crossovers"].as_array().expect("crossovers") {
        assert!(crossover["cheaper_below"].is_string() && crossover["cheaper_above"].is_string());
        assert!((0.0..=24.0).contains(&crossover["hours_per_day"].as_f64().expect("hours")));
    }
}

#[test]
fn compare_keeps_its_contract() {
    let report = has(
        "compare dgx-spark 4x3090-budget strix-halo-128 --workload chat",
        "criterion, winner, why, values, unit, weight",
    );
    let rows = report["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 13);
    let mut won = 0;
    for row in rows {
        for machine in ["dgx-spark", "4x3090-budget", "strix-halo-128"] {
            assert!(!row["values"][machine].is_string(), "{row}");
        }
        won += i64::from(row["winner"].is_string());
    }
    let wins = report["summary"]["wins"].as_object().expect("wins");
    assert_eq!(wins.values().filter_map(Value::as_i64).sum::<i64>(), won);
    // Price and noise are figures of the data: the cheaper and the quieter one wins.
    let row = |name: &str| {
        let row = rows.iter().find(|row| row["criterion"] == name);
        row.unwrap_or_else(|| panic!("no {name}"))
    };
    assert_eq!(row("price")["winner"], "strix-halo-128");
    assert_eq!(row("noise")["winner"], "dgx-spark");
}

#[test]
fn compare_needs_two_machines() {
    hwcmp()
        .args(["compare", "dgx-spark", "spark"])
        .assert()
        .code(2);
    hwcmp().args(["compare", "dgx-spark"]).assert().code(2);
}

#[test]
fn recommend_keeps_its_contract() {
    let report = has(
        "recommend --budget 4000 --model qwen3-32b-q4 --min-decode 20",
        "machine, quant, engine, split, power_limit_watts, hardware_usd, net_cost_usd, decode_tokens_per_second (i), watts, knee",
    );
    let rows = report["rows"].as_array().expect("rows");
    let of = |row: &Value| {
        (
            row["hardware_usd"].as_f64().expect("price"),
            row["decode_tokens_per_second"]["mid"]
                .as_f64()
                .expect("rate"),
        )
    };
    for pair in rows.windows(2) {
        let ((price, rate), (dearer, faster)) = (of(&pair[0]), of(&pair[1]));
        assert!(price < dearer && rate < faster);
    }
    assert!(
        rows.iter()
            .all(|row| of(row).0 <= 4000.0 && of(row).1 >= 20.0)
    );
    assert_eq!(rows.iter().filter(|row| row["knee"] == true).count(), 1);
    let next = report.get("next_500_usd").expect("next_500_usd");
    assert_eq!(next["from_usd"], 4000);
    assert_eq!(next["to_usd"], 4500);
}

#[test]
fn what_nothing_does_is_said_so() {
    let output = hwcmp()
        .args(["recommend", "--budget", "100", "--model", "llama-70b-q4"])
        .output()
        .expect("it runs");
    assert!(output.status.success());
    let text = String::from_utf8_lossy(&output.stdout).replace('\n', " ");
    assert!(text.contains("no machine does it"), "{text}");
}

#[test]
fn verdict_keeps_its_contract() {
    let report = has(
        "verdict --workload coding --budget 5000",
        "rank, machine, score, win_probability, reasons, disqualified",
    );
    let rows = report["rows"].as_array().expect("rows");
    let out: Vec<bool> = rows.iter().map(|row| row["rank"].is_null()).collect();
    assert!(out.is_sorted(), "the disqualified come last");
    assert!(out.contains(&true) && out.contains(&false));
    for row in rows {
        let reasons = row["disqualified"].as_array().expect("a list");
        assert_eq!(row["rank"].is_null(), !reasons.is_empty());
        assert_eq!(row["rank"].is_null(), row["win_probability"].is_null());
    }
    assert!(report["flips"].is_array());
}

#[test]
fn every_format_answers() {
    for format in ["table", "json", "csv", "md"] {
        for line in ["fit llama-70b-q4", "speed qwen3-32b", "tco", "verdict"] {
            let output = hwcmp()
                .args(line.split(' '))
                .args(["--format", format])
                .output()
                .expect("it runs");
            assert!(
                output.status.success() && !output.stdout.is_empty(),
                "{line} {format}"
            );
        }
    }
}

#[test]
fn tables_keep_to_their_width() {
    for width in [80usize, 100, 140] {
        for line in [
            "fit llama-70b-q4",
            "speed llama-70b-q4",
            "tco --hours 24",
            "verdict --workload chat",
        ] {
            let output = hwcmp()
                .args(line.split(' '))
                .args(["--width", &width.to_string()])
                .output()
                .expect("it runs");
            let text = String::from_utf8(output.stdout).expect("UTF-8");
            for row in text.lines() {
                assert!(row.chars().count() <= width, "{line} at {width}: {row}");
            }
            assert!(!text.contains('\u{1b}'), "{line}: colour in a pipe");
        }
    }
}

#[test]
fn typos_get_a_suggestion_and_exit_code_2() {
    hwcmp()
        .args(["fit", "lama-70b-q4"])
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error: there is no model `lama-70b-q4`; did you mean `llama-70b`?

"#]]);
    hwcmp()
        .args(["speed", "qwen3-32b", "--machine", "dgx-sprak"])
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error: there is no machine `dgx-sprak`; did you mean `dgx-spark`?

"#]]);
    hwcmp()
        .args(["tco", "--machine", "4x-rtx3090"])
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error: there is no machine `4x-rtx3090`; did you mean `4x rtx-3090`?

"#]]);
    hwcmp()
        .args(["fit", "qwen3-32b", "--quant", "q4_k_n"])
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error: there is no quant `q4_k_n`; did you mean `q4_k_m`?

"#]]);
    hwcmp()
        .args(["verdict", "--workload", "codign"])
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error: there is no workload `codign`; did you mean `coding`?

"#]]);
    hwcmp()
        .args(["tco", "--country", "gbr"])
        .assert()
        .code(2)
        .stdout_eq("");
}

#[test]
fn nonsense_is_refused() {
    for line in [
        "tco --hours 25",
        "tco --hours -1",
        "tco --years 0",
        "tco --rate nan",
        "tco --price dgx-spark=-5",
        "tco --as-of 2099-01-01",
        "tco --as-of yesterday",
        "tco --rate 1e308",
        "tco --price =5",
        "tco --top 0",
        "fit llama-70b-q4 --context 0",
        "fit llama-70b-q4 --context many",
        "fit llama-70b-q4 --context 1000000000000",
        "fit llama-70b-q4 --train full --sequence 0",
        "fit llama-70b-q4 --concurrency 0",
        "fit llama-70b-q4 --kv-quant q9",
        "fit llama-70b-q4 --columns nonsense",
        "fit llama-70b-q4 --machine 0x rtx-3090",
        "fit llama-70b-q4 --machine 99x rtx-3090",
        "fit nothing.gguf",
        "fit /nonexistent/config.json",
        "speed llama-70b-q4 --engine mlx --machine rtx-3090",
        "verdict --weight noise",
        "verdict --weight taste=2",
        "verdict --data /nonexistent",
    ] {
        // `0x rtx-3090` is one argument.
        let mut words: Vec<String> = Vec::new();
        for word in line.split(' ') {
            match words.last_mut() {
                Some(last) if last.ends_with('x') && word.starts_with("rtx") => {
                    last.push(' ');
                    last.push_str(word);
                }
                _ => words.push(word.to_owned()),
            }
        }
        let output = hwcmp().args(&words).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(output.stdout.is_empty(), "{line}");
        let error = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(
            error.starts_with("error: ") && !error.contains("panicked"),
            "{line}: {error}"
        );
    }
}

#[test]
fn what_no_machine_can_hold_fits_none() {
    for line in [
        "fit llama-70b-q4 --context 900m --concurrency 4096",
        "fit llama-70b-q4 --train full --sequence 900m --batch 4096",
    ] {
        for row in json(line)["rows"].as_array().expect("rows") {
            assert_eq!(row["fits"], "no", "{line}");
        }
    }
}

#[test]
fn an_assertion_that_is_false_exits_with_1() {
    hwcmp()
        .args(["fit", "llama-70b-q4", "--machine", "rtx-5090", "--require"])
        .assert()
        .code(1);
    hwcmp()
        .args(["fit", "llama-70b-q4", "--machine", "dgx-spark", "--require"])
        .assert()
        .code(0);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hwcmp"))
        .args(["fit", "llama-70b-q4", "--machine", "all", "--explain"])
        .env("HOME", "/nonexistent")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let mut errors = String::new();
    child
        .stderr
        .take()
        .expect("stderr")
        .read_to_string(&mut errors)
        .expect("text");
    assert!(child.wait().expect("it ends").success());
    assert_eq!(errors, "");
}

#[test]
fn a_gguf_header_answers() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/gguf/llama3.1-8b.Q4_K_M.header.gguf"
    );
    let output = hwcmp()
        .args(["fit", path, "--machine", "dgx-spark", "--format", "json"])
        .output()
        .expect("it runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    // data_bytes_if_complete of the file as llama.cpp wrote it.
    assert_eq!(report["rows"][0]["weights_bytes"], 4_912_898_304_u64);
}

#[test]
fn no_prompt_has_no_prefill_rate() {
    let report = json("speed llama-8b --machine dgx-spark --prompt 0");
    assert!(report["rows"][0]["prefill_tokens_per_second"].is_null());
}

#[test]
fn a_fault_of_a_file_names_the_file() {
    // A header without keys and tensors: magic, version 3, two counts of zero.
    let path = std::env::temp_dir().join(format!("hwcmp-{}-bare.gguf", std::process::id()));
    let bytes = [&b"GGUF\x03\0\0\0"[..], &[0; 16]].concat();
    std::fs::write(&path, bytes).expect("written");
    let output = hwcmp().arg("fit").arg(&path).output().expect("it runs");
    std::fs::remove_file(&path).expect("removed");
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(error.contains("bare.gguf: "), "{error}");
}

#[test]
fn an_overlay_adds_a_machine() {
    let folder = std::env::temp_dir().join(format!("hwcmp-overlay-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let machines = "[my-rig]\nname = \"Two used 3090\"\ndevice = \"rtx-3090\"\ncount = 2\nhost = \"workstation\"\n";
    std::fs::write(folder.join("machines.toml"), machines).expect("written");
    let prices =
        "[[my-rig]]\nkind = \"used\"\nlow_usd = 3100\nhigh_usd = 3400\ndate = \"2026-11-02\"\n";
    std::fs::write(folder.join("prices.toml"), prices).expect("written");
    let output = hwcmp()
        .args(["tco", "--machine", "my-rig", "--format", "json", "--data"])
        .arg(&folder)
        .output()
        .expect("it runs");
    std::fs::remove_dir_all(&folder).expect("removed");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["rows"][0]["hardware_usd"], 3250.0);
}

#[test]
fn speed_tells_what_speculation_brings() {
    let report = has(
        "speed qwen3.6-35b-a3b --speculate mtp",
        "decode_tokens_per_second (i), speculative_tokens_per_second (i), speculative_gain (i), acceptance, draft_tokens, speculative_evidence, speculation",
    );
    let rows = report["rows"].as_array().expect("rows");
    for row in rows {
        let speculates = row["engine"] == "llama.cpp" || row["engine"] == "vllm";
        assert_eq!(speculates, row["speculative_gain"].is_object(), "{row}");
        if !speculates {
            // Said, not guessed.
            let reason = row["speculation"].as_str().expect("a reason");
            assert!(reason.contains("mlx-lm"), "{reason}");
        }
    }
    let strix = rows.iter().find(|row| row["machine"] == "strix-halo-128");
    assert_eq!(strix.expect("a row")["speculative_evidence"], "measured");
    let plain = json("speed qwen3.6-35b-a3b");
    assert!(plain["rows"][0].get("speculative_gain").is_none());
}

#[test]
fn speculation_is_as_asked() {
    let line = "speed qwen3.6-27b --machine dgx-spark --speculate mtp --draft-tokens 3";
    let row = |more: &str| json(&format!("{line}{more}"))["rows"][0].clone();
    let gain = |row: &Value| row["speculative_gain"]["mid"].as_f64().expect("a gain");
    let (none, half, sure) = (
        row(" --acceptance 0"),
        row(" --acceptance 0.5"),
        row(" --acceptance 1"),
    );
    assert_eq!(half["draft_tokens"], 3);
    assert_eq!(half["acceptance"], 0.5);
    assert!(gain(&none) < 1.0);
    // 1 + 0.5 + 0.25 + 0.125 and 4 tokens against 1.
    assert!((gain(&half) / gain(&none) - 1.875).abs() < 1e-9);
    assert!((gain(&sure) / gain(&none) - 4.0).abs() < 1e-9);
    let (prose, code) = (row(" --work prose"), row(" --work code"));
    assert!(gain(&prose) < gain(&code));
}

#[test]
fn a_loss_is_said_with_its_reason() {
    let report =
        json("speed qwen3-30b-a3b --machine dgx-spark --speculate draft=qwen3-8b --draft-tokens 3");
    let row = &report["rows"][0];
    assert!(row["speculative_gain"]["mid"].as_f64().expect("a gain") < 0.9);
    let said = row["speculation"].as_str().expect("words");
    assert!(
        said.starts_with("loses ") && said.contains("drafting takes"),
        "{said}"
    );
}

#[test]
fn speculation_that_cannot_be_is_refused() {
    let refused = |line: &str| hwcmp().args(line.split(' ')).assert().code(2).stdout_eq("");
    refused("speed llama-3.1-8b --speculate mtp").stderr_eq(str![[r#"
error: Llama 3.1 8B has no multi-token-prediction block: try --speculate ngram or --speculate draft=MODEL

"#]]);
    refused("speed gemma-3-27b --speculate eagle3").stderr_eq(str![[r#"
error: no EAGLE-3 head for Gemma 3 27B is known (of llama-3.1-8b, llama-3.3-70b, qwen3-30b-a3b, qwen3-coder-30b-a3b, qwen3.5-397b-a17b, gpt-oss-120b): try --speculate ngram or --speculate draft=MODEL, or lay an [eagle3] table with its head over the built-in one

"#]]);
    refused("speed llama-70b --speculate draft").stderr_eq(str![[r#"
error: --speculate draft needs the model that drafts: write --speculate draft=MODEL

"#]]);
    refused("speed llama-70b --speculate draft=qwen3-0.6b").stderr_eq(str![[r#"
error: Qwen3 0.6B cannot draft for Llama 3.3 70B: vocabularies of 151936 and 128256 tokens are two tokenizers; name a smaller model of the same family

"#]]);
    refused("speed llama-70b --speculate lookahead").stderr_eq(str![[r#"
error: there is no way `lookahead` to speculate: write --speculate with one of draft, eagle3, mtp, ngram (draft=MODEL)

"#]]);
    refused("speed qwen3.6-27b --speculate mtp --machine mac-studio-m3-ultra-96").stderr_eq(str![[r#"
error: no speculation with multi-token prediction (the model's own block): mlx-lm has no multi-token prediction (others on MLX do: mlx-vlm, Rapid-MLX, oMLX); name another --engine, or another way to --speculate

"#]]);
    refused("speed qwen3.6-27b --speculate mtp --acceptance 1.5").stderr_eq(str![[r#"
error: invalid value '1.5' for '--acceptance <A>': write a share from 0 to 1, such as 0.75

For more information, try '--help'.

"#]]);
}

#[test]
fn a_users_method_and_pairs_count() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("speculation-overlay");
    std::fs::create_dir_all(&folder).expect("a folder");
    let method = r#"
[own-head]
name = "my own head"
drafter = "prediction-block"
draft_tokens = 2
most_draft_tokens = 3
engines = ["mlx"]
acceptance = [{ work = "any", drafted = 2, accepted = 1.0 }]
"#;
    let pairs = r#"
[[pair]]
device = "m3-ultra-60"
engine = "mlx"
model = "qwen3.5-9b"
quant = "mlx-4bit"
method = "own-head"
points = [{ drafted = 2, accepted = 1.0, plain = 100, speculative = 200 }]
"#;
    std::fs::write(folder.join("speculation.toml"), method).expect("a file");
    std::fs::write(folder.join("speculation_pairs.toml"), pairs).expect("a file");
    let line = format!(
        "speed qwen3.5-9b --machine mac-studio-m3-ultra-96 --speculate own-head --data {}",
        folder.display()
    );
    let report = json(&line);
    let row = &report["rows"][0];
    assert_eq!(row["draft_tokens"], 3);
    // No better than the plain rate is known.
    assert_eq!(row["speculative_evidence"], row["evidence"]);
    assert_eq!(row["acceptance"], 1.0);
}
