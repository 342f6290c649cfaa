//! The words of `hwcmp fit`: the first two lines and the last.

use super::fit::Answer;
use crate::catalog::Shape;
use crate::evidence::Range;
use crate::model::Architecture;
use crate::predict::memory::{Fits, Remedy};
use crate::report::{Report, Role, Styled, Value};
use crate::units::{compact, dollars, group_thousands, significant};

/// The first two lines: where it fits, who holds it for the least money and who runs it
/// fastest; then what it needs.
pub(super) fn headline(report: &mut Report, title: &str, answers: &[Answer<'_>], shape: &Shape) {
    let at = |wanted: Fits| {
        answers
            .iter()
            .filter(|answer| answer.estimate.plan.fits == wanted)
            .collect::<Vec<_>>()
    };
    let (fitting, offloading) = (at(Fits::Yes), at(Fits::Offload));
    let role = if fitting.is_empty() {
        Role::Bad
    } else {
        Role::Strong
    };
    let runs = if fitting.is_empty() {
        &offloading
    } else {
        &fitting
    };
    let first = Styled::plain(format!("{title} "))
        .and(role, verdict(&fitting, &offloading, answers))
        .and(Role::Plain, choices(runs, answers));
    report.headline(first);
    report.headline(Styled::plain(format!(
        "At {} with {} of context it {}.",
        quants(answers),
        context_words(shape.context),
        needs(answers)
    )));
    let id = |answer: Option<&Answer<'_>>| {
        Value::from(answer.map(|answer| answer.candidate.machine.id.clone()))
    };
    report.member(
        "summary",
        Value::object([
            ("machines", Value::from(answers.len())),
            ("fitting", Value::from(fitting.len())),
            ("cheapest", id(cheapest(&fitting))),
            ("fastest", id(fastest(&fitting).map(|(answer, _)| answer))),
        ]),
    );
}

/// On how many machines it fits.
fn verdict(fitting: &[&Answer<'_>], offloading: &[&Answer<'_>], answers: &[Answer<'_>]) -> String {
    match (fitting.len(), answers) {
        (0, [one]) if !offloading.is_empty() => {
            format!(
                "fits {} only with part of it in host memory",
                one.candidate.machine.id
            )
        }
        (0, _) if !offloading.is_empty() => format!(
            "fits none of these machines whole, {} with part of it in host memory",
            offloading.len()
        ),
        (0, [one]) => format!("does not fit {}", one.candidate.machine.id),
        (0, _) => "fits none of these machines".to_owned(),
        (1, [one]) => format!("fits {}", one.candidate.machine.id),
        (2, [_, _]) => "fits both machines".to_owned(),
        (all, _) if all == answers.len() => format!("fits all {all} machines"),
        (some, _) => format!("fits {some} of {} machines", answers.len()),
    }
}

/// The cheapest and the fastest of those that run it, to the end of the sentence.
fn choices(runs: &[&Answer<'_>], answers: &[Answer<'_>]) -> String {
    let fastest = fastest(runs);
    let speed = |rate: Range| format!("{} tok/s", rate_words(rate));
    match (runs, cheapest(runs), fastest) {
        ([], ..) if answers.len() == 1 => format!(": {}.", short_by(&answers[0])),
        ([], ..) => shortest(answers),
        ([one], ..) => {
            let own: Vec<String> = [one.price.map(dollars), one.estimate.decode.map(speed)]
                .into_iter()
                .flatten()
                .collect();
            let name = if answers.len() == 1 {
                String::new()
            } else {
                format!("{}, ", one.candidate.machine.id)
            };
            match own.as_slice() {
                [] => ".".to_owned(),
                own => format!(": {name}{}.", own.join(", ")),
            }
        }
        (_, Some(cheap), Some((quick, rate))) if std::ptr::eq(cheap, quick) => format!(
            "; cheapest and fastest: {}, {}.",
            priced(cheap),
            speed(rate)
        ),
        (_, cheap, quick) => {
            let cheap = cheap.map(|answer| format!("; cheapest: {}", priced(answer)));
            let quick = quick.map(|(answer, rate)| {
                format!(
                    "; fastest: {}, {}",
                    answer.candidate.machine.id,
                    speed(rate)
                )
            });
            format!(
                "{}{}.",
                cheap.unwrap_or_default(),
                quick.unwrap_or_default()
            )
        }
    }
}

/// A machine with its price.
fn priced(answer: &Answer<'_>) -> String {
    let id = &answer.candidate.machine.id;
    match answer.price {
        Some(usd) => format!("{id}, {}", dollars(usd)),
        None => id.clone(),
    }
}

/// The one that costs least, among those with a price.
fn cheapest<'a, 'b>(answers: &[&'a Answer<'b>]) -> Option<&'a Answer<'b>> {
    answers
        .iter()
        .filter_map(|answer| Some((*answer, answer.price?)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(answer, _)| answer)
}

/// The one that decodes fastest, with its rate.
fn fastest<'a, 'b>(answers: &[&'a Answer<'b>]) -> Option<(&'a Answer<'b>, Range)> {
    answers
        .iter()
        .filter_map(|answer| Some((*answer, answer.estimate.decode?)))
        .max_by(|a, b| a.1.mid.total_cmp(&b.1.mid))
}

/// What it needs, as a range where engines and quants differ.
fn needs(answers: &[Answer<'_>]) -> String {
    let needs: Vec<f64> = answers
        .iter()
        .map(|answer| answer.estimate.plan.required().gib())
        .collect();
    let low = needs.iter().copied().fold(f64::INFINITY, f64::min);
    let high = needs.iter().copied().fold(0.0, f64::max);
    if high / low < 1.02 {
        format!("needs {} GiB", significant(high, 3))
    } else {
        format!(
            "needs {} to {} GiB by engine and split",
            significant(low, 3),
            significant(high, 3)
        )
    }
}

/// Who comes nearest where none holds it.
fn shortest(answers: &[Answer<'_>]) -> String {
    let nearest = answers
        .iter()
        .max_by_key(|answer| answer.estimate.plan.tightest_headroom());
    nearest.map_or(String::new(), |answer| {
        format!(
            "; {} comes nearest, {}.",
            answer.candidate.machine.id,
            short_by(answer)
        )
    })
}

/// How much memory a machine lacks.
fn short_by(answer: &Answer<'_>) -> String {
    let plan = &answer.estimate.plan;
    let gib = |headroom: i64| compact(-headroom as f64 / 1_073_741_824.0, 3);
    if plan.headroom() < 0 {
        format!("{} GiB short", gib(plan.headroom()))
    } else {
        // Together they have enough, but whole layers do not share it out evenly.
        let fullest = gib(plan.tightest_headroom());
        format!("{fullest} GiB short on its fullest device")
    }
}

/// A warning where a context is longer than the model's own.
pub(super) fn beyond_model(architecture: &Architecture, context: u64) -> Option<String> {
    let longest = u64::from(architecture.max_context);
    (context > longest).then(|| {
        format!(
            "{} of context is more than the model's own {}",
            context_words(context),
            context_words(longest)
        )
    })
}

/// The quants of the answers, each once.
fn quants(answers: &[Answer<'_>]) -> String {
    let mut quants: Vec<&str> = Vec::new();
    for answer in answers {
        let id = answer.candidate.weights.quant.id.as_str();
        if !quants.contains(&id) {
            quants.push(id);
        }
    }
    quants.join(" / ")
}

/// The last line: what would make it fit the first machine that it does not.
pub(super) fn turn(answers: &[Answer<'_>], shape: &Shape) -> Option<Styled> {
    let misfit = answers
        .iter()
        .find(|answer| !answer.estimate.plan.lies_as_asked(shape.offload))?;
    let id = &misfit.candidate.machine.id;
    let words: Vec<String> = misfit.remedies.iter().map(remedy_words).collect();
    Some(Styled::plain(if words.is_empty() {
        format!("To turn it: nothing makes this model fit {id}; take another machine.")
    } else {
        format!("To make it fit {id}: {}.", words.join("; or "))
    }))
}

/// A remedy in words.
pub(super) fn remedy_words(remedy: &Remedy) -> String {
    match remedy {
        Remedy::MoreOnHost {
            gpu_layers,
            expert_layers: 0,
        } => format!("--gpu-layers {gpu_layers}"),
        Remedy::MoreOnHost {
            gpu_layers,
            expert_layers,
        } => format!("--gpu-layers {gpu_layers} --n-cpu-moe {expert_layers}"),
        Remedy::Setting(how) => how.clone(),
        Remedy::Quant(id) => format!("--quant {id}"),
        Remedy::SmallerCache => "--kv-quant q8_0".to_owned(),
        Remedy::Context(tokens) => format!("--context {tokens}"),
        Remedy::Devices(count) => format!("{count} devices"),
    }
}

/// `38 (32-44)`.
pub(super) fn rate_words(rate: Range) -> String {
    format!(
        "{} ({}-{})",
        compact(rate.mid, 2),
        compact(rate.low, 2),
        compact(rate.high, 2)
    )
}

/// `32k`, or the plain number.
pub(super) fn context_words(tokens: u64) -> String {
    if tokens >= 1024 && tokens.is_multiple_of(1024) {
        format!("{}k", tokens / 1024)
    } else {
        group_thousands(&tokens.to_string())
    }
}
