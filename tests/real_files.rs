//! Weights against published files: what the recipe says, and what makers did themselves.

use std::collections::BTreeMap;
use std::path::Path;

use hwcmp::model::{Exactness, ModelTable, Quant, Weights};
use hwcmp::units::Bytes;
use serde::Deserialize;

/// At most this far from a file made by llama.cpp's own recipe, or by a plain layout.
/// Sizes are printed to two decimals, which is up to 0.27% of the smallest.
const TOLERANCE: f64 = 0.01;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    dead_code,
    reason = "source, date and note are for the reader of the table"
)]
struct File {
    size_gib: f64,
    recipe: bool,
    #[serde(default)]
    mtp: bool,
    source: String,
    date: String,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only the ids are compared")]
struct QuantRow {
    name: String,
    native_hw: Option<String>,
    source: String,
    date: String,
    note: Option<String>,
}

fn table<T: for<'a> Deserialize<'a>>(path: &str) -> BTreeMap<String, T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn models() -> BTreeMap<String, ModelTable> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/models");
    let files = std::fs::read_dir(folder).expect("data/models");
    files
        .flat_map(|entry| {
            let name = entry
                .expect("entry")
                .file_name()
                .into_string()
                .expect("name");
            table::<ModelTable>(&format!("data/models/{name}"))
        })
        .collect()
}

#[test]
fn files_of_the_recipe_have_its_size_and_others_are_brought_to_theirs() {
    let models = models();
    let mut wrong = Vec::new();
    for (model, files) in table::<BTreeMap<String, File>>("data/real_files.toml") {
        let architecture = models[&model].architecture().expect(&model);
        for (id, file) in files {
            let quant = Quant::from_id(&id).unwrap_or_else(|| panic!("no quant {id}"));
            let counted = Weights::of(&architecture, &quant).expect("weights");
            let weights = if file.mtp {
                counted
            } else {
                counted.without_mtp()
            };
            let off = weights.file_bytes().gib() / file.size_gib - 1.0;
            let line = format!(
                "{model} {id}: {:.3} GiB, file {} ({:+.2}%)",
                weights.file_bytes().gib(),
                file.size_gib,
                off * 100.0
            );
            if file.recipe && (off.abs() > TOLERANCE || !quant.has_recipe()) {
                wrong.push(line);
            } else if !file.recipe {
                // A maker's mix keeps within a fifth of the nearest of llama.cpp's, and takes its size.
                let real = Bytes::from_gib(file.size_gib);
                let scaled = weights.scaled_to(&architecture, real);
                let missed = scaled.file_bytes().minus(real).unsigned_abs();
                if off.abs() > 0.2 || missed > 10_000 || scaled.exactness != Exactness::Stated {
                    wrong.push(line);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_quant_has_a_row_and_every_row_a_quant() {
    let rows = table::<QuantRow>("data/quants.toml");
    let listed: Vec<String> = Quant::all().into_iter().map(|quant| quant.id).collect();
    for id in &listed {
        assert!(rows.contains_key(id), "{id} is missing in data/quants.toml");
    }
    for id in rows.keys() {
        assert!(listed.contains(id), "{id} of data/quants.toml is no quant");
    }
}
