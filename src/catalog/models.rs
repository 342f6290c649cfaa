//! `data/models/*.toml`: what is run.

use super::citation::citation;
use super::document::{Row, Rules};
use super::fault::Fault;
use crate::evidence::Citation;
use crate::model::{Architecture, ModelTable};

/// A model of the catalogue.
#[derive(Debug, Clone)]
pub struct Model {
    /// Its id.
    pub id: String,
    /// Its table, as written: name, aliases, licence, dates.
    pub table: ModelTable,
    /// Its architecture.
    pub architecture: Architecture,
    /// Source of its numbers.
    pub citation: Citation,
}

/// A validated model; none if its hyper-parameters do not make an architecture.
pub fn model(row: Row<'_, ModelTable>, rules: Rules, faults: &mut Vec<Fault>) -> Option<Model> {
    let Row { id, raw, place } = row;
    let citation = citation(
        raw.source.clone(),
        raw.date,
        raw.note.clone(),
        &place,
        rules.today,
        faults,
    );
    match raw.architecture() {
        Ok(architecture) => Some(Model {
            id,
            table: raw,
            architecture,
            citation,
        }),
        Err(errors) => {
            for error in errors {
                faults.push(place.fault(
                    &error.field,
                    format!("`{}` {}", error.field, error.problem),
                    "correct the hyper-parameter in this table",
                ));
            }
            None
        }
    }
}
