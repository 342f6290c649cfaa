//! The words of `hwcmp recommend`: what to buy, and what became of the rest.

use super::ease_text;
use super::fit_text::rate_words;
use super::recommend_pick::{Picks, is_timed};
use crate::report::{Report, Role, Styled};
use crate::study::{Found, Offer, Query, Refusal, Tally};
use crate::units::{compact, dollars, group_thousands, significant};
use crate::verdict::Way;

/// Where no machine does it: what would let one in, and what may do it of those that are
/// `unsure`.
pub(super) fn nothing(
    report: &mut Report,
    query: &Query<'_>,
    budget: Option<f64>,
    unsure: &[Found],
    way: Option<&Way>,
) {
    let asked = format!(
        "{} at {} tok/s or more{}: ",
        query.model.table.name,
        compact(query.min_decode, 3),
        limit_words(budget)
    );
    report.headline(Styled::plain(asked).and(Role::Bad, "no machine does it."));
    report.headline(Styled::plain(way.map_or_else(
        || {
            "No machine that can be put together holds it: ask for a smaller quant or model."
                .to_owned()
        },
        ease_text::sentence,
    )));
    let cheapest = unsure
        .iter()
        .filter(|found| budget.is_none_or(|budget| found.cost() <= budget))
        .min_by(|a, b| a.cost().total_cmp(&b.cost()));
    if let Some(found) = cheapest {
        report.headline(Styled::plain(format!(
            "In the middle of its range, which half do not reach, {}{} does it (--by mid).",
            found.machine.id,
            figures(found)
        )));
    }
}

/// What to buy and why, what more money brings, and how sure the speed is.
pub(super) fn headline(
    report: &mut Report,
    query: &Query<'_>,
    picks: &Picks<'_>,
    budget: Option<f64>,
) {
    let buy = picks.buy;
    report.headline(
        Styled::plain(format!(
            "{}{}, buy: ",
            query.model.table.name,
            limit_words(budget)
        ))
        .and(Role::Good, name(buy))
        .and(
            Role::Plain,
            format!(
                "{}: most speed per dollar. Price: {}.",
                figures(buy),
                buy.price.short_basis()
            ),
        ),
    );
    let mut ready = picks.ready;
    if !is_timed(buy) {
        let best = match (picks.timed, ready) {
            (None, _) => "None that does it was timed.".to_owned(),
            (Some(timed), Some(same)) if timed.machine.id == same.machine.id => {
                ready = None;
                format!(
                    "Of those timed the best buy is {}{}, ready-made.",
                    timed.machine.id,
                    figures(timed)
                )
            }
            (Some(timed), _) => format!(
                "Of those timed the best buy is {}{}.",
                timed.machine.id,
                figures(timed)
            ),
        };
        report.headline(
            Styled::of(
                Role::Caution,
                "Its speed is an estimate, not measured on such a machine.",
            )
            .and(Role::Plain, format!(" {best}")),
        );
    }
    if let Some(faster) = picks.faster {
        report.headline(
            Styled::plain("Fastest: ")
                .and(Role::Strong, faster.machine.id.clone())
                .and(
                    Role::Plain,
                    format!(
                        "{} ({}x the speed, {}x the price).",
                        figures(faster),
                        significant(faster.gain() / buy.gain(), 2),
                        significant(faster.cost() / buy.cost().max(1.0), 2)
                    ),
                ),
        );
    }
    if let Some(ready) = ready {
        report.headline(Styled::plain(format!(
            "Ready-made, nothing to put together: {}{}.",
            ready.machine.id,
            figures(ready)
        )));
    }
}

/// The budget in words.
fn limit_words(budget: Option<f64>) -> String {
    budget.map_or_else(String::new, |budget| {
        format!(" for {} or less", dollars(budget))
    })
}

/// A machine's name without its particulars, with the limit that it needs.
fn name(found: &Found) -> String {
    let name = &found.machine.name;
    let name = name.split(", ").next().unwrap_or(name);
    found.machine.power_limit.map_or_else(
        || name.to_owned(),
        |limit| format!("{name} at {:.0} W a card", limit.0),
    )
}

/// Price and speed.
fn figures(found: &Found) -> String {
    format!(
        ", {}, {} tok/s",
        dollars(found.cost()),
        found.estimate.decode.map_or_else(String::new, rate_words)
    )
}

/// How many configurations do it.
pub(super) fn share_words(query: &Query<'_>, tally: &Tally) -> String {
    let unsure = if tally.unsure > 0 {
        format!(
            ", {} more in the middle of their range",
            number(tally.unsure)
        )
    } else {
        String::new()
    };
    format!(
        "{} of {} configurations do {} tok/s or more at some price{unsure}",
        number(tally.left),
        number(tally.considered),
        compact(query.min_decode, 3)
    )
}

/// What became of the others.
pub(super) fn tally_words(tally: &Tally) -> String {
    let refused: Vec<String> = Refusal::ALL
        .into_iter()
        .filter_map(|refusal| {
            let count = tally.refused.get(&refusal).filter(|count| **count > 0)?;
            Some(format!("{} {}", number(*count), refusal.name()))
        })
        .collect();
    let rest = [
        (tally.unproven, "engine never measured there"),
        (tally.indivisible, "heads do not divide"),
        (tally.too_large, "too large for the devices"),
        (tally.too_slow, "too slow"),
        (tally.unsure, "too slow at the low end"),
    ];
    let out = refused.into_iter().chain(
        rest.into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, why)| format!("{} {why}", number(count))),
    );
    format!(
        "configurations ruled out: {}",
        out.collect::<Vec<_>>().join(", ")
    )
}

fn number(count: u64) -> String {
    group_thousands(&count.to_string())
}
