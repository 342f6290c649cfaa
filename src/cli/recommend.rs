//! `hwcmp recommend`: what to buy for a model and a budget.

use std::process::ExitCode;

use anyhow::Result;

use super::args::RecommendArguments;
use super::ease_text;
use super::money::Money;
use super::recommend_ease::Nothing;
use super::recommend_next::{Next, next};
use super::recommend_pick::Picks;
use super::recommend_query::{house, quants, query};
use super::recommend_text::{headline, nothing, share_words, tally_words};
use super::session::Session;
use crate::report::{Cell, Column, Format, Report, Role, Styled, Value};
use crate::study::{
    Found, House, Offer, PowerLimits, Query, Refusal, Tally, Trust, builds, front, knee, search,
    steps,
};
use crate::units::{Watts, compact, dollars};

/// The model where none is named.
const USUAL_MODEL: &str = "qwen3.6-27b-q4";
/// A dearer machine is shown if it is at least so much faster.
const STEP: f64 = 1.02;
/// Ids up to this width are not wrapped: they are typed elsewhere.
const LONGEST_ID: usize = 34;

const COLUMNS: [Column; 19] = [
    Column::new("machine", "machine", "", Format::Text, 0).at_least(LONGEST_ID),
    Column::new("quant", "quant", "", Format::Text, 1),
    Column::new("engine", "engine", "", Format::Text, 4),
    Column::new("split", "split", "", Format::Text, 5),
    Column::new(
        "power_limit_watts",
        "limit",
        "W",
        Format::Count,
        Column::HIDDEN,
    ),
    Column::new("hardware_usd", "price", "", Format::Dollars, 0),
    Column::new("net_cost_usd", "net cost", "", Format::Dollars, 2),
    Column::new(
        "decode_tokens_per_second",
        "decode",
        "tok/s",
        Format::Number,
        0,
    ),
    Column::new("watts", "watts", "", Format::Count, 6),
    Column::new("knee", "", "", Format::Text, 0),
    Column::new("evidence", "evidence", "", Format::Text, 3),
    Column::new("fits", "fits", "", Format::Text, Column::HIDDEN),
    Column::new(
        "full_load_watts",
        "flat out",
        "W",
        Format::Count,
        Column::HIDDEN,
    ),
    Column::new("noise_dba", "noise", "dB(A)", Format::Count, Column::HIDDEN),
    Column::new(
        "aggregate_decode_tokens_per_second",
        "all users",
        "tok/s",
        Format::Number,
        Column::HIDDEN,
    ),
    Column::new(
        "prefill_tokens_per_second",
        "prefill",
        "tok/s",
        Format::Number,
        Column::HIDDEN,
    ),
    Column::new(
        "headroom_bytes",
        "left",
        "GiB",
        Format::Gibibytes,
        Column::HIDDEN,
    ),
    Column::new("price_basis", "price of", "", Format::Text, Column::HIDDEN),
    Column::new("name", "name", "", Format::Text, Column::HIDDEN),
];

/// Runs the command.
///
/// # Errors
/// If a name is unknown or the answer cannot be written.
pub fn run(session: &Session, arguments: &RecommendArguments) -> Result<ExitCode> {
    let money = Money::resolve(session, &arguments.money, None)?;
    let typed = arguments.limits.model.as_deref().unwrap_or(USUAL_MODEL);
    let choice = session.catalog.select_model(typed)?;
    let (quant, least_bits) = quants(session, arguments, &choice.quant)?;
    let query = query(choice.model, quant.as_ref(), least_bits, arguments)?;
    let house = house(arguments);
    let builds = builds::<anyhow::Error>(&session.catalog, &house, |machine| {
        money.price(session, machine)
    })?;
    let (found, tally) = search(&session.catalog, &query, &builds)?;
    let (found, unsure): (Vec<Found>, Vec<Found>) =
        found.into_iter().partition(|found| found.is_sure(&query));
    let line = steps(front(found.clone()), STEP);
    let budget = arguments.limits.budget;
    let shown: &[Found] = match budget {
        Some(budget) => {
            let end = line
                .iter()
                .take_while(|found| found.cost() <= budget)
                .count();
            &line[..end]
        }
        None => &line,
    };
    let way = if shown.is_empty() {
        let nothing = Nothing {
            session,
            money: &money,
            query: &query,
            house: &house,
            budget,
        };
        nothing.way_in(&found)?
    } else {
        None
    };
    let knee = knee(shown);
    let base = budget.or(knee.map(|knee| shown[knee].cost()));
    let next = base.map(|base| next(&line, base));

    let mut report = Session::report("recommend", &COLUMNS);
    assume(&mut report, &query, &house, &money, budget, &tally);
    if is_limited(shown) {
        reveal_limit(&mut report);
    }
    for (index, found) in shown.iter().enumerate() {
        report.row(row(found, Some(index) == knee, &money));
        explain(&mut report, found);
    }
    report.detail("", tally_words(&tally));
    report.member(
        "next_500_usd",
        next.as_ref().map_or(Value::Null, Next::value),
    );
    report.member("eases", ease_text::value(way.as_ref()));
    if let Some(picks) = Picks::of(shown, &found, budget) {
        headline(&mut report, &query, &picks, budget);
    } else {
        nothing(&mut report, &query, budget, &unsure, way.as_ref());
    }
    report.footnote = Some(footnote(&query, &money, &tally, shown));
    report.turn = next
        .filter(|_| !shown.is_empty())
        .map(|next| Styled::plain(next.words()));
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

fn footnote(query: &Query<'_>, money: &Money, tally: &Tally, shown: &[Found]) -> Styled {
    let share = share_words(query, tally);
    if shown.is_empty() {
        return Styled::of(Role::Dim, share);
    }
    let limit = if is_limited(shown) {
        "limit: most watts a card may draw, as asked or as supply, circuit and --max-watts need. "
    } else {
        ""
    };
    let by = match query.trust {
        Trust::Cautious => {
            "by the low end of its 80% range, what nine in ten reach at least (--by mid: the middle)"
        }
        Trust::Middle => "by the middle of its range, which half do not reach (--by low)",
    };
    Styled::of(
        Role::Dim,
        format!(
            "Each row is the fastest way to spend that much, {by}, steps under 2% left out. knee: most tok/s for each dollar. {limit}net: {} years at {} h a day; {}. {}",
            compact(money.terms.years, 2),
            compact(money.terms.hours, 3),
            money.basis(),
            share
        ),
    )
}

fn assume(
    report: &mut Report,
    query: &Query<'_>,
    house: &House,
    money: &Money,
    budget: Option<f64>,
    tally: &Tally,
) {
    let refused = Refusal::ALL.into_iter().map(|refusal| {
        let count = tally.refused.get(&refusal).copied().unwrap_or(0);
        (refusal.key(), Value::from(count))
    });
    money
        .assume(report)
        .assume("model", query.model.id.clone())
        .assume("least_bits", query.least_bits)
        .assume("min_decode_tokens_per_second", query.min_decode)
        .assume(
            "ranked_by",
            match query.trust {
                Trust::Cautious => "low",
                Trust::Middle => "mid",
            },
        )
        .assume("budget_usd", budget)
        .assume("context_tokens", query.shape.context)
        .assume("depth_tokens", query.shape.depth)
        .assume("concurrency", query.shape.concurrency)
        .assume("circuit_watts", house.circuit)
        .assume("max_watts", house.max_watts)
        .assume("max_noise_dba", house.max_noise)
        .assume("require_cuda", house.require_cuda)
        .assume("power_limit_watts", fixed_limit(house))
        .assume("configurations", tally.considered)
        .assume("configurations_unproven", tally.unproven)
        .assume("configurations_indivisible", tally.indivisible)
        .assume("configurations_too_large", tally.too_large)
        .assume("configurations_too_slow", tally.too_slow)
        .assume("configurations_unsure", tally.unsure)
        .assume("configurations_left", tally.left)
        .assume("configurations_refused", Value::object(refused));
}

/// The limit that was asked for.
fn fixed_limit(house: &House) -> Option<Watts> {
    match house.limits {
        PowerLimits::Fixed(limit) => Some(limit),
        PowerLimits::Highest | PowerLimits::Every => None,
    }
}

/// Whether some machine has its power limited.
fn is_limited(shown: &[Found]) -> bool {
    let mut limits = shown.iter().map(|found| found.machine.power_limit);
    limits.any(|limit| limit.is_some())
}

/// Shows the column of the power limit, where some row has one.
fn reveal_limit(report: &mut Report) {
    for column in &mut report.columns {
        if column.key == "power_limit_watts" {
            column.priority = 1;
        }
    }
}

fn row(found: &Found, knee: bool, money: &Money) -> Vec<Cell> {
    let estimate = &found.estimate;
    let role = if knee { Role::Good } else { Role::Plain };
    let net = estimate
        .watts
        .and_then(|watts| money.ownership(&found.machine, &found.price, watts));
    vec![
        Cell::from(found.machine.id.clone()).role(role),
        Cell::from(found.quant.clone()),
        Cell::from(found.engine.clone()),
        Cell::from(estimate.plan.split.name()),
        Cell::from(found.machine.power_limit),
        Cell::from(found.price.usd.mid),
        Cell::from(net.map(|net| net.net.mid)),
        Cell::from(estimate.decode).role(role),
        Cell::from(estimate.watts),
        Cell::from(knee)
            .shown(if knee { "knee" } else { "" })
            .role(role),
        Cell::from(estimate.evidence),
        Cell::from(estimate.plan.fits.name()),
        Cell::from(found.machine.load_watts()),
        Cell::from(found.machine.noise.map(|noise| noise.0)),
        Cell::from(estimate.aggregate),
        Cell::from(estimate.prefill),
        Cell::from(estimate.plan.headroom()),
        Cell::from(found.price.basis.clone()),
        Cell::from(found.machine.name.clone()),
    ]
}

/// Price and memory behind a row, for `--explain`.
fn explain(report: &mut Report, found: &Found) {
    let plan = &found.estimate.plan;
    report.detail(
        found.machine.id.clone(),
        format!(
            "{} ({} to {}): {}",
            dollars(found.price.usd.mid),
            dollars(found.price.usd.low),
            dollars(found.price.usd.high),
            found.price.basis
        ),
    );
    report.detail(
        found.machine.id.clone(),
        format!(
            "{} in {}, {} split, {:.1} GiB left; all flat out {}",
            found.quant,
            found.engine,
            plan.split.name(),
            plan.headroom() as f64 / (1u64 << 30) as f64,
            found
                .machine
                .load_watts()
                .map_or_else(|| "unknown".to_owned(), |watts| format!("{:.0} W", watts.0)),
        ),
    );
}
