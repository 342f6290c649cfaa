//! Building reports with little ceremony: conversions into values and cells.

use super::{Cell, Column, Note, Report, Role, Row, Styled, Value};
use crate::evidence::{Evidence, Range};
use crate::units::{Bytes, Date, Seconds, TokensPerSecond, Usd, Watts};

/// Conversions from types that are one expression away from a value.
macro_rules! into_value {
    ($($from:ty => |$name:ident| $value:expr;)+) => {$(
        impl From<$from> for Value {
            fn from($name: $from) -> Self {
                $value
            }
        }
    )+};
}

into_value! {
    bool => |yes| Self::Bool(yes);
    i64 => |number| Self::Integer(number);
    i32 => |number| Self::Integer(number.into());
    u32 => |number| Self::Integer(number.into());
    u64 => |number| i64::try_from(number).map_or(Self::Number(number as f64), Self::Integer);
    usize => |number| Self::from(number as u64);
    f64 => |number| Self::Number(number);
    &str => |text| Self::Text(text.to_owned());
    String => |text| Self::Text(text);
    Range => |range| Self::Interval(range);
    Bytes => |bytes| Self::from(bytes.0);
    Seconds => |time| Self::Number(time.0);
    TokensPerSecond => |rate| Self::Number(rate.0);
    Usd => |money| Self::Number(money.0);
    Watts => |power| Self::Number(power.0);
    Date => |date| Self::Text(date.to_string());
    Evidence => |evidence| Self::Text(evidence.name().to_owned());
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl Value {
    /// Named values in order.
    pub fn object<K: Into<String>>(members: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(
            members
                .into_iter()
                .map(|(key, value)| (key.into(), value))
                .collect(),
        )
    }

    /// The number to sort by: an interval's middle; none where there is none.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Number(number) => Some(*number).filter(|number| number.is_finite()),
            Self::Interval(range) => Some(range.mid).filter(|number| number.is_finite()),
            _ => None,
        }
    }
}

impl<T: Into<Value>> From<T> for Cell {
    fn from(value: T) -> Self {
        Self {
            value: value.into(),
            shown: None,
            role: Role::Plain,
        }
    }
}

impl Cell {
    /// The cell with another text in tables.
    #[must_use]
    pub fn shown(mut self, text: impl Into<String>) -> Self {
        self.shown = Some(text.into());
        self
    }

    /// The cell with a meaning.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }
}

impl Report {
    /// A report without rows. `data_date` is the newest date of the data used.
    pub fn new(command: &'static str, data_date: impl Into<String>, columns: &[Column]) -> Self {
        Self {
            command,
            data_date: data_date.into(),
            assumptions: Vec::new(),
            headline: Vec::new(),
            columns: columns.to_vec(),
            rows: Vec::new(),
            footnote: None,
            turn: None,
            members: Vec::new(),
            figures: Vec::new(),
            details: Vec::new(),
        }
    }

    /// States an assumption.
    pub fn assume(&mut self, key: impl Into<String>, value: impl Into<Value>) -> &mut Self {
        self.assumptions.push((key.into(), value.into()));
        self
    }

    /// Adds a line above the table.
    pub fn headline(&mut self, line: Styled) -> &mut Self {
        self.headline.push(line);
        self
    }

    /// Adds a row: a cell for each column, in their order.
    pub fn row(&mut self, cells: impl Into<Row>) -> &mut Self {
        self.rows.push(cells.into());
        self
    }

    /// Adds a top-level member of the JSON object.
    pub fn member(&mut self, key: &'static str, value: impl Into<Value>) -> &mut Self {
        self.members.push((key, value.into()));
        self
    }

    /// Adds a line of detail for `--explain`; the label may be empty.
    pub fn detail(&mut self, label: impl Into<String>, text: impl Into<String>) -> &mut Self {
        self.details.push(Note {
            label: label.into(),
            text: text.into(),
        });
        self
    }

    /// The cells of one column, `None` where a row is too short.
    pub(super) fn column_cells(&self, index: usize) -> impl Iterator<Item = Option<&Cell>> {
        self.rows.iter().map(move |row| row.get(index))
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Role, Value};
    use crate::evidence::Range;
    use crate::units::Bytes;

    #[test]
    fn values_come_from_what_commands_have() {
        assert_eq!(Value::from(None::<f64>), Value::Null);
        assert_eq!(
            Value::from(Some(Range::exact(2.0))),
            Value::Interval(Range::exact(2.0))
        );
        assert_eq!(Value::from(Bytes(7)), Value::Integer(7));
        assert_eq!(Value::from(u64::MAX), Value::Number(u64::MAX as f64));
        assert_eq!(
            Value::from(vec!["a"]),
            Value::List(vec![Value::Text("a".to_owned())])
        );
    }

    #[test]
    fn cells_carry_meaning() {
        let cell = Cell::from("no").shown("does not fit").role(Role::Bad);
        assert_eq!(cell.value, Value::from("no"));
        assert_eq!(cell.shown.as_deref(), Some("does not fit"));
        assert_eq!(cell.role, Role::Bad);
    }

    #[test]
    fn what_is_not_finite_does_not_sort() {
        assert_eq!(Value::Number(f64::NAN).number(), None);
        assert_eq!(Value::Interval(Range::around(4.0, 0.1)).number(), Some(4.0));
    }
}
