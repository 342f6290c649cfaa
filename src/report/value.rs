//! The value that every command answers with.

use crate::evidence::Range;

/// A plain value as it goes into JSON and CSV, without formatting.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Unknown.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
    /// Low, mid and high; JSON `{"low":..,"mid":..,"high":..}`.
    Interval(Range),
    /// A list.
    List(Vec<Value>),
    /// Named values in order.
    Object(Vec<(String, Value)>),
}

/// How a column's values are written in tables and Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As text.
    Text,
    /// Three significant digits.
    Number,
    /// A whole number with thousands in groups.
    Count,
    /// Bytes, written in GB (1e9) with one decimal.
    Gigabytes,
    /// Bytes, written in GiB with one decimal.
    Gibibytes,
    /// US dollars without cents, `$1,234`.
    Dollars,
    /// A share as a percentage.
    Percent,
    /// A token count in k (1,024) where it divides.
    Tokens,
    /// Seconds, three significant digits.
    Seconds,
}

/// Which side a column keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A column, declared once for all renderers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// The key in JSON and CSV, with its unit; also the name for `--columns` and `--sort`.
    pub key: &'static str,
    /// The heading in tables.
    pub title: &'static str,
    /// The unit in the heading, none where the values carry it.
    pub unit: &'static str,
    /// How values are written.
    pub format: Format,
    /// Which columns go first when a table is too wide: the highest number. A
    /// column of 0 always stays; `HIDDEN` is in JSON and CSV only.
    pub priority: u8,
    /// Characters that a wrapped text keeps at least, where a table usually leaves it too few.
    pub least: usize,
}

impl Column {
    /// Priority of a column that tables show only when asked for by `--columns`.
    pub const HIDDEN: u8 = u8::MAX;

    /// A column; `unit` may be empty.
    pub const fn new(
        key: &'static str,
        title: &'static str,
        unit: &'static str,
        format: Format,
        priority: u8,
    ) -> Self {
        Self {
            key,
            title,
            unit,
            format,
            priority,
            least: 0,
        }
    }

    /// The same, its texts wrapped at no less than so many characters.
    #[must_use]
    pub const fn at_least(mut self, characters: usize) -> Self {
        self.least = characters;
        self
    }

    /// The heading: title and unit.
    pub fn heading(&self) -> String {
        if self.unit.is_empty() {
            self.title.to_owned()
        } else {
            format!("{} {}", self.title, self.unit)
        }
    }

    /// The side its values keep to: numbers to the right.
    pub const fn align(&self) -> Align {
        match self.format {
            Format::Text => Align::Left,
            _ => Align::Right,
        }
    }
}

/// What a piece of a row looks like beside its plain value.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The plain value.
    pub value: Value,
    /// Text shown instead in tables, where the plain value would not read well.
    pub shown: Option<String>,
    /// Its meaning, for colour.
    pub role: super::Role,
}

/// One row: as many cells as the report has columns, in their order.
pub type Row = Vec<Cell>;

/// A line of text under a heading, for `--explain` and footnotes.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// What it is about (a machine, a step); empty for a plain line.
    pub label: String,
    /// The text.
    pub text: String,
}

/// The answer of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The command, `fit`.
    pub command: &'static str,
    /// The newest date of the data used.
    pub data_date: String,
    /// What was assumed: key and value, in order.
    pub assumptions: Vec<(String, Value)>,
    /// The first two lines of a table: they answer the question.
    pub headline: Vec<super::Styled>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
    /// One line of footnotes under the table.
    pub footnote: Option<super::Styled>,
    /// One line: what would turn the answer.
    pub turn: Option<super::Styled>,
    /// Further top-level members of the JSON object (`crossovers`, `flips`, `summary`).
    pub members: Vec<(&'static str, Value)>,
    /// Text blocks before the details (charts), drawn as they are.
    pub figures: Vec<String>,
    /// The details behind `--explain`.
    pub details: Vec<Note>,
}
