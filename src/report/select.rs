//! Choosing what of a report is shown: `--columns`, `--sort` and `--top`.

use std::cmp::Ordering;

use super::{Column, Report, Row, Value};

/// Names at least this similar (0 to 1) are offered for an unknown one.
const SIMILAR: f64 = 0.7;

/// What the user asked to see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// `a,b` shows only these, `all` every column, `+x,-y` changes the usual ones.
    pub columns: Option<String>,
    /// A column to sort by, `-desc` behind it for the largest first.
    pub sort: Option<String>,
    /// How many rows to keep, after sorting.
    pub top: Option<usize>,
}

/// Why a selection cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// There is no column of that name.
    #[error("there is no column `{name}`{} The columns are {}", did_you_mean(*.suggestion), .valid.join(", "))]
    UnknownColumn {
        /// What was asked for.
        name: String,
        /// The column that may be meant.
        suggestion: Option<&'static str>,
        /// The keys of all columns.
        valid: Vec<&'static str>,
    },
    /// Nothing would be left to show.
    #[error("`--columns {given}` leaves no column: name one, or write `all`")]
    NoColumns {
        /// What was asked for.
        given: String,
    },
}

/// The middle of the message about an unknown column.
fn did_you_mean(suggestion: Option<&'static str>) -> String {
    suggestion.map_or(".".to_owned(), |key| format!("; did you mean `{key}`?"))
}

/// Sorts, cuts and chooses the columns of a report. Columns asked for by name
/// keep their place however narrow the table is.
///
/// # Errors
/// If a column is unknown or none is left; the report is then unchanged.
pub fn select(report: &mut Report, selection: &Selection) -> Result<(), SelectError> {
    let columns = match &selection.columns {
        Some(given) => Some(chosen(&report.columns, given)?),
        None => None,
    };
    if let Some(given) = &selection.sort {
        let (index, descending) = sort_key(&report.columns, given)?;
        report
            .rows
            .sort_by(|a, b| order(cell(a, index), cell(b, index), descending));
    }
    if let Some(top) = selection.top {
        report.rows.truncate(top);
    }
    if let Some(chosen) = columns {
        let rows = report.rows.iter().map(|row| {
            let cell = |(index, _): &(usize, Column)| row.get(*index).cloned();
            chosen
                .iter()
                .map(|choice| cell(choice).unwrap_or_else(|| Value::Null.into()))
                .collect()
        });
        report.rows = rows.collect();
        report.columns = chosen.into_iter().map(|(_, column)| column).collect();
    }
    Ok(())
}

/// The chosen columns with their index, in the order to show.
fn chosen(columns: &[Column], given: &str) -> Result<Vec<(usize, Column)>, SelectError> {
    let names: Vec<&str> = given
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let pinned = |index: usize, column: &Column| {
        (
            index,
            Column {
                priority: 0,
                ..*column
            },
        )
    };
    let mut chosen: Vec<(usize, Column)> = Vec::new();
    if names.iter().all(|name| name.starts_with(['+', '-'])) {
        chosen = columns.iter().copied().enumerate().collect();
    }
    for name in names {
        if name == "all" || name == "+all" {
            chosen = columns
                .iter()
                .enumerate()
                .map(|(index, column)| pinned(index, column))
                .collect();
        } else if let Some(name) = name.strip_prefix('-') {
            let index = find(columns, name)?;
            chosen.retain(|(kept, _)| *kept != index);
        } else {
            let index = find(columns, name.strip_prefix('+').unwrap_or(name))?;
            match chosen.iter_mut().find(|(kept, _)| *kept == index) {
                Some((_, column)) => column.priority = 0,
                None => chosen.extend(columns.get(index).map(|column| pinned(index, column))),
            }
        }
    }
    if chosen.is_empty() {
        return Err(SelectError::NoColumns {
            given: given.to_owned(),
        });
    }
    Ok(chosen)
}

/// The column to sort by, and whether the largest comes first.
fn sort_key(columns: &[Column], given: &str) -> Result<(usize, bool), SelectError> {
    match given.rsplit_once('-') {
        Some((name, "desc")) => Ok((find(columns, name)?, true)),
        Some((name, "asc")) => Ok((find(columns, name)?, false)),
        _ => Ok((find(columns, given)?, false)),
    }
}

/// The index of a column by its key or its title.
fn find(columns: &[Column], name: &str) -> Result<usize, SelectError> {
    let plain = |text: &str| text.trim().to_lowercase().replace([' ', '-'], "_");
    let wanted = plain(name);
    let by_key = columns
        .iter()
        .position(|column| plain(column.key) == wanted);
    let found = by_key.or_else(|| {
        columns
            .iter()
            .position(|column| plain(column.title) == wanted)
    });
    found.ok_or_else(|| {
        let likeness = |column: &Column| {
            strsim::jaro_winkler(&plain(column.key), &wanted).max(
                strsim::normalized_damerau_levenshtein(&plain(column.title), &wanted),
            )
        };
        let nearest = columns
            .iter()
            .map(|column| (likeness(column), column.key))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        SelectError::UnknownColumn {
            name: name.to_owned(),
            suggestion: nearest
                .filter(|(likeness, _)| *likeness >= SIMILAR)
                .map(|(_, key)| key),
            valid: columns.iter().map(|column| column.key).collect(),
        }
    })
}

/// The value in a row's column.
fn cell(row: &Row, index: usize) -> &Value {
    row.get(index).map_or(&Value::Null, |cell| &cell.value)
}

/// The order of two values; what is unknown comes last in either direction.
fn order(a: &Value, b: &Value, descending: bool) -> Ordering {
    let known = |value: &Value| match value {
        Value::Null => false,
        Value::Integer(_) | Value::Number(_) | Value::Interval(_) => value.number().is_some(),
        _ => true,
    };
    let ordering = match (known(a), known(b)) {
        (true, true) => compare(a, b),
        (true, false) => return Ordering::Less,
        (false, true) => return Ordering::Greater,
        (false, false) => return Ordering::Equal,
    };
    if descending {
        ordering.reverse()
    } else {
        ordering
    }
}

/// The order of two known values: numbers by size, texts by letter, lists by length.
fn compare(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Integer(_) | Value::Number(_) | Value::Interval(_) => 2,
        Value::Text(_) => 3,
        Value::List(_) => 4,
        Value::Object(_) => 5,
    };
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) => a.len().cmp(&b.len()),
        _ => match (a.number(), b.number()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => rank(a).cmp(&rank(b)),
        },
    }
}

#[cfg(test)]
mod tests;
