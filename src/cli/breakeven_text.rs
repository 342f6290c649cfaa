//! The words of `hwcmp breakeven`.

use std::fmt::Write;

use super::breakeven::Answer;
use super::breakeven_rivals::Against;
use super::money::Money;
use super::offload_text;
use super::setup::left_out_note;
use super::work::Part;
use crate::money::{Rival, Terms};
use crate::report::{Report, Role, Styled, Value};
use crate::units::{compact, dollars};
use crate::workload::Workload;

/// The first two lines: whether owning pays against the first rival, and against the others.
pub fn headline(
    report: &mut Report,
    answers: &[Answer],
    rivals: &[Against],
    part: &Part<'_>,
    terms: &Terms,
) {
    let Some(cheapest) = answers.first() else {
        return;
    };
    report.headline(Styled::of(Role::Strong, cheapest.machine.clone()).and(
        Role::Plain,
        format!(
            " makes a million tokens of {} for ${} ({}-{}) at {} h a day over {} years{}.",
            part.model.table.name,
            compact(cheapest.per_million.mid, 3),
            compact(cheapest.per_million.low, 3),
            compact(cheapest.per_million.high, 3),
            compact(terms.hours, 3),
            compact(terms.years, 2),
            if answers.len() > 1 {
                ", the least of these"
            } else {
                ""
            }
        ),
    ));
    let told = |pays: bool| -> Vec<String> {
        rivals
            .iter()
            .zip(&cheapest.evens)
            .filter(|(_, even)| even.pays == pays)
            .map(|(rival, _)| format!("{} ({})", rival.name, rival.charge()))
            .collect()
    };
    let (less, more) = (told(true), told(false));
    let mut lines = Vec::new();
    if !less.is_empty() {
        lines.push(format!(
            "Sold at the end, it costs less than {}",
            less.join(", ")
        ));
    }
    if !more.is_empty() {
        let what = if answers.len() > 1 {
            "No machine costs"
        } else {
            "It does not cost"
        };
        lines.push(format!("{what} less than {}", more.join(", ")));
    }
    report.headline(Styled::plain(format!("{}.", lines.join(". "))));
}

/// What the figures count.
pub fn notes(
    workload: &Workload,
    part: &Part<'_>,
    priced: Option<&str>,
    users: u32,
    money: &Money,
) -> String {
    let class = priced
        .filter(|id| *id != part.model.id)
        .map_or_else(String::new, |id| {
            format!(
                " No API price of {} is known: {id}, nearest in size, stands for it.",
                part.model.id
            )
        });
    format!(
        "Tokens generated, their prompts included: {} new + {} cached + {} generated a turn, {} turns an hour, {users} at a time. \"Costs less\" counts resale, \"paid off\" does not.{class} A subscription runs another model. ${}/kWh ({}), {}",
        workload.prompt,
        workload.cached,
        workload.output,
        compact(workload.turns_per_hour, 3),
        compact(money.terms.rate.0, 3),
        money.rate_basis,
        money.basis()
    )
}

/// What lies in the hosts' memory, and which machines are counted otherwise or not at all.
pub fn exceptions(answers: &[Answer], missing: &[(String, String)]) -> String {
    let slow: Vec<&str> = answers
        .iter()
        .filter(|answer| answer.used.turns.share() > 1.0)
        .map(|answer| answer.machine.as_str())
        .collect();
    let in_host = answers.iter().filter_map(|answer| answer.in_host.as_ref());
    let mut text = offload_text::going_on(in_host);
    if !slow.is_empty() {
        text += ". Too slow for all turns, compared at what they make: ";
        text += &slow.join(", ");
    }
    text + &left_out_note(missing)
}

/// How many tokens a day would make the cheapest machine pay against the API,
/// and whether free cached prompts would turn that.
pub fn turn(answers: &[Answer], rivals: &[Against], terms: &Terms) -> Option<Styled> {
    let index = rivals.iter().position(|rival| rival.kind == "api")?;
    let api = &rivals[index];
    let least = answers
        .iter()
        .filter_map(|answer| Some((answer.evens[index].tokens_per_day?, answer)))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let mut text = match least {
        Some((tokens, answer)) => format!(
            "{} costs as much as the API at {} tokens a day; this use makes {}.",
            answer.machine,
            compact(tokens, 3),
            compact(answer.used.tokens_per_day(terms), 3)
        ),
        None => "It never pays against the API, at any number of tokens that a machine makes."
            .to_owned(),
    };
    let pays = |usd: f64| {
        answers
            .iter()
            .any(|answer| answer.used.against(Rival::PerMillion(usd), terms).pays)
    };
    let full = charge(api);
    if api.offers.low < full && pays(full) && !pays(api.offers.low) {
        let _ = write!(
            text,
            " Cached prompts are billed in full, no price of them being known; were they free, the API would take ${} and no machine would pay.",
            compact(api.offers.low, 3)
        );
    }
    Some(Styled::plain(text))
}

/// The rivals as a JSON member and for `--explain`.
pub fn rivals(report: &mut Report, rivals: &[Against]) {
    let objects = rivals.iter().map(|rival| {
        Value::object([
            ("against", Value::from(rival.kind)),
            ("name", Value::from(rival.name.clone())),
            ("charge_usd", Value::from(charge(rival))),
            ("charge_usd_range", Value::from(rival.offers)),
            ("charged_by", Value::from(unit(rival))),
            ("source", Value::from(rival.citation.source.clone())),
            ("date", Value::from(rival.citation.date)),
        ])
    });
    report.member("rivals", Value::List(objects.collect()));
    for rival in rivals {
        report.detail(
            rival.kind,
            format!(
                "{}, {}; offers from ${} to ${}; {} ({})",
                rival.name,
                rival.charge(),
                compact(rival.offers.low, 3),
                compact(rival.offers.high, 3),
                rival.citation.source,
                rival.citation.date
            ),
        );
    }
}

fn charge(rival: &Against) -> f64 {
    match rival.rival {
        Rival::PerMillion(usd) | Rival::PerHour(usd) | Rival::PerMonth(usd) => usd,
    }
}

fn unit(rival: &Against) -> &'static str {
    match rival.kind {
        "api" => "million_generated_tokens",
        "rental" => "hour",
        _ => "month",
    }
}

/// The arithmetic of a machine, for `--explain`.
pub fn detail(report: &mut Report, answer: &Answer, terms: &Terms) {
    let used = &answer.used;
    let turns = &used.turns;
    report.detail(
        answer.machine.clone(),
        format!(
            "an hour: {} turns, first token after {} s warm, {} s cold, {} tokens at {} tok/s: under load {:.0}% of the time{}",
            compact(turns.per_hour, 3),
            compact(turns.warm, 3),
            compact(turns.cold, 3),
            compact(turns.output, 4),
            compact(turns.decode, 3),
            100.0 * turns.share(),
            if turns.share() > 1.0 {
                ", so it cannot keep up"
            } else {
                ""
            }
        ),
    );
    report.detail(
        answer.machine.clone(),
        format!(
            "{} net / ({} tokens a day x 365 x {}) = ${} a million",
            dollars(used.holding().net(terms)),
            compact(used.tokens_per_day(terms), 3),
            compact(terms.years, 2),
            compact(answer.per_million.mid, 3)
        ),
    );
}
