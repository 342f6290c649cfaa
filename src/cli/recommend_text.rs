//! The first two lines of `hwcmp recommend`: what to buy, and what became of the rest.

use super::ease_text;
use super::fit_text::rate_words;
use crate::report::{Report, Role, Styled};
use crate::study::{Found, Offer, Query, Refusal, Tally};
use crate::units::{compact, dollars, group_thousands};
use crate::verdict::Way;

/// The first two lines.
pub(super) fn headline(
    report: &mut Report,
    query: &Query<'_>,
    shown: &[Found],
    knee: Option<usize>,
    tally: &Tally,
    budget: Option<f64>,
    way: Option<&Way>,
) {
    let name = &query.model.table.name;
    let under = budget.map_or_else(String::new, |budget| {
        format!(" for {} or less", dollars(budget))
    });
    let asked = format!(
        "{name} at {} tok/s or more{under}",
        compact(query.min_decode, 3)
    );
    let (Some(knee), Some(fastest)) = (knee.and_then(|knee| shown.get(knee)), shown.last()) else {
        report.headline(Styled::plain(format!("{asked}: ")).and(Role::Bad, "no machine does it."));
        report.headline(Styled::plain(way.map_or_else(
            || {
                "No machine that can be put together holds it: ask for a smaller quant or model."
                    .to_owned()
            },
            ease_text::sentence,
        )));
        return;
    };
    let words = |found: &Found| {
        format!(
            ", {}, {} tok/s",
            dollars(found.cost()),
            found.estimate.decode.map_or_else(String::new, rate_words)
        )
    };
    let mut first = Styled::plain(format!("{asked}: most for the money "))
        .and(Role::Good, knee.machine.id.clone())
        .and(Role::Plain, words(knee));
    if fastest.machine.id != knee.machine.id {
        first = first
            .and(Role::Plain, "; fastest ")
            .and(Role::Strong, fastest.machine.id.clone())
            .and(Role::Plain, words(fastest));
    }
    report.headline(first.and(Role::Plain, "."));
    report.headline(Styled::plain(tally_words(tally, budget)));
}

/// What became of the configurations.
fn tally_words(tally: &Tally, budget: Option<f64>) -> String {
    let number = |count: u64| group_thousands(&count.to_string());
    let refused: Vec<String> = Refusal::ALL
        .into_iter()
        .filter_map(|refusal| {
            let count = tally.refused.get(&refusal).filter(|count| **count > 0)?;
            Some(format!("{} {}", number(*count), refusal.name()))
        })
        .collect();
    let rest = [
        (tally.unproven, "engine never measured there"),
        (tally.too_large, "too large"),
        (tally.too_slow, "too slow"),
    ];
    let out = refused.into_iter().chain(
        rest.into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, why)| format!("{} {why}", number(count))),
    );
    format!(
        "Of {} configurations {} do it{}; out: {}.",
        number(tally.considered),
        number(tally.left),
        if budget.is_some() {
            " at some price"
        } else {
            ""
        },
        out.collect::<Vec<_>>().join(", ")
    )
}
