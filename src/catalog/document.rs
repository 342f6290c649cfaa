//! A TOML file as rows keyed by id, each with its place in the text, so that
//! every fault of a file is found and located in one run.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::Fault;
use super::read::read;
use super::table::TableKind;
use crate::units::Date;

/// A data file's name, text and origin.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The name shown in faults.
    pub name: String,
    /// The text.
    pub text: String,
    /// Our own data, where sources are required and the implausible is a fault.
    pub builtin: bool,
    /// Which table it belongs to.
    pub kind: TableKind,
}

/// A row that could be read, with what is needed to locate faults in it.
#[derive(Debug)]
pub struct Row<'a, T> {
    /// Its id.
    pub id: String,
    /// Its values.
    pub raw: T,
    /// Its place.
    pub place: Place<'a>,
}

/// The place of a row in a file.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    file: &'a SourceFile,
    start: usize,
    /// Path of each key below the row, with the offset of its value.
    keys: Vec<(String, usize)>,
}

impl Place<'_> {
    /// A fault at a key of the row (`bandwidth_gb_s`, `resale_3y.low`, `basket.0.model`), or at
    /// the row's head where the key is absent.
    pub fn fault(&self, key: &str, problem: impl Into<String>, action: impl Into<String>) -> Fault {
        let offset = self
            .keys
            .iter()
            .find(|(path, _)| path == key)
            .map_or(self.start, |(_, at)| *at);
        Fault::at(
            &self.file.name,
            &self.file.text,
            offset,
            problem.into(),
            action.into(),
        )
    }

    /// Whether the row belongs to our own data.
    pub fn is_builtin(&self) -> bool {
        self.file.builtin
    }
}

/// What every row of every table is checked for.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// No date may lie after this one.
    pub today: Date,
    /// Negative numbers are refused (they are meaningful in the calibration only).
    pub refuse_negative: bool,
}

/// Reads a file whose top level is a table of rows.
pub fn rows<'a, T: DeserializeOwned>(
    file: &'a SourceFile,
    rules: Rules,
    faults: &mut Vec<Fault>,
) -> Vec<Row<'a, T>> {
    let Some(document) = parse(file, faults) else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    for (key, value) in document {
        let start = key.span().start;
        let id = key.into_inner().into_owned();
        check_id(file, &id, start, faults);
        if value.get_ref().is_array() {
            faults.push(Fault::at(
                &file.name,
                &file.text,
                start,
                format!("`{id}` is written as a list, but has one entry"),
                format!("write [{id}] with single brackets"),
            ));
            continue;
        }
        let place = place(file, start, &value, rules, faults);
        if let Some(raw) = read(file, start, value, faults) {
            rows.push(Row { id, raw, place });
        }
    }
    rows
}

/// Reads a file whose top level holds lists of rows (`[[dgx-spark]]`, `[[series]]`).
pub fn lists<'a, T: DeserializeOwned>(
    file: &'a SourceFile,
    rules: Rules,
    faults: &mut Vec<Fault>,
) -> Vec<Row<'a, T>> {
    let Some(document) = parse(file, faults) else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    for (key, value) in document {
        let id = key.into_inner().into_owned();
        let span = value.span();
        let DeValue::Array(items) = value.into_inner() else {
            let action =
                format!("write [[{id}]] with double brackets: each entry is one of a list");
            faults.push(Fault::at(
                &file.name,
                &file.text,
                span.start,
                format!("`{id}` is not a list"),
                action,
            ));
            continue;
        };
        for item in items {
            let start = item.span().start;
            let place = place(file, start, &item, rules, faults);
            if let Some(raw) = read(file, start, item, faults) {
                rows.push(Row {
                    id: id.clone(),
                    raw,
                    place,
                });
            }
        }
    }
    rows
}

/// Parses the text, recording each syntax fault. Where a whole table is there
/// twice, its keys need not be told one by one.
fn parse<'a>(file: &'a SourceFile, faults: &mut Vec<Fault>) -> Option<DeTable<'a>> {
    let (document, errors) = DeTable::parse_recoverable(&file.text);
    let mut twice = None;
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let (problem, action) = if error.message() == "duplicate key" {
            let before = file.text.get(..span.start).unwrap_or("");
            let header = before.rfind("\n[").map_or(0, |line| line + 1);
            if twice == Some(header) {
                continue;
            }
            if before.ends_with('[') {
                twice = Some(header);
            }
            let key = file.text.get(span.clone()).unwrap_or("");
            (
                format!("`{key}` is in the file twice"),
                "keep one of them, or rename the other",
            )
        } else {
            (
                error.message().to_owned(),
                "correct the TOML syntax here (tables are [id], keys are `name = value`)",
            )
        };
        faults.push(Fault::at(
            &file.name,
            &file.text,
            span.start,
            problem,
            action.to_owned(),
        ));
    }
    errors.is_empty().then(|| document.into_inner())
}

/// An id must be typable as it stands.
fn check_id(file: &SourceFile, id: &str, start: usize, faults: &mut Vec<Fault>) {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._/:".contains(c);
    let free = matches!(file.kind, TableKind::Claims | TableKind::Calibration);
    if !free && (id.is_empty() || !id.chars().all(plain)) {
        let problem = format!("`{id}` cannot be an id");
        let action = "use lower-case letters, digits, `-` and `.`".to_owned();
        faults.push(Fault::at(&file.name, &file.text, start, problem, action));
    }
}

/// Notes where each key of a row stands and checks its plain values.
fn place<'a>(
    file: &'a SourceFile,
    start: usize,
    value: &Spanned<DeValue<'_>>,
    rules: Rules,
    faults: &mut Vec<Fault>,
) -> Place<'a> {
    let mut place = Place {
        file,
        start,
        keys: Vec::new(),
    };
    walk(&mut place, "", value, rules, faults);
    place
}

/// The most that a key can mean: far above every real figure, and low enough that sums of such
/// numbers stay countable.
fn most(key: &str) -> f64 {
    if key.ends_with("_gib") { 1e6 } else { 1e15 }
}

fn walk(
    place: &mut Place<'_>,
    path: &str,
    value: &Spanned<DeValue<'_>>,
    rules: Rules,
    faults: &mut Vec<Fault>,
) {
    let below = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match value.get_ref() {
        DeValue::Table(table) => {
            for (key, inner) in table {
                let path = below(key.get_ref());
                place.keys.push((path.clone(), inner.span().start));
                walk(place, &path, inner, rules, faults);
            }
        }
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = match item.get_ref() {
                    DeValue::Table(_) => &below(&index.to_string()),
                    _ => path,
                };
                walk(place, path, item, rules, faults);
            }
        }
        DeValue::Integer(_) | DeValue::Float(_) => {
            let text = place
                .file
                .text
                .get(value.span())
                .unwrap_or("")
                .replace('_', "");
            let name = path.rsplit('.').next().unwrap_or(path);
            let most = most(name);
            let wrong = match text.parse::<f64>() {
                Ok(number) if number.is_nan() => true,
                Ok(number) => number.abs() > most || rules.refuse_negative && number < 0.0,
                // Hexadecimal and the like: whole and non-negative by the grammar.
                Err(_) => false,
            };
            if wrong {
                faults.push(Fault::at(
                    &place.file.name,
                    &place.file.text,
                    value.span().start,
                    format!("`{name} = {text}` is no possible value"),
                    format!(
                        "give a number from zero to {most:e}; leave the key out if it is unknown"
                    ),
                ));
            }
        }
        DeValue::String(text) if path.rsplit('.').next() == Some("date") => {
            if let Ok(date) = text.parse::<Date>()
                && date > rules.today
            {
                faults.push(Fault::at(
                    &place.file.name,
                    &place.file.text,
                    value.span().start,
                    format!("the date {date} lies in the future"),
                    "give the day on which the figure was published".to_owned(),
                ));
            }
        }
        DeValue::String(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}
