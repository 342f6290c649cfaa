//! The words of `hwcmp speed --speculate`.

use super::speculate::Told;
use crate::catalog::{Acceptance, Method};
use crate::evidence::Range;
use crate::predict::expected_tokens;
use crate::report::Value;
use crate::study::speculation_forecast::Forecast;
use crate::units::compact;

/// `gains 90%`, or `loses 20%: verifying touches 3x the experts`.
pub(super) fn change(found: &Forecast) -> String {
    let percent = (found.gain.mid - 1.0) * 100.0;
    if percent >= 0.5 {
        let doubt = if found.gain.low < 1.0 {
            ", may lose"
        } else {
            ""
        };
        return format!("gains {percent:.0}%{doubt}");
    }
    if found.gain.mid >= LOSS {
        return "gains nothing".to_owned();
    }
    format!("loses {:.0}%: {}", -percent, reason(found))
}

/// Where it loses or is not to be had, in sentences; machines of one reason together.
/// The machine that the first lines are about has been told.
pub(super) fn shortfalls(answers: &[Told<'_>], told: Option<&str>) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for one in answers.iter().filter(|one| Some(one.machine) != told) {
        let machine = one.machine;
        let reason = match one.answer {
            Ok(found) if found.gain.mid < LOSS => change(found),
            Ok(_) => continue,
            Err(reason) => format!("no speculation, {reason}"),
        };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, machines)) => machines.push(machine),
            None => reasons.push((reason, vec![machine])),
        }
    }
    let sentence = |(reason, machines): (String, Vec<&str>)| {
        let machines = machines.join(", ");
        format!("{machines}: {reason}")
    };
    reasons.into_iter().map(sentence).collect()
}

/// Up to how many of the listed users it pays on a machine: `gains 90% with 1 user, pays up
/// to 8, loses 5% with 16`.
pub(super) fn pays(curve: &[Told<'_>]) -> String {
    let known: Vec<(u32, &Forecast)> = curve
        .iter()
        .filter_map(|told| Some((told.users, told.answer.as_ref().ok()?)))
        .collect();
    let (Some((first, gain)), Some((last, end))) = (known.first(), known.last()) else {
        let reason = curve.first().and_then(|told| told.answer.as_ref().err());
        return format!("no speculation, {}", reason.map_or("", String::as_str));
    };
    let at = |users: u32, found: &Forecast| {
        let change = change(found);
        let plural = if users == 1 { "" } else { "s" };
        format!("{change} with {users} user{plural}")
    };
    let start = at(*first, gain);
    match known.iter().position(|(_, found)| found.gain.mid < LOSS) {
        None if first == last => start,
        None => format!("{start}, {}", at(*last, end)),
        Some(0) => format!("never pays: {start}"),
        Some(index) => {
            let (before, (users, found)) = (known[index - 1].0, known[index]);
            format!("{start}, pays up to {before}, {}", at(users, found))
        }
    }
}

/// Gains below this are told as losses: a share that does not round to nothing.
const LOSS: f64 = 0.995;

/// What eats the gain.
fn reason(found: &Forecast) -> String {
    let step = &found.step;
    if step.estimate.batch < step.batch {
        return format!(
            "its memory leaves room for {} of {} at once",
            step.estimate.batch, step.batch
        );
    }
    if step.draft > step.verify - step.plain {
        return format!("drafting takes {}", steps(step.draft / step.plain));
    }
    match step.experts {
        Some(times) if times > 1.5 => {
            format!("verifying touches {}x the experts", compact(times, 2))
        }
        _ => format!("verifying takes {}", steps(step.verify / step.plain)),
    }
}

/// A time in plain steps.
fn steps(count: f64) -> String {
    let figure = compact(count, 2);
    if count < 1.0 {
        format!("{figure} of a step")
    } else {
        format!("{figure} steps")
    }
}

/// The step in numbers, for `--explain`.
pub(super) fn step(found: &Forecast, acceptance: Range) -> String {
    let step = &found.step;
    let experts = step.experts.map_or(String::new(), |times| {
        format!(", touching {}x the experts of one token", compact(times, 3))
    });
    format!(
        "speculation: {} drafted, each kept with {}: {} tokens a step; plain {:.2} ms, verify {:.2} ms{experts}, draft {:.2} ms: {} x {:.2} / {:.2} = {}; takes {:.2} GiB a device",
        step.drafted,
        compact(acceptance.mid, 3),
        compact(expected_tokens(acceptance.mid, step.drafted), 3),
        step.plain * 1e3,
        step.verify * 1e3,
        step.draft * 1e3,
        compact(expected_tokens(acceptance.mid, step.drafted), 3),
        step.plain * 1e3,
        (step.verify + step.draft) * 1e3,
        compact(found.gain.mid, 3),
        step.memory.gib()
    )
}

/// What the acceptance rests on, in a sentence.
pub(super) fn basis(method: &Method, acceptance: Range, entries: &[&Acceptance]) -> String {
    let share = |value: f64| format!("{:.0}%", value * 100.0);
    let range = format!(
        "{} ({}-{})",
        share(acceptance.mid),
        share(acceptance.low),
        share(acceptance.high)
    );
    let origin = if entries.is_empty() {
        return format!(
            "{}: each drafted token kept with {}, as given",
            method.id,
            share(acceptance.mid)
        );
    } else if entries.iter().all(|entry| entry.assumed) {
        "assumed, not measured".to_owned()
    } else {
        match entries {
            [one] => format!("{}, {}", one.citation.source, one.citation.date),
            several => format!("{} published figures", several.len()),
        }
    };
    format!(
        "{}: each drafted token kept with {range}, {origin}",
        method.id
    )
}

/// The entries as values, each with its source.
pub(super) fn sources(entries: &[&Acceptance]) -> Vec<Value> {
    entries
        .iter()
        .map(|entry| {
            Value::object([
                ("model", Value::from(entry.model.clone())),
                ("acceptance", Value::from(entry.chance.mid)),
                ("assumed", Value::from(entry.assumed)),
                ("source", Value::from(entry.citation.source.clone())),
                ("date", Value::from(entry.citation.date)),
            ])
        })
        .collect()
}
