//! `hwcmp speed --concurrency 1,2,4,8`: how the rates grow with the users, and where
//! the growth changes.

use super::fit_text::{context_words, rate_words};
use super::speed::Answer;
use crate::catalog::Shape;
use crate::predict::memory::Buffers;
use crate::predict::{Batching, Bound, Constants, Estimate, Scenario, Trace, estimate};
use crate::report::{Column, Report, Role, Row, Styled, Value};
use crate::units::compact;

/// The columns of a curve in tables, most needed first, with their headings.
const SHOWN: [(&str, &str, u8); 12] = [
    ("machine", "machine", 0),
    ("concurrency", "users", 0),
    ("decode_tokens_per_second", "each", 0),
    ("aggregate_decode_tokens_per_second", "all", 0),
    ("speculative_tokens_per_second", "each with drafts", 1),
    (
        "speculative_aggregate_tokens_per_second",
        "all with drafts",
        1,
    ),
    ("speculative_gain", "gain", 1),
    ("ttft_seconds", "first token", 2),
    ("wall_tokens_per_second", "whole requests", 3),
    ("bound", "bound by", 4),
    ("batch", "at once", 5),
    ("split", "split", 6),
];
/// Columns that keep their interval in the table; the others show the middle.
const WITH_INTERVAL: &str = "aggregate_decode_tokens_per_second";

/// Shows the columns that a curve is about; the others stay in JSON and CSV.
pub(super) fn columns(report: &mut Report) {
    for column in &mut report.columns {
        let shown = SHOWN.iter().find(|(key, _, _)| *key == column.key);
        match shown {
            Some((_, title, priority)) => {
                column.title = title;
                column.priority = *priority;
            }
            None => column.priority = Column::HIDDEN,
        }
    }
}

/// A row of the curve: its intervals are in JSON and CSV, the table has room for one.
pub(super) fn row(mut cells: Row, columns: &[Column]) -> Row {
    for (cell, column) in cells.iter_mut().zip(columns) {
        if let (Value::Interval(range), true) = (&cell.value, column.key != WITH_INTERVAL) {
            let digits = if range.mid < 10.0 { 2 } else { 3 };
            cell.shown = Some(compact(range.mid, digits));
        }
    }
    cells
}

/// What the columns of a curve are.
pub(super) fn note(shape: &Shape) -> String {
    format!(
        "each: decode of one user; all: of all who run at once (80% interval; the others' in --format json); whole requests: output tokens of all with their prefills, {} new tokens in and {} out; first token: all ask together, {} in the cache",
        context_words(shape.prompt),
        context_words(shape.output),
        context_words(shape.cached)
    )
}

/// One machine's answers by rising users; it runs at least the first.
struct Curve<'a> {
    id: &'a str,
    answers: &'a [Answer<'a>],
}

/// The headline and the line below the table.
pub(super) fn lines(
    report: &mut Report,
    title: &str,
    answers: &[Answer<'_>],
    constants: &Constants,
) {
    let mut curves: Vec<Curve<'_>> = answers
        .chunk_by(|a, b| a.candidate.machine.id == b.candidate.machine.id)
        .filter(|answers| answers[0].estimate.batch > 0)
        .map(|answers| Curve {
            id: &answers[0].candidate.machine.id,
            answers,
        })
        .collect();
    curves.sort_by(|a, b| most(b).total_cmp(&most(a)));
    let (Some(best), [first, .., last]) = (curves.first(), answers) else {
        report.headline(
            Styled::plain(format!("{title}: "))
                .and(Role::Bad, "no machine here runs it for so many users."),
        );
        report.headline(Styled::plain(
            "`hwcmp fit` says by how much, and what would make it fit.",
        ));
        return;
    };
    let shape = &first.shape;
    let at = match shape.depth {
        0 => "from an empty cache".to_owned(),
        depth => format!("at {} of depth", context_words(depth)),
    };
    let (from, to) = (shape.concurrency, last.shape.concurrency);
    let head = Styled::plain(format!("{title} {at}, {from} to {to} users: "))
        .and(Role::Strong, best.id.to_owned());
    report.headline(head.and(Role::Plain, top(best, curves.len() > 1)));
    report.headline(Styled::plain(format!(
        "{}.",
        sentence(&turns(best, constants))
    )));
    let rest: Vec<String> = curves[1..]
        .iter()
        .map(|curve| format!("{}: {}", curve.id, turns(curve, constants)))
        .collect();
    if !rest.is_empty() {
        report.turn = Some(Styled::plain(format!("{}.", rest.join(". "))));
    }
}

/// The most that a machine makes for all its users.
fn most(curve: &Curve<'_>) -> f64 {
    peak(curve).map_or(0.0, |(_, rate)| rate)
}

/// The answer with the most tokens for all users.
fn peak<'a>(curve: &Curve<'a>) -> Option<(&'a Answer<'a>, f64)> {
    curve
        .answers
        .iter()
        .filter_map(|answer| Some((answer, answer.estimate.aggregate?.mid)))
        // Of equal ones the first: more users would only queue.
        .reduce(|best, next| if next.1 > best.1 * 1.001 { next } else { best })
}

/// ` makes the most, 735 (509-1,744) tok/s at 32, 23 for each, the first token after 34 s.`
fn top(curve: &Curve<'_>, several: bool) -> String {
    let Some((answer, _)) = peak(curve) else {
        return " runs it, how fast is not known.".to_owned();
    };
    let estimate = &answer.estimate;
    let (Some(all), Some(each)) = (estimate.aggregate, estimate.decode) else {
        return " runs it, how fast is not known.".to_owned();
    };
    let first = estimate.ttft.map_or(String::new(), |ttft| {
        format!(", the first token after {} s", compact(ttft.warm.mid, 2))
    });
    format!(
        " makes {} {} tok/s in all at {}, {} for each{first}.",
        if several { "the most," } else { "at most" },
        rate_words(all),
        answer.shape.concurrency,
        compact(each.mid, 2)
    )
}

/// What limits a machine from how many users on, and where requests queue.
fn turns(curve: &Curve<'_>, constants: &Constants) -> String {
    let [first, .., last] = curve.answers else {
        return String::new();
    };
    // Part of the weights in host memory leaves no room for a queue: beyond some number
    // nothing runs.
    let running = |answer: &&Answer<'_>| answer.estimate.batch > 0;
    let buffers = Buffers::of(&first.candidate.model.architecture);
    let at = |users: u32| {
        let shape = Shape {
            concurrency: users,
            ..first.shape
        };
        let scenario = Scenario {
            buffers: Some(&buffers),
            ..first.candidate.scenario(&shape)
        };
        estimate(&scenario, constants, &mut Trace::off())
    };
    let users = |answer: &Answer<'_>| answer.shape.concurrency;
    let all: Vec<u32> = curve.answers.iter().map(users).collect();
    let steps: Vec<u32> = curve.answers.iter().filter(running).map(users).collect();
    let to = last.shape.concurrency;
    let bounds = changes(&steps, |users| at(users).bound);
    let splits = changes(&steps, |users| at(users).plan.split);
    let queues = changes(&steps, |users| at(users).batch < users);
    let mut words = vec![bound_words(&bounds)];
    words.extend(
        splits
            .iter()
            .skip(1)
            .map(|(users, split)| format!("{} split from {users} on", split.name())),
    );
    let ends = changes(&all, |users| at(users).batch > 0);
    words.push(
        match (queues.iter().find(|(_, queues)| *queues), ends.get(1)) {
            // From there on the same run at once, the others wait.
            (Some((users, _)), _) => queue_words(first, &at(*users)),
            (None, Some((users, _))) => format!("{users} users are more than it holds"),
            (None, None) => format!("all {to} run at once"),
        },
    );
    words.retain(|word| !word.is_empty());
    words.join("; ")
}

/// From which step on a value holds: the first step's, then each change, found by
/// halving between the steps where it lies.
fn changes<T: PartialEq + Copy>(steps: &[u32], value: impl Fn(u32) -> T) -> Vec<(u32, T)> {
    let mut found: Vec<(u32, T)> = Vec::new();
    for step in steps {
        let aim = value(*step);
        let Some((_, mut held)) = found.last().copied() else {
            found.push((*step, aim));
            continue;
        };
        let mut low = steps
            .iter()
            .copied()
            .take_while(|before| before < step)
            .last()
            .unwrap_or(*step);
        while held != aim {
            // `low` has the old value, `high` has another one.
            let mut high = *step;
            while high - low > 1 {
                let middle = low.midpoint(high);
                if value(middle) == held {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            held = value(high);
            found.push((high, held));
            low = high;
        }
    }
    found
}

/// `memory is the limit to 3 users, the link from 4 on`.
fn bound_words(bounds: &[(u32, Option<Bound>)]) -> String {
    let name = |bound: Option<Bound>| match bound {
        Some(Bound::Memory) => "reading memory",
        Some(Bound::Compute) => "compute",
        Some(Bound::Link) => "the link",
        Some(Bound::Overhead) => "overhead",
        None => "nothing known",
    };
    match bounds {
        [] => String::new(),
        [(_, one)] => format!("{} is the limit throughout", name(*one)),
        [(_, first), rest @ ..] => {
            let further = rest
                .iter()
                .map(|(users, bound)| format!(", {} from {users} users on", name(*bound)));
            format!(
                "{} is the limit{}",
                name(*first),
                further.collect::<String>()
            )
        }
    }
}

/// Why requests queue: where the engine answers one by one, where its slots end, or
/// where the cache is full.
fn queue_words(answer: &Answer<'_>, estimate: &Estimate) -> String {
    let engine = answer.candidate.engine;
    let held = estimate.batch;
    let copies = estimate.plan.split.copies(answer.candidate.machine.count);
    match engine.batching {
        Batching::Sequential if copies == 1 => {
            format!(
                "{} answers one request at a time, the others queue",
                engine.name
            )
        }
        Batching::Sequential => format!(
            "{} answers one request at a time on each of {copies} copies, the others queue",
            engine.name
        ),
        Batching::Slots(slots) if held >= slots.saturating_mul(copies) => format!(
            "beyond {held} users the slots of {} are taken and requests queue",
            engine.name
        ),
        Batching::Slots(_) | Batching::Continuous => {
            let users = if held == 1 { "user" } else { "users" };
            format!("beyond {held} {users} the KV cache is full and requests queue")
        }
    }
}

/// The text with a capital letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::{bound_words, changes, sentence};
    use crate::predict::Bound;

    #[test]
    fn changes_are_found_between_the_steps() {
        // 0 to 4, 1 from 5, 2 from 23: both changes lie between listed steps, one pair of
        // steps holds two.
        let value = |users: u32| u32::from(users >= 5) + u32::from(users >= 23);
        let expected = [(1, 0), (5, 1), (23, 2)];
        assert_eq!(changes(&[1, 2, 4, 8, 16, 32], value), expected);
        assert_eq!(changes(&[1, 32], value), expected);
        assert_eq!(changes(&[1, 2, 4], value), [(1, 0)]);
        assert_eq!(changes(&[4, 5], value), [(4, 0), (5, 1)]);
    }

    #[test]
    fn bounds_in_words() {
        let bounds = [(1, Some(Bound::Memory)), (16, Some(Bound::Compute))];
        assert_eq!(
            sentence(&bound_words(&bounds)),
            "Reading memory is the limit, compute from 16 users on"
        );
        assert_eq!(bound_words(&bounds[1..]), "compute is the limit throughout");
    }
}
