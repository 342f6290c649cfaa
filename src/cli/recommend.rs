//! `hwcmp recommend`: what to buy for a model and a budget.

use std::process::ExitCode;

use anyhow::Result;

use super::args::{By, RecommendArguments};
use super::ease_text;
use super::money::Money;
use super::recommend_ease::Nothing;
use super::recommend_next::{Next, next};
use super::recommend_pick::Picks;
use super::recommend_text::{headline, nothing, share_words, tally_words};
use super::session::Session;
use super::setup::cache_types;
use crate::catalog::{QuantChoice, SelectError, Shape};
use crate::model::Quant;
use crate::predict::memory::Fits;
use crate::predict::{Split, circuit_limit};
use crate::report::{Cell, Column, Format, Report, Role, Styled, Value};
use crate::study::{
    Found, House, Offer, PowerLimits, Query, Refusal, Tally, Trust, builds, front, knee,
    nominal_bits, search, steps,
};
use crate::units::{Watts, compact, dollars};

/// The model where none is named.
const USUAL_MODEL: &str = "qwen3.6-27b-q4";
/// The slowest decode where none is asked for: people read 4 to 8 tokens a second.
const USUAL_MIN_DECODE: f64 = 10.0;
/// A dearer machine is shown if it is at least so much faster.
const STEP: f64 = 1.02;
/// Fewest bits where the name carries none.
const USUAL_BITS: f64 = 4.0;

const COLUMNS: [Column; 19] = [
    Column::new("machine", "machine", "", Format::Text, 0),
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
    let (key_type, value_type) = cache_types(&arguments.kv_quant)?;
    let (only, least_bits) = quants(session, arguments, &choice.quant)?;
    let query = Query {
        model: choice.model,
        least_bits,
        quant: only.as_ref(),
        engine: arguments.engine.as_deref(),
        shape: Shape {
            context: arguments.context,
            depth: arguments.depth,
            concurrency: arguments.concurrency,
            key_type,
            value_type,
            tuned: arguments.tuned,
            ..Shape::usual()
        },
        min_decode: arguments.limits.min_decode.unwrap_or(USUAL_MIN_DECODE),
        trust: match arguments.by {
            By::Low => Trust::Cautious,
            By::Mid => Trust::Middle,
        },
    };
    let circuit = arguments
        .circuit
        .unwrap_or_else(|| circuit_of(&arguments.money.country));
    let house = House {
        circuit: Some(Watts(circuit)).filter(|watts| watts.0.is_finite()),
        max_watts: arguments.limits.max_watts,
        max_noise: arguments.limits.max_noise,
        require_cuda: arguments.limits.require_cuda,
        limits: arguments.power_limit.map_or(PowerLimits::Highest, |watts| {
            PowerLimits::Fixed(Watts(watts))
        }),
    };
    let builds = builds::<anyhow::Error>(&session.catalog, &house, |machine| {
        money.price(session, machine)
    })?;
    let (found, tally) = search(&session.catalog, &query, &builds)?;
    let (found, unsure): (Vec<Found>, Vec<Found>) =
        found.into_iter().partition(|found| found.is_sure(&query));
    let line = steps(front(found.clone()), STEP);
    let shown: &[Found] = match arguments.limits.budget {
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
            budget: arguments.limits.budget,
        };
        nothing.way_in(&found)?
    } else {
        None
    };
    let knee = knee(shown);
    let base = arguments
        .limits
        .budget
        .or(knee.map(|knee| shown[knee].cost()));
    let next = base.map(|base| next(&line, base));

    let mut report = Session::report("recommend", &COLUMNS);
    assume(
        &mut report,
        &query,
        &house,
        &money,
        arguments.limits.budget,
        &tally,
    );
    if shown
        .iter()
        .any(|found| found.machine.power_limit.is_some())
    {
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
    match Picks::of(shown, &found, arguments.limits.budget) {
        Some(picks) => headline(&mut report, &query, &picks, arguments.limits.budget),
        None => {
            let budget = arguments.limits.budget;
            nothing(&mut report, &query, budget, &unsure, way.as_ref());
        }
    }
    report.footnote = Some(footnote(&query, &money, &tally));
    report.turn = next
        .filter(|_| !shown.is_empty())
        .map(|next| Styled::plain(next.words()));
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

fn footnote(query: &Query<'_>, money: &Money, tally: &Tally) -> Styled {
    let by = match query.trust {
        Trust::Cautious => {
            "by the low end of its 80% range, what nine in ten reach at least (--by mid: the middle)"
        }
        Trust::Middle => "by the middle of its range, which half do not reach (--by low)",
    };
    Styled::of(
        Role::Dim,
        format!(
            "Each row is the fastest way to spend that much, {by}, steps under 2% left out. knee: most tok/s for each dollar. net: {} years at {} h a day; {}. {}",
            compact(money.terms.years, 2),
            compact(money.terms.hours, 3),
            money.basis(),
            share_words(query, tally)
        ),
    )
}

/// The quant named, or the fewest bits: the name's own, else four.
fn quants(
    session: &Session,
    arguments: &RecommendArguments,
    in_name: &QuantChoice,
) -> Result<(Option<Quant>, f64), SelectError> {
    let asked = match &arguments.quant {
        Some(typed) => session.catalog.select_quant(typed)?,
        None => in_name.clone(),
    };
    Ok(match asked {
        QuantChoice::Exact(quant) if arguments.quant.is_some() => {
            let bits = nominal_bits(&quant);
            (Some(quant), bits)
        }
        QuantChoice::Exact(quant) => (None, nominal_bits(&quant)),
        QuantChoice::Bits(bits) => (None, f64::from(bits)),
        QuantChoice::Usual => (None, USUAL_BITS),
    })
}

/// Continuous watts of the usual socket circuit of a country.
fn circuit_of(country: &str) -> f64 {
    let american = country
        .split('-')
        .next()
        .is_some_and(|id| id.eq_ignore_ascii_case("us"));
    if american {
        circuit_limit(120.0, 15.0).0
    } else {
        circuit_limit(230.0, 16.0).0
    }
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
    report
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
        .assume("hours_per_day", money.terms.hours)
        .assume("years", money.terms.years)
        .assume("usd_per_kwh", money.terms.rate.0)
        .assume("configurations", tally.considered)
        .assume("configurations_unproven", tally.unproven)
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
    let lies = match (estimate.plan.fits, estimate.plan.split) {
        (Fits::Offload, Split::None) => "host RAM".to_owned(),
        (Fits::Offload, split) => format!("{} + host RAM", split.name()),
        (_, split) => split.name().to_owned(),
    };
    let role = if knee { Role::Good } else { Role::Plain };
    let net = estimate
        .watts
        .and_then(|watts| money.ownership(&found.machine, &found.price, watts));
    vec![
        Cell::from(found.machine.id.clone()).role(role),
        Cell::from(found.quant.clone()),
        Cell::from(found.engine.clone()),
        Cell::from(estimate.plan.split.name()).shown(lies),
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
    let offloaded = if plan.fits == Fits::Offload {
        format!(
            ", {:.1} GiB of the weights in the host's memory",
            plan.offloaded.gib()
        )
    } else {
        String::new()
    };
    report.detail(
        found.machine.id.clone(),
        format!(
            "{} in {}, {} split, {:.1} GiB left{offloaded}; all flat out {}",
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

#[cfg(test)]
mod tests {
    use super::circuit_of;

    #[test]
    fn sockets_differ_by_country() {
        assert!((circuit_of("us-ca") - 1440.0).abs() < 1e-9);
        assert!((circuit_of("de") - 2944.0).abs() < 1e-9);
    }
}
