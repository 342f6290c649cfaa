//! `hwcmp users`: how many people a machine serves at a quality, and at what cost.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::args::UsersArguments;
use super::fit_text::beyond_model;
use super::money::Money;
use super::offload_text;
use super::session::Session;
use super::setup::{assume_offload, candidates, shape};
use super::subject::subject;
use super::users_load::{Answer, Asked};
use super::work::find;
use super::{users_text as words, users_turn};
use crate::catalog::Shape;
use crate::money::DAYS_PER_YEAR;
use crate::predict::memory::Buffers;
use crate::report::{Cell, Column, Format, Role, Styled};
use crate::study::{CROWDED, Limit, Quality};
use crate::units::compact;

const COLUMNS: [Column; 24] = [
    Column::new("machine", "machine", "", Format::Text, 0),
    Column::new("people", "people", "", Format::Count, 0),
    Column::new("concurrent_requests", "at once", "", Format::Count, 0),
    Column::new(
        "cautious_concurrent_requests",
        "at least",
        "",
        Format::Count,
        2,
    ),
    Column::new("limited_by", "limited by", "", Format::Text, 0),
    Column::new(
        "aggregate_decode_tokens_per_second",
        "all",
        "tok/s",
        Format::Number,
        3,
    ),
    Column::new("watts", "draws", "W", Format::Count, 4),
    Column::new(
        "usd_per_million_output_tokens",
        "cost",
        "$/Mtok",
        Format::Number,
        1,
    ),
    Column::new(
        "usd_per_person_month",
        "person",
        "$/month",
        Format::Number,
        5,
    ),
    Column::new("engine", "engine", "", Format::Text, 6),
    Column::new("split", "split", "", Format::Text, 7),
    Column::new("quant", "quant", "", Format::Text, 9),
    Column::new("evidence", "evidence", "", Format::Text, 8),
    Column::new(
        "decode_tokens_per_second",
        "each",
        "tok/s",
        Format::Number,
        10,
    ),
    Column::new("ttft_seconds", "first token", "s", Format::Number, 11),
    Column::new(
        "wall_tokens_per_second",
        "whole requests",
        "tok/s",
        Format::Number,
        12,
    ),
    Column::new("model", "model", "", Format::Text, Column::HIDDEN),
    Column::new(
        "cautious_people",
        "people at least",
        "",
        Format::Count,
        Column::HIDDEN,
    ),
    Column::new(
        "active_share",
        "has one running",
        "",
        Format::Percent,
        Column::HIDDEN,
    ),
    Column::new(
        "request_seconds",
        "request takes",
        "s",
        Format::Number,
        Column::HIDDEN,
    ),
    Column::new("fits", "fits", "", Format::Text, Column::HIDDEN),
    Column::new("offload_flags", "offload", "", Format::Text, Column::HIDDEN),
    Column::new("hardware_usd", "price", "", Format::Dollars, Column::HIDDEN),
    Column::new("price_basis", "price of", "", Format::Text, Column::HIDDEN),
];

/// Runs the command.
///
/// # Errors
/// If a name is unknown, no machine runs the model, or the answer cannot be written.
pub fn run(session: &Session, arguments: &UsersArguments) -> Result<ExitCode> {
    let subject = subject(session, &arguments.model)?;
    let buffers = Buffers::of(&subject.model.architecture);
    let asked = asked(session, arguments, &buffers)?;
    let money = Money::resolve(session, &arguments.money, asked.workload.hours)?;
    if money.terms.hours <= 0.0 {
        bail!("0 h a day serves nobody: write --hours 8");
    }
    let (ready, refused) = candidates(session, &subject, &arguments.setup)?;
    let constants = session.catalog.constants()?;
    let mut answers = Vec::new();
    for candidate in &ready {
        let served = asked.served(candidate, constants);
        let cost = asked.cost(session, candidate, &served, &money)?;
        answers.push(Answer {
            candidate,
            served,
            cost,
        });
    }
    answers.sort_by(|a, b| {
        let dear = |answer: &Answer<'_>| {
            let cost = answer.cost.as_ref().and_then(|cost| cost.per_million);
            cost.unwrap_or(f64::INFINITY)
        };
        let count =
            |answer: &Answer<'_>| (answer.served.crowd.people, answer.served.capacity.requests);
        count(b)
            .cmp(&count(a))
            .then(dear(a).total_cmp(&dear(b)))
            .then(a.candidate.machine.id.cmp(&b.candidate.machine.id))
    });

    let mut report = Session::report("users", &COLUMNS);
    money
        .assume(&mut report)
        .assume("model", subject.model.id.clone())
        .assume("min_decode_tokens_per_second", asked.quality.min_decode)
        .assume("max_ttft_seconds", asked.quality.max_ttft)
        .assume("workload", asked.workload.id.clone())
        .assume("prompt_tokens", asked.shape.prompt)
        .assume("cached_tokens", asked.shape.cached)
        .assume("output_tokens", asked.shape.output)
        .assume("context_tokens", asked.shape.context)
        .assume("power_limit_watts", arguments.setup.power.limit)
        .assume("turns_per_hour", asked.workload.turns_per_hour)
        .assume("active_share", asked.share)
        .assume("crowded_share", CROWDED)
        .assume("days_per_year", DAYS_PER_YEAR)
        .assume("constants", constants.source.clone());
    assume_offload(&mut report, &arguments.setup.run.offload);
    for answer in &answers {
        report.row(row(answer));
        words::detail(&mut report, answer, &asked, &money.terms);
    }
    words::headline(&mut report, &subject.title, &answers, &asked);
    let mut notes: Vec<String> = subject.assumed(&mut report).collect();
    notes.extend(beyond_model(
        &subject.model.architecture,
        asked.shape.context,
    ));
    let plans = answers
        .iter()
        .map(|answer| (answer.candidate, &answer.served.capacity.estimate.plan));
    notes.extend(offload_text::notes(plans));
    notes.push(words::note(&asked, &money));
    notes.extend(refused.iter().map(|(id, reason)| format!("{id}: {reason}")));
    report.footnote = Some(Styled::of(Role::Dim, notes.join(". ")));
    report.turn = users_turn::turn(session, arguments, &subject, &asked, &answers)?;
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

/// What is asked: the workload's figures, with those of the command line in their place.
fn asked<'a>(
    session: &Session,
    arguments: &UsersArguments,
    buffers: &'a Buffers<'a>,
) -> Result<Asked<'a>> {
    if arguments.setup.concurrency.is_some() {
        bail!(
            "`users` finds the number of users: leave out --concurrency, or see `hwcmp speed --concurrency 1,2,4,8`"
        );
    }
    let mut workload = find(session, &arguments.workload)?.clone();
    workload.prompt = arguments.prompt.unwrap_or(workload.prompt);
    workload.cached = arguments.cached.unwrap_or(workload.cached);
    workload.output = arguments.output_tokens.unwrap_or(workload.output);
    if workload.output == 0 {
        bail!("an answer of 0 tokens serves nobody: write --output-tokens 400");
    }
    let length = workload.cached + workload.prompt + workload.output;
    let context = arguments.setup.context.unwrap_or(workload.context);
    let setup = shape(&arguments.setup)?;
    Ok(Asked {
        shape: Shape {
            context: context.max(length),
            ubatch: setup.ubatch,
            key_type: setup.key_type,
            value_type: setup.value_type,
            split: setup.split,
            offload: setup.offload,
            tuned: setup.tuned,
            ..Shape::of(&workload, 1)
        },
        quality: Quality {
            min_decode: arguments.min_decode.unwrap_or(workload.min_decode),
            max_ttft: arguments.max_ttft.unwrap_or(workload.max_ttft_warm),
        },
        share: arguments.active_share,
        buffers,
        workload,
    })
}

fn row(answer: &Answer<'_>) -> Vec<Cell> {
    let Answer {
        candidate,
        served,
        cost,
    } = answer;
    let capacity = &served.capacity;
    let estimate = &capacity.estimate;
    let cost = cost.as_ref();
    let role = if served.crowd.people > 0 {
        Role::Strong
    } else {
        Role::Bad
    };
    vec![
        Cell::from(candidate.machine.id.clone()),
        Cell::from(served.crowd.people).role(role),
        Cell::from(capacity.requests),
        Cell::from(served.cautious.requests),
        Cell::from(capacity.limit.map(Limit::name)),
        // The interval is in JSON and CSV: the table has room for the middle.
        Cell {
            shown: estimate.aggregate.map(|all| compact(all.mid, 3)),
            ..Cell::from(estimate.aggregate)
        },
        Cell::from(estimate.watts),
        Cell::from(cost.and_then(|cost| cost.per_million)),
        Cell::from(cost.and_then(|cost| cost.per_person)),
        Cell::from(candidate.engine.id.clone()),
        Cell::from(estimate.plan.split.name()),
        Cell::from(candidate.weights.quant.id.clone()),
        Cell::from(estimate.decode.map(|_| estimate.evidence)),
        Cell::from(estimate.decode),
        Cell::from(estimate.ttft.map(|ttft| ttft.warm)),
        Cell::from(estimate.wall),
        Cell::from(candidate.model.id.clone()),
        Cell::from(served.cautious_crowd.people),
        Cell::from(served.crowd.share),
        Cell::from(Some(served.crowd.seconds).filter(|seconds| seconds.is_finite())),
        Cell::from(estimate.plan.fits.name()),
        Cell::from(offload_text::of_candidate(candidate, &estimate.plan)),
        Cell::from(cost.map(|cost| cost.hardware)),
        Cell::from(cost.map(|cost| cost.basis.clone())),
    ]
}
