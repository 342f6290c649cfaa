//! What is known of a model: its table, the sizes that follow, its quality.

use anyhow::Result;

use super::fact::Fact;
use super::{Shown, written};
use crate::catalog::{Catalog, DATA_DATE, TableKind};
use crate::model::{Quant, Weights};
use crate::report::Value;
use crate::units::{compact, group_thousands};

/// Quants whose sizes are shown; the model's own format where it is none of them.
const SIZES: [&str; 4] = ["bf16", "q8_0", "q4_k_m", "mxfp4"];

/// The facts of a model.
///
/// # Errors
/// If the data has faults.
pub fn facts(catalog: &Catalog, id: &str) -> Result<Shown> {
    let mut facts = written(catalog, TableKind::Models, id, "model")?;
    let mut known = Vec::new();
    if let Some(model) = catalog.models()?.get(id) {
        let native = model.table.native_format.as_deref();
        for name in SIZES {
            let Some(quant) = Quant::from_id(name) else {
                continue;
            };
            if name == "mxfp4" && !native.is_some_and(|native| native.starts_with(name)) {
                continue;
            }
            let Ok(weights) = Weights::of(&model.architecture, &quant) else {
                continue;
            };
            if known.is_empty() {
                params(&weights, model, &mut facts);
                known.push(format!(
                    "{}e9 parameters ({}e9 a token)",
                    compact(weights.total_params() as f64 / 1e9, 3),
                    compact(weights.active_params(&model.architecture) as f64 / 1e9, 3),
                ));
            }
            let size = format!("{} GiB", compact(weights.loaded_bytes().gib(), 4));
            if name == "q4_k_m" {
                known.push(format!("{size} at q4_k_m"));
            }
            facts.push(
                Fact::derived(
                    "weights",
                    &format!("{name}_weights_bytes"),
                    weights.loaded_bytes(),
                    size,
                    weights.exactness.sentence(),
                    DATA_DATE,
                )
                .titled(format!("loaded at {name}")),
            );
        }
    }
    published_sizes(catalog, id, &mut facts)?;
    quality(catalog, id, &mut facts)?;
    let sum = format!("{}: hwcmp fit {id}", known.join(", "));
    Ok((facts, sum))
}

/// Parameters as the tensors add up.
fn params(weights: &Weights, model: &crate::catalog::Model, facts: &mut Vec<Fact>) {
    let counts = [
        ("tensor_params", weights.total_params(), "parameters"),
        (
            "tensor_active_params",
            weights.active_params(&model.architecture),
            "read for a token",
        ),
    ];
    for (key, count, title) in counts {
        facts.push(
            Fact::derived(
                "weights",
                key,
                count,
                group_thousands(&count.to_string()),
                "sum over the tensors that the architecture implies",
                DATA_DATE,
            )
            .titled(title),
        );
    }
}

/// Every published size of a file.
fn published_sizes(catalog: &Catalog, id: &str, facts: &mut Vec<Fact>) -> Result<()> {
    for (quant, file) in catalog.real_files()?.get(id).into_iter().flatten() {
        facts.push(Fact {
            of: "published files".to_owned(),
            key: format!("{quant}_file_bytes"),
            title: format!("file at {quant}"),
            value: Value::from(file.size),
            shown: format!("{} GiB", compact(file.size.gib(), 4)),
            citation: file.citation.clone(),
            low_confidence: false,
        });
    }
    Ok(())
}

/// Every published score.
fn quality(catalog: &Catalog, id: &str, facts: &mut Vec<Fact>) -> Result<()> {
    for score in catalog.quality()?.get(id).into_iter().flatten() {
        let mut shown = compact(score.score, 4);
        for word in [&score.unit, &score.by].into_iter().flatten() {
            let gap = match word.as_str() {
                "%" => "",
                "maker" | "independent" => ", ",
                _ => " ",
            };
            shown.push_str(gap);
            shown.push_str(word);
        }
        match score.thinking {
            Some(true) => shown.push_str(", thinking"),
            Some(false) => shown.push_str(", not thinking"),
            None => {}
        }
        facts.push(Fact {
            of: "quality".to_owned(),
            key: score.benchmark.clone(),
            title: score.benchmark.clone(),
            value: Value::from(score.score),
            shown,
            citation: score.citation.clone(),
            low_confidence: false,
        });
    }
    Ok(())
}
