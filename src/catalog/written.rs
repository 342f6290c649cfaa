//! A row as its file states it: every key with its value and its citation, in
//! the file's order. For `hwcmp show`, so that a new key in the data is shown
//! without code of its own.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Catalog, Faults, TableKind};
use crate::evidence::Citation;
use crate::units::Date;

/// A value of a data file.
#[derive(Debug, Clone, PartialEq)]
pub enum Plain {
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text, dates included.
    Text(String),
    /// A list.
    List(Vec<Plain>),
    /// A table inside a list (a model of a basket).
    Table(Vec<(String, Plain)>),
}

/// A key of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The key, with those of the tables around it: `resale_3y.low`.
    pub key: String,
    /// Its value.
    pub value: Plain,
    /// Where the value comes from: its own source, or its table's.
    pub citation: Citation,
}

/// Keys that say where the others come from.
const CITING: [&str; 4] = ["source", "date", "note", "evidence"];

impl Catalog {
    /// The keys of a row as written, the overlay's where it replaces a
    /// built-in row; empty where no file has the row.
    ///
    /// # Errors
    /// If its file is no TOML.
    pub fn written(&self, kind: TableKind, id: &str) -> Result<Vec<Written>, Faults> {
        for file in self.files(kind).iter().rev() {
            let Ok(document) = DeTable::parse(&file.text) else {
                continue;
            };
            let rows = document.get_ref();
            let row = rows.iter().find(|(key, _)| key.get_ref() == id);
            if let Some((_, value)) = row
                && let DeValue::Table(table) = value.get_ref()
            {
                let user = Citation {
                    source: "user".to_owned(),
                    date: self.today(),
                    note: None,
                };
                let mut written = Vec::new();
                walk(table, "", &user, &evidence(table, &user), &mut written);
                return Ok(written);
            }
        }
        Ok(Vec::new())
    }
}

/// The keys of a table in the order of the file.
fn walk(
    table: &DeTable<'_>,
    path: &str,
    around: &Citation,
    single: &BTreeMap<String, Citation>,
    written: &mut Vec<Written>,
) {
    let own = cited(table, around);
    for (key, value) in in_order(table) {
        if CITING.contains(&key) {
            continue;
        }
        let path = if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        };
        if let DeValue::Table(inner) = value {
            walk(inner, &path, &own, single, written);
        } else if let Some(value) = plain(value) {
            let citation = single.get(&path).unwrap_or(&own).clone();
            written.push(Written {
                key: path,
                value,
                citation,
            });
        }
    }
}

/// Keys and values sorted by their place.
fn in_order<'a>(table: &'a DeTable<'_>) -> Vec<(&'a str, &'a DeValue<'a>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
        .into_iter()
        .map(|(key, value)| (key.get_ref().as_ref(), value.get_ref()))
        .collect()
}

/// The citation that a table states; what it leaves out is that of the table
/// around it, but for the note.
fn cited(table: &DeTable<'_>, around: &Citation) -> Citation {
    let text = |name: &str| {
        let (_, value) = table.iter().find(|(key, _)| key.get_ref() == name)?;
        text_of(value)
    };
    Citation {
        source: text("source").unwrap_or_else(|| around.source.clone()),
        date: text("date")
            .and_then(|date| date.parse::<Date>().ok())
            .unwrap_or(around.date),
        note: text("note"),
    }
}

/// The sources of single keys.
fn evidence(table: &DeTable<'_>, user: &Citation) -> BTreeMap<String, Citation> {
    let row = Citation {
        note: None,
        ..cited(table, user)
    };
    let stated = table.iter().find(|(key, _)| key.get_ref() == "evidence");
    let Some(DeValue::Table(stated)) = stated.map(|(_, value)| value.get_ref()) else {
        return BTreeMap::new();
    };
    let one = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| match value.get_ref() {
        DeValue::Table(inner) => Some((key_text(key), cited(inner, &row))),
        _ => None,
    };
    stated.iter().filter_map(one).collect()
}

fn key_text(key: &Spanned<std::borrow::Cow<'_, str>>) -> String {
    key.get_ref().clone().into_owned()
}

fn text_of(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.clone().into_owned()),
        _ => None,
    }
}

fn plain(value: &DeValue<'_>) -> Option<Plain> {
    Some(match value {
        DeValue::Boolean(yes) => Plain::Bool(*yes),
        DeValue::Integer(number) => {
            Plain::Number(i64::from_str_radix(number.as_str(), number.radix()).ok()? as f64)
        }
        DeValue::Float(number) => Plain::Number(number.as_str().parse().ok()?),
        DeValue::String(text) => Plain::Text(text.clone().into_owned()),
        DeValue::Datetime(date) => Plain::Text(date.to_string()),
        DeValue::Array(items) => Plain::List(
            items
                .iter()
                .filter_map(|item| plain(item.get_ref()))
                .collect(),
        ),
        DeValue::Table(table) => Plain::Table(
            in_order(table)
                .into_iter()
                .filter_map(|(key, value)| Some((key.to_owned(), plain(value)?)))
                .collect(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::Plain;
    use crate::catalog::{Catalog, DATA_DATE, TableKind};

    #[test]
    fn a_row_tells_its_keys_with_their_sources() {
        let catalog = Catalog::open(None, DATA_DATE).expect("built-in data");
        let written = catalog
            .written(TableKind::Devices, "gb10")
            .expect("gb10 is written");
        let bandwidth = written
            .iter()
            .find(|entry| entry.key == "bandwidth_gb_s")
            .expect("bandwidth");
        assert_eq!(bandwidth.value, Plain::Number(273.1));
        assert!(bandwidth.citation.note.is_some(), "contested values say so");
        assert!(
            written
                .iter()
                .all(|entry| !entry.citation.source.is_empty())
        );
        assert!(!written.iter().any(|entry| entry.citation.source == "user"));
    }
}
