//! `hwcmp validate`: how far the predictions are off, on our own measurements
//! with the fit blind to them, or on somebody else's.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::args::ValidateArguments;
use super::session::Session;
use crate::evidence::Series;
use crate::import::{llama_bench, measured_csv};
use crate::report::{Cell, Column, Format, Report, Role, Styled, Value};
use crate::study::score::{Scored, Summary, score, summary};
use crate::study::validate::{Coverage, Validation, validate};
use crate::study::{Backtest, Corpus, Group, LeftOut};
use crate::units::compact;

const SLICES: [Column; 7] = [
    Column::new("group", "what", "", Format::Text, 0),
    Column::new("slice", "of", "", Format::Text, 0),
    Column::new("left_out", "left out", "", Format::Text, 0),
    Column::new("configurations", "configurations", "", Format::Count, 2),
    Column::new("rows", "points", "", Format::Count, 3),
    Column::new("median_abs_error", "median error", "", Format::Percent, 0),
    Column::new("p90_abs_error", "90th percentile", "", Format::Percent, 1),
];

/// Slices that a table shows unless asked for all by `--explain`.
const SHOWN_SLICES: [&str; 3] = ["all", "dense", "experts"];

/// Runs the command.
///
/// # Errors
/// If a file cannot be read or the data has faults.
pub fn run(session: &Session, arguments: &ValidateArguments) -> Result<ExitCode> {
    match &arguments.measured {
        Some(path) => outside(session, path, arguments.max_error),
        None => own(session, arguments.max_error),
    }
}

/// The exit code of `--max-error`.
fn asserted(error: f64, most: Option<f64>) -> ExitCode {
    if most.is_some_and(|most| error > most) {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    }
}

/// The left-out tests on the built-in measurements (and the overlay's).
fn own(session: &Session, most: Option<f64>) -> Result<ExitCode> {
    let corpus = Corpus::of(&session.catalog, session.catalog.all_series()?)?;
    let backtest = Backtest::run(corpus.fit().collect(), &LeftOut::ALL);
    let found = validate(&corpus, &backtest, session.catalog.constants()?);
    let mut report = Session::report("validate", &SLICES);
    for slice in &found.slices {
        if !session.explain && !SHOWN_SLICES.contains(&slice.name.as_str()) {
            continue;
        }
        report.row(vec![
            Cell::from(slice.group.name()),
            Cell::from(slice.name.clone()),
            Cell::from(slice.test.name()),
            Cell::from(slice.errors.configurations),
            Cell::from(slice.errors.rows),
            Cell::from(slice.errors.median).role(Role::Strong),
            Cell::from(slice.errors.p90),
        ]);
    }
    let decode = found
        .slices
        .iter()
        .find(|slice| {
            slice.test == LeftOut::Model && slice.group == Group::Decode && slice.name == "all"
        })
        .map(|slice| slice.errors)
        .unwrap_or_default();
    report.headline(
        Styled::plain("Decode of a model never seen: median error ")
            .and(Role::Strong, percent(decode.median))
            .and(
                Role::Plain,
                format!(
                    ", 90th percentile {}, over {} configurations.",
                    percent(decode.p90),
                    decode.configurations
                ),
            ),
    );
    report.headline(Styled::plain(interval_words(&found)));
    details(&mut report, &corpus, &found);
    report.footnote = Some(Styled::of(
        Role::Dim,
        "Error of a configuration (device, engine, model, quant): the median over its points of |predicted/measured - 1|; then median and 90th percentile over configurations. Each point is predicted by a fit that saw nothing of what is left out",
    ));
    let all = pooled(&found);
    report.member(
        "summary",
        Value::object([
            ("median_abs_error", Value::from(decode.median)),
            ("p90_abs_error", Value::from(decode.p90)),
            (
                "interval_coverage",
                Value::from(all.map(|coverage| coverage.coverage)),
            ),
            (
                "median_half_width",
                Value::from(all.map(|coverage| coverage.half_width)),
            ),
            ("n", Value::from(decode.configurations)),
            ("unpredicted", Value::from(corpus.unpredictable.len())),
        ]),
    );
    session.write(report)?;
    Ok(asserted(decode.median, most))
}

fn percent(share: f64) -> String {
    format!("{}%", compact(100.0 * share, 2))
}

/// The coverage of known devices over everything measured.
fn pooled(found: &Validation) -> Option<Coverage> {
    found.coverage.iter().copied().find(|coverage| {
        coverage.group.is_none() && coverage.evidence == crate::evidence::Evidence::Calibrated
    })
}

fn interval_words(found: &Validation) -> String {
    let parts: Vec<String> = found
        .coverage
        .iter()
        .filter(|coverage| coverage.group.is_none())
        .map(|coverage| {
            format!(
                "{} {} (half-width {})",
                coverage.evidence.name(),
                percent(coverage.coverage),
                percent(coverage.half_width)
            )
        })
        .collect();
    format!("The 80% intervals hold: {}.", parts.join(", "))
}

/// Coverage by group, worst configurations, what was left out and why.
fn details(report: &mut Report, corpus: &Corpus, found: &Validation) {
    for coverage in &found.coverage {
        if let Some(group) = coverage.group {
            report.detail(
                format!("interval {}", coverage.evidence.name()),
                format!(
                    "{}: holds {} of {} configurations, half-width {}",
                    group.name(),
                    percent(coverage.coverage),
                    coverage.configurations,
                    percent(coverage.half_width)
                ),
            );
        }
    }
    for (name, errors) in [
        ("decode", found.local_score_decode),
        ("prefill", found.local_score_prefill),
    ] {
        report.detail(
            "LocalScore",
            format!(
                "{name}, one accelerator left out (the split of FitCheck, which published 17.5%): median {}, 90th percentile {}, {} configurations",
                percent(errors.median),
                percent(errors.p90),
                errors.configurations
            ),
        );
    }
    for worst in &found.worst {
        let series = &corpus.series[worst.series];
        report.detail(
            "worst",
            format!(
                "{} {}: {} times the measured rate; {} ({})",
                worst.group.name(),
                worst.configuration,
                compact(worst.ratio, 3),
                series.citation.source,
                series.citation.date
            ),
        );
    }
    let out: usize = found.excluded.values().sum();
    report.detail(
        "never fitted",
        format!(
            "{out} of {} points, {}:",
            found.rows,
            percent(out as f64 / found.rows.max(1) as f64)
        ),
    );
    for (reason, count) in &found.excluded {
        report.detail("never fitted", format!("{count}: {reason}"));
    }
}

/// Somebody else's rows, with nothing calibrated on them.
fn outside(session: &Session, path: &Path, most: Option<f64>) -> Result<ExitCode> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (columns, rows) = read(path, &text)?;
    if rows.is_empty() {
        bail!("{}: there are no rows to score", path.display());
    }
    let series: Vec<Series> = rows
        .iter()
        .filter_map(|(_, series)| series.clone().ok())
        .collect();
    let mut scored = score(&session.catalog, &series)?;
    scored.sort_by_key(|row| (row.series, row.point));
    let mut report = report_of(&columns);
    let mut next = scored.iter();
    let mut unreadable = 0;
    for (cells, series) in rows {
        let found = match series {
            Ok(_) => next.next().cloned(),
            Err(reason) => {
                unreadable += 1;
                report.row(row(cells, None, Some(reason)));
                continue;
            }
        };
        let reason = found.as_ref().and_then(reason_of);
        report.row(row(cells, found, reason));
    }
    let Summary {
        rows,
        unpredicted,
        median,
        p90,
        coverage,
        half_width,
    } = summary(&scored, &series);
    let unpredicted = unpredicted + unreadable;
    report.headline(
        Styled::plain("Median error ")
            .and(Role::Strong, percent(median))
            .and(
                Role::Plain,
                format!(
                    ", 90th percentile {}, over {} rows; {unpredicted} could not be predicted.",
                    percent(p90),
                    rows + unreadable
                ),
            ),
    );
    report.headline(Styled::plain(format!(
        "The 80% interval holds {} of them, with a median half-width of {}.",
        percent(coverage),
        percent(half_width)
    )));
    report.member(
        "summary",
        Value::object([
            ("median_abs_error", Value::from(median)),
            ("p90_abs_error", Value::from(p90)),
            ("interval_coverage", Value::from(coverage)),
            ("median_half_width", Value::from(half_width)),
            ("n", Value::from(rows + unreadable)),
            ("unpredicted", Value::from(unpredicted)),
        ]),
    );
    session.write(report)?;
    Ok(asserted(median, most))
}

/// Why nothing is predicted, or what was assumed.
fn reason_of(scored: &Scored) -> Option<String> {
    scored
        .reason
        .clone()
        .or_else(|| (!scored.assumed.is_empty()).then(|| scored.assumed.join("; ")))
}

/// A row of the input with our columns behind it.
fn row(cells: Vec<String>, scored: Option<Scored>, reason: Option<String>) -> Vec<Cell> {
    let predicted = scored.as_ref().and_then(|scored| scored.predicted);
    let mut row: Vec<Cell> = cells.into_iter().map(Cell::from).collect();
    row.extend([
        Cell::from(predicted.map(|range| range.mid)),
        Cell::from(predicted.map(|range| range.low)),
        Cell::from(predicted.map(|range| range.high)),
        Cell::from(scored.and_then(|scored| scored.evidence)),
        Cell::from(reason),
    ]);
    row
}

/// A file's columns and rows: measured.csv's, or llama-bench's.
type Table = (Vec<String>, Vec<(Vec<String>, Result<Series, String>)>);

fn read(path: &Path, text: &str) -> Result<Table> {
    let first = text.lines().next().unwrap_or("");
    let is_measured = first.split(',').any(|name| name.trim() == "metric");
    if is_measured {
        let table = measured_csv::read(text).with_context(|| path.display().to_string())?;
        let rows = table
            .rows
            .into_iter()
            .map(|row| (row.cells, row.series.map_err(|fault| fault.to_string())))
            .collect();
        return Ok((table.columns, rows));
    }
    let source = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let import = llama_bench::read(text, &source).with_context(|| path.display().to_string())?;
    let columns = [
        "metric",
        "device",
        "model",
        "quant",
        "prompt_tokens",
        "gen_tokens",
        "depth_tokens",
        "value",
    ];
    let mut rows = Vec::new();
    for series in import.series {
        for point in &series.points {
            let show =
                |value: Option<u32>| value.map_or_else(String::new, |value| value.to_string());
            let cells = vec![
                super::speed::metric_name(series.metric).to_owned(),
                series.device.clone(),
                series.model.clone(),
                series.quant.clone().unwrap_or_default(),
                show(point.prompt),
                show(point.generated),
                show(point.depth),
                point.value.to_string(),
            ];
            rows.push((
                cells,
                Ok(Series {
                    points: vec![*point],
                    ..series.clone()
                }),
            ));
        }
    }
    Ok((columns.into_iter().map(str::to_owned).collect(), rows))
}

/// Columns that a table shows of the input.
const SHOWN: [&str; 7] = [
    "id", "device", "engine", "model", "quant", "metric", "value",
];

/// A report with the input's columns and ours behind them.
fn report_of(columns: &[String]) -> Report {
    let mut all: Vec<Column> = columns
        .iter()
        .map(|name| {
            let priority = if SHOWN.contains(&name.as_str()) {
                3
            } else {
                Column::HIDDEN
            };
            // Column keys are fixed words elsewhere; an input's live as long as the program.
            let key: &'static str = Box::leak(name.clone().into_boxed_str());
            Column::new(key, key, "", Format::Text, priority)
        })
        .collect();
    all.extend([
        Column::new("predicted", "predicted", "", Format::Number, 0),
        Column::new("low", "low", "", Format::Number, 1),
        Column::new("high", "high", "", Format::Number, 1),
        Column::new("evidence", "evidence", "", Format::Text, 2),
        Column::new("reason", "reason", "", Format::Text, 4),
    ]);
    Session::report("validate", &all)
}
