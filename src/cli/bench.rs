//! `hwcmp bench`: published measurements beside the predictions, and
//! `hwcmp bench import`: llama-bench's output as a series of the overlay.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::args::{BenchArguments, BenchCommand, BenchImportArguments};
use super::operands::operands;
use super::session::{Session, write_text};
use super::speed::metric_name;
use crate::catalog::nearest;
use crate::evidence::{Metric, Series, gather};
use crate::import::{llama_bench, measured_csv, series_toml};
use crate::report::{Cell, Column, Format, Role, Styled};
use crate::study::score::{Scored, score_with, summary};
use crate::units::compact;

const COLUMNS: [Column; 18] = [
    Column::new("device", "device", "", Format::Text, 1),
    Column::new("devices", "devices", "", Format::Count, 8),
    Column::new("engine", "engine", "", Format::Text, 4),
    Column::new(
        "engine_version",
        "version",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
    Column::new("model", "model", "", Format::Text, 0),
    Column::new("quant", "quant", "", Format::Text, 2),
    Column::new("metric", "metric", "", Format::Text, 3),
    Column::new("prompt_tokens", "prompt", "", Format::Tokens, 7),
    Column::new("depth_tokens", "depth", "", Format::Tokens, 5),
    Column::new("concurrency", "users", "", Format::Count, 6),
    Column::new("value", "measured", "", Format::Number, 0),
    Column::new("predicted", "predicted", "", Format::Number, 0),
    Column::new("error", "error", "", Format::Percent, 1),
    Column::new("source", "source", "", Format::Text, 9),
    Column::new("date", "date", "", Format::Text, 9),
    Column::new("measured_by", "by", "", Format::Text, Column::HIDDEN),
    Column::new(
        "excluded",
        "never fitted because",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
    Column::new("id", "id", "", Format::Count, Column::HIDDEN),
];

/// Runs the command.
///
/// # Errors
/// If a name is unknown or a file cannot be read.
pub fn run(session: &Session, arguments: &BenchArguments) -> Result<ExitCode> {
    match &arguments.command {
        Some(BenchCommand::Import(import)) => self::import(session, import),
        None => show(session, arguments),
    }
}

/// Measurements of the machines and models asked for, beside their predictions.
fn show(session: &Session, arguments: &BenchArguments) -> Result<ExitCode> {
    let asked = operands(
        session,
        &arguments.operands,
        arguments.machine.iter().cloned().collect(),
        arguments.model.clone(),
    )?;
    let series = match asked.machines.as_slice() {
        [] => session.catalog.all_series()?,
        [name] => {
            let machine = session.catalog.select_machine(name)?;
            session.catalog.series(&machine.device.id)?
        }
        [first, second, ..] => bail!("`{first}` and `{second}` are two machines: name one"),
    };
    let model = match &asked.model {
        Some(name) => Some(session.catalog.select_model(name)?.model.id.clone()),
        None => None,
    };
    let wanted: Vec<Series> = series
        .into_iter()
        .filter(|series| model.as_ref().is_none_or(|model| series.model == *model))
        .collect();
    if wanted.is_empty() {
        bail!("nothing was measured of that: leave out the machine or the model");
    }
    let mut scored = score_with(&session.catalog, &wanted, session.catalog.constants()?)?;
    scored.sort_by_key(|row| (row.series, row.point));
    let mut report = Session::report("bench", &COLUMNS);
    let points = wanted
        .iter()
        .flat_map(|series| series.points.iter().map(move |point| (series, point)));
    for ((series, point), scored) in points.zip(&scored) {
        let predicted = scored.predicted.map(|range| range.mid);
        let role = if series.excluded.is_some() {
            Role::Dim
        } else {
            Role::Plain
        };
        report.row(vec![
            Cell::from(series.device.clone()).role(role),
            Cell::from(series.devices),
            Cell::from(series.engine.clone()),
            Cell::from(series.engine_version.clone()),
            Cell::from(series.model.clone()).role(role),
            Cell::from(series.quant.clone()),
            Cell {
                shown: Some(short(series.metric).to_owned()),
                ..Cell::from(metric_name(series.metric))
            },
            Cell::from(point.prompt),
            Cell::from(point.depth),
            Cell::from(point.batch),
            Cell::from(point.value),
            Cell::from(predicted),
            Cell::from(predicted.map(|predicted| predicted / point.value - 1.0)),
            Cell::from(series.citation.source.clone()),
            Cell::from(series.citation.date),
            Cell::from(series.measured_by.clone()),
            Cell::from(series.excluded.clone()),
            Cell::from(point.id),
        ]);
    }
    headline(&mut report, &wanted, &scored);
    report.footnote = Some(Styled::of(
        Role::Dim,
        "Predicted by constants that were fitted on these rows too, but for the excluded ones; `hwcmp validate` predicts them blind. tok/s, for a first token ms",
    ));
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

/// The first two lines.
fn headline(report: &mut crate::report::Report, series: &[Series], scored: &[Scored]) {
    let all: usize = series.iter().map(|series| series.points.len()).sum();
    let out: usize = series
        .iter()
        .filter(|series| series.excluded.is_some())
        .map(|series| series.points.len())
        .sum();
    let good: Vec<Scored> = scored
        .iter()
        .filter(|scored| series[scored.series].excluded.is_none())
        .cloned()
        .collect();
    let summary = summary(&good, series);
    report.headline(
        Styled::of(Role::Strong, format!("{all} measured points")).and(
            Role::Plain,
            format!(
                " in {} series; {out} are flagged and never fitted.",
                series.len()
            ),
        ),
    );
    report.headline(Styled::plain(format!(
        "Of the others the prediction is off by {}% in the median; its 80% interval holds {}%.",
        compact(100.0 * summary.median, 2),
        compact(100.0 * summary.coverage, 2)
    )));
}

const fn short(metric: Metric) -> &'static str {
    match metric {
        Metric::Decode => "decode",
        Metric::Prefill => "prefill",
        Metric::Aggregate => "aggregate",
        Metric::Ttft => "first token",
    }
}

/// A file of measurements as series in TOML.
fn import(session: &Session, arguments: &BenchImportArguments) -> Result<ExitCode> {
    let path = &arguments.file;
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let first = text.lines().next().unwrap_or("");
    let mut series: Vec<Series> = Vec::new();
    let mut notes = Vec::new();
    if first.split(',').any(|name| name.trim() == "metric") {
        for row in measured_csv::read(&text)
            .with_context(|| path.display().to_string())?
            .rows
        {
            match row.series {
                Ok(found) => series.push(found),
                Err(fault) => notes.push(fault.to_string()),
            }
        }
        series = gather(series);
    } else {
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let import = llama_bench::read(&text, &name).with_context(|| path.display().to_string())?;
        series = import.series;
        notes = import.notes;
    }
    if series.is_empty() {
        bail!(
            "{}: there is nothing to import; {}",
            path.display(),
            notes.join("; ")
        );
    }
    let devices = session.catalog.devices()?;
    let mut out = String::from(
        "# Save as measured.toml in the overlay (`--data DIR`), or add to data/measured/<device>.toml.\n",
    );
    for note in &notes {
        out.extend(["# ", note, "\n"]);
    }
    for mut series in series {
        if let Some(device) = &arguments.device {
            series.device.clone_from(device);
        }
        if let Some(model) = &arguments.model {
            series.model.clone_from(model);
        }
        let known = devices.contains_key(&series.device)
            || devices
                .values()
                .any(|device| device.aliases.contains(&series.device));
        if !known {
            let near = nearest(&series.device, devices.keys().map(String::as_str))
                .map_or_else(String::new, |near| format!("; did you mean `{near}`"));
            out.extend([
                "# there is no device `",
                &series.device,
                "`",
                &near,
                "; name it with --device\n",
            ]);
        }
        out.push('\n');
        out.push_str(&series_toml(&series));
    }
    write_text(&out)?;
    Ok(ExitCode::SUCCESS)
}
