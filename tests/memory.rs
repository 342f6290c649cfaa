//! Memory besides the weights against what llama.cpp v0.5.0 reported.
//!
//! `data/llama_cpp_memory.csv`: contexts created without allocating, CPU build.
//! `data/llama_cpp_split.csv`: all layers on one stand-in device, so that host and
//! device are apart.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeMap;

use hwcmp::model::{Architecture, ModelTable};
use hwcmp::predict::memory::{
    CacheSettings, CacheType, Outputs, cache, compute_buffer, device_buffers,
};
use hwcmp::units::Bytes;

fn architectures() -> BTreeMap<String, Architecture> {
    let tables: BTreeMap<String, ModelTable> =
        toml::from_str(include_str!("data/truth_models.toml")).unwrap();
    tables
        .into_iter()
        .map(|(id, table)| (id, table.architecture().unwrap()))
        .collect()
}

/// The rows of a CSV as maps from column to field.
fn rows(text: &'static str) -> impl Iterator<Item = BTreeMap<&'static str, &'static str>> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines.map(move |line| header.iter().copied().zip(line.split(',')).collect())
}

fn settings(row: &BTreeMap<&str, &str>) -> CacheSettings {
    let (key, value) = row["kv_type"]
        .split_once('/')
        .unwrap_or((row["kv_type"], row["kv_type"]));
    let flag = |name: &str, otherwise: bool| row.get(name).map_or(otherwise, |&field| field == "1");
    CacheSettings {
        context: row["context"].parse().unwrap(),
        sequences: row["sequences"].parse().unwrap(),
        unified: flag("unified", false),
        key_type: CacheType::from_name(key).unwrap(),
        value_type: CacheType::from_name(value).unwrap(),
        ubatch: row["ubatch"].parse().unwrap(),
        full_swa: flag("full_swa", false),
        flash_attention: flag("flash_attention", true),
    }
}

fn outputs(row: &BTreeMap<&str, &str>) -> Outputs {
    match row["outputs"] {
        "all" => Outputs::All,
        rows => Outputs::Rows(rows.parse().unwrap()),
    }
}

fn bytes(row: &BTreeMap<&str, &str>, column: &str) -> Bytes {
    Bytes(row[column].parse().unwrap())
}

/// Relative errors, and how to fail on them.
struct Errors(Vec<(f64, String)>);

impl Errors {
    fn add(&mut self, predicted: Bytes, row: &BTreeMap<&str, &str>, column: &str) {
        let real = bytes(row, column);
        let error = (predicted.as_f64() / real.as_f64() - 1.0).abs();
        self.0
            .push((error, format!("{column}: {predicted:?} for {row:?}")));
    }

    fn check(mut self, what: &str, median_bound: f64, max_bound: f64) {
        self.0.sort_by(|a, b| a.0.total_cmp(&b.0));
        let median = self.0[self.0.len() / 2].0;
        let (max, worst) = self.0.last().unwrap();
        let exact = self.0.iter().filter(|(error, _)| *error == 0.0).count();
        println!(
            "{what}: {exact} of {} exact, median {median:.5}, max {max:.5}",
            self.0.len()
        );
        assert!(
            median <= median_bound && *max <= max_bound,
            "{what}: {median} {max} {worst}"
        );
    }
}

#[test]
fn cache_is_exact_to_the_byte() {
    let architectures = architectures();
    let mut count = 0;
    for row in rows(include_str!("data/llama_cpp_memory.csv")) {
        let cache = cache(&architectures[row["model"]], &settings(&row));
        assert_eq!(cache.kv, bytes(&row, "kv_bytes"), "{row:?}");
        assert_eq!(cache.sliding, bytes(&row, "sliding_kv_bytes"), "{row:?}");
        assert_eq!(cache.recurrent, bytes(&row, "recurrent_bytes"), "{row:?}");
        count += 1;
    }
    assert_eq!(count, 747);
    for row in rows(include_str!("data/llama_cpp_split.csv")) {
        let cache = cache(&architectures[row["model"]], &settings(&row));
        assert_eq!(cache.total(), bytes(&row, "device_cache_bytes"), "{row:?}");
    }
}

#[test]
fn compute_buffer_is_what_llama_cpp_reports() {
    let architectures = architectures();
    let mut errors = Errors(Vec::new());
    for row in rows(include_str!("data/llama_cpp_memory.csv")) {
        let buffer = compute_buffer(&architectures[row["model"]], &settings(&row), outputs(&row));
        errors.add(buffer, &row, "compute_bytes");
    }
    errors.check("compute buffer, one memory", 0.0, 0.01);
}

#[test]
fn device_and_host_buffers_are_what_llama_cpp_reports() {
    let architectures = architectures();
    let (mut devices, mut hosts) = (Errors(Vec::new()), Errors(Vec::new()));
    for row in rows(include_str!("data/llama_cpp_split.csv")) {
        let architecture = &architectures[row["model"]];
        let all = 0..architecture.layers.len();
        let buffers = device_buffers(architecture, &settings(&row), outputs(&row), &[all]);
        devices.add(buffers.devices[0], &row, "device_compute_bytes");
        hosts.add(buffers.host, &row, "host_compute_bytes");
    }
    devices.check("compute buffer, device", 0.0, 0.02);
    hosts.check("compute buffer, host", 0.0, 0.0);
}
