//! `data/quants.toml` and `data/real_files.toml`: what is said of quants beyond
//! their bits, and published sizes of files.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::citation::{citation, positive};
use super::document::{Row, Rules};
use super::fault::Fault;
use crate::evidence::Citation;
use crate::model::Quant;
use crate::units::{Bytes, Date};

/// A quant's row as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawQuantInfo {
    name: String,
    native_hw: Option<String>,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
}

/// What is said of a quant beyond its bits.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantInfo {
    /// The quant.
    pub quant: Quant,
    /// Its name as its makers write it.
    pub name: String,
    /// Hardware that multiplies in the format; none where it is unpacked first.
    pub native_hardware: Option<String>,
    /// Where it is described.
    pub citation: Citation,
}

/// A validated row; none if the program does not know the quant.
pub fn quant_info(
    row: Row<'_, RawQuantInfo>,
    rules: Rules,
    faults: &mut Vec<Fault>,
) -> Option<QuantInfo> {
    let Row { id, raw, place } = row;
    let citation = citation(raw.source, raw.date, raw.note, &place, rules.today, faults);
    let Some(quant) = Quant::from_id(&id) else {
        faults.push(place.fault(
            "",
            format!("there is no quant `{id}`"),
            "its layout is code: name one of `hwcmp list quants`",
        ));
        return None;
    };
    Some(QuantInfo {
        quant,
        name: raw.name,
        native_hardware: raw.native_hw,
        citation,
    })
}

/// A file's size as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFile {
    size_gib: f64,
    recipe: bool,
    #[serde(default)]
    mtp: bool,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
}

/// The files of a model by quant, as they are written.
pub type RawFiles = BTreeMap<String, RawFile>;

/// The published size of a model's file.
#[derive(Debug, Clone, PartialEq)]
pub struct RealFile {
    /// Bytes of its tensors.
    pub size: Bytes,
    /// Made by llama.cpp's own recipe or by the format's plain layout.
    pub recipe: bool,
    /// The multi-token-prediction block is in it.
    pub mtp: bool,
    /// Where the size was published.
    pub citation: Citation,
}

/// The validated files of one model.
pub fn real_files(
    row: Row<'_, RawFiles>,
    rules: Rules,
    faults: &mut Vec<Fault>,
) -> BTreeMap<String, RealFile> {
    let Row { raw, place, .. } = row;
    let mut files = BTreeMap::new();
    for (quant, raw) in raw {
        positive(
            &[(&format!("{quant}.size_gib"), Some(raw.size_gib))],
            &place,
            faults,
        );
        let file = RealFile {
            size: Bytes::from_gib(raw.size_gib),
            recipe: raw.recipe,
            mtp: raw.mtp,
            citation: citation(raw.source, raw.date, raw.note, &place, rules.today, faults),
        };
        files.insert(quant, file);
    }
    files
}
