//! llama-bench's output (`-o json`, `jsonl` or `csv`) as series of measurements.
//!
//! Rows that differ in prompt, generated tokens or depth only are points of one
//! series. Each test is either a prompt (`pp512`: prefill) or a generation
//! (`tg128`: decode); one of both (`-pg`) is neither and is left out, with a note.

mod rows;

use crate::evidence::{Citation, Metric, Point, Series, Timing, gather};
use crate::import::names::{device_id, quant_id, split_quant};
use crate::units::{Bytes, Date};

pub use rows::BenchError;
use rows::Row;

/// What was read from llama-bench's output.
#[derive(Debug, Clone, PartialEq)]
pub struct BenchImport {
    /// The measurements.
    pub series: Vec<Series>,
    /// What was left out or could not be told, each one sentence.
    pub notes: Vec<String>,
}

/// Reads llama-bench's output; the format is told from the content, and lines
/// of its log before it are passed over. `source` names the file.
///
/// # Errors
/// If it is none of the formats, or a row lacks what a measurement needs.
pub fn read(text: &str, source: &str) -> Result<BenchImport, BenchError> {
    let mut import = BenchImport {
        series: Vec::new(),
        notes: Vec::new(),
    };
    let rows = rows::read(text)?;
    let mut combined = 0_u32;
    let mut series = Vec::new();
    for row in &rows {
        match one(row, source)? {
            Some(one) => series.push(one),
            None => combined = combined.saturating_add(1),
        }
    }
    import.series = gather(series);
    if combined > 0 {
        import.notes.push(format!(
            "{combined} combined tests (-pg) left out: their rate is neither that of the prompt nor that of the answer"
        ));
    }
    for series in &import.series {
        if series.device.is_empty() || series.backend == "cpu" {
            let note =
                "the output does not say which device it was: put its id into `device`".to_owned();
            if !import.notes.contains(&note) {
                import.notes.push(note);
            }
        }
    }
    Ok(import)
}

/// One row as a series of one point; none for a combined test.
fn one(row: &Row, source: &str) -> Result<Option<Series>, BenchError> {
    let prompt = row.count("n_prompt")?.unwrap_or(0);
    let generated = row.count("n_gen")?.unwrap_or(0);
    let metric = match (prompt, generated) {
        (0, 0) => {
            return Err(row.fault("n_gen", "neither n_prompt nor n_gen says what was measured"));
        }
        (_, 0) => Metric::Prefill,
        (0, _) => Metric::Decode,
        _ => return Ok(None),
    };
    let (model, quant) = model(row)?;
    let (device, devices) = device(row);
    let layers = row.integer("n_gpu_layers")?;
    let moved = row.count("n_cpu_moe")?.unwrap_or(0);
    let backend = backend(row.text("backends").unwrap_or_default(), layers);
    let split = row.text("split_mode").unwrap_or("layer");
    let mut series = Series {
        metric,
        machine: None,
        device,
        devices,
        split: match (devices, split) {
            (1, _) => "none".to_owned(),
            (_, "row") => "layer".to_owned(),
            (_, split) => split.to_owned(),
        },
        link: None,
        engine: "llama.cpp".to_owned(),
        engine_version: version(row)?,
        backend: backend.to_owned(),
        model,
        model_named: None,
        quant,
        quant_named: None,
        weights: row
            .number("model_size")?
            .filter(|size| *size >= 1.0)
            .map(|size| Bytes(size as u64)),
        total_params_b: row.number("model_n_params")?.map(|params| params / 1e9),
        active_params_b: None,
        kv_type: kv_type(row),
        ubatch: row.count("n_ubatch")?,
        linear_backend: None,
        flash_attention: row.flag("flash_attn"),
        power_limit_w: None,
        relative: false,
        speculative: false,
        timing: (metric == Metric::Decode).then_some(Timing::Decode),
        protocol: None,
        replicas: None,
        slots: None,
        local_score: false,
        short_prompt: false,
        measured_by: "user".to_owned(),
        citation: Citation {
            source: format!("user: llama-bench, {source}"),
            date: date(row)?,
            note: note(row, split, layers),
        },
        excluded: (moved > 0).then(|| format!("experts of {moved} layers in host memory (-ncmoe)")),
        points: Vec::new(),
    };
    let value = row
        .number("avg_ts")?
        .ok_or_else(|| row.fault("avg_ts", "is missing: it holds the rate in tokens a second"))?;
    if value <= 0.0 {
        return Err(row.fault(
            "avg_ts",
            "is no rate above zero: the test failed, so take the row out",
        ));
    }
    series.points.push(Point {
        id: 0,
        prompt: Some(prompt).filter(|prompt| *prompt > 0),
        generated: Some(generated).filter(|generated| *generated > 0),
        // Versions before 2025-05 had no depth and always began empty.
        depth: Some(row.count("n_depth")?.unwrap_or(0)),
        batch: 1,
        value,
        stddev: row
            .number("stddev_ts")?
            .filter(|deviation| *deviation >= 0.0),
        ttft_p50_ms: None,
        itl_p50_ms: None,
    });
    Ok(Some(series))
}

/// Model and quant, by the file's name or by the description.
fn model(row: &Row) -> Result<(String, Option<String>), BenchError> {
    let described = row.text("model_type").unwrap_or_default();
    let (model, quant) = split_quant(row.text("model_filename").unwrap_or(described));
    if model.is_empty() {
        return Err(row.fault(
            "model_filename",
            "is missing: without it the model is unknown",
        ));
    }
    // "llama 8B Q4_K - Medium": the quant is what follows the size.
    let last = described.splitn(3, ' ').nth(2).and_then(quant_id);
    Ok((model, quant.or(last)))
}

/// Device id and number of devices.
fn device(row: &Row) -> (String, u32) {
    let described = row
        .text("gpu_info")
        .filter(|info| !info.is_empty())
        .or(row.text("cpu_info"))
        .unwrap_or_default();
    let names: Vec<&str> = described.split(", ").collect();
    let listed = row
        .text("devices")
        .filter(|devices| *devices != "auto")
        .map(|devices| devices.split('/').count());
    let alone = row.text("split_mode") == Some("none");
    let count = if alone {
        1
    } else {
        listed.unwrap_or(names.len()).max(1)
    };
    (
        device_id(names.first().copied().unwrap_or_default()),
        u32::try_from(count).unwrap_or(1),
    )
}

/// The backend that did the work: the first that is one, and the processor
/// where no layer was on it.
fn backend(backends: &str, layers: Option<i64>) -> &'static str {
    let known = |name: &str| match name.trim() {
        "CUDA" => Some("cuda"),
        "ROCm" | "HIP" => Some("rocm"),
        "Vulkan" => Some("vulkan"),
        "MTL" | "Metal" => Some("metal"),
        "SYCL" => Some("sycl"),
        _ => None,
    };
    let found = backends.split(',').find_map(known);
    if layers == Some(0) {
        "cpu"
    } else {
        found.unwrap_or(if backends.contains("CPU") {
            "cpu"
        } else {
            "unknown"
        })
    }
}

/// The build: its number, or the commit where the number says nothing.
fn version(row: &Row) -> Result<Option<String>, BenchError> {
    let number = row.integer("build_number")?.filter(|number| *number > 1);
    let commit = row
        .text("build_commit")
        .filter(|commit| *commit != "unknown" && !commit.is_empty());
    Ok(number
        .map(|number| format!("b{number}"))
        .or(commit.map(str::to_owned)))
}

/// The type of the cache, both where they differ.
fn kv_type(row: &Row) -> Option<String> {
    let (keys, values) = (row.text("type_k")?, row.text("type_v")?);
    Some(if keys == values {
        keys.to_owned()
    } else {
        format!("{keys}/{values}")
    })
}

/// The day of the test.
fn date(row: &Row) -> Result<Date, BenchError> {
    let time = row.text("test_time").unwrap_or_default();
    let day = time.get(..10).unwrap_or(time);
    day.parse().map_err(|_| {
        row.fault(
            "test_time",
            "holds no date: a measurement needs one, as 2026-11-21T02:34:44Z",
        )
    })
}

/// What else a reader should know.
fn note(row: &Row, split: &str, layers: Option<i64>) -> Option<String> {
    let mut notes = Vec::new();
    if split == "row" {
        notes.push("row split (-sm row)".to_owned());
    }
    if let Some(layers @ 1..=98) = layers {
        notes.push(format!(
            "{layers} layers on the GPU (-ngl): perhaps part of the model in host memory"
        ));
    }
    if row.flag("no_kv_offload") == Some(true) {
        notes.push("KV cache in host memory (-nkvo)".to_owned());
    }
    (!notes.is_empty()).then(|| notes.join("; "))
}
