//! One known value with its citation, and the table of them.

use super::unit::Named;
use crate::catalog::{Plain, Written};
use crate::evidence::{Citation, Range};
use crate::report::{Cell, Column, Format, Report, Role, Row, Styled, Value, wrap};
use crate::units::{Date, dollars};

/// The columns of `show`: a row is a value.
pub const COLUMNS: [Column; 10] = [
    Column::new("id", "id", "", Format::Text, Column::HIDDEN),
    Column::new("of", "of", "", Format::Text, 1),
    Column::new("key", "what", "", Format::Text, 0),
    Column::new("value", "value", "", Format::Text, 0),
    Column::new("date", "date", "", Format::Text, 2),
    Column::new("source", "source", "", Format::Text, 0),
    Column::new("note", "note", "", Format::Text, Column::HIDDEN),
    Column::new("low_confidence", "rough", "", Format::Text, Column::HIDDEN),
    Column::new("kind", "kind", "", Format::Text, Column::HIDDEN),
    Column::new("name", "name", "", Format::Text, Column::HIDDEN),
];

/// Characters before the text of a source.
const INDENT: usize = 5;

/// One known value.
pub struct Fact {
    /// What it is a value of: `machine`, `device gb10`, `prices of rtx-3090`.
    pub of: String,
    /// Its key in JSON, with the base unit.
    pub key: String,
    /// Its words in tables.
    pub title: String,
    /// The value in base units.
    pub value: Value,
    /// The value in tables.
    pub shown: String,
    /// Where it comes from.
    pub citation: Citation,
    /// Kept and shown, but never a default.
    pub low_confidence: bool,
}

impl Fact {
    /// A value that a data file states.
    pub fn written(of: &str, written: Written) -> Self {
        let named = Named::of(&written.key);
        Self {
            of: of.to_owned(),
            value: base(&named, &written.value),
            shown: shown(&named, &written.value),
            key: named.key,
            title: named.title,
            citation: written.citation,
            low_confidence: false,
        }
    }

    /// A value that the program derives from others; `how` says from which.
    pub fn derived(
        of: &str,
        key: &str,
        value: impl Into<Value>,
        shown: impl Into<String>,
        how: &str,
        date: Date,
    ) -> Self {
        Self {
            of: of.to_owned(),
            title: words(key),
            key: key.to_owned(),
            value: value.into(),
            shown: shown.into(),
            citation: Citation {
                source: format!("derived: {how}"),
                date,
                note: None,
            },
            low_confidence: false,
        }
    }

    /// The fact under other words in tables.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    fn row(&self, subject: &Subject, number: usize) -> Row {
        let role = if self.low_confidence {
            Role::Caution
        } else {
            Role::Plain
        };
        let doubt = if self.low_confidence {
            format!("{} (low confidence)", self.shown)
        } else {
            self.shown.clone()
        };
        let mark = if self.citation.note.is_some() {
            "*"
        } else {
            ""
        };
        vec![
            Cell::from(subject.id.clone()),
            Cell::from(self.of.clone())
                .shown(short(&self.of))
                .role(Role::Dim),
            Cell::from(self.key.clone()).shown(self.title.clone()),
            Cell::from(self.value.clone()).shown(doubt).role(role),
            Cell::from(self.citation.date).role(Role::Dim),
            Cell::from(self.citation.source.clone())
                .shown(format!("[{number}]{mark}"))
                .role(Role::Dim),
            Cell::from(self.citation.note.clone()),
            Cell::from(self.low_confidence),
            Cell::from(subject.kind),
            Cell::from(subject.name.clone()),
        ]
    }
}

/// What is shown.
pub struct Subject {
    /// `machine`, `device`, ...
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Puts the facts into the report, and below them the sources by number with
/// their notes, each once.
pub fn fill(report: &mut Report, subject: &Subject, facts: &[Fact], width: usize) {
    let mut sources: Vec<&Citation> = Vec::new();
    for fact in facts {
        let known = sources.iter().position(|known| **known == fact.citation);
        let number = known.unwrap_or(sources.len());
        if known.is_none() {
            sources.push(&fact.citation);
        }
        report.row(fact.row(subject, number + 1));
    }
    let lines: Vec<String> = sources
        .iter()
        .enumerate()
        .flat_map(|(index, citation)| {
            let note = citation
                .note
                .as_ref()
                .map_or(String::new(), |note| format!(". Note: {note}"));
            let label = format!("[{}]", index + 1);
            let text = format!("{} ({}){note}", citation.source, citation.date);
            numbered(&label, &text, width)
        })
        .collect();
    report.figures.push(lines.join("\n"));
    if sources.iter().all(|citation| citation.note.is_none()) {
        return;
    }
    report.footnote = Some(Styled::of(
        Role::Dim,
        "* the source has a note on this value: contested, derived how, or assumed",
    ));
}

/// Lines of a numbered text, indented behind the number.
fn numbered(label: &str, text: &str, width: usize) -> Vec<String> {
    let lines = wrap(&Styled::plain(text), width.saturating_sub(INDENT), 0);
    let line = |(index, line): (usize, &Styled)| {
        let before = if index == 0 { label } else { "" };
        format!("{before:<INDENT$}{}", line.render(false))
    };
    lines.iter().enumerate().map(line).collect()
}

/// What a value is of, as short as tables need it.
fn short(of: &str) -> String {
    let id = ["device ", "host ", "link ", "constants, "]
        .iter()
        .find_map(|word| of.strip_prefix(word));
    id.unwrap_or(of).replace("quotes of", "quotes")
}

/// The words of a key in base units.
fn words(key: &str) -> String {
    let stem = ["_bytes", "_watts", "_usd"]
        .iter()
        .find_map(|unit| key.strip_suffix(unit));
    stem.unwrap_or(key).replace('_', " ")
}

/// `$3,999`, or `$2,999-3,999`.
pub fn money(range: Range) -> String {
    let (low, high) = (dollars(range.low), dollars(range.high));
    if low == high {
        low
    } else {
        format!("{low}-{}", high.trim_start_matches('$'))
    }
}

/// A written value in base units.
fn base(named: &Named, value: &Plain) -> Value {
    match value {
        Plain::Bool(yes) => Value::from(*yes),
        Plain::Number(number) => Value::from(named.base(*number)),
        Plain::Text(text) => Value::from(text.clone()),
        Plain::List(values) => Value::List(values.iter().map(|value| base(named, value)).collect()),
        Plain::Table(members) => Value::object(members.iter().map(|(key, value)| {
            let named = Named::of(key);
            let value = base(&named, value);
            (named.key, value)
        })),
    }
}

/// A written value with its unit.
fn shown(named: &Named, value: &Plain) -> String {
    match value {
        Plain::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Plain::Number(number) => named.shown(*number),
        Plain::Text(text) => text.clone(),
        Plain::List(values) => {
            let parts: Vec<String> = values.iter().map(|value| shown(named, value)).collect();
            let tables = values.iter().any(|value| matches!(value, Plain::Table(_)));
            match parts.len() {
                0 => "none".to_owned(),
                _ => parts.join(if tables { "; " } else { ", " }),
            }
        }
        Plain::Table(members) => {
            let parts: Vec<String> = members
                .iter()
                .map(|(key, value)| {
                    let named = Named::of(key);
                    let value = shown(&named, value);
                    format!("{} {value}", named.title)
                })
                .collect();
            parts.join(", ")
        }
    }
}
