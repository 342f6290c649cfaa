//! Weights against llama.cpp itself: parameters, bytes, bytes by type.

use std::collections::BTreeMap;
use std::path::Path;

use hwcmp::model::{Architecture, ModelTable, Quant, Weights};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Files {
    file: Vec<File>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    model: String,
    quant: String,
    total_params: u64,
    active_params: u64,
    weights_bytes: u64,
    active_bytes: u64,
    embedding_bytes: u64,
    mtp_bytes: u64,
    by_type: BTreeMap<String, u64>,
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every model of the catalogue, by id.
fn models() -> BTreeMap<String, ModelTable> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/models");
    let mut models = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("data/models") {
        let path = entry.expect("entry").path();
        let text = std::fs::read_to_string(&path).expect("text");
        let tables: BTreeMap<String, ModelTable> =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        models.extend(tables);
    }
    models
}

fn architecture(models: &BTreeMap<String, ModelTable>, id: &str) -> Architecture {
    let table = models.get(id).unwrap_or_else(|| panic!("no model {id}"));
    table
        .architecture()
        .unwrap_or_else(|faults| panic!("{id}: {faults:?}"))
}

#[test]
fn bytes_are_those_of_llama_cpp() {
    let models = models();
    let files: Files = toml::from_str(&read("tests/data/weights.toml")).expect("weights.toml");
    let mut wrong = Vec::new();
    for file in files.file {
        let mut architecture = architecture(&models, &file.model);
        if file.mtp_bytes == 0 {
            // The reference was made without prediction blocks, also of models that have them.
            architecture.mtp_layers = 0;
        }
        let quant = Quant::from_id(&file.quant).expect("quant");
        let weights = Weights::of(&architecture, &quant).expect("weights");
        let by_type: BTreeMap<String, u64> = weights
            .by_type
            .iter()
            .map(|(kind, bytes)| (kind.name().to_owned(), bytes.0))
            .collect();
        let facts = [
            ("total_params", weights.total_params(), file.total_params),
            (
                "active_params",
                weights.active_params(&architecture),
                file.active_params,
            ),
            (
                "weights_bytes",
                weights.loaded_bytes().0,
                file.weights_bytes,
            ),
            (
                "active_bytes",
                weights.active_bytes(&architecture).0,
                file.active_bytes,
            ),
            (
                "embedding_bytes",
                weights.embedding.bytes.0,
                file.embedding_bytes,
            ),
            ("mtp_bytes", weights.mtp.bytes.0, file.mtp_bytes),
        ];
        for (name, ours, theirs) in facts {
            if ours != theirs {
                wrong.push(format!(
                    "{} {}: {name} {ours}, llama.cpp {theirs}",
                    file.model, file.quant
                ));
            }
        }
        if by_type != file.by_type {
            wrong.push(format!(
                "{} {}: {by_type:?}, llama.cpp {:?}",
                file.model, file.quant, file.by_type
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_model_of_the_catalogue_has_weights() {
    let mut wrong = Vec::new();
    for (id, table) in models() {
        let architecture = match table.architecture() {
            Ok(architecture) => architecture,
            Err(faults) => {
                wrong.push(format!("{id}: {faults:?}"));
                continue;
            }
        };
        let quant = Quant::from_id("bf16").expect("bf16");
        let weights = Weights::of(&architecture, &quant).expect("weights");
        for (name, ours, stated) in [
            ("total", weights.total_params(), table.total_params),
            (
                "active",
                weights.active_params(&architecture),
                table.active_params,
            ),
        ] {
            if let Some(stated) = stated {
                let off = ours as f64 / stated as f64 - 1.0;
                if off.abs() > 0.001 {
                    wrong.push(format!(
                        "{id}: {name} params {ours}, table {stated} ({:+.3}%)",
                        off * 100.0
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
