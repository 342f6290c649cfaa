//! `hwcmp list models`.

use anyhow::Result;

use super::{Session, citation, counted, hidden, text, words};
use crate::catalog::{Model, uniform_score};
use crate::model::{Quant, Weights};
use crate::report::{Cell, Column, Format, Report, Role, Styled};
use crate::units::compact;

const COLUMNS: [Column; 20] = [
    text("id", "id", 0),
    text("name", "name", 7),
    text("family", "family", 9),
    Column::new("total_params", "params", "1e9", Format::Number, 1),
    Column::new("active_params", "active", "1e9", Format::Number, 2),
    Column::new("max_context_tokens", "context", "", Format::Tokens, 3),
    Column::new(
        "q4_k_m_weights_bytes",
        "at q4_k_m",
        "GiB",
        Format::Gibibytes,
        0,
    ),
    hidden("q8_0_weights_bytes", "at q8_0"),
    Column::new("quality", "quality", "", Format::Number, 4),
    hidden("quality_date", "quality of"),
    text("native_format", "native", 6),
    text("released", "released", 5),
    text("license", "licence", 8),
    hidden("attention", "attention"),
    hidden("verified", "verified"),
    hidden("hf_repo", "repository"),
    hidden("aliases", "aliases"),
    hidden("source", "source"),
    hidden("date", "date"),
    hidden("note", "note"),
];

/// The models, newest first.
///
/// # Errors
/// If the data has faults.
pub fn report(session: &Session) -> Result<Report> {
    let quality = session.catalog.quality()?;
    let mut models: Vec<&Model> = session.catalog.models()?.values().collect();
    models.sort_by(|a, b| {
        b.table
            .released
            .cmp(&a.table.released)
            .then(a.id.cmp(&b.id))
    });
    let mut report = Session::report("list", &COLUMNS);
    for model in &models {
        let q4 = weights(model, "q4_k_m");
        let score = quality
            .get(&model.id)
            .and_then(|scores| uniform_score(scores));
        let total = q4.as_ref().map(Weights::total_params);
        let active = q4
            .as_ref()
            .map(|weights| weights.active_params(&model.architecture));
        let mut row = vec![
            Cell::from(model.id.clone()),
            Cell::from(model.table.name.clone()),
            Cell::from(model.table.family.clone()),
            billions(model.table.total_params.or(total)),
            billions(model.table.active_params.or(active)),
            Cell::from(model.table.max_context),
            Cell::from(q4.as_ref().map(Weights::loaded_bytes)),
            Cell::from(weights(model, "q8_0").as_ref().map(Weights::loaded_bytes)),
            Cell::from(score.map(|score| score.score)),
            Cell::from(score.map(|score| score.citation.date)),
            Cell::from(model.table.native_format.clone()),
            Cell::from(model.table.released),
            Cell::from(model.table.license.clone()),
            Cell::from(attention(model)),
            Cell::from(model.table.verified),
            Cell::from(model.table.hf_repo.clone()),
            words(model.table.aliases.clone()),
        ];
        row.extend(citation(&model.citation));
        report.row(row);
    }
    let experts = models
        .iter()
        .filter(|model| model.architecture.experts().is_some())
        .count();
    report.headline(counted(
        models.len(),
        &format!("models, newest first; {experts} are mixtures of experts."),
    ));
    report.headline(Styled::plain(
        "Use an id, with a quant or bits behind it: hwcmp fit llama-3.3-70b-q4.",
    ));
    report.footnote = Some(Styled::of(
        Role::Dim,
        "active = parameters read for a token; quality = mean of twenty evaluations by a third party, 0 to 1, best mode; '-' not rated",
    ));
    Ok(report)
}

fn weights(model: &Model, quant: &str) -> Option<Weights> {
    Weights::of(&model.architecture, &Quant::from_id(quant)?).ok()
}

/// A count, shown in 1e9.
fn billions(count: Option<u64>) -> Cell {
    match count {
        Some(count) => Cell::from(count).shown(compact(count as f64 / 1e9, 3)),
        None => Cell::from(None::<u64>),
    }
}

/// The kind of attention that shapes its memory.
fn attention(model: &Model) -> &'static str {
    let table = &model.table;
    if model.architecture.recurrent_layers() > 0 {
        "hybrid"
    } else if model.architecture.is_latent() {
        "latent"
    } else if table.compressed.is_some() {
        "compressed"
    } else if table.sliding.is_some() {
        "sliding"
    } else {
        "full"
    }
}
