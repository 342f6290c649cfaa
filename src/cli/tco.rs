//! `hwcmp tco`: what the machines cost over the years.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Result;

use super::args::TcoArguments;
use super::money::Money;
use super::offload_text;
use super::session::Session;
use super::setup::{assume_run, limit_note, machines_limited, none_left, setup_of};
use super::tco_answer::{Answer, answer};
use super::work::{Job, find};
use super::{tco_figures, tco_text, tco_turns};
use crate::evidence::Range;
use crate::money::{DAYS_PER_YEAR, DRAWS, Terms, Uncertain, cheapest_shares};
use crate::report::{Cell, Column, Format, Role, Styled};
use crate::units::dollars;

const COLUMNS: [Column; 22] = [
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
    Column::new("resale_usd", "resale", "", Format::Dollars, 3),
    Column::new("total_cost_usd", "paid in all", "", Format::Dollars, 5),
    Column::new("net_cost_usd", "net cost", "", Format::Dollars, 0),
    Column::new(
        "net_cost_usd_range",
        "net cost range",
        "",
        Format::Dollars,
        Column::HIDDEN,
    ),
    Column::new(
        "cheapest_probability",
        "cheapest in",
        "",
        Format::Percent,
        2,
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
    Column::new(
        "busy_hours_per_day",
        "under load",
        "h/day",
        Format::Number,
        7,
    ),
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
        1,
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
    Column::new("offload_flags", "offload", "", Format::Text, Column::HIDDEN),
];

/// The price of electricity is drawn within this share of itself. Assumed: no
/// forecast is in the data, and a horizon of years sees prices move.
const RATE_SPREAD: f64 = 0.2;

/// Runs the command.
///
/// # Errors
/// If a name is unknown, no machine is left whose price is known and that runs what is asked as
/// it is asked, or the answer cannot be written.
pub fn run(session: &Session, arguments: &TcoArguments) -> Result<ExitCode> {
    let workload = arguments.workload.as_deref();
    let own_hours = workload
        .map(|id| find(session, id))
        .transpose()?
        .and_then(|workload| workload.hours);
    let money = Money::resolve(session, &arguments.money, own_hours)?;
    let model = arguments.model.as_deref();
    let job = Job::resolve(session, model, workload, setup_of(session, &arguments.run)?)?;
    let mut answers = Vec::new();
    let mut missing = Vec::new();
    let (machines, stay) = machines_limited(session, &arguments.machine, arguments.power.limit)?;
    for machine in machines {
        let id = machine.id.clone();
        match answer(session, machine, &job, &money, arguments.off)? {
            Ok(answer) => answers.push(answer),
            Err(reason) => missing.push((id, reason)),
        }
    }
    if answers.is_empty() {
        return Err(none_left(&missing));
    }
    answers.sort_by(|a, b| {
        let net = |answer: &Answer| answer.cost.net.mid;
        net(a).total_cmp(&net(b)).then(a.id().cmp(b.id()))
    });

    let terms = money.terms;
    let rate = Range {
        low: terms.rate.0 * (1.0 - RATE_SPREAD),
        mid: terms.rate.0,
        high: terms.rate.0 * (1.0 + RATE_SPREAD),
    };
    let uncertain: Vec<Uncertain> = answers
        .iter()
        .map(|answer| answer.uncertain.clone())
        .collect();
    let wins = cheapest_shares(&uncertain, &terms, rate);
    let mut report = Session::report("tco", &COLUMNS);
    money
        .assume(&mut report)
        .assume("usd_per_kwh_range", rate)
        .assume("days_per_year", DAYS_PER_YEAR)
        .assume("workload", job.workload.map(|workload| workload.id.clone()))
        .assume(
            "model",
            match job.parts.as_slice() {
                [one] => Some(one.model.id.clone()),
                _ => None,
            },
        )
        .assume("power_limit_watts", arguments.power.limit)
        .assume("switched_off_after_work", arguments.off)
        .assume("draws", DRAWS);
    assume_run(&mut report, &arguments.run);
    for answer in &answers {
        report.row(row(answer, &terms, &wins));
        tco_text::detail(&mut report, answer, &terms);
    }
    tco_text::common(&mut report, rate, DRAWS);
    tco_turns::add_members(&mut report, &answers, &terms);
    tco_text::headline(&mut report, &answers, &terms, &wins);
    if arguments.chart {
        tco_figures::add_charts(&mut report, session, &answers, &terms);
    }
    tco_figures::add_tornado(
        &mut report,
        session,
        &answers,
        &terms,
        rate,
        arguments.tornado,
    );
    let basket = match job.parts[..] {
        [_] => String::new(),
        _ => offload_text::of_basket(job.setup.offload),
    };
    let notes = tco_text::notes(&job, &money, arguments.off)
        + &tco_text::exceptions(&answers, &missing)
        + &basket
        + &limit_note(arguments.power.limit, &stay);
    report.footnote = Some(Styled::of(Role::Dim, notes));
    report.turn = tco_turns::turn(&answers, &terms);
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

/// US dollars with their range: `$3,040 (1,922-5,475)`.
fn with_range(usd: Range) -> String {
    let plain = |usd: f64| dollars(usd).replacen('$', "", 1);
    format!(
        "{} ({}-{})",
        dollars(usd.mid),
        plain(usd.low),
        plain(usd.high)
    )
}

fn row(answer: &Answer, terms: &Terms, wins: &BTreeMap<String, f64>) -> Vec<Cell> {
    let cost = &answer.cost;
    let load_role = if answer.work.overloaded {
        Role::Caution
    } else {
        Role::Plain
    };
    vec![
        Cell::from(answer.id()),
        Cell::from(cost.hardware.mid),
        Cell::from(cost.annual_electricity),
        Cell::from(cost.electricity),
        Cell::from(cost.resale.mid),
        Cell::from(cost.total.mid),
        Cell::from(cost.net.mid)
            .shown(with_range(cost.net))
            .role(Role::Strong),
        Cell::from(cost.net),
        Cell::from(wins.get(answer.id()).copied()),
        Cell::from(cost.hardware),
        Cell::from(cost.resale),
        Cell::from(answer.work.load),
        Cell::from(terms.hours * answer.work.share.mid).role(load_role),
        Cell::from(answer.idle),
        Cell::from(answer.full_load),
        Cell::from(answer.flat_out.annual_electricity),
        Cell::from(answer.flat_out.net.mid),
        Cell::from(answer.price.date),
        Cell::from(answer.price.basis.clone()),
        Cell::from(answer.work.basis.clone()),
        Cell::from(terms.hours),
        Cell::from(answer.work.in_host.as_ref().map(|part| part.flags.clone())),
    ]
}
