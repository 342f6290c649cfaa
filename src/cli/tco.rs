//! `hwcmp tco`: what the machines cost over the years.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::args::TcoArguments;
use super::money::Money;
use super::session::Session;
use super::setup::machines;
use crate::catalog::{Model, QuantChoice, Shape};
use crate::evidence::Range;
use crate::machine::{Machine, Price};
use crate::money::{Duty, Ownership, crossover_hours, ownership};
use crate::predict::memory::Fits;
use crate::predict::{Trace, estimate};
use crate::report::{Cell, Column, Format, Report, Role, Styled, Value};
use crate::units::{Watts, compact, dollars};
use crate::verdict::Terms;

const COLUMNS: [Column; 19] = [
    Column::new("machine", "machine", "", Format::Text, 0),
    Column::new("hardware_usd", "hardware", "", Format::Dollars, 1),
    Column::new(
        "annual_electricity_usd",
        "electricity a year",
        "",
        Format::Dollars,
        3,
    ),
    Column::new("electricity_usd", "electricity", "", Format::Dollars, 4),
    Column::new("resale_usd", "resale", "", Format::Dollars, 2),
    Column::new("total_cost_usd", "paid in all", "", Format::Dollars, 5),
    Column::new("net_cost_usd", "net cost", "", Format::Dollars, 0),
    Column::new(
        "net_cost_usd_range",
        "net cost range",
        "",
        Format::Dollars,
        7,
    ),
    Column::new(
        "hardware_usd_range",
        "hardware range",
        "",
        Format::Dollars,
        Column::HIDDEN,
    ),
    Column::new(
        "resale_usd_range",
        "resale range",
        "",
        Format::Dollars,
        Column::HIDDEN,
    ),
    Column::new("busy_watts", "at work", "W", Format::Count, 6),
    Column::new("idle_watts", "idle", "W", Format::Count, 8),
    Column::new("full_load_watts", "flat out", "W", Format::Count, 9),
    Column::new(
        "full_load_annual_electricity_usd",
        "flat out a year",
        "",
        Format::Dollars,
        6,
    ),
    Column::new(
        "full_load_net_cost_usd",
        "net, flat out",
        "",
        Format::Dollars,
        2,
    ),
    Column::new("price_date", "price of", "", Format::Text, 10),
    Column::new(
        "price_basis",
        "price from",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
    Column::new(
        "watts_basis",
        "watts from",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
    Column::new("hours_per_day", "hours", "", Format::Number, Column::HIDDEN),
];

/// One machine's figures.
struct Answer {
    machine: Machine,
    price: Price,
    resale: Range,
    busy: Watts,
    idle: Watts,
    load: Watts,
    cost: Ownership,
    /// Flat out while at work, idle otherwise.
    flat_out: Ownership,
    basis: String,
}

/// Runs the command.
///
/// # Errors
/// If a name is unknown, nothing is known of any machine's price, or the answer cannot be written.
pub fn run(session: &Session, arguments: &TcoArguments) -> Result<ExitCode> {
    let money = Money::resolve(session, &arguments.money, None)?;
    let choice = session.catalog.select_model(&arguments.model)?;
    let mut answers = Vec::new();
    let mut missing = Vec::new();
    for machine in machines(session, &arguments.machine)? {
        let id = machine.id.clone();
        match answer(session, machine, choice.model, &choice.quant, &money)? {
            Ok(answer) => answers.push(answer),
            Err(reason) => missing.push(format!("{id}: {reason}")),
        }
    }
    if answers.is_empty() {
        bail!(
            "{}: give its price with --price MACHINE=USD",
            missing.join("; ")
        );
    }
    answers.sort_by(|a, b| {
        a.cost
            .net
            .mid
            .total_cmp(&b.cost.net.mid)
            .then(a.machine.id.cmp(&b.machine.id))
    });

    let Terms { hours, years, rate } = money.terms;
    let mut report = Session::report("tco", &COLUMNS);
    report
        .assume("hours_per_day", hours)
        .assume("years", years)
        .assume("usd_per_kwh", rate.0)
        .assume("usd_per_kwh_basis", money.rate_basis.clone())
        .assume("days_per_year", crate::money::DAYS_PER_YEAR)
        .assume("prices_as_of", money.as_of)
        .assume("model", choice.model.id.clone());
    for answer in &answers {
        report.row(row(answer, hours));
        detail(&mut report, answer, &money.terms);
    }
    report.member("crossovers", crossovers(&answers, &money.terms));
    headline(&mut report, &answers, &money);
    let mut notes = format!(
        "net = hardware + electricity - resale. At work it decodes {} for one user, then idles; \"flat out\" has every device busy. ${}/kWh ({}), {}",
        choice.model.table.name,
        compact(rate.0, 3),
        money.rate_basis,
        money.basis()
    );
    if !missing.is_empty() {
        notes = format!("{notes}. Left out: {}", missing.join("; "));
    }
    report.footnote = Some(Styled::of(Role::Dim, notes));
    report.turn = turn(&answers, &money.terms);
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

/// The figures of a machine, or what is unknown of it.
fn answer(
    session: &Session,
    machine: Machine,
    model: &Model,
    quant: &QuantChoice,
    money: &Money,
) -> Result<std::result::Result<Answer, String>> {
    let Some(price) = money.price(session, &machine)? else {
        return Ok(Err("no price is known".to_owned()));
    };
    let (Some(idle), Some(load)) = (machine.idle_watts(), machine.load_watts()) else {
        return Ok(Err("its watts are unknown".to_owned()));
    };
    let (busy, basis) = match decode_watts(session, &machine, model, quant)? {
        Some((watts, basis)) => (watts, basis),
        None => (load, format!("{} does not run: flat out", model.id)),
    };
    let Terms { hours, years, rate } = money.terms;
    let resale = machine.resale.as_ref().map_or(
        Range {
            low: 0.2,
            mid: 0.4,
            high: 0.6,
        },
        |resale| resale.after(years),
    );
    let own = |busy: Watts| {
        ownership(
            price.usd,
            &Duty {
                hours,
                busy,
                idle: Some(idle),
            },
            rate,
            years,
            resale,
        )
    };
    let (cost, flat_out) = (own(busy), own(load));
    Ok(Ok(Answer {
        machine,
        price,
        resale,
        busy,
        idle,
        load,
        cost,
        flat_out,
        basis,
    }))
}

/// Watts at the wall while one user decodes the model; none where it does not run.
fn decode_watts(
    session: &Session,
    machine: &Machine,
    model: &Model,
    quant: &QuantChoice,
) -> Result<Option<(Watts, String)>> {
    let Ok(candidate) = session.catalog.prepare(machine.clone(), model, quant, None) else {
        return Ok(None);
    };
    let shape = Shape {
        context: 8192,
        prompt: 512,
        output: 512,
        ..Shape::usual()
    };
    let estimate = estimate(
        &candidate.scenario(&shape),
        session.catalog.constants()?,
        &mut Trace::off(),
    );
    if estimate.plan.fits == Fits::No {
        return Ok(None);
    }
    let basis = format!("one user's decode, split {}", estimate.plan.split.name());
    Ok(estimate.watts.map(|watts| (watts, basis)))
}

fn row(answer: &Answer, hours: f64) -> Vec<Cell> {
    let cost = &answer.cost;
    vec![
        Cell::from(answer.machine.id.clone()),
        Cell::from(cost.hardware.mid),
        Cell::from(cost.annual_electricity),
        Cell::from(cost.electricity),
        Cell::from(cost.resale.mid),
        Cell::from(cost.total.mid),
        Cell::from(cost.net.mid).role(Role::Strong),
        Cell::from(cost.net),
        Cell::from(cost.hardware),
        Cell::from(cost.resale),
        Cell::from(answer.busy),
        Cell::from(answer.idle),
        Cell::from(answer.load),
        Cell::from(answer.flat_out.annual_electricity),
        Cell::from(answer.flat_out.net.mid),
        Cell::from(answer.price.date),
        Cell::from(answer.price.basis.clone()),
        Cell::from(answer.basis.clone()),
        Cell::from(hours),
    ]
}

/// The first two lines.
fn headline(report: &mut Report, answers: &[Answer], money: &Money) {
    let Terms { hours, years, .. } = money.terms;
    let Some(cheapest) = answers.first() else {
        return;
    };
    report.headline(Styled::of(Role::Strong, cheapest.machine.id.clone()).and(
        Role::Plain,
        format!(
            " is the cheapest over {} years at {} h a day: {} net.",
            compact(years, 2),
            compact(hours, 3),
            dollars(cheapest.cost.net.mid)
        ),
    ));
    let second = match answers.get(1) {
        Some(next) => format!(
            "Next is {} at {}; with every device flat out {}.",
            next.machine.id,
            dollars(next.cost.net.mid),
            flat_out_words(answers, cheapest)
        ),
        None => format!(
            "Hardware {}, electricity {} a year, resale {}.",
            dollars(cheapest.cost.hardware.mid),
            dollars(cheapest.cost.annual_electricity),
            dollars(cheapest.cost.resale.mid)
        ),
    };
    report.headline(Styled::plain(second));
}

/// Who is cheapest when everything runs flat out.
fn flat_out_words(answers: &[Answer], cheapest: &Answer) -> String {
    let best = answers
        .iter()
        .min_by(|a, b| a.flat_out.net.mid.total_cmp(&b.flat_out.net.mid));
    match best {
        Some(best) if best.machine.id == cheapest.machine.id => {
            format!("it stays the cheapest ({})", dollars(best.flat_out.net.mid))
        }
        Some(best) => format!(
            "{} is ({})",
            best.machine.id,
            dollars(best.flat_out.net.mid)
        ),
        None => "nothing is known".to_owned(),
    }
}

/// Where each pair of machines costs the same, in hours a day.
fn crossovers(answers: &[Answer], terms: &Terms) -> Value {
    let mut list = Vec::new();
    for (index, a) in answers.iter().enumerate() {
        for b in &answers[index + 1..] {
            if let Some((below, above, hours)) = crossing(a, b, terms) {
                list.push(Value::object([
                    ("cheaper_below", Value::from(below)),
                    ("cheaper_above", Value::from(above)),
                    ("hours_per_day", Value::from(hours)),
                ]));
            }
        }
    }
    Value::List(list)
}

/// The machine cheaper below, the one cheaper above, and the hours a day between.
fn crossing(a: &Answer, b: &Answer, terms: &Terms) -> Option<(String, String, f64)> {
    let line = |answer: &Answer| {
        (
            answer.price.usd.mid * (1.0 - answer.resale.mid),
            answer.busy.0,
            answer.idle.0,
        )
    };
    let cross = crossover_hours(line(a), line(b), terms.years, terms.rate)?;
    let (below, above) = if cross.first_below { (a, b) } else { (b, a) };
    Some((
        below.machine.id.clone(),
        above.machine.id.clone(),
        cross.hours_per_day,
    ))
}

/// The crossover of the cheapest nearest to the hours asked for.
fn turn(answers: &[Answer], terms: &Terms) -> Option<Styled> {
    let (cheapest, rest) = answers.split_first()?;
    let nearest = rest
        .iter()
        .filter_map(|other| crossing(cheapest, other, terms))
        .min_by(|a, b| {
            (a.2 - terms.hours)
                .abs()
                .total_cmp(&(b.2 - terms.hours).abs())
        });
    Some(Styled::plain(match nearest {
        Some((below, above, hours)) => format!(
            "To turn it: {below} is cheaper below {} h a day, {above} above.",
            compact(hours, 3)
        ),
        None => format!(
            "No number of hours a day turns it: {} is cheapest from 0 to 24.",
            cheapest.machine.id
        ),
    }))
}

/// The arithmetic of a machine, for `--explain`.
fn detail(report: &mut Report, answer: &Answer, terms: &Terms) {
    let id = answer.machine.id.clone();
    report.detail(
        id.clone(),
        format!(
            "electricity: ({} W x {} h + {} W x {} h) / 1000 x 365 x ${} = {} a year ({})",
            compact(answer.busy.0, 4),
            compact(terms.hours, 3),
            compact(answer.idle.0, 4),
            compact(24.0 - terms.hours, 3),
            compact(terms.rate.0, 4),
            dollars(answer.cost.annual_electricity),
            answer.basis
        ),
    );
    report.detail(
        id.clone(),
        format!(
            "price: {} to {}, {}; {}",
            dollars(answer.price.usd.low),
            dollars(answer.price.usd.high),
            answer.price.basis,
            answer.price.sources.join("; ")
        ),
    );
    let resale = answer.machine.resale.as_ref().map_or_else(
        || "no figure known: 20% to 60% assumed".to_owned(),
        |resale| format!("{} ({})", resale.citation.source, resale.citation.date),
    );
    report.detail(
        id,
        format!(
            "resale: {:.0}% ({:.0}-{:.0}%) of the price after {} years; {resale}",
            100.0 * answer.resale.mid,
            100.0 * answer.resale.low,
            100.0 * answer.resale.high,
            compact(terms.years, 2)
        ),
    );
}
