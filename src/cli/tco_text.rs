//! The words of `hwcmp tco`: the first two lines, the notes, the arithmetic.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::money::Money;
use super::offload_text;
use super::setup::left_out_note;
use super::tco_answer::Answer;
use super::work::Job;
use crate::evidence::Range;
use crate::money::Terms;
use crate::report::{Report, Role, Styled};
use crate::units::{compact, dollars};

/// The first two lines.
pub fn headline(
    report: &mut Report,
    answers: &[Answer],
    terms: &Terms,
    wins: &BTreeMap<String, f64>,
) {
    let Some(cheapest) = answers.first() else {
        return;
    };
    report.headline(Styled::of(Role::Strong, cheapest.id()).and(
        Role::Plain,
        format!(
            " is the cheapest over {} years at {} h a day: {} net.",
            compact(terms.years, 2),
            compact(terms.hours, 3),
            dollars(cheapest.cost.net.mid)
        ),
    ));
    let second = match answers.get(1) {
        Some(next) => format!(
            "Next is {} at {}. {} is first in {:.0}% of draws within the ranges; with every device flat out {}.",
            next.id(),
            dollars(next.cost.net.mid),
            cheapest.id(),
            100.0 * wins.get(cheapest.id()).copied().unwrap_or(0.0),
            flat_out(answers, cheapest)
        ),
        None => format!(
            "Hardware {}, electricity {} a year, resale {}.",
            dollars(cheapest.cost.hardware.mid),
            dollars(cheapest.cost.annual_electricity),
            dollars(cheapest.cost.resale.mid)
        ),
    };
    report.headline(Styled::plain(second));
}

/// Who is cheapest when everything runs flat out.
fn flat_out(answers: &[Answer], cheapest: &Answer) -> String {
    let best = answers
        .iter()
        .min_by(|a, b| a.flat_out.net.mid.total_cmp(&b.flat_out.net.mid));
    match best {
        Some(best) if best.id() == cheapest.id() => {
            format!("it stays so ({})", dollars(best.flat_out.net.mid))
        }
        Some(best) => format!("{} is ({})", best.id(), dollars(best.flat_out.net.mid)),
        None => "nothing is known".to_owned(),
    }
}

/// What the figures count.
pub fn notes(job: &Job<'_>, money: &Money, off: bool) -> String {
    let work = match (job.workload, job.parts.as_slice()) {
        (None, [one]) => format!("At work it decodes {} for one user", one.model.table.name),
        (Some(workload), [one]) => format!(
            "At work it is under load for the turns of `{}` with {}",
            workload.id, one.model.table.name
        ),
        (workload, _) => format!(
            "At work it is under load for the turns of `{}`",
            workload.map_or("", |workload| workload.id.as_str())
        ),
    };
    let rest = if off { "off" } else { "idle" };
    format!(
        "net = hardware + electricity - resale. {work}; {rest} the other hours. \"Flat out\" has every device busy. ${}/kWh ({}), {}",
        compact(money.terms.rate.0, 3),
        money.rate_basis,
        money.basis()
    )
}

/// What lies in the hosts' memory, and which machines are counted otherwise or not at all.
pub fn exceptions(answers: &[Answer], missing: &[(String, String)]) -> String {
    let named = |which: &dyn Fn(&Answer) -> bool| {
        let ids: Vec<&str> = answers
            .iter()
            .filter(|answer| which(answer))
            .map(Answer::id)
            .collect();
        ids.join(", ")
    };
    let told = [
        (
            "Not able to run it, so counted flat out",
            named(&|answer| !answer.work.runs),
        ),
        (
            "Too slow for all turns of some model",
            named(&|answer| answer.work.overloaded),
        ),
    ];
    let in_host = answers
        .iter()
        .filter_map(|answer| answer.work.in_host.as_ref());
    let mut text = offload_text::going_on(in_host);
    // Writing into a string does not fail.
    for (words, ids) in told.iter().filter(|(_, ids)| !ids.is_empty()) {
        let _ = write!(text, ". {words}: {ids}");
    }
    text + &left_out_note(missing)
}

/// What is the same for all machines, for `--explain`.
pub fn common(report: &mut Report, rate: Range, draws: u32) {
    report.detail(
        "flat out",
        "full load of every device for all hours at work: the articles' watts; they count no idle hours, as --off does",
    );
    report.detail(
        "cheapest in",
        format!(
            "the share of {draws} draws of prices, resale, speed and electricity (${} to ${}/kWh, 20% either way, assumed); machines of one device are dear or cheap together",
            compact(rate.low, 3),
            compact(rate.high, 3)
        ),
    );
}

/// The arithmetic of a machine, for `--explain`.
pub fn detail(report: &mut Report, answer: &Answer, terms: &Terms) {
    let id = answer.id();
    let busy = terms.hours * answer.work.share.mid;
    let mut pieces = vec![format!(
        "{} W x {} h",
        compact(answer.work.load.0, 4),
        compact(busy, 3)
    )];
    if busy < terms.hours {
        pieces.push(format!(
            "{} W x {} h between turns",
            compact(answer.idle.0, 4),
            compact(terms.hours - busy, 3)
        ));
    }
    pieces.push(format!(
        "{} W x {} h",
        compact(answer.rest.map_or(0.0, |rest| rest.0), 4),
        compact(24.0 - terms.hours, 3)
    ));
    report.detail(
        id,
        format!(
            "electricity: ({}) / 1000 x 365 x ${} = {} a year ({})",
            pieces.join(" + "),
            compact(terms.rate.0, 4),
            dollars(answer.cost.annual_electricity),
            answer.work.basis
        ),
    );
    if answer.work.overloaded {
        report.detail(
            id,
            "the turns of the workload take longer than there is time: under load throughout",
        );
    }
    report.detail(
        id,
        format!(
            "price: {} to {}, {}; {}",
            dollars(answer.price.usd.low),
            dollars(answer.price.usd.high),
            answer.price.basis,
            answer.price.sources.join("; ")
        ),
    );
    let resale = answer.machine.resale.as_ref().map_or_else(
        || "no figure known: 20% to 60% after 3 years assumed".to_owned(),
        |resale| format!("{} ({})", resale.citation.source, resale.citation.date),
    );
    report.detail(
        id,
        format!(
            "resale: {:.0}% ({:.0}-{:.0}%) of the price after {} years; {resale}",
            100.0 * answer.resale.mid,
            100.0 * answer.resale.low,
            100.0 * answer.resale.high,
            compact(terms.years, 2)
        ),
    );
}
