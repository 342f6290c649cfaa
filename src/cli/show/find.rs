//! What an id or alias names, over all tables.

use anyhow::{Result, bail};

use super::fact::Subject;
use crate::catalog::{Catalog, QuantChoice, TableKind, nearest};
use crate::machine::Machine;

/// What a name means.
pub enum Found {
    /// A row of a table.
    Row(TableKind, Subject),
    /// A machine composed on the fly.
    Composed(Box<Machine>),
}

/// The tables in which a name is sought, in this order, with the word for a row.
pub const TABLES: [(TableKind, &str); 9] = [
    (TableKind::Machines, "machine"),
    (TableKind::Devices, "device"),
    (TableKind::Models, "model"),
    (TableKind::Engines, "engine"),
    (TableKind::Workloads, "workload"),
    (TableKind::Quants, "quant"),
    (TableKind::Energy, "country"),
    (TableKind::Hosts, "host"),
    (TableKind::Links, "link"),
];

/// A row that can be named.
struct Entry {
    kind: TableKind,
    word: &'static str,
    id: String,
    name: String,
    aliases: Vec<String>,
}

/// All meanings of a name, the likeliest first: an id before an alias, then
/// the order of the tables; a count of devices and a model with a quant where
/// no row has the name.
///
/// # Errors
/// If nothing goes by the name; the text suggests the nearest.
pub fn find(catalog: &Catalog, typed: &str) -> Result<Vec<Found>> {
    let lower = typed.trim().to_lowercase();
    let entries = entries(catalog)?;
    let by_id = entries.iter().filter(|entry| entry.id == lower);
    let by_alias = entries.iter().filter(|entry| {
        let named = entry.aliases.contains(&lower) || entry.name.to_lowercase() == lower;
        entry.id != lower && named
    });
    let found: Vec<Found> = by_id.chain(by_alias).map(Entry::found).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    if lower.starts_with(|first: char| first.is_ascii_digit())
        && let Ok(machine) = catalog.select_machine(&lower)
    {
        return Ok(vec![Found::Composed(Box::new(machine))]);
    }
    if let Ok(choice) = catalog.select_model(&lower) {
        let id = choice.model.id.as_str();
        let model = entries
            .iter()
            .find(|entry| entry.kind == TableKind::Models && entry.id == id);
        return Ok(model.map(Entry::found).into_iter().collect());
    }
    if let Ok(QuantChoice::Exact(quant)) = catalog.select_quant(&lower) {
        return Ok(vec![Found::Row(
            TableKind::Quants,
            Subject {
                kind: "quant",
                name: quant.id.clone(),
                id: quant.id,
            },
        )]);
    }
    let names = entries
        .iter()
        .flat_map(|entry| std::iter::once(&entry.id).chain(&entry.aliases));
    match nearest(&lower, names.map(String::as_str)) {
        Some(near) => bail!("nothing is called `{typed}`; did you mean `{near}`?"),
        None => bail!(
            "nothing is called `{typed}`: see hwcmp list machines, devices, models, quants, workloads, engines or countries"
        ),
    }
}

impl Entry {
    fn found(&self) -> Found {
        Found::Row(
            self.kind,
            Subject {
                kind: self.word,
                id: self.id.clone(),
                name: self.name.clone(),
            },
        )
    }
}

/// Every row that can be named.
fn entries(catalog: &Catalog) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for (kind, word) in TABLES {
        let mut add = |id: &str, name: &str, aliases: &[String]| {
            entries.push(Entry {
                kind,
                word,
                id: id.to_owned(),
                name: name.to_owned(),
                aliases: aliases.to_vec(),
            });
        };
        match kind {
            TableKind::Machines => {
                for row in catalog.machines()?.values() {
                    add(&row.id, &row.name, &row.aliases);
                }
            }
            TableKind::Devices => {
                for row in catalog.devices()?.values() {
                    add(&row.id, &row.name, &row.aliases);
                }
            }
            TableKind::Models => {
                for row in catalog.models()?.values() {
                    add(&row.id, &row.table.name, &row.table.aliases);
                }
            }
            TableKind::Engines => {
                for row in catalog.engines()?.values() {
                    add(&row.id, &row.name, &row.aliases);
                }
            }
            TableKind::Workloads => {
                for row in catalog.workloads()?.values() {
                    add(&row.id, &row.name, &[]);
                }
            }
            TableKind::Quants => {
                let notes = catalog.quants()?;
                for quant in crate::model::Quant::all() {
                    let name = notes.get(&quant.id).map_or(&quant.id, |note| &note.name);
                    let aliases: Vec<String> = quant
                        .aliases()
                        .iter()
                        .map(|&alias| alias.to_owned())
                        .collect();
                    add(&quant.id, name, &aliases);
                }
            }
            TableKind::Energy => {
                for row in catalog.tariffs()?.values() {
                    add(&row.id, &row.name, &[]);
                }
            }
            TableKind::Hosts => {
                for row in catalog.hosts()?.values() {
                    add(&row.id, &row.name, &[]);
                }
            }
            TableKind::Links => {
                for row in catalog.links()?.values() {
                    add(&row.id, &row.name, &[]);
                }
            }
            _ => {}
        }
    }
    Ok(entries)
}
