//! The words of `hwcmp users`.

use super::money::Money;
use super::users_load::{Answer, Asked};
use crate::money::Terms;
use crate::report::{Report, Role, Styled};
use crate::study::{CROWDED, Limit};
use crate::units::{compact, group_thousands};

/// The first two lines: who serves most people, and what that costs.
pub(super) fn headline(
    report: &mut Report,
    title: &str,
    answers: &[Answer<'_>],
    asked: &Asked<'_>,
) {
    let quality = format!(
        "at {} tok/s or more each and the first token within {}",
        compact(asked.quality.min_decode, 3),
        seconds(asked.quality.max_ttft)
    );
    let serving = answers
        .iter()
        .filter(|answer| answer.served.crowd.people > 0);
    let serving: Vec<&Answer<'_>> = serving.collect();
    let Some(best) = serving.first() else {
        report.headline(
            Styled::plain(format!("{title}: "))
                .and(Role::Bad, "no machine here serves anybody")
                .and(Role::Plain, format!(" {quality}.")),
        );
        report.headline(Styled::plain(nearest(answers)));
        return;
    };
    let requests = best.served.capacity.requests;
    report.headline(
        Styled::plain(format!("{title} {quality}: "))
            .and(
                Role::Strong,
                format!(
                    "{} serves {}",
                    best.candidate.machine.id,
                    count(best.served.crowd.people, "person", "people")
                ),
            )
            .and(
                Role::Plain,
                format!(
                    ", {} at a time{}.",
                    count(requests, "request", "requests"),
                    if serving.len() > 1 { ", the most" } else { "" }
                ),
            ),
    );
    report.headline(Styled::plain(costs(best, &serving)));
}

/// What the best one costs, and who costs less a token.
fn costs(best: &Answer<'_>, serving: &[&Answer<'_>]) -> String {
    let of = |answer: &Answer<'_>| answer.cost.as_ref()?.per_million;
    let Some(own) = of(best) else {
        return "What that costs is not known: name its price with --price.".to_owned();
    };
    let person = best.cost.as_ref().and_then(|cost| cost.per_person);
    let person = person.map_or(String::new(), |usd| {
        format!(", ${} a person and month", compact(usd, 3))
    });
    let cheapest = serving
        .iter()
        .filter_map(|answer| Some((*answer, of(answer)?)))
        .min_by(|a, b| a.1.total_cmp(&b.1));
    let other = match cheapest {
        _ if serving.len() < 2 => String::new(),
        Some((answer, usd)) if usd < own => format!(
            "; {} makes them for ${}, for {}",
            answer.candidate.machine.id,
            compact(usd, 3),
            count(answer.served.crowd.people, "person", "people")
        ),
        _ => ", the least of these".to_owned(),
    };
    format!(
        "A million output tokens cost ${} at that load{person}{other}.",
        compact(own, 3)
    )
}

/// Who comes nearest where nobody is served, by its decode alone.
fn nearest(answers: &[Answer<'_>]) -> String {
    let nearest = answers
        .iter()
        .filter_map(|answer| Some((answer, answer.served.capacity.estimate.decode?)))
        .max_by(|a, b| a.1.mid.total_cmp(&b.1.mid));
    nearest.map_or_else(
        || "None of them holds it: `hwcmp fit` says what would make it fit.".to_owned(),
        |(answer, rate)| {
            let ttft = answer.served.capacity.estimate.ttft;
            let first = ttft.map_or(String::new(), |ttft| {
                format!(" and the first token after {}", seconds(ttft.warm.mid))
            });
            format!(
                "{} comes nearest, with {} tok/s{first} for a single request.",
                answer.candidate.machine.id,
                compact(rate.mid, 2)
            )
        },
    )
}

/// What the figures count.
pub(super) fn note(asked: &Asked<'_>, money: &Money) -> String {
    let workload = &asked.workload;
    let active = match asked.share {
        Some(share) => format!(
            "for {}% of the time (--active-share)",
            compact(100.0 * share, 3)
        ),
        None => format!(
            "as long as its {} turns an hour take (workload {}; --active-share sets it)",
            compact(workload.turns_per_hour, 3),
            workload.id
        ),
    };
    format!(
        "people: each has a request running {active}; in {}% of the time no more run than are served. At once: requests that all start together, by the middle of the estimates; at least: by the low end of their 80% intervals. Rates are those at that load, or of one request. A request: {} new + {} cached tokens, {} out. Cost: electricity and depreciation over {} years, all requests running {} h a day; ${}/kWh ({}), {}",
        compact(100.0 * (1.0 - CROWDED), 3),
        group_thousands(&workload.prompt.to_string()),
        group_thousands(&workload.cached.to_string()),
        group_thousands(&workload.output.to_string()),
        compact(money.terms.years, 3),
        compact(money.terms.hours, 3),
        compact(money.terms.rate.0, 3),
        money.rate_basis,
        money.basis()
    )
}

/// A machine's arithmetic, for `--explain`.
pub(super) fn detail(report: &mut Report, answer: &Answer<'_>, asked: &Asked<'_>, terms: &Terms) {
    let served = &answer.served;
    let capacity = &served.capacity;
    let estimate = &capacity.estimate;
    let id = &answer.candidate.machine.id;
    if let (Some(decode), Some(ttft)) = (estimate.decode, estimate.ttft) {
        report.detail(
            id.clone(),
            format!(
                "{} at once in {}, split {}: {} tok/s each, first token after {} s; one more is refused by: {}",
                capacity.requests.max(1),
                answer.candidate.engine.name,
                estimate.plan.split.name(),
                compact(decode.mid, 3),
                compact(ttft.warm.mid, 3),
                capacity.limit.map_or("nothing looked at", Limit::name)
            ),
        );
        let crowd = served.crowd;
        report.detail(
            id.clone(),
            format!(
                "a request takes {} s with the prefills of the others, cold starts counted; a person has one running {}% of the time ({}); of {} people more than {} have one at once in at most {}%",
                compact(crowd.seconds, 3),
                compact(100.0 * crowd.share, 3),
                match asked.share {
                    Some(_) => "--active-share".to_owned(),
                    None => format!(
                        "{} turns an hour",
                        compact(asked.workload.turns_per_hour, 3)
                    ),
                },
                crowd.people,
                capacity.requests,
                compact(100.0 * CROWDED, 3)
            ),
        );
    }
    if let Some(usd) = answer.cost.as_ref().and_then(|cost| cost.per_million) {
        report.detail(
            id.clone(),
            format!(
                "net cost / ({} requests x {} tokens / {} s x 3,600 x {} h x 365 x {}) = ${} a million",
                capacity.requests,
                asked.workload.output,
                compact(served.crowd.seconds, 3),
                compact(terms.hours, 3),
                compact(terms.years, 3),
                compact(usd, 3)
            ),
        );
    }
}

/// `5 s`, `800 ms`.
pub(super) fn seconds(value: f64) -> String {
    if value < 1.0 {
        format!("{} ms", compact(value * 1000.0, 3))
    } else {
        format!("{} s", compact(value, 3))
    }
}

/// `1 person`, `12 people`.
pub(super) fn count(number: u32, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    format!("{} {word}", group_thousands(&number.to_string()))
}
