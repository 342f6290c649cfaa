//! Measurements as CSV, one row each, in the columns of the published corpus.
//!
//! Columns may come in any order; others pass through. A row that cannot be
//! read keeps its cells and says why, so that a caller can report on every row.

mod words;

use words::{Notes, kv_type, link, switch};

use crate::evidence::{Citation, Metric, Point, Protocol, Series, Timing};
use crate::import::names::quant_id;
use crate::units::{Bytes, Date};

/// A table of measurements.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredTable {
    /// The columns in the order of the file.
    pub columns: Vec<String>,
    /// The rows in the order of the file.
    pub rows: Vec<MeasuredRow>,
}

/// One row of it.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredRow {
    /// The line in the file, from 1.
    pub line: u64,
    /// The cells as they stand, in the order of the columns.
    pub cells: Vec<String>,
    /// The measurement, a series of one point, or why it is none.
    pub series: Result<Series, RowFault>,
}

/// Why a row is no measurement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: `{column}` {problem}")]
pub struct RowFault {
    /// The line in the file, from 1.
    pub line: u64,
    /// The column.
    pub column: String,
    /// What is wrong.
    pub problem: String,
}

/// A fault that spoils the whole table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MeasuredError {
    /// Columns that a measurement cannot do without.
    #[error(
        "the columns {0} are missing; name them in the first line (as in: device,model,quant,engine,metric,depth_tokens,batch,value)"
    )]
    Columns(String),
    /// Broken CSV.
    #[error("{0}; save the table as CSV with commas and a first line of column names")]
    Syntax(String),
}

/// Columns that a measurement cannot do without.
const REQUIRED: [&str; 4] = ["device", "model", "metric", "value"];

/// Reads a table.
///
/// # Errors
/// If it is no CSV or lacks a column that every measurement needs.
pub fn read(text: &str) -> Result<MeasuredTable, MeasuredError> {
    let text = text.trim_start_matches('\u{feff}');
    let syntax = |error: csv::Error| MeasuredError::Syntax(error.to_string());
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let columns: Vec<String> = reader
        .headers()
        .map_err(syntax)?
        .iter()
        .map(|name| name.trim().to_owned())
        .collect();
    let missing: Vec<String> = REQUIRED
        .iter()
        .filter(|name| !columns.iter().any(|column| column == *name))
        .map(|name| format!("`{name}`"))
        .collect();
    if !missing.is_empty() {
        return Err(MeasuredError::Columns(missing.join(", ")));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(syntax)?;
        let line = record.position().map_or(0, csv::Position::line);
        let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
        cells.resize(columns.len(), String::new());
        let series = Cells {
            columns: &columns,
            values: &cells,
            line,
        }
        .series();
        rows.push(MeasuredRow {
            line,
            cells,
            series,
        });
    }
    Ok(MeasuredTable { columns, rows })
}

/// The cells of one row by name.
struct Cells<'a> {
    columns: &'a [String],
    values: &'a [String],
    line: u64,
}

impl Cells<'_> {
    fn fault(&self, column: &str, problem: impl Into<String>) -> RowFault {
        RowFault {
            line: self.line,
            column: column.to_owned(),
            problem: problem.into(),
        }
    }

    /// A cell that is there and not blank.
    fn text(&self, column: &str) -> Option<&str> {
        let index = self.columns.iter().position(|name| name == column)?;
        self.values
            .get(index)
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty())
    }

    fn required(&self, column: &str) -> Result<&str, RowFault> {
        self.text(column)
            .ok_or_else(|| self.fault(column, "is blank"))
    }

    fn owned(&self, column: &str) -> Option<String> {
        self.text(column).map(str::to_owned)
    }

    /// A number above zero, or none where the cell is blank.
    fn number(&self, column: &str) -> Result<Option<f64>, RowFault> {
        let Some(text) = self.text(column) else {
            return Ok(None);
        };
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => Ok(Some(number)),
            _ => Err(self.fault(
                column,
                format!("is `{text}`: a number that is not negative is needed"),
            )),
        }
    }

    /// A count; means over requests (`127.4`) are rounded.
    fn count(&self, column: &str) -> Result<Option<u32>, RowFault> {
        match self.number(column)? {
            Some(number) if number > f64::from(u32::MAX) => {
                Err(self.fault(column, format!("is {number}, too large for a count")))
            }
            number => Ok(number.map(|number| number.round() as u32)),
        }
    }

    fn metric(&self) -> Result<Metric, RowFault> {
        match self.required("metric")? {
            "decode_tok_s" | "decode" => Ok(Metric::Decode),
            "prefill_tok_s" | "prefill" => Ok(Metric::Prefill),
            "aggregate_decode_tok_s" | "aggregate" => Ok(Metric::Aggregate),
            "ttft_ms" | "ttft" => Ok(Metric::Ttft),
            other => Err(self.fault(
                "metric",
                format!("is `{other}`: decode_tok_s, prefill_tok_s, aggregate_decode_tok_s or ttft_ms is needed"),
            )),
        }
    }

    fn series(&self) -> Result<Series, RowFault> {
        let metric = self.metric()?;
        let value = self
            .number("value")?
            .ok_or_else(|| self.fault("value", "is blank"))?;
        if value <= 0.0 {
            return Err(self.fault("value", "is 0: a rate or time above zero is needed"));
        }
        let notes = Notes(self.text("notes").unwrap_or_default());
        let devices = self.count("n_devices")?.unwrap_or(1).max(1);
        let (timing, protocol) = self.kind_of_rate(metric, notes);
        let measured_by = self
            .owned("measured_by")
            .unwrap_or_else(|| "unknown".to_owned());
        Ok(Series {
            metric,
            machine: self.owned("machine"),
            device: self.required("device")?.to_owned(),
            devices,
            split: self.split(devices),
            link: self.text("link").map(link),
            engine: self.owned("engine").unwrap_or_else(|| "unknown".to_owned()),
            engine_version: self.owned("engine_version"),
            backend: self
                .owned("backend")
                .unwrap_or_else(|| "unknown".to_owned()),
            model: self.required("model")?.to_owned(),
            model_named: None,
            quant: self.text("quant").and_then(quant_id),
            quant_named: self.owned("quant"),
            weights: self
                .number("weights_gib")?
                .filter(|gib| *gib > 0.0)
                .map(Bytes::from_gib),
            total_params_b: self.number("total_params_b")?,
            active_params_b: self.number("active_params_b")?,
            kv_type: self.text("kv_type").map(kv_type),
            ubatch: self.count("ubatch")?,
            linear_backend: notes.linear_backend(),
            flash_attention: self.text("flash_attn").and_then(switch),
            power_limit_w: self.number("power_limit_w")?,
            relative: false,
            speculative: self.text("speculative").and_then(switch).unwrap_or(false),
            timing,
            protocol,
            replicas: self
                .count("replicas")?
                .or(notes.count("replicas="))
                .filter(|replicas| *replicas > 1),
            slots: self.count("slots")?,
            short_prompt: self.text("prompt_tokens").is_none() && notes.0.contains("short prompt"),
            local_score: measured_by.starts_with("localscore"),
            measured_by,
            citation: self.citation(notes),
            excluded: self
                .text("flag")
                .map(|flag| format!("flagged in the file: {flag}")),
            points: vec![self.point(value, notes)?],
        })
    }

    fn point(&self, value: f64, notes: Notes<'_>) -> Result<Point, RowFault> {
        let id = self
            .text("id")
            .map(|id| id.trim_start_matches(|char: char| !char.is_ascii_digit()));
        Ok(Point {
            id: id.and_then(|id| id.parse().ok()).unwrap_or(0),
            prompt: self.count("prompt_tokens")?,
            generated: self.count("gen_tokens")?,
            depth: self.count("depth_tokens")?,
            batch: self.count("batch")?.unwrap_or(1).max(1),
            value,
            stddev: self.number("stddev")?,
            ttft_p50_ms: notes.number("ttft_p50_ms="),
            itl_p50_ms: notes.number("itl_p50_ms="),
        })
    }

    fn split(&self, devices: u32) -> String {
        match (self.text("split"), devices) {
            (Some("row"), _) => "layer".to_owned(),
            (Some(split), _) => split.to_owned(),
            (None, 1) => "none".to_owned(),
            (None, _) => "layer".to_owned(),
        }
    }

    /// What a rate counts and divides by: the columns' word, or what the notes
    /// say about the tool (a batched bench decodes only, llama-benchy spans the run).
    fn kind_of_rate(&self, metric: Metric, notes: Notes<'_>) -> (Option<Timing>, Option<Protocol>) {
        let stated = match self.text("timing") {
            Some("decode") => Some(Timing::Decode),
            Some("wall") => Some(Timing::Wall),
            _ => None,
        };
        let protocol = match self.text("protocol") {
            Some("pure") => Some(Protocol::Pure),
            Some("span") => Some(Protocol::Span),
            Some("wall") => Some(Protocol::Wall),
            Some("wall-cached") => Some(Protocol::WallCached),
            _ if metric != Metric::Aggregate => None,
            _ if notes.0.contains("batched-bench") => Some(Protocol::Pure),
            _ if notes.0.contains("llama-benchy") => Some(Protocol::Span),
            _ if stated == Some(Timing::Wall) => Some(Protocol::Wall),
            _ => Some(Protocol::Pure),
        };
        match (metric, protocol) {
            (Metric::Prefill | Metric::Ttft, _) => (None, None),
            (Metric::Aggregate, Some(Protocol::Pure)) => (Some(Timing::Decode), protocol),
            (Metric::Aggregate, _) => (Some(Timing::Wall), protocol),
            (Metric::Decode, _) => (stated, protocol),
        }
    }

    fn citation(&self, notes: Notes<'_>) -> Citation {
        let dated = self
            .text("source_date")
            .and_then(|date| date.get(..10).unwrap_or(date).parse().ok());
        let plain = self
            .text("source_date")
            .and_then(|date| date.split("..").next()?.parse().ok());
        let date = dated.or(plain);
        let mut note = Some(notes.0.to_owned()).filter(|note| !note.is_empty());
        if date.is_none() {
            let undated = "no date in the file";
            note =
                Some(note.map_or_else(|| undated.to_owned(), |note| format!("{note}; {undated}")));
        }
        Citation {
            source: self.owned("source").unwrap_or_else(|| "user".to_owned()),
            date: date.unwrap_or(Date::new(2000, 1, 1)),
            note,
        }
    }
}
