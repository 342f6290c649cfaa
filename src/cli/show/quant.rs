//! What is known of a quant: what the program stores it as, and its table.

use anyhow::Result;

use super::fact::Fact;
use super::{Shown, written};
use crate::catalog::{Catalog, DATA_DATE, TableKind};
use crate::model::{Packaging, Quant};
use crate::report::Value;
use crate::units::compact;

/// The facts of a quant.
///
/// # Errors
/// If the data has faults.
pub fn facts(catalog: &Catalog, id: &str) -> Result<Shown> {
    let mut facts = written(catalog, TableKind::Quants, id, "quant")?;
    let Some(quant) = Quant::from_id(id) else {
        return Ok((facts, String::new()));
    };
    let packagings: Vec<&str> = quant
        .packagings()
        .iter()
        .map(|kind| Packaging::name(*kind))
        .collect();
    let engines: Vec<&str> = catalog
        .engines()?
        .values()
        .filter(|engine| {
            let loads = |kind| engine.packagings.contains(kind);
            quant.packagings().iter().any(loads)
        })
        .map(|engine| engine.id.as_str())
        .collect();
    let bits = compact(quant.bits_per_weight(), 4);
    let recipe = if quant.has_recipe() {
        "follows from a published recipe or layout"
    } else {
        "a maker's own mix, by the nearest recipe"
    };
    let mut add = |key: &str, value: Value, shown: String, how: &str| {
        facts.push(Fact::derived("quant", key, value, shown, how, DATA_DATE));
    };
    add(
        "bits_per_weight",
        Value::from(quant.bits_per_weight()),
        bits.clone(),
        "bytes of a block over its weights, of the type that most tensors have",
    );
    add(
        "has_recipe",
        Value::from(quant.has_recipe()),
        recipe.to_owned(),
        "whether published rules give each tensor's type",
    );
    add(
        "storage_class",
        Value::from(quant.class.name()),
        quant.class.name().to_owned(),
        "formats that read about equally fast are calibrated together",
    );
    add(
        "packagings",
        Value::from(packagings.clone()),
        packagings.join(", "),
        "the kinds of files that store it",
    );
    add(
        "engines",
        Value::from(engines.clone()),
        engines.join(", "),
        "engines that load such files (hwcmp list engines)",
    );
    if !quant.aliases().is_empty() {
        add(
            "aliases",
            Value::from(quant.aliases().to_vec()),
            quant.aliases().join(", "),
            "spellings in use",
        );
    }
    let sum = format!(
        "{bits} bits in most weights, loaded by {}; use it with --quant {id}.",
        engines.join(", ")
    );
    Ok((facts, sum))
}
