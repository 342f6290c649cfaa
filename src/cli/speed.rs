//! `hwcmp speed`: how fast a model decodes and reads its prompt.

use std::process::ExitCode;

use anyhow::Result;

use super::args::SpeedArguments;
use super::fit_text::{beyond_model, context_words, rate_words};
use super::session::Session;
use super::setup::{candidates, explained, shape};
use super::subject::subject;
use crate::catalog::{Candidate, Shape};
use crate::evidence::{Metric, Series};
use crate::predict::memory::Fits;
use crate::predict::{Bound, Estimate};
use crate::report::{Cell, Column, Format, Role, Styled, Value};
use crate::units::compact;

const COLUMNS: [Column; 17] = [
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
];

/// One machine's answer.
struct Answer<'a> {
    candidate: Candidate<'a>,
    estimate: Estimate,
    measured: Vec<Value>,
    shown: String,
}

/// Runs the command.
///
/// # Errors
/// If a name is unknown or the answer cannot be written.
pub fn run(session: &Session, arguments: &SpeedArguments) -> Result<ExitCode> {
    let subject = subject(session, &arguments.model)?;
    let mut shape = shape(&arguments.setup)?;
    shape.depth = arguments.depth;
    shape.prompt = arguments.prompt;
    shape.cached = arguments.cached.unwrap_or(arguments.depth);
    shape.output = arguments.output_tokens;
    shape.context = shape
        .context
        .max(shape.depth.max(shape.cached + shape.prompt) + shape.output);
    let (ready, refused) = candidates(session, &subject, &arguments.setup)?;
    let constants = session.catalog.constants()?;
    let mut report = Session::report("speed", &COLUMNS);
    report
        .assume("model", subject.model.id.clone())
        .assume("depth_tokens", shape.depth)
        .assume("prompt_tokens", shape.prompt)
        .assume("cached_tokens", shape.cached)
        .assume("output_tokens", shape.output)
        .assume("context_tokens", shape.context)
        .assume("concurrency", shape.concurrency)
        .assume("power_limit_watts", arguments.setup.power_limit)
        .assume("constants", constants.source.clone());
    let mut answers = Vec::new();
    for candidate in ready {
        let scenario = candidate.scenario(&shape);
        let estimate = explained(session, &mut report, &scenario, constants);
        let series = session.catalog.series(&candidate.machine.device.id)?;
        let (measured, shown) = matching(&series, &candidate, &shape);
        answers.push(Answer {
            candidate,
            estimate,
            measured,
            shown,
        });
    }
    for answer in &answers {
        report.row(row(answer, &shape));
    }
    headline(&mut report, &subject.title, &answers, &shape);
    let mut notes: Vec<String> = subject.assumed(&mut report).collect();
    notes.extend(beyond_model(&subject.model.architecture, shape.context));
    notes.push(format!(
        "80% intervals; prefill of {} new tokens, first token after them with {} in the cache; measured = published figures for the same set-up (count)",
        context_words(shape.prompt),
        context_words(shape.cached)
    ));
    notes.extend(refused.iter().map(|(id, reason)| format!("{id}: {reason}")));
    report.footnote = Some(Styled::of(Role::Dim, notes.join(". ")));
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

fn row(answer: &Answer<'_>, shape: &Shape) -> Vec<Cell> {
    let Answer {
        candidate,
        estimate,
        measured,
        shown,
    } = answer;
    let fits = estimate.plan.fits;
    vec![
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
    ]
}

/// The first two lines.
fn headline(
    report: &mut crate::report::Report,
    title: &str,
    answers: &[Answer<'_>],
    shape: &Shape,
) {
    let mut running: Vec<&Answer<'_>> = answers
        .iter()
        .filter(|answer| answer.estimate.decode.is_some())
        .collect();
    running.sort_by(|a, b| decode_mid(b).total_cmp(&decode_mid(a)));
    let at = match shape.depth {
        0 => format!("{title} from an empty cache: "),
        depth => format!("{title} at {} of depth: ", context_words(depth)),
    };
    let Some(best) = running.first() else {
        let none = match answers {
            [one] => format!("does not fit {}.", one.candidate.machine.id),
            _ => "fits none of these machines.".to_owned(),
        };
        report.headline(Styled::plain(at).and(Role::Bad, none));
        report.headline(Styled::plain(
            "`hwcmp fit` says by how much, and what would make it fit.",
        ));
        return;
    };
    if let Some(rate) = best.estimate.decode {
        report.headline(
            Styled::plain(at)
                .and(Role::Strong, best.candidate.machine.id.clone())
                .and(
                    Role::Plain,
                    format!(
                        " decodes {} tok/s, bound by {}.",
                        rate_words(rate),
                        best.estimate.bound.map_or("nothing", Bound::name)
                    ),
                ),
        );
    }
    let slowest = running.last().filter(|_| running.len() > 1);
    let line = match slowest {
        Some(last) => format!(
            "{} of {} machines run it; the slowest, {}, decodes {} tok/s ({}x slower).",
            running.len(),
            answers.len(),
            last.candidate.machine.id,
            compact(decode_mid(last), 2),
            compact(decode_mid(best) / decode_mid(last), 2)
        ),
        None => best.estimate.ttft.map_or(String::new(), |ttft| {
            format!(
                "First token after {} s for {} new tokens.",
                compact(ttft.warm.mid, 2),
                context_words(shape.prompt)
            )
        }),
    };
    report.headline(Styled::plain(line));
}

fn decode_mid(answer: &Answer<'_>) -> f64 {
    answer.estimate.decode.map_or(0.0, |rate| rate.mid)
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
