//! The words of `hwcmp verdict`: what to buy, why, and what would turn it.

use super::money::Money;
use super::verdict_better::Better;
use crate::report::{Report, Role, Styled};
use crate::units::{compact, dollars};
use crate::verdict::{Backing, Contender, Flip, Ranked, Step};
use crate::workload::Workload;

/// Changes that are named in the last line; `--explain` has all.
const MOST_TURNS: usize = 2;

/// What to buy, how well its speeds are known, and why.
pub(super) fn headline(
    report: &mut Report,
    contenders: &[Contender],
    places: &[Ranked],
    workload: &Workload,
    money: &Money,
    (backing, better): (Option<Backing>, Option<&Better>),
) {
    let title = workload.name.to_lowercase();
    if let Some(better) = better {
        report.headline(better.words(workload));
    }
    let Some(first) = places.iter().find(|place| place.rank == Some(1)) else {
        let whose = better.map_or_else(
            || format!("For {title}: "),
            |_| "Of those below ".to_owned(),
        );
        report.headline(Styled::plain(whose).and(Role::Bad, "every machine is ruled out."));
        return;
    };
    let winner = &contenders[first.index];
    let price = winner.price.as_ref().map_or_else(
        || "price unknown".to_owned(),
        |price| format!("{} ({})", dollars(price.usd.mid), price.short_basis()),
    );
    let because = if first.reasons.is_empty() {
        String::new()
    } else {
        format!(" Because: {}.", first.reasons.join("; "))
    };
    let (opening, score) = match better {
        Some(_) => (
            "Best of those below: ".to_owned(),
            format!(", score {:.0}", first.score),
        ),
        None => (format!("For {title}, buy: "), String::new()),
    };
    let mut answer = Styled::plain(opening)
        .and(Role::Good, winner.machine.name.clone())
        .and(Role::Plain, format!(", {price}{score}.{because}"));
    if places.iter().filter(|place| place.rank.is_some()).count() > 1 {
        let chance = chance(first, places, contenders);
        let hours = compact(money.terms.hours, 3);
        answer = answer.and(
            Role::Plain,
            format!(" It wins {chance} at {hours} h a day."),
        );
    }
    if let Some(backing) = backing {
        answer = answer
            .and(Role::Caution, format!(" {}", backing.words()))
            .and(
                Role::Plain,
                format!("; {}.", timed_best(places, contenders)),
            );
    }
    report.headline(answer);
}

/// The first in the ranking on which models were timed.
fn timed_best(places: &[Ranked], contenders: &[Contender]) -> String {
    places
        .iter()
        .find(|place| place.rank.is_some() && contenders[place.index].is_timed())
        .map_or_else(
            || "no machine here has measured speeds".to_owned(),
            |place| {
                format!(
                    "the best machine with measured speeds is {} (score {:.0})",
                    contenders[place.index].machine.id, place.score
                )
            },
        )
}

/// How often the winner comes first, and who does more often where somebody does.
fn chance(first: &Ranked, places: &[Ranked], contenders: &[Contender]) -> String {
    let share = |place: &Ranked| place.win_probability.unwrap_or(0.0);
    let own = format!("{:.0}% of cases", 100.0 * share(first));
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
pub(super) fn turn_line(turns: &[Flip], places: &[Ranked], contenders: &[Contender]) -> Styled {
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
    // What a budget turns stands above the table; of the weights that lead to one machine
    // the nearest is enough.
    let is_weight = |flip: &Flip| flip.input.starts_with("weight ");
    let mut told: Vec<&Flip> = Vec::new();
    for flip in turns.iter().filter(|flip| flip.input != "budget_usd") {
        let known = |told: &&Flip| is_weight(told) && told.winner == flip.winner;
        if told.len() < MOST_TURNS && !(is_weight(flip) && told.iter().any(known)) {
            told.push(flip);
        }
    }
    let words: Vec<String> = told.into_iter().map(flip_words).collect();
    if words.is_empty() {
        return Styled::plain("Nothing but the budget turns it.");
    }
    Styled::plain(format!("To turn it: {}.", words.join("; ")))
}

/// A change that turns the winner, rounded to the far side of the edge.
pub(super) fn flip_words(flip: &Flip) -> String {
    let beyond = |scale: f64| match flip.from {
        Some(from) if flip.to < from => (flip.to * scale).floor() / scale,
        _ => (flip.to * scale).ceil() / scale,
    };
    let how = match (flip.input.as_str(), flip.from) {
        ("max_noise_dba", _) => format!("under {} dB(A) allowed", compact(flip.to, 3)),
        ("max_watts", _) => format!("under {} W allowed", compact(flip.to, 3)),
        ("model_gib", _) => format!("a model that needs over {} GiB", compact(flip.to, 3)),
        ("hours_per_day", _) => format!("--hours {}", beyond(10.0)),
        ("usd_per_kwh", _) => format!("--rate {}", beyond(1000.0)),
        (input, from) => {
            let criterion = input.strip_prefix("weight ").unwrap_or(input);
            let now = from.map_or_else(String::new, |from| format!(" (now {})", compact(from, 2)));
            format!("--weight {criterion}={}{now}", beyond(100.0))
        }
    };
    format!("{how} makes it {}", flip.winner)
}

/// The best machine for each sum of money; none where money changes nothing.
pub(super) fn budget_line(steps: &[Step]) -> Option<Styled> {
    if steps.len() < 2 {
        return None;
    }
    let words: Vec<String> = steps
        .iter()
        .map(|step| format!("{} {} ({:.0})", dollars(step.usd), step.machine, step.score))
        .collect();
    Some(Styled::plain(format!(
        "By budget (score): {}.",
        words.join(", ")
    )))
}
