//! `hwcmp verdict`: which machine wins for a kind of work.

use std::process::ExitCode;

use anyhow::Result;

use super::args::{LimitArguments, VerdictArguments};
use super::ease_text;
use super::money::Money;
use super::session::Session;
use super::setup::{limit_note_with_noise, machines_limited, workload};
use super::verdict_better::{Better, Lineup};
use super::verdict_text::{budget_line, flip_words, headline, turn_line};
use crate::catalog::{QuantChoice, Setup};
use crate::report::{Cell, Column, Format, Report, Role, Styled, Value};
use crate::units::compact;
use crate::verdict::{
    Backing, Contender, Flip, Limits, Ranked, Step, budgets, flips, rank, way_in,
};
use crate::workload::{BasketItem, Criterion, Workload};

/// Characters for the reasons, so that two of them take two lines.
const REASONS: usize = 30;

const COLUMNS: [Column; 13] = [
    Column::new("rank", "#", "", Format::Count, 0),
    Column::new("machine", "machine", "", Format::Text, 0),
    Column::new("score", "score", "", Format::Count, 0),
    Column::new("win_probability", "wins", "", Format::Percent, 5),
    Column::new("hardware_usd", "price", "", Format::Dollars, 2),
    Column::new("net_cost_usd", "net cost", "", Format::Dollars, 4),
    Column::new("decode_tokens_per_second", "tok/s", "", Format::Number, 3),
    Column::new("evidence", "evidence", "", Format::Text, Column::HIDDEN),
    Column::new("reasons", "why", "", Format::Text, 1).at_least(REASONS),
    Column::new(
        "disqualified",
        "out because",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
    Column::new("best_model", "best model", "", Format::Text, Column::HIDDEN),
    Column::new("name", "name", "", Format::Text, Column::HIDDEN),
    Column::new("noise_dba", "noise", "dB(A)", Format::Count, Column::HIDDEN),
];

/// Marks a speed that was not measured on the machine itself.
const ESTIMATED: &str = "~";

/// Runs the command.
///
/// # Errors
/// If a name is unknown or the answer cannot be written.
pub fn run(session: &Session, arguments: &VerdictArguments) -> Result<ExitCode> {
    let mut workload = workload(session, &arguments.workload, &arguments.weight)?;
    let money = Money::resolve(session, &arguments.money, workload.hours)?;
    let limits = limits(session, &arguments.limits, &mut workload)?;
    let mut contenders = Vec::new();
    let (machines, stay) = machines_limited(session, &arguments.machine, arguments.power.limit)?;
    for machine in machines {
        let price = money.price(session, &machine)?;
        contenders.push(Contender::assemble(
            &session.catalog,
            machine,
            price,
            &workload,
            &Setup::default(),
            limits.min_decode,
        )?);
    }
    let places = rank(&contenders, &workload, &money.terms, &limits);
    let turns = flips(&contenders, &workload, &money.terms, &limits);

    let mut report = Session::report("verdict", &COLUMNS);
    assume(&mut report, &workload, &money, &limits);
    report.assume("power_limit_watts", arguments.power.limit);
    report.detail(workload.id.clone(), workload.description.clone());
    for place in &places {
        report.row(row(&contenders[place.index], place, &money));
        detail(&mut report, &contenders[place.index], place, &workload);
    }
    // What a budget turns has a line of its own.
    for turn in turns.iter().filter(|turn| turn.input != "budget_usd") {
        report.detail("to turn it", flip_words(turn));
    }
    report.member("flips", flip_values(&turns));
    let none = places.iter().all(|place| place.rank.is_none());
    let way = none.then(|| {
        let order: Vec<usize> = places.iter().map(|place| place.index).collect();
        way_in(&contenders, &limits, &order)
    });
    let way = way.flatten();
    report.member("eases", ease_text::value(way.as_ref()));
    let backing = match places.iter().find(|place| place.rank == Some(1)) {
        Some(first) => Backing::of(&contenders[first.index], &session.catalog)?,
        None => None,
    };
    let better = if arguments.machine.is_empty() {
        let lineup = Lineup {
            contenders: &contenders,
            best: places.iter().find(|place| place.rank == Some(1)),
            workload: &workload,
            limits: &limits,
        };
        lineup.better(session, &money, arguments.power.limit)?
    } else {
        None
    };
    report.member(
        "better_elsewhere",
        better.as_ref().map_or(Value::Null, Better::value),
    );
    headline(
        &mut report,
        &contenders,
        &places,
        &workload,
        &money,
        (backing, better.as_ref()),
    );
    if none {
        report.headline(Styled::plain(way.as_ref().map_or_else(
            || "No limit loosened lets one in: name other machines with --machine.".to_owned(),
            ease_text::sentence,
        )));
    }
    let steps = budgets(&contenders, &places, &limits);
    report.member("budgets", budget_values(&steps));
    if let Some(line) = budget_line(&steps) {
        report.headline(line);
    }
    report.footnote = Some(Styled::of(
        Role::Dim,
        format!(
            "tok/s: the weightiest model that runs; ~: estimated. score: of 100, 13 criteria (--explain); wins: share of cases within all ranges; {}{}",
            money.basis(),
            limit_note_with_noise(arguments.power.limit, &stay)
        ),
    ));
    report.turn = (!none).then(|| turn_line(&turns, &places, &contenders));
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

/// The limits as meant. A model that must run joins the basket, so that it is estimated.
fn limits(
    session: &Session,
    arguments: &LimitArguments,
    workload: &mut Workload,
) -> Result<Limits> {
    let mut limits = Limits {
        budget: arguments.budget,
        max_watts: arguments.max_watts,
        max_noise: arguments.max_noise,
        min_decode: arguments.min_decode.unwrap_or(workload.min_decode),
        require_cuda: arguments.require_cuda,
        model: None,
    };
    if let Some(typed) = &arguments.model {
        let choice = session.catalog.select_model(typed)?;
        let quant = match choice.quant {
            QuantChoice::Exact(quant) => Some(quant.id),
            QuantChoice::Usual | QuantChoice::Bits(_) => None,
        };
        limits.model = Some(choice.model.id.clone());
        if !workload
            .basket
            .iter()
            .any(|item| item.model == choice.model.id)
        {
            // Weight zero: it must run, but what it scores is not asked.
            workload.basket.push(BasketItem {
                model: choice.model.id.clone(),
                quant,
                weight: 0.0,
            });
        }
    }
    Ok(limits)
}

fn assume(report: &mut Report, workload: &Workload, money: &Money, limits: &Limits) {
    money
        .assume(report)
        .assume("workload", workload.id.clone())
        .assume("context_tokens", workload.context)
        .assume("prompt_tokens", workload.prompt)
        .assume("cached_tokens", workload.cached)
        .assume("output_tokens", workload.output)
        .assume("concurrency", workload.users)
        .assume("min_decode_tokens_per_second", limits.min_decode)
        .assume(
            "weights",
            Value::object(
                workload
                    .weights
                    .iter()
                    .map(|(criterion, weight)| (criterion.name(), Value::from(*weight))),
            ),
        );
}

/// The best thing about a machine and the worst; JSON and `--explain` have them all. The
/// worst of the winner stands in the headline.
fn short(reasons: &[String], wins: bool) -> String {
    let against = |reason: &&String| reason.starts_with("but ");
    let best = reasons.iter().find(|reason| !against(reason));
    let worst = reasons.iter().find(against);
    let worst = worst.filter(|_| !wins || best.is_none());
    let both: Vec<&str> = best.into_iter().chain(worst).map(String::as_str).collect();
    both.join("; ")
}

fn row(contender: &Contender, place: &Ranked, money: &Money) -> Vec<Cell> {
    let out = !place.disqualified.is_empty();
    let why = if out {
        format!("out: {}", place.disqualified.join("; "))
    } else {
        short(&place.reasons, place.rank == Some(1))
    };
    let role = match place.rank {
        Some(1) => Role::Good,
        Some(_) => Role::Plain,
        None => Role::Bad,
    };
    let decode = contender
        .heaviest()
        .and_then(|(_, estimate)| estimate.decode);
    let mark = if contender.is_timed() { "" } else { ESTIMATED };
    let speed = decode.map_or_else(
        || "-".to_owned(),
        |rate| format!("{mark}{}", compact(rate.mid, 2)),
    );
    let texts = |list: &[String]| Value::List(list.iter().cloned().map(Value::Text).collect());
    vec![
        Cell::from(place.rank),
        Cell::from(contender.machine.id.clone()).role(role),
        Cell {
            value: Value::from(place.score),
            shown: Some(format!("{:.0}", place.score)),
            role: Role::Strong,
        },
        Cell::from(place.win_probability),
        Cell::from(contender.price.as_ref().map(|price| price.usd.mid)),
        Cell::from(contender.ownership(&money.terms).map(|cost| cost.net.mid)),
        Cell::from(decode).shown(speed),
        Cell::from(contender.evidence()),
        Cell {
            value: texts(&place.reasons),
            shown: Some(why),
            role: if out { Role::Bad } else { Role::Plain },
        },
        Cell {
            value: texts(&place.disqualified),
            shown: None,
            role: Role::Bad,
        },
        Cell::from(contender.best.as_ref().map(|best| best.name.clone())),
        Cell::from(contender.machine.name.clone()),
        Cell::from(contender.machine.noise.map(|noise| noise.0)),
    ]
}

fn budget_values(steps: &[Step]) -> Value {
    let list = steps.iter().map(|step| {
        Value::object([
            ("from_usd", Value::from(step.usd)),
            ("machine", Value::from(step.machine.clone())),
            ("score", Value::from(step.score)),
        ])
    });
    Value::List(list.collect())
}

fn flip_values(turns: &[Flip]) -> Value {
    let list = turns.iter().map(|flip| {
        Value::object([
            ("input", Value::from(flip.input.clone())),
            ("from", Value::from(flip.from)),
            ("to", Value::from(flip.to)),
            ("winner", Value::from(flip.winner.clone())),
        ])
    });
    Value::List(list.collect())
}

/// Every criterion's utility and the basket's rates, for `--explain`.
fn detail(report: &mut Report, contender: &Contender, place: &Ranked, workload: &Workload) {
    let id = contender.machine.id.clone();
    let utilities: Vec<String> = Criterion::ALL
        .into_iter()
        .filter_map(|criterion| {
            let weight = workload.weights.get(&criterion)?;
            let utility = place.utilities.0.get(&criterion);
            let utility =
                utility.map_or_else(|| "unknown".to_owned(), |utility| format!("{utility:.2}"));
            Some(format!(
                "{} {utility} x{}",
                criterion.name(),
                compact(*weight, 2)
            ))
        })
        .collect();
    report.detail(id.clone(), place.reasons.join("; "));
    report.detail(id.clone(), format!("utilities: {}", utilities.join(", ")));
    for run in &contender.runs {
        let words = run.estimate.as_ref().map_or_else(
            || "no engine runs it".to_owned(),
            |estimate| match (estimate.decode, estimate.ttft) {
                (Some(rate), Some(ttft)) => format!(
                    "{} at {} tok/s, first token {} s warm, {} s cold ({}, {})",
                    estimate.plan.fits.name(),
                    super::fit_text::rate_words(rate),
                    compact(ttft.warm.mid, 2),
                    compact(ttft.cold.mid, 2),
                    estimate.plan.split.name(),
                    estimate.evidence.name()
                ),
                _ => format!("fits: {}", estimate.plan.fits.name()),
            },
        );
        report.detail(id.clone(), format!("{} {}: {words}", run.model, run.quant));
    }
    if let Some(best) = &contender.best {
        report.detail(
            id,
            format!(
                "best model: {} {} at {} tok/s, quality {} ({})",
                best.name,
                best.quant,
                compact(best.decode, 2),
                compact(best.quality, 2),
                best.source
            ),
        );
    }
}
