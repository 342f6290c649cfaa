//! Any text as a `config.json`, as llama-bench output and as a table of measurements.
#![no_main]

use hwcmp::import::{hf_config, llama_bench, measured_csv, series_toml};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = hf_config::parse(text);
    let _ = measured_csv::read(text);
    if let Ok(import) = llama_bench::read(text, "fuzz") {
        let _: Vec<String> = import.series.iter().map(series_toml).collect();
    }
});
