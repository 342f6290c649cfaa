//! `hwcmp speed`: how fast a model decodes and reads its prompt.

use std::process::ExitCode;

use anyhow::Result;

use super::args::SpeedArguments;
use super::fit_text::{beyond_model, context_words};
use super::offload_text;
use super::session::Session;
use super::setup::{assume_offload, candidates, explained, shapes};
use super::speculate::{self, Asked};
use super::speed_curve as curve;
use super::speed_split::{split_details, split_notes};
use super::speed_text::headline;
use super::subject::subject;
use crate::catalog::{Candidate, Shape};
use crate::evidence::{Metric, Series};
use crate::predict::memory::Fits;
use crate::predict::{Bound, Constants, Estimate};
use crate::report::{Cell, Column, Format, Report, Role, Styled, Value};
use crate::units::compact;

const COLUMNS: [Column; 19] = [
    Column::new("machine", "machine", "", Format::Text, 0),
    Column::new("engine", "engine", "", Format::Text, 5),
    Column::new("model", "model", "", Format::Text, Column::HIDDEN),
    Column::new("quant", "quant", "", Format::Text, 4),
    Column::new("split", "split", "", Format::Text, 9),
    Column::new("depth_tokens", "depth", "", Format::Tokens, Column::HIDDEN),
    Column::new("concurrency", "users", "", Format::Count, 10),
    Column::new(
        "decode_tokens_per_second",
        "decode",
        "tok/s",
        Format::Number,
        0,
    ),
    Column::new(
        "aggregate_decode_tokens_per_second",
        "aggregate",
        "tok/s",
        Format::Number,
        8,
    ),
    Column::new(
        "prefill_tokens_per_second",
        "prefill",
        "tok/s",
        Format::Number,
        1,
    ),
    Column::new("ttft_seconds", "first token", "s", Format::Number, 2),
    Column::new(
        "wall_tokens_per_second",
        "whole requests",
        "tok/s",
        Format::Number,
        12,
    ),
    Column::new("bound", "bound by", "", Format::Text, 6),
    Column::new("evidence", "evidence", "", Format::Text, 3),
    Column::new("measured", "measured", "tok/s", Format::Text, 3),
    Column::new("watts", "draws", "W", Format::Count, 11),
    Column::new(
        "batch",
        "decoded together",
        "",
        Format::Count,
        Column::HIDDEN,
    ),
    Column::new("fits", "fits", "", Format::Text, 7),
    Column::new("offload_flags", "offload", "", Format::Text, Column::HIDDEN),
];

/// One machine's answer for one number of users.
pub(super) struct Answer<'a> {
    /// The machine, ready.
    pub candidate: &'a Candidate<'a>,
    /// The shape of the work.
    pub shape: Shape,
    /// Its estimate.
    pub estimate: Estimate,
    /// The matching measurements.
    measured: Vec<Value>,
    /// The same in the table.
    shown: String,
    speculation: Option<speculate::Answer>,
}

/// Runs the command.
///
/// # Errors
/// If a name is unknown or the answer cannot be written.
pub fn run(session: &Session, arguments: &SpeedArguments) -> Result<ExitCode> {
    let subject = subject(session, &arguments.model)?;
    let mut shapes = shapes(&arguments.setup)?;
    for shape in &mut shapes {
        shape.depth = arguments.depth;
        shape.prompt = arguments.prompt;
        shape.cached = arguments.cached.unwrap_or(arguments.depth);
        shape.output = arguments.output_tokens;
        shape.context = shape
            .context
            .max(shape.depth.max(shape.cached + shape.prompt) + shape.output);
    }
    let shape = shapes[0];
    let (ready, refused) = candidates(session, &subject, &arguments.setup)?;
    let constants = session.catalog.constants()?;
    let asked = speculate::asked(session, &subject, &arguments.speculation)?;
    let columns = speculate::columns(&COLUMNS, asked.is_some());
    let mut report = Session::report("speed", &columns);
    report.assume("power_limit_watts", arguments.setup.power.limit);
    assume_offload(&mut report, &arguments.setup.run.offload);
    assume(&mut report, &subject.model.id, &shapes, constants);
    let mut answers = Vec::new();
    for candidate in &ready {
        let series = session.catalog.series(&candidate.machine.device.id)?;
        for shape in &shapes {
            let estimate = explained(session, &mut report, &candidate.scenario(shape), constants);
            let (measured, shown) = matching(&series, candidate, shape);
            let speculation = asked
                .as_ref()
                .map(|asked| {
                    let scenario = candidate.scenario(shape);
                    asked.answer(
                        session,
                        &mut report,
                        candidate,
                        &scenario,
                        &estimate,
                        constants,
                    )
                })
                .transpose()?;
            answers.push(Answer {
                candidate,
                shape: *shape,
                estimate,
                measured,
                shown,
                speculation,
            });
        }
    }
    split_details(&mut report, &answers);
    let mut notes: Vec<String> = subject.assumed(&mut report).collect();
    notes.extend(beyond_model(&subject.model.architecture, shape.context));
    if shapes.len() == 1 {
        for answer in &answers {
            report.row(row(answer, asked.as_ref()));
        }
        headline(&mut report, &subject.title, &answers, &shape);
        notes.push(format!(
            "80% intervals; prefill of {} new tokens, first token after them with {} in the cache; measured = published figures for the same set-up (count)",
            context_words(shape.prompt),
            context_words(shape.cached)
        ));
    } else {
        curve::columns(&mut report);
        for answer in &answers {
            report.row(curve::row(row(answer, asked.as_ref()), &columns));
        }
        curve::lines(&mut report, &subject.title, &answers, constants);
        notes.push(curve::note(&shape));
    }
    notes.extend(split_notes(&answers, constants));
    let plans = answers
        .iter()
        .map(|answer| (answer.candidate, &answer.estimate.plan));
    notes.extend(offload_text::notes(plans));
    if let Some(asked) = &asked {
        let found: Vec<speculate::Told<'_>> = answers
            .iter()
            .filter_map(|answer| {
                Some(speculate::Told {
                    machine: &answer.candidate.machine.id,
                    users: answer.shape.concurrency,
                    answer: answer.speculation.as_ref()?,
                })
            })
            .collect();
        notes.extend(asked.finish(&mut report, &found)?);
    }
    notes.extend(refused.iter().map(|(id, reason)| format!("{id}: {reason}")));
    report.footnote = Some(Styled::of(Role::Dim, notes.join(". ")));
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

/// What the answer takes for granted.
fn assume(report: &mut Report, model: &str, shapes: &[Shape], constants: &Constants) {
    let shape = &shapes[0];
    let users: Vec<u64> = shapes
        .iter()
        .map(|shape| shape.concurrency.into())
        .collect();
    report
        .assume("model", model.to_owned())
        .assume("depth_tokens", shape.depth)
        .assume("prompt_tokens", shape.prompt)
        .assume("cached_tokens", shape.cached)
        .assume("output_tokens", shape.output)
        .assume("context_tokens", shape.context)
        .assume(
            "concurrency",
            match users[..] {
                [one] => Value::from(one),
                _ => Value::from(users),
            },
        )
        .assume("constants", constants.source.clone());
}

fn row(answer: &Answer<'_>, asked: Option<&Asked<'_>>) -> Vec<Cell> {
    let Answer {
        candidate,
        shape,
        estimate,
        measured,
        shown,
        speculation,
    } = answer;
    let fits = estimate.plan.fits;
    let mut cells = vec![
        Cell::from(candidate.machine.id.clone()),
        Cell::from(candidate.engine.id.clone()),
        Cell::from(candidate.model.id.clone()),
        Cell::from(candidate.weights.quant.id.clone()),
        Cell::from(estimate.plan.split.name()),
        Cell::from(shape.depth),
        Cell::from(shape.concurrency),
        Cell::from(estimate.decode).role(if fits == Fits::Yes {
            Role::Strong
        } else {
            Role::Caution
        }),
        Cell::from(estimate.aggregate),
        Cell::from(estimate.prefill.filter(|_| shape.prompt > 0)),
        Cell::from(estimate.ttft.map(|ttft| ttft.warm)),
        Cell::from(estimate.wall),
        Cell::from(estimate.bound.map(Bound::name)),
        Cell::from(estimate.decode.map(|_| estimate.evidence)),
        Cell {
            value: Value::List(measured.clone()),
            shown: Some(shown.clone()),
            role: Role::Dim,
        },
        Cell::from(estimate.watts),
        Cell::from(estimate.batch),
        Cell::from(fits.name()).role(if fits == Fits::No {
            Role::Bad
        } else {
            Role::Plain
        }),
        Cell::from(offload_text::of_candidate(candidate, &estimate.plan)),
    ];
    if let Some((asked, speculation)) = asked.zip(speculation.as_ref()) {
        cells.extend(asked.cells(speculation));
    }
    cells
}

/// The measurements of this model on this machine, and their middle for the
/// table: those of the same engine, quant and concurrency near the depth.
fn matching(series: &[Series], candidate: &Candidate<'_>, shape: &Shape) -> (Vec<Value>, String) {
    let mut listed = Vec::new();
    let mut same = Vec::new();
    let quant = candidate.weights.quant.id.as_str();
    for series in series {
        let wanted = series.model == candidate.model.id
            && series.devices == candidate.machine.count
            && series.excluded.is_none()
            && !series.relative
            && !series.speculative;
        if !wanted {
            continue;
        }
        let own = series.quant.as_deref() == Some(quant) && series.engine == candidate.engine.id;
        for point in &series.points {
            if own
                && is_decode(series.metric, point.batch, shape.concurrency)
                && near(point.depth, shape.depth)
            {
                same.push(point.value);
            }
            if series.quant.as_deref() == Some(quant) {
                listed.push(Value::object([
                    ("metric", Value::from(metric_name(series.metric))),
                    ("value", Value::from(point.value)),
                    ("engine", Value::from(series.engine.clone())),
                    ("engine_version", Value::from(series.engine_version.clone())),
                    ("backend", Value::from(series.backend.clone())),
                    ("quant", Value::from(series.quant.clone())),
                    ("prompt_tokens", Value::from(point.prompt)),
                    ("depth_tokens", Value::from(point.depth)),
                    ("concurrency", Value::from(point.batch)),
                    ("source", Value::from(series.citation.source.clone())),
                    ("date", Value::from(series.citation.date)),
                ]));
            }
        }
    }
    same.sort_by(f64::total_cmp);
    let shown = match same.len() {
        0 => "-".to_owned(),
        count => format!("{} ({count})", compact(same[count / 2], 3)),
    };
    (listed, shown)
}

fn is_decode(metric: Metric, batch: u32, concurrency: u32) -> bool {
    batch == concurrency && (metric == Metric::Decode || metric == Metric::Aggregate)
}

/// Within the same band of depth: below a thousand, or a factor of 1.5.
fn near(measured: Option<u32>, asked: u64) -> bool {
    let Some(measured) = measured else {
        return asked < 1024;
    };
    let (measured, asked) = (f64::from(measured), asked as f64);
    (measured < 1024.0 && asked < 1024.0) || (measured / asked.max(1.0)).ln().abs() < 0.405
}

/// The word for a metric.
pub fn metric_name(metric: Metric) -> &'static str {
    match metric {
        Metric::Decode => "decode_tokens_per_second",
        Metric::Prefill => "prefill_tokens_per_second",
        Metric::Aggregate => "aggregate_decode_tokens_per_second",
        Metric::Ttft => "ttft_milliseconds",
    }
}
