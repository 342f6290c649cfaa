//! The rows of llama-bench's output, whichever format it has.

use std::collections::BTreeMap;

use serde_json::Value;

/// A fault in llama-bench's output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BenchError {
    /// None of the formats that can be read.
    #[error(
        "this is {found}, not llama-bench's JSON, JSONL or CSV; run `llama-bench -o json` and give its output"
    )]
    Format {
        /// What it looks like.
        found: &'static str,
    },
    /// The text is broken.
    #[error("{0}")]
    Syntax(String),
    /// A row lacks or contradicts something.
    #[error("row {row}: `{field}` {problem}")]
    Field {
        /// The row, from 1.
        row: usize,
        /// The field.
        field: String,
        /// What is wrong, and what to do.
        problem: String,
    },
}

/// One row: its fields as text, whatever they were.
#[derive(Debug)]
pub(super) struct Row {
    number: usize,
    fields: BTreeMap<String, String>,
}

impl Row {
    /// A fault in a field of this row.
    pub(super) fn fault(&self, field: &str, problem: &str) -> BenchError {
        BenchError::Field {
            row: self.number,
            field: field.to_owned(),
            problem: problem.to_owned(),
        }
    }

    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }

    /// A number, if it is there and not blank.
    pub(super) fn number(&self, field: &str) -> Result<Option<f64>, BenchError> {
        let Some(text) = self.text(field).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(self.fault(field, &format!("is `{}`, which is no number", short(text)))),
        }
    }

    pub(super) fn integer(&self, field: &str) -> Result<Option<i64>, BenchError> {
        Ok(self.number(field)?.map(|number| number as i64))
    }

    /// A whole number that is not negative.
    pub(super) fn count(&self, field: &str) -> Result<Option<u32>, BenchError> {
        match self.number(field)? {
            Some(number)
                if number < 0.0 || number > f64::from(u32::MAX) || number.fract() != 0.0 =>
            {
                Err(self.fault(field, &format!("is {number}, which is no count")))
            }
            number => Ok(number.map(|number| number as u32)),
        }
    }

    /// A switch; none where it is left to the program (-1).
    pub(super) fn flag(&self, field: &str) -> Option<bool> {
        match self.text(field)? {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        }
    }
}

/// A text for a message, no longer than fits.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Reads all rows; lines before the output proper are passed over.
pub(super) fn read(text: &str) -> Result<Vec<Row>, BenchError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let rest = text.get(at..).unwrap_or_default();
        let start = line.trim_start();
        if start.starts_with('{')
            || matches!(start.trim_end(), "[")
            || start.starts_with("[{")
            || start.starts_with("[]")
        {
            return json(rest);
        }
        if start.trim_start_matches('"').starts_with("build_commit") {
            return csv(rest);
        }
        at = at.saturating_add(line.len());
    }
    Err(BenchError::Format {
        found: recognise(text),
    })
}

fn recognise(text: &str) -> &'static str {
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        "empty"
    } else if trimmed.contains("| model ") {
        "the Markdown table"
    } else if trimmed.contains("CREATE TABLE") {
        "the SQL output"
    } else {
        "some other text"
    }
}

/// A list of objects, or objects one after another.
fn json(text: &str) -> Result<Vec<Row>, BenchError> {
    let mut rows = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        match value.map_err(|error| {
            BenchError::Syntax(format!("{error}; the output is cut off or was edited"))
        })? {
            Value::Array(items) => items.iter().for_each(|item| push(&mut rows, item)),
            item => push(&mut rows, &item),
        }
    }
    finish(rows)
}

fn push(rows: &mut Vec<Row>, item: &Value) {
    let fields = item.as_object().into_iter().flatten();
    let fields = fields.map(|(key, value)| match value {
        Value::String(text) => (key.clone(), text.clone()),
        other => (key.clone(), other.to_string()),
    });
    rows.push(Row {
        number: rows.len().saturating_add(1),
        fields: fields.collect(),
    });
}

fn csv(text: &str) -> Result<Vec<Row>, BenchError> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(false)
        .from_reader(text.as_bytes());
    let syntax = |error: csv::Error| {
        BenchError::Syntax(format!("{error}; the output is cut off or was edited"))
    };
    let header = reader.headers().map_err(syntax)?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(syntax)?;
        let fields = header
            .iter()
            .zip(&record)
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        rows.push(Row {
            number: rows.len().saturating_add(1),
            fields: fields.collect(),
        });
    }
    finish(rows)
}

/// At least one row, and rows of llama-bench.
fn finish(rows: Vec<Row>) -> Result<Vec<Row>, BenchError> {
    match rows.first() {
        Some(first) if first.text("avg_ts").is_some() || first.text("n_gen").is_some() => Ok(rows),
        Some(_) => Err(BenchError::Format {
            found: "other data",
        }),
        None => Err(BenchError::Format {
            found: "a list without rows",
        }),
    }
}
