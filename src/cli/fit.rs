//! `hwcmp fit`: does it fit, and with how much to spare.

use std::process::ExitCode;

use anyhow::Result;

use super::args::FitArguments;
use super::session::Session;
use super::setup::{candidates, model_title, shape};
use crate::catalog::{Candidate, Shape};
use crate::evidence::Range;
use crate::model::Weights;
use crate::predict::memory::{Fits, Limits, limits};
use crate::predict::{Estimate, Trace, estimate};
use crate::report::{Cell, Column, Format, Role, Styled};
use crate::units::compact;

const COLUMNS: [Column; 22] = [
    Column::new("machine", "machine", "", Format::Text, 0),
    Column::new("engine", "engine", "", Format::Text, 11),
    Column::new("model", "model", "", Format::Text, Column::HIDDEN),
    Column::new("quant", "quant", "", Format::Text, 5),
    Column::new("split", "split", "", Format::Text, 10),
    Column::new(
        "context_tokens",
        "context",
        "",
        Format::Tokens,
        Column::HIDDEN,
    ),
    Column::new("fits", "fits", "", Format::Text, 0),
    Column::new("weights_bytes", "weights", "GiB", Format::Gibibytes, 6),
    Column::new("kv_cache_bytes", "KV cache", "GiB", Format::Gibibytes, 7),
    Column::new(
        "recurrent_state_bytes",
        "state",
        "GiB",
        Format::Gibibytes,
        Column::HIDDEN,
    ),
    Column::new(
        "compute_buffer_bytes",
        "buffer",
        "GiB",
        Format::Gibibytes,
        9,
    ),
    Column::new(
        "reserve_bytes",
        "reserve",
        "GiB",
        Format::Gibibytes,
        Column::HIDDEN,
    ),
    Column::new(
        "host_bytes",
        "in host RAM",
        "GiB",
        Format::Gibibytes,
        Column::HIDDEN,
    ),
    Column::new("required_bytes", "needs", "GiB", Format::Gibibytes, 1),
    Column::new("usable_bytes", "usable", "GiB", Format::Gibibytes, 1),
    Column::new("headroom_bytes", "left", "GiB", Format::Gibibytes, 3),
    Column::new(
        "tightest_device_headroom_bytes",
        "left on fullest",
        "GiB",
        Format::Gibibytes,
        Column::HIDDEN,
    ),
    Column::new(
        "max_context_tokens",
        "longest context",
        "",
        Format::Tokens,
        2,
    ),
    Column::new("max_concurrency", "most users", "", Format::Count, 8),
    Column::new(
        "decode_tokens_per_second",
        "decode",
        "tok/s",
        Format::Number,
        2,
    ),
    Column::new("evidence", "evidence", "", Format::Text, 12),
    Column::new(
        "weights_basis",
        "weights from",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
];

/// One machine's answer.
struct Answer<'a> {
    candidate: Candidate<'a>,
    estimate: Estimate,
    limits: Limits,
}

/// Runs the command.
///
/// # Errors
/// If a name is unknown or the answer cannot be written.
pub fn run(session: &Session, arguments: &FitArguments) -> Result<ExitCode> {
    let choice = session.catalog.select_model(&arguments.model)?;
    let shape = shape(&arguments.setup)?;
    let (ready, refused) = candidates(session, &choice, &arguments.setup)?;
    let constants = session.catalog.constants()?;
    let mut report = Session::report("fit", &COLUMNS);
    report
        .assume("model", choice.model.id.clone())
        .assume("context_tokens", shape.context)
        .assume("concurrency", shape.concurrency)
        .assume("key_cache_type", shape.key_type.name())
        .assume("value_cache_type", shape.value_type.name())
        .assume("tuned_memory", shape.tuned);

    let mut answers = Vec::new();
    for candidate in ready {
        let mut trace = if session.explain {
            Trace::on()
        } else {
            Trace::off()
        };
        let scenario = candidate.scenario(&shape);
        let estimate = estimate(&scenario, constants, &mut trace);
        let limits = limits(&scenario);
        report.detail(candidate.machine.id.clone(), basis(&candidate));
        for step in trace.steps() {
            report.detail(
                candidate.machine.id.clone(),
                format!("{}: {}", step.label, step.text),
            );
        }
        answers.push(Answer {
            candidate,
            estimate,
            limits,
        });
    }
    for answer in &answers {
        report.row(row(answer, &shape));
    }
    headline(&mut report, &model_title(&choice), &answers, &shape);
    let mut notes = vec![
        "GiB = 2^30 bytes. needs = weights + KV cache + buffer + what the engine reserves; decode at an empty cache, 80% interval".to_owned(),
    ];
    notes.extend(refused.iter().map(|(id, reason)| format!("{id}: {reason}")));
    report.footnote = Some(Styled::of(Role::Dim, notes.join(". ")));
    report.turn = turn(&answers, &shape);
    let all_fit = refused.is_empty()
        && answers
            .iter()
            .all(|answer| answer.estimate.plan.fits == Fits::Yes);
    session.write(report)?;
    Ok(if arguments.require && !all_fit {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

/// How the weights were counted, for `--explain`.
fn basis(candidate: &Candidate<'_>) -> String {
    let weights = &candidate.weights;
    format!(
        "weights: {} tensors' bytes of {} at {} = {:.3} GB, {}; source of the architecture: {} ({})",
        candidate.model.architecture.layers.len(),
        candidate.model.id,
        weights.quant.id,
        weights.loaded_bytes().gb(),
        weights.exactness.sentence(),
        candidate.model.citation.source,
        candidate.model.citation.date,
    )
}

fn row(answer: &Answer<'_>, shape: &Shape) -> Vec<Cell> {
    let Answer {
        candidate,
        estimate,
        limits,
    } = answer;
    let plan = &estimate.plan;
    let role = match plan.fits {
        Fits::Yes => Role::Good,
        Fits::Offload => Role::Caution,
        Fits::No => Role::Bad,
    };
    let kv = plan.total(|device| device.kv + device.recurrent);
    let required = plan.required();
    let headroom = Cell::from(plan.headroom()).role(if plan.headroom() < 0 {
        Role::Bad
    } else {
        Role::Plain
    });
    vec![
        Cell::from(candidate.machine.id.clone()),
        Cell::from(candidate.engine.id.clone()),
        Cell::from(candidate.model.id.clone()),
        Cell::from(candidate.weights.quant.id.clone()),
        Cell::from(plan.split.name()),
        Cell::from(shape.context),
        Cell::from(plan.fits.name()).role(role),
        Cell::from(plan.total(|device| device.weights) + plan.host_weights + plan.offloaded),
        Cell::from(kv),
        Cell::from(plan.total(|device| device.recurrent)),
        Cell::from(plan.total(|device| device.compute) + plan.host_compute),
        Cell::from(plan.total(|device| device.reserve)),
        Cell::from(plan.host_weights + plan.host_compute + plan.offloaded),
        Cell::from(required),
        Cell::from(plan.total(|device| device.usable)),
        headroom,
        Cell::from(plan.tightest_headroom()),
        Cell::from(limits.context),
        Cell::from(limits.concurrency),
        Cell::from(estimate.decode),
        Cell::from(estimate.decode.map(|_| estimate.evidence)),
        Cell::from(candidate.weights.exactness.sentence().to_owned()),
    ]
}

/// The first two lines.
fn headline(
    report: &mut crate::report::Report,
    title: &str,
    answers: &[Answer<'_>],
    shape: &Shape,
) {
    let fitting: Vec<&Answer<'_>> = answers
        .iter()
        .filter(|answer| answer.estimate.plan.fits == Fits::Yes)
        .collect();
    let needs = answers
        .first()
        .map(|answer| answer.estimate.plan.required().gib());
    let quants = quants(answers);
    let context = context_words(shape.context);
    let role = if fitting.is_empty() {
        Role::Bad
    } else {
        Role::Strong
    };
    let fit_line = match fitting.len() {
        0 => "fits none of these machines".to_owned(),
        all if all == answers.len() && all > 1 => format!("fits all {all} machines"),
        1 if answers.len() == 1 => "fits".to_owned(),
        some => format!("fits {some} of {} machines", answers.len()),
    };
    let needed = needs.map_or(String::new(), |gib| {
        format!("; needs about {} GiB", compact(gib, 3))
    });
    report.headline(
        Styled::plain(format!("{title} at {quants} with {context} of context "))
            .and(role, fit_line)
            .and(Role::Plain, format!("{needed}.")),
    );
    let fastest = fitting
        .iter()
        .filter_map(|answer| Some((answer, answer.estimate.decode?)))
        .max_by(|a, b| a.1.mid.total_cmp(&b.1.mid));
    report.headline(match fastest {
        Some((answer, rate)) => Styled::plain("Fastest that holds it: ")
            .and(Role::Strong, answer.candidate.machine.id.clone())
            .and(Role::Plain, format!(", {} tok/s.", rate_words(rate))),
        None => Styled::plain(
            "None holds it whole: take a smaller quant or more memory (see the last line).",
        ),
    });
}

/// The quants of the answers, each once.
fn quants(answers: &[Answer<'_>]) -> String {
    let mut quants: Vec<&str> = Vec::new();
    for answer in answers {
        let id = answer.candidate.weights.quant.id.as_str();
        if !quants.contains(&id) {
            quants.push(id);
        }
    }
    quants.join(" / ")
}

/// `38 (32-44)`.
pub fn rate_words(rate: Range) -> String {
    format!(
        "{} ({}-{})",
        compact(rate.mid, 2),
        compact(rate.low, 2),
        compact(rate.high, 2)
    )
}

/// `32k`, or the plain number.
pub fn context_words(tokens: u64) -> String {
    if tokens >= 1024 && tokens.is_multiple_of(1024) {
        format!("{}k", tokens / 1024)
    } else {
        tokens.to_string()
    }
}

/// What would make it fit where it does not: the largest quant that does.
fn turn(answers: &[Answer<'_>], shape: &Shape) -> Option<Styled> {
    let misfit = answers
        .iter()
        .find(|answer| answer.estimate.plan.fits != Fits::Yes)?;
    let Candidate {
        machine,
        engine,
        model,
        weights,
        ..
    } = &misfit.candidate;
    let smaller = crate::model::Quant::all().into_iter().filter(|quant| {
        quant
            .packagings()
            .iter()
            .any(|kind| engine.packagings.contains(kind))
            && quant.bits_per_weight() < weights.quant.bits_per_weight()
    });
    for quant in smaller {
        let Ok(weights) = Weights::of(&model.architecture, &quant) else {
            continue;
        };
        let scenario = crate::predict::Scenario {
            weights: &weights,
            ..misfit.candidate.scenario(shape)
        };
        let fits = crate::predict::memory::best_plans(&scenario)
            .first()
            .is_some_and(|plan| plan.fits == Fits::Yes);
        if fits {
            return Some(Styled::plain(format!(
                "To turn it: {} takes this model at {}",
                machine.id, quant.id
            )));
        }
    }
    Some(Styled::plain(format!(
        "To turn it: no quant of this model fits {}; add memory or devices",
        machine.id
    )))
}
