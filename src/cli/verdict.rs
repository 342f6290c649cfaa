//! `hwcmp verdict`: which machine wins for a kind of work.

use std::process::ExitCode;

use anyhow::Result;

use super::args::VerdictArguments;
use super::money::Money;
use super::session::Session;
use super::setup::{machines_limited, workload};
use crate::catalog::QuantChoice;
use crate::report::{Cell, Column, Format, Report, Role, Styled, Value};
use crate::units::{compact, dollars};
use crate::verdict::{Contender, Flip, Limits, Ranked, flips, rank};
use crate::workload::{BasketItem, Criterion, Workload};

const COLUMNS: [Column; 12] = [
    Column::new("rank", "#", "", Format::Count, 0),
    Column::new("machine", "machine", "", Format::Text, 0),
    Column::new("score", "score", "", Format::Count, 0),
    Column::new("win_probability", "wins", "", Format::Percent, 1),
    Column::new("hardware_usd", "price", "", Format::Dollars, 2),
    Column::new("net_cost_usd", "net cost", "", Format::Dollars, 4),
    Column::new(
        "decode_tokens_per_second",
        "decode",
        "tok/s",
        Format::Number,
        5,
    ),
    Column::new("reasons", "why", "", Format::Text, 1),
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

/// Runs the command.
///
/// # Errors
/// If a name is unknown or the answer cannot be written.
pub fn run(session: &Session, arguments: &VerdictArguments) -> Result<ExitCode> {
    let mut workload = workload(session, &arguments.workload, &arguments.weight)?;
    let money = Money::resolve(session, &arguments.money, workload.hours)?;
    let mut limits = Limits {
        budget: arguments.limits.budget,
        max_watts: arguments.limits.max_watts,
        max_noise: arguments.limits.max_noise,
        min_decode: arguments.limits.min_decode.unwrap_or(workload.min_decode),
        require_cuda: arguments.limits.require_cuda,
        model: None,
    };
    if let Some(typed) = &arguments.limits.model {
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
    let mut contenders = Vec::new();
    let (machines, stay) = machines_limited(session, &arguments.machine, arguments.power_limit)?;
    for machine in machines {
        let price = money.price(session, &machine)?;
        contenders.push(Contender::assemble(
            &session.catalog,
            machine,
            price,
            &workload,
            limits.min_decode,
        )?);
    }
    let places = rank(&contenders, &workload, &money.terms, &limits);
    let turns = flips(&contenders, &workload, &money.terms, &limits);

    let mut report = Session::report("verdict", &COLUMNS);
    report
        .assume("workload", workload.id.clone())
        .assume("hours_per_day", money.terms.hours)
        .assume("years", money.terms.years)
        .assume("usd_per_kwh", money.terms.rate.0)
        .assume("prices_as_of", money.as_of)
        .assume("context_tokens", workload.context)
        .assume("prompt_tokens", workload.prompt)
        .assume("cached_tokens", workload.cached)
        .assume("output_tokens", workload.output)
        .assume("concurrency", workload.users)
        .assume("power_limit_watts", arguments.power_limit)
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
    for place in &places {
        report.row(row(&contenders[place.index], place, &money));
        detail(&mut report, &contenders[place.index], place, &workload);
    }
    report.member("flips", flip_values(&turns));
    headline(&mut report, &contenders, &places, &workload, &money);
    report.footnote = Some(Styled::of(
        Role::Dim,
        format!(
            "{}. score: weighted geometric mean of 13 criteria on fixed scales (0-100); wins: share of draws of speed, price and resale; {}{}",
            workload.description,
            money.basis(),
            power_words(arguments.power_limit, &stay)
        ),
    ));
    report.turn = Some(turn_line(&turns, &places, &contenders));
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

/// What a limit on the power leaves to say: noise is published at full power only.
fn power_words(limit: Option<f64>, stay: &[String]) -> String {
    let Some(limit) = limit else {
        return String::new();
    };
    let mut words = vec![format!(
        ". Each device at {limit} W at most; noise at such a limit is not published: that of full power counts"
    )];
    words.extend_from_slice(stay);
    words.join("; ")
}

fn row(contender: &Contender, place: &Ranked, money: &Money) -> Vec<Cell> {
    let out = !place.disqualified.is_empty();
    let why = if out {
        format!("out: {}", place.disqualified.join("; "))
    } else {
        place.reasons.join("; ")
    };
    let role = match place.rank {
        Some(1) => Role::Good,
        Some(_) => Role::Plain,
        None => Role::Bad,
    };
    let decode = contender
        .running()
        .max_by(|a, b| {
            a.0.weight
                .total_cmp(&b.0.weight)
                .then(b.0.model.cmp(&a.0.model))
        })
        .and_then(|(_, estimate)| estimate.decode);
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
        Cell::from(decode),
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

/// The first two lines.
fn headline(
    report: &mut Report,
    contenders: &[Contender],
    places: &[Ranked],
    workload: &Workload,
    money: &Money,
) {
    let title = workload.name.to_lowercase();
    let Some(first) = places.iter().find(|place| place.rank == Some(1)) else {
        report.headline(
            Styled::plain(format!("For {title}: ")).and(Role::Bad, "every machine is ruled out."),
        );
        report.headline(Styled::plain(
            "Loosen a constraint, or name other machines with --machine.",
        ));
        return;
    };
    let winner = &contenders[first.index];
    let price = winner.price.as_ref().map_or_else(
        || "price unknown".to_owned(),
        |price| format!("{} ({})", dollars(price.usd.mid), price.basis),
    );
    report.headline(
        Styled::plain(format!(
            "For {title} at {} h a day, buy: ",
            compact(money.terms.hours, 3)
        ))
        .and(Role::Good, winner.machine.name.clone())
        .and(
            Role::Plain,
            format!(", {price}; first in {}.", chance(first, places, contenders)),
        ),
    );
    report.headline(Styled::plain(format!(
        "Because: {}.",
        first.reasons.join("; ")
    )));
}

/// How often the winner comes first, and who does more often where somebody does.
fn chance(first: &Ranked, places: &[Ranked], contenders: &[Contender]) -> String {
    let share = |place: &Ranked| place.win_probability.unwrap_or(0.0);
    let own = format!("{:.0}% of draws", 100.0 * share(first));
    let often = places.iter().max_by(|a, b| share(a).total_cmp(&share(b)));
    match often.filter(|place| share(place) > share(first)) {
        Some(other) => format!(
            "{own}, {} in {:.0}%",
            contenders[other.index].machine.id,
            100.0 * share(other)
        ),
        None => own,
    }
}

/// The last line: the nearest changes that would flip the winner.
fn turn_line(turns: &[Flip], places: &[Ranked], contenders: &[Contender]) -> Styled {
    if turns.is_empty() {
        let only = places.iter().filter(|place| place.rank.is_some()).count() < 2;
        let winner = places.first().map_or("the winner", |place| {
            contenders[place.index].machine.id.as_str()
        });
        return Styled::plain(if only {
            "Nothing else is in the running.".to_owned()
        } else {
            format!(
                "Nothing tried turns it: {winner} stays first for 0-24 h, $0-1/kWh and 0-4x each weight."
            )
        });
    }
    let words: Vec<String> = turns.iter().take(3).map(flip_words).collect();
    Styled::plain(format!("To turn it: {}.", words.join("; ")))
}

fn flip_words(flip: &Flip) -> String {
    let to = compact(flip.to, 3);
    match (flip.input.as_str(), flip.from) {
        ("budget_usd", _) => format!(
            "a budget under {} makes it {}",
            dollars(flip.to),
            flip.winner
        ),
        ("max_noise_dba", _) => format!("less than {to} dB(A) makes it {}", flip.winner),
        ("max_watts", _) => format!("less than {to} W makes it {}", flip.winner),
        ("model_gib", _) => format!("a model over {to} GiB makes it {}", flip.winner),
        ("hours_per_day", _) => format!("{to} h a day make it {}", flip.winner),
        ("usd_per_kwh", _) => format!("${to}/kWh makes it {}", flip.winner),
        (input, Some(from)) => format!(
            "{input} {to} (now {}) makes it {}",
            compact(from, 2),
            flip.winner
        ),
        (input, None) => format!("{input} {to} makes it {}", flip.winner),
    }
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
