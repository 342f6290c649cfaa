//! llama-bench's outputs and tables of measurements.

use hwcmp::evidence::{Metric, Protocol, Series, Timing, gather};
use hwcmp::import::{llama_bench, measured_csv, series_toml};
use hwcmp::units::Bytes;

const JSON: &str = include_str!("data/llama-bench/rand-0.5b.Q4_K_M.formats.json");
const JSONL: &str = include_str!("data/llama-bench/rand-0.5b.Q4_K_M.formats.jsonl");
const CSV: &str = include_str!("data/llama-bench/rand-0.5b.Q4_K_M.formats.csv");
const Q8_CACHE: &str = include_str!("data/llama-bench/depth.rand-0.5b.Q4_K_M.q8kv.json");
const ROWS: &str = include_str!("data/measured/rows.csv");

fn series(text: &str) -> Vec<Series> {
    llama_bench::read(text, "bench")
        .unwrap_or_else(|error| panic!("{error}"))
        .series
}

#[test]
fn the_three_formats_say_the_same() {
    let shape = |all: &[Series]| -> Vec<Series> {
        // Each format comes from a run of its own: values and standard deviations differ.
        let mut all = all.to_vec();
        for point in all.iter_mut().flat_map(|series| &mut series.points) {
            (point.value, point.stddev) = (1.0, None);
        }
        all
    };
    let json = series(JSON);
    assert_eq!(shape(&json), shape(&series(JSONL)));
    assert_eq!(shape(&json), shape(&series(CSV)));
    assert_eq!(json.len(), 2, "prefill and decode, each at two depths");
    let decode = json
        .iter()
        .find(|series| series.metric == Metric::Decode)
        .expect("decode");
    assert_eq!(
        (decode.model.as_str(), decode.quant.as_deref()),
        ("rand-0.5b", Some("q4_k_m"))
    );
    assert_eq!(
        (decode.engine.as_str(), decode.engine_version.as_deref()),
        ("llama.cpp", Some("de3ff81"))
    );
    assert_eq!(
        (
            decode.backend.as_str(),
            decode.split.as_str(),
            decode.devices
        ),
        ("cpu", "none", 1)
    );
    assert_eq!(
        (decode.weights, decode.timing),
        (Some(Bytes(273_534_976)), Some(Timing::Decode))
    );
    assert_eq!(
        (
            decode.kv_type.as_deref(),
            decode.ubatch,
            decode.flash_attention
        ),
        (Some("f16"), Some(512), None)
    );
    assert_eq!(decode.citation.date.to_string(), "2026-11-21");
    let points: Vec<_> = decode
        .points
        .iter()
        .map(|point| (point.prompt, point.generated, point.depth))
        .collect();
    assert_eq!(
        points,
        [(None, Some(64), Some(0)), (None, Some(64), Some(512))]
    );
}

#[test]
fn values_are_those_of_the_file() {
    let csv = series(CSV);
    let prefill = csv
        .iter()
        .find(|series| series.metric == Metric::Prefill)
        .expect("prefill");
    assert_eq!(prefill.points[0].value.to_string(), "323.578205");
    assert_eq!(
        prefill.points[0]
            .stddev
            .map(|value| value.to_string())
            .as_deref(),
        Some("1.101121")
    );
    assert_eq!(prefill.timing, None);
    assert_eq!(series(Q8_CACHE)[0].kv_type.as_deref(), Some("q8_0"));
}

/// A row of two RTX 3090 with a change.
fn gpu_row(changes: &[(&str, &str)]) -> String {
    let mut row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(
        r#"{"build_commit": "11fb327bf", "build_number": 7941, "backends": "CUDA", "gpu_info": "NVIDIA GeForce RTX 3090, NVIDIA GeForce RTX 3090",
            "model_filename": "Qwen3-32B-Q4_K_M.gguf", "model_type": "qwen3 32B Q4_K - Medium", "model_size": 19756174336,
            "n_gpu_layers": 99, "split_mode": "layer", "type_k": "q8_0", "type_v": "f16", "n_prompt": 512, "n_gen": 0,
            "test_time": "2026-02-03T00:00:00Z", "avg_ts": 900.5}"#,
    )
    .expect("valid JSON");
    for (key, value) in changes {
        row.insert(
            (*key).to_owned(),
            serde_json::from_str(value).expect("valid JSON"),
        );
    }
    serde_json::Value::Object(row).to_string()
}

#[test]
fn devices_engine_and_offload() {
    let two = &series(&gpu_row(&[]))[0];
    assert_eq!(
        (two.device.as_str(), two.devices, two.split.as_str()),
        ("rtx-3090", 2, "layer")
    );
    assert_eq!(
        (two.engine_version.as_deref(), two.backend.as_str()),
        (Some("b7941"), "cuda")
    );
    assert_eq!(two.kv_type.as_deref(), Some("q8_0/f16"));
    let one = &series(&gpu_row(&[("split_mode", "\"none\"")]))[0];
    assert_eq!((one.devices, one.split.as_str()), (1, "none"));
    let row = &series(&gpu_row(&[("split_mode", "\"row\"")]))[0];
    assert_eq!(row.split, "layer");
    assert!(
        row.citation
            .note
            .as_deref()
            .is_some_and(|note| note.contains("row split"))
    );
    let moved = &series(&gpu_row(&[("n_cpu_moe", "10")]))[0];
    assert!(
        moved
            .excluded
            .as_deref()
            .is_some_and(|reason| reason.contains("10 layers"))
    );
    let part = &series(&gpu_row(&[("n_gpu_layers", "20")]))[0];
    assert!(
        part.citation
            .note
            .as_deref()
            .is_some_and(|note| note.contains("20 layers on the GPU"))
    );
    assert_eq!(series(&gpu_row(&[("n_gpu_layers", "0")]))[0].backend, "cpu");
}

#[test]
fn combined_tests_are_left_out_with_a_note() {
    let text = [gpu_row(&[]), gpu_row(&[("n_gen", "128")])].join("\n");
    let import = llama_bench::read(&text, "bench").expect("a good file");
    assert_eq!(import.series.len(), 1);
    assert!(import.notes[0].contains("1 combined tests (-pg) left out"));
}

#[test]
fn lines_of_the_log_are_passed_over() {
    let text = format!("ggml_cuda_init: found 2 CUDA devices:\n  Device 0: RTX\n{JSON}");
    assert_eq!(series(&text), series(JSON));
}

#[test]
fn faults_say_where_and_what_to_do() {
    let markdown = "| model | size | params | backend |\n| --- | --- |\n";
    for (text, parts) in [
        ("", &["empty", "llama-bench -o json"][..]),
        (markdown, &["the Markdown table", "-o json"]),
        ("[]", &["without rows"]),
        ("{\"a\": 1}", &["other data"]),
        (&JSON[..400], &["line", "cut off"]),
        (
            &gpu_row(&[("avg_ts", "\"fast\"")]),
            &["row 1: `avg_ts` is `fast`, which is no number"],
        ),
        (
            &gpu_row(&[("avg_ts", "0")]),
            &["row 1: `avg_ts`", "above zero"],
        ),
        (&gpu_row(&[("n_prompt", "0")]), &["row 1: `n_gen`"]),
        (&gpu_row(&[("n_depth", "-5")]), &["row 1: `n_depth` is -5"]),
        (
            &gpu_row(&[("test_time", "\"today\"")]),
            &["row 1: `test_time`", "no date"],
        ),
    ] {
        let message = llama_bench::read(text, "bench")
            .expect_err(text)
            .to_string();
        for part in parts {
            assert!(message.contains(part), "`{part}` is not in: {message}");
        }
    }
}

#[test]
fn a_series_as_toml_reads_back() {
    let mut all = series(CSV);
    all[0].citation.note = Some("a \"quoted\" \\ note\nof two lines".to_owned());
    all[0].excluded = Some("because".to_owned());
    let text: String = all.iter().map(series_toml).collect::<Vec<_>>().join("\n");
    let read: toml::Table = text
        .parse()
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    let tables = read["series"].as_array().expect("a list");
    assert_eq!(tables.len(), 2);
    let first = tables[0].as_table().expect("a table");
    assert_eq!(first["metric"].as_str(), Some("prefill"));
    assert_eq!(first["note"].as_str(), all[0].citation.note.as_deref());
    assert_eq!(first["excluded"].as_str(), Some("because"));
    assert_eq!(first["weights_gib"].as_float(), Some(0.254_749));
    let points = first["points"].as_array().expect("points");
    assert_eq!(points[0]["value"].as_float(), Some(all[0].points[0].value));
    assert_eq!(points[1]["depth"].as_integer(), Some(512));
    assert!(
        points[0].get("id").is_none(),
        "a user's own rows have no number"
    );
}

#[test]
fn a_table_keeps_its_columns_and_rows() {
    let table = measured_csv::read(ROWS).expect("a good table");
    assert_eq!(table.columns.last().map(String::as_str), Some("their_own"));
    assert_eq!(table.rows.len(), ROWS.lines().count() - 1);
    for (index, row) in table.rows.iter().enumerate() {
        assert_eq!(row.cells.last(), Some(&format!("kept {index}")));
        assert_eq!(row.line, index as u64 + 2);
        assert!(row.series.is_ok(), "{:?}", row.series);
    }
    let all: Vec<&Series> = table
        .rows
        .iter()
        .filter_map(|row| row.series.as_ref().ok())
        .collect();
    let decode = all[0];
    assert_eq!(
        (
            decode.metric,
            decode.points[0].id,
            decode.points[0].value.to_string().as_str()
        ),
        (Metric::Decode, 2, "83.43")
    );
    assert_eq!(
        (
            decode.device.as_str(),
            decode.quant.as_deref(),
            decode.flash_attention
        ),
        ("gb10", Some("mxfp4"), Some(true))
    );
    assert_eq!(all[1].protocol, Some(Protocol::Pure));
    assert_eq!(
        (all[2].protocol, all[2].timing),
        (Some(Protocol::Wall), Some(Timing::Wall))
    );
    assert!(all[2].points[0].ttft_p50_ms.is_some_and(|time| time > 0.0));
    assert_eq!(all[3].metric, Metric::Ttft);
    assert_eq!(all[4].link.as_deref(), Some("pcie-4-x8"));
    assert!(all[5].speculative);
    assert!(
        all[6]
            .excluded
            .as_deref()
            .is_some_and(|reason| reason.contains("suspicious"))
    );
    assert_eq!(all[7].kv_type.as_deref(), Some("fp8"));
    assert_eq!(all[8].split, "layer");
    assert!(all[9].citation.date.to_string().starts_with("20"));
}

#[test]
fn rows_of_one_set_up_join_into_one_series() {
    let text = "device,model,quant,engine,metric,depth_tokens,value,link,n_devices\n\
        gb10,m,q8_0,vllm,decode_tok_s,0,40,pcie4 x16/x4,2\n\
        gb10,m,q8_0,vllm,prefill_tok_s,0,900,pcie4 x16/x4,2\n\
        gb10,m,q8_0,vllm,decode_tok_s,4096,38,pcie4 x16/x4,2\n";
    let table = measured_csv::read(text).expect("a good table");
    let rows = table.rows.into_iter().filter_map(|row| row.series.ok());
    let series = gather(rows.collect());
    let shape: Vec<(Metric, usize)> = series
        .iter()
        .map(|series| (series.metric, series.points.len()))
        .collect();
    assert_eq!(shape, [(Metric::Decode, 2), (Metric::Prefill, 1)]);
    assert_eq!(series[0].points[1].depth, Some(4096));
    assert_eq!(
        series[0].link.as_deref(),
        Some("pcie-4-x4"),
        "cards wait for the narrowest slot"
    );
}

#[test]
fn a_bad_row_spoils_no_other() {
    let text = "value,metric,model,device,depth_tokens\n38.0,decode_tok_s,m,gb10,\nfast,decode_tok_s,m,gb10,0\n1,speed,m,gb10,0\n5,ttft_ms,,gb10,0\n0,ttft_ms,m,gb10\n";
    let table = measured_csv::read(text).expect("a good table");
    let first = table.rows[0].series.as_ref().expect("a good row");
    assert_eq!(
        (
            first.points[0].depth,
            first.points[0].batch,
            first.split.as_str()
        ),
        (None, 1, "none")
    );
    let faults: Vec<String> = table.rows[1..]
        .iter()
        .map(|row| row.series.as_ref().expect_err("a fault").to_string())
        .collect();
    assert_eq!(
        faults[0],
        "line 3: `value` is `fast`: a number that is not negative is needed"
    );
    assert!(faults[1].starts_with("line 4: `metric` is `speed`"));
    assert_eq!(faults[2], "line 5: `model` is blank");
    assert!(faults[3].starts_with("line 6: `value` is 0"));
    let missing = measured_csv::read("device,model\n")
        .expect_err("columns are missing")
        .to_string();
    assert!(
        missing.contains("`metric`, `value` are missing"),
        "{missing}"
    );
}
