//! `hwcmp list quants`.

use anyhow::Result;

use super::{Session, counted, hidden, text, words};
use crate::model::{Packaging, Quant, Weights};
use crate::report::{Cell, Column, Format, Report, Role, Styled};
use crate::units::compact;

const COLUMNS: [Column; 13] = [
    text("id", "id", 0),
    text("name", "name", 6),
    Column::new("bits_per_weight", "bits a weight", "", Format::Number, 0),
    Column::new(
        "example_weights_bytes",
        "a 70B takes",
        "GiB",
        Format::Gibibytes,
        1,
    ),
    text("engines", "loaded by", 2),
    text("packagings", "comes as", 3),
    text("aliases", "also", 4),
    text("native_hardware", "computed in by", 5),
    hidden("storage_class", "class"),
    hidden("has_recipe", "recipe"),
    hidden("source", "source"),
    hidden("date", "date"),
    hidden("note", "note"),
];

/// The model whose size stands in the list.
const EXAMPLE: &str = "llama-3.3-70b";

/// The quants, largest first.
///
/// # Errors
/// If the data has faults.
pub fn report(session: &Session) -> Result<Report> {
    let notes = session.catalog.quants()?;
    let engines = session.catalog.engines()?;
    let example = session.catalog.models()?.get(EXAMPLE);
    let mut report = Session::report("list", &COLUMNS);
    report.assume("example_model", EXAMPLE);
    let quants = Quant::all();
    for quant in &quants {
        let note = notes.get(&quant.id);
        let citation = note.map(|note| &note.citation);
        let size = example
            .and_then(|model| Weights::of(&model.architecture, quant).ok())
            .map(|weights| weights.loaded_bytes());
        let bits = quant.bits_per_weight();
        report.row([
            Cell::from(quant.id.clone()),
            Cell::from(note.map_or_else(|| quant.id.clone(), |note| note.name.clone())),
            Cell::from(bits).shown(compact(bits, 3)),
            Cell::from(size),
            words(
                engines
                    .values()
                    .filter(|engine| {
                        let loads = |kind| engine.packagings.contains(kind);
                        quant.packagings().iter().any(loads)
                    })
                    .map(|engine| engine.id.clone()),
            ),
            words(quant.packagings().iter().map(|kind| Packaging::name(*kind))),
            words(quant.aliases().iter().copied()),
            Cell::from(note.and_then(|note| note.native_hardware.clone())),
            Cell::from(quant.class.name()),
            Cell::from(quant.has_recipe()),
            Cell::from(citation.map(|citation| citation.source.clone())),
            Cell::from(citation.map(|citation| citation.date)),
            Cell::from(citation.and_then(|citation| citation.note.clone())),
        ]);
    }
    report.headline(counted(
        quants.len(),
        "quants, largest first: the ways in which weights are stored.",
    ));
    report.headline(Styled::plain(
        "Name one behind a model or apart: hwcmp fit qwen3-32b-q8_0, or --quant q8_0.",
    ));
    report.footnote = Some(Styled::of(
        Role::Dim,
        format!(
            "bits of the type that most tensors have; some tensors get more, so go by the size ({EXAMPLE}). A bare -q4 is the engine's usual one; EXL3 takes any rate (exl3-3.55bpw)"
        ),
    ));
    Ok(report)
}
