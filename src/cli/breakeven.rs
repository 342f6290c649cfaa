//! `hwcmp breakeven`: when a machine pays against the cloud.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::args::BreakevenArguments;
use super::breakeven_rivals::{Against, api, priced_model, rental, subscription};
use super::breakeven_text as words;
use super::money::Money;
use super::offload_text::InHost;
use super::operands::operands;
use super::session::Session;
use super::setup::{assume_run, limit_note, machines_limited, none_left, setup_of};
use super::work::{Job, Part, Ran, find, turns};
use crate::catalog::{Cloud, Model, Setup, Shape};
use crate::evidence::Range;
use crate::machine::Machine;
use crate::money::{BreakEven, DAYS_PER_YEAR, Terms, Use, resale_3y};
use crate::report::{Cell, Column, Format, Role, Styled};
use crate::units::{Date, Watts, compact};
use crate::workload::Workload;

const COLUMNS: [Column; 19] = [
    Column::new("machine", "machine", "", Format::Text, 0),
    Column::new("against", "against", "", Format::Text, 0),
    Column::new("rival", "who", "", Format::Text, 5),
    Column::new("usd_per_million_tokens", "own", "$/Mtok", Format::Number, 1),
    Column::new(
        "rival_usd_per_million_tokens",
        "its",
        "$/Mtok",
        Format::Number,
        1,
    ),
    Column::new(
        "break_even_tokens_per_day",
        "same cost at",
        "tok/day",
        Format::Count,
        2,
    ),
    Column::new("break_even_months", "paid off", "months", Format::Number, 3),
    Column::new("pays", "costs less", "", Format::Text, 0),
    Column::new(
        "full_load_usd_per_million_tokens",
        "own, flat out",
        "$/Mtok",
        Format::Number,
        4,
    ),
    Column::new(
        "electricity_usd_per_million_tokens",
        "electricity",
        "$/Mtok",
        Format::Number,
        6,
    ),
    Column::new(
        "usd_per_million_tokens_range",
        "own range",
        "$/Mtok",
        Format::Number,
        7,
    ),
    Column::new(
        "net_cost_usd",
        "own net",
        "",
        Format::Dollars,
        Column::HIDDEN,
    ),
    Column::new(
        "rival_cost_usd",
        "its cost",
        "",
        Format::Dollars,
        Column::HIDDEN,
    ),
    Column::new(
        "tokens_per_day",
        "makes",
        "tok/day",
        Format::Count,
        Column::HIDDEN,
    ),
    Column::new(
        "max_tokens_per_day",
        "can make",
        "tok/day",
        Format::Count,
        Column::HIDDEN,
    ),
    Column::new(
        "load_share",
        "under load",
        "",
        Format::Percent,
        Column::HIDDEN,
    ),
    Column::new(
        "rival_date",
        "its price of",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
    Column::new(
        "rival_source",
        "its price from",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
    Column::new("offload_flags", "offload", "", Format::Text, Column::HIDDEN),
];

/// A machine with its use and its comparisons.
#[derive(Debug)]
pub struct Answer {
    /// Its id.
    pub machine: String,
    /// What it costs and makes.
    pub used: Use,
    /// What a million tokens cost, over the ranges of price and resale.
    pub per_million: Range,
    /// Each rival in order.
    pub evens: Vec<BreakEven>,
    /// What of the model lies in its host's memory.
    pub in_host: Option<InHost>,
}

/// Runs the command.
///
/// # Errors
/// If a name is unknown, no machine runs the model, or the answer cannot be written.
pub fn run(session: &Session, arguments: &BreakevenArguments) -> Result<ExitCode> {
    let workload = find(session, &arguments.workload)?;
    let users = arguments.concurrency.unwrap_or(workload.users);
    let money = Money::resolve(session, &arguments.money, workload.hours)?;
    let terms = money.terms;
    if terms.hours <= 0.0 {
        bail!("0 h a day makes no tokens to compare: write --hours 8");
    }
    let cloud = session.catalog.cloud()?;
    let asked = operands(
        session,
        &arguments.operands,
        arguments.machine.clone(),
        arguments.model.clone(),
    )?;
    let setup = setup_of(session, &arguments.run)?;
    let job = Job::resolve(session, asked.model.as_deref(), Some(&workload.id), setup)?;
    let part = heaviest(&job, cloud, money.day())?;
    let priced = priced_model(session, cloud, part.model, money.day())?;
    let rivals = rivals(
        session,
        cloud,
        (part, priced),
        workload,
        users,
        arguments,
        money.day(),
    )?;
    let mut answers = Vec::new();
    let mut missing = Vec::new();
    let (machines, stay) = machines_limited(session, &asked.machines, arguments.power.limit)?;
    for machine in machines {
        let id = machine.id.clone();
        match used(
            session,
            &machine,
            (part, &job.setup),
            workload,
            users,
            &money,
            arguments.off,
        )? {
            Ok((used, per_million, in_host)) => answers.push(Answer {
                machine: id,
                in_host,
                evens: rivals
                    .iter()
                    .map(|against| used.against(against.rival, &terms))
                    .collect(),
                used,
                per_million,
            }),
            Err(reason) => missing.push((id, reason)),
        }
    }
    if answers.is_empty() {
        return Err(none_left(&missing));
    }
    answers.sort_by(|a, b| {
        let cost = |answer: &Answer| answer.per_million.mid;
        cost(a).total_cmp(&cost(b)).then(a.machine.cmp(&b.machine))
    });

    let mut report = Session::report("breakeven", &COLUMNS);
    money
        .assume(&mut report)
        .assume("workload", workload.id.clone())
        .assume("model", part.model.id.clone())
        .assume("concurrency", users)
        .assume("days_per_year", DAYS_PER_YEAR)
        .assume("prompt_tokens", workload.prompt)
        .assume("cached_tokens", workload.cached)
        .assume("output_tokens", workload.output)
        .assume("turns_per_hour", workload.turns_per_hour)
        .assume("power_limit_watts", arguments.power.limit)
        .assume("switched_off_after_work", arguments.off);
    assume_run(&mut report, &arguments.run);
    for answer in &answers {
        for (against, even) in rivals.iter().zip(&answer.evens) {
            report.row(row(answer, against, even, &terms));
        }
        words::detail(&mut report, answer, &terms);
    }
    words::rivals(&mut report, &rivals);
    words::headline(&mut report, &answers, &rivals, part, &terms);
    let notes = words::notes(
        workload,
        part,
        priced.map(|model| model.id.as_str()),
        users,
        &money,
    ) + &words::exceptions(&answers, &missing)
        + &limit_note(arguments.power.limit, &stay);
    report.footnote = Some(Styled::of(Role::Dim, notes));
    report.turn = words::turn(&answers, &rivals, &terms);
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

/// The weightiest model of the job that has an API price, else the weightiest.
fn heaviest<'a>(job: &'a Job<'a>, cloud: &Cloud, day: Date) -> Result<&'a Part<'a>> {
    let mut parts: Vec<&Part<'_>> = job.parts.iter().collect();
    parts.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let priced = parts
        .iter()
        .find(|part| !cloud.api(&part.model.id, day).is_empty());
    match priced.or(parts.first()) {
        Some(part) => Ok(part),
        None => bail!("the workload has no models: name one with --model"),
    }
}

/// What the machines are compared with, as far as prices are known.
fn rivals(
    session: &Session,
    cloud: &Cloud,
    (part, priced): (&Part<'_>, Option<&Model>),
    workload: &Workload,
    users: u32,
    arguments: &BreakevenArguments,
    day: Date,
) -> Result<Vec<Against>> {
    let mut rivals: Vec<Against> = priced
        .and_then(|model| api(cloud, model, workload, day))
        .into_iter()
        .collect();
    rivals.extend(rental(session, cloud, part, workload, users, day)?);
    rivals.extend(subscription(cloud, &arguments.subscription, day)?);
    if rivals.is_empty() {
        bail!("no price of an API, GPU or subscription is known by {day}: give a later --as-of");
    }
    Ok(rivals)
}

/// A machine's use, what a million tokens cost, and what of the model lies in its host's memory.
type Used = (Use, Range, Option<InHost>);

/// The use of a machine, or why there is none.
fn used(
    session: &Session,
    machine: &Machine,
    (part, setup): (&Part<'_>, &Setup),
    workload: &Workload,
    users: u32,
    money: &Money,
    off: bool,
) -> Result<std::result::Result<Used, String>> {
    let Some(price) = money.price(session, machine)? else {
        return Ok(Err("no price is known".to_owned()));
    };
    let Some(idle) = machine.idle_watts() else {
        return Ok(Err("its watts are unknown".to_owned()));
    };
    let shape = Shape::of(workload, users);
    let Ran { estimate, in_host } = match part.on(session, machine, setup, &shape)? {
        Ok(Some(ran)) => ran,
        Ok(None) => return Ok(Err(format!("{} does not run", part.model.id))),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (Some(load), Some(turns)) = (estimate.watts, turns(workload, users, &estimate)) else {
        return Ok(Err("its speed or watts are unknown".to_owned()));
    };
    let resale = resale_3y(machine);
    let used = Use {
        price: price.usd.mid,
        resale_3y: resale.mid,
        turns: turns.mid,
        load,
        idle,
        rest: if off { Watts(0.0) } else { idle },
    };
    let at = |price: f64, resale_3y: f64| {
        Use {
            price,
            resale_3y,
            ..used
        }
        .per_million(&money.terms)
    };
    let range = Range {
        low: at(price.usd.low, resale.high),
        mid: at(price.usd.mid, resale.mid),
        high: at(price.usd.high, resale.low),
    };
    Ok(Ok((used, range, in_host)))
}

fn row(answer: &Answer, against: &Against, even: &BreakEven, terms: &Terms) -> Vec<Cell> {
    let used = &answer.used;
    let or_never = |value: Option<f64>, text: fn(f64) -> String| {
        Cell::from(value).shown(value.map_or_else(|| "never".to_owned(), text))
    };
    let tokens = match against.kind {
        "subscription" => Cell::from(None::<f64>).shown("-"),
        _ => or_never(even.tokens_per_day, |tokens| compact(tokens, 3)),
    };
    let share = used.turns.share();
    vec![
        Cell::from(answer.machine.clone()),
        Cell::from(against.kind),
        Cell::from(against.name.clone()),
        Cell::from(answer.per_million.mid),
        Cell::from(even.rival_per_million),
        tokens,
        or_never(even.months, |months| compact(months, 3)),
        Cell::from(even.pays)
            .shown(if even.pays { "yes" } else { "no" })
            .role(if even.pays { Role::Good } else { Role::Bad }),
        Cell::from(used.least_per_million(terms)),
        Cell::from(used.electricity_per_million(terms)),
        Cell::from(answer.per_million),
        Cell::from(used.holding().net(terms)),
        Cell::from(even.rival_total),
        Cell::from(used.tokens_per_day(terms)),
        Cell::from(used.most_tokens_per_day()),
        Cell::from(share).role(if share > 1.0 {
            Role::Caution
        } else {
            Role::Plain
        }),
        Cell::from(against.citation.date),
        Cell::from(against.citation.source.clone()),
        Cell::from(answer.in_host.as_ref().map(|part| part.flags.clone())),
    ]
}
