//! `hwcmp fit`: does it fit, and with how much to spare.

use std::process::ExitCode;

use anyhow::Result;

use super::args::FitArguments;
use super::fit_text::{beyond_model, headline, remedy_words, turn};
use super::fit_train;
use super::offload_text;
use super::session::Session;
use super::setup::{assume_offload, candidates, explained, shape};
use super::subject::subject;
use crate::catalog::{Candidate, Shape};
use crate::model::{Quant, Weights};
use crate::predict::memory::{Fits, Limits, Remedy, fits, limits, remedies};
use crate::predict::{Estimate, Scenario};
use crate::report::{Cell, Column, Format, Role, Styled};

const COLUMNS: [Column; 27] = [
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
    Column::new("offload_flags", "offload", "", Format::Text, Column::HIDDEN),
    Column::new("required_bytes", "needs", "GiB", Format::Gibibytes, 1),
    Column::new("usable_bytes", "usable", "GiB", Format::Gibibytes, 1),
    Column::new(
        "tuned_usable_bytes",
        "usable when tuned",
        "GiB",
        Format::Gibibytes,
        Column::HIDDEN,
    ),
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
    Column::new("hardware_usd", "price", "", Format::Dollars, 4),
    Column::new(
        "largest_quant",
        "largest quant",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
    Column::new(
        "remedies",
        "would fit with",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
    Column::new(
        "weights_basis",
        "weights from",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
];

/// One machine's answer.
pub(super) struct Answer<'a> {
    /// The machine, ready.
    pub candidate: Candidate<'a>,
    /// Its estimate.
    pub estimate: Estimate,
    /// What it costs, by the newest price known.
    pub price: Option<f64>,
    /// How far it goes.
    limits: Limits,
    /// The largest quant that fits, where any does.
    largest: Option<String>,
    /// What would make it fit; empty where it does.
    pub remedies: Vec<Remedy>,
}

/// Runs the command.
///
/// # Errors
/// If a name is unknown or the answer cannot be written.
pub fn run(session: &Session, arguments: &FitArguments) -> Result<ExitCode> {
    let subject = subject(session, &arguments.model)?;
    if let Some(method) = arguments.train {
        return fit_train::run(session, arguments, &subject, method);
    }
    let shape = shape(&arguments.setup)?;
    let (ready, refused) = candidates(session, &subject, &arguments.setup)?;
    let constants = session.catalog.constants()?;
    let prices = session.catalog.prices()?;
    let mut report = Session::report("fit", &COLUMNS);
    report
        .assume("model", subject.model.id.clone())
        .assume("context_tokens", shape.context)
        .assume("concurrency", shape.concurrency)
        .assume("key_cache_type", shape.key_type.name())
        .assume("value_cache_type", shape.value_type.name())
        .assume("tuned_memory", shape.tuned);
    assume_offload(&mut report, &arguments.setup.run.offload);

    let mut answers = Vec::new();
    for candidate in ready {
        report.detail(candidate.machine.id.clone(), basis(&candidate));
        let scenario = candidate.scenario(&shape);
        let estimate = explained(session, &mut report, &scenario, constants);
        let limits = limits(&scenario);
        let quants = quants(session, &candidate);
        let largest = quants
            .iter()
            .find(|weights| {
                fits(&Scenario {
                    weights,
                    ..scenario
                })
            })
            .map(|weights| weights.quant.id.clone());
        let remedies = remedies(&scenario, quants.iter());
        let price = prices.price(&candidate.machine, session.catalog.today());
        answers.push(Answer {
            candidate,
            estimate,
            price: price.map(|price| price.usd.mid),
            limits,
            largest,
            remedies,
        });
    }
    for answer in &answers {
        report.row(row(answer, &shape));
    }
    headline(&mut report, &subject.title, &answers, &shape);
    let mut notes: Vec<String> = subject.assumed(&mut report).collect();
    notes.extend(beyond_model(&subject.model.architecture, shape.context));
    notes.push(
        "GiB = 2^30 bytes. needs = weights + KV cache + buffer + what the engine reserves; decode at an empty cache, 80% interval".to_owned(),
    );
    let plans = answers
        .iter()
        .map(|answer| (&answer.candidate, &answer.estimate.plan));
    notes.extend(offload_text::notes(plans));
    notes.extend(refused.iter().map(|(id, reason)| format!("{id}: {reason}")));
    report.footnote = Some(Styled::of(Role::Dim, notes.join(". ")));
    report.turn = turn(&answers, &shape);
    let all_fit = refused.is_empty()
        && answers
            .iter()
            .all(|answer| answer.estimate.plan.lies_as_asked(shape.offload));
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
        "weights: {} layers of {} at {} = {:.3} GB, {}; source of the architecture: {} ({})",
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
        ..
    } = answer;
    let plan = &estimate.plan;
    let role = match plan.fits {
        Fits::Yes => Role::Good,
        Fits::Offload => Role::Caution,
        Fits::No => Role::Bad,
    };
    let kv = plan.total(|device| device.kv + device.recurrent) + plan.host_cache;
    let required = plan.required();
    let tuned = candidate
        .machine
        .memory
        .tuned
        .as_ref()
        .map(|tuned| tuned.usable);
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
        Cell::from(plan.on_host()),
        Cell::from(offload_text::of_candidate(candidate, plan)),
        Cell::from(required),
        Cell::from(plan.total(|device| device.usable)),
        Cell::from(tuned.map(|bytes| bytes * u64::from(candidate.machine.count))),
        headroom,
        Cell::from(plan.tightest_headroom()),
        longest_context(limits.context, candidate),
        Cell::from(limits.concurrency),
        Cell::from(estimate.decode),
        Cell::from(estimate.decode.map(|_| estimate.evidence)),
        Cell::from(answer.price),
        Cell::from(answer.largest.clone()),
        Cell::from(
            answer
                .remedies
                .iter()
                .map(remedy_words)
                .collect::<Vec<String>>(),
        ),
        Cell::from(candidate.weights.exactness.sentence().to_owned()),
    ]
}

/// The longest context in whole thousands, rounded down; the model's own where memory is not what
/// ends it.
fn longest_context(tokens: u64, candidate: &Candidate<'_>) -> Cell {
    let cell = Cell::from(tokens);
    if tokens < u64::from(candidate.model.architecture.max_context) && tokens >= 1024 {
        return cell.shown(format!("{}k", tokens / 1024));
    }
    cell
}

/// Quants that nobody should be advised: 32 bits add nothing to models that are published in 16,
/// and the legacy ones lose to the K mixes of their size.
const NOT_ADVISED: [&str; 5] = ["f32", "q4_0", "q4_1", "q5_0", "q5_1"];

/// The model's weights at every quant that the engine loads, that has a
/// recipe and can be advised, largest first.
fn quants(session: &Session, candidate: &Candidate<'_>) -> Vec<Weights> {
    let mut all = Vec::new();
    let native = candidate.model.table.native_four_bits();
    let advised = |quant: &Quant| {
        let own = !quant.is_bespoke() || native.as_ref() == Some(quant);
        own && !NOT_ADVISED.contains(&quant.id.as_str())
    };
    for quant in Quant::all().into_iter().filter(advised) {
        let kind = candidate
            .engine
            .packagings
            .iter()
            .find_map(|kind| quant.packaged(*kind));
        let Some(quant) = kind.filter(Quant::has_recipe) else {
            continue;
        };
        if let Ok(weights) = session.catalog.weights(candidate.model, &quant) {
            all.push(weights);
        }
    }
    all.sort_by_key(|weights| std::cmp::Reverse(weights.loaded_bytes()));
    all
}
