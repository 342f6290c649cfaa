//! What a machine shows in a criterion, in the unit that people compare.

use super::assemble::MANY_USERS;
use super::contender::{Contender, Terms};
use super::criteria::{DECODE_ENDS, Draw, TTFT_ENDS, energy, noise_and_size, utilities};
use super::reasons::clause;
use crate::machine::Rating;
use crate::predict::Estimate;
use crate::units::{compact, dollars};
use crate::workload::{Criterion, Workload};

/// A criterion of a machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// The figure.
    pub value: f64,
    /// Its unit, as the key of a program's answer would end.
    pub unit: &'static str,
    /// The figure in words, short.
    pub text: String,
    /// Higher is better: the logarithm of a figure, or a rating.
    pub lead: f64,
    /// Whether leads are logarithms, so that their difference is a ratio.
    pub ratio: bool,
    /// What stands behind a rating.
    pub reason: Option<String>,
    /// Source and date of a rating.
    pub source: Option<String>,
}

impl Measure {
    /// A figure of which more is better.
    fn more(value: f64, unit: &'static str, text: String) -> Self {
        Self {
            value,
            unit,
            text,
            lead: value.max(f64::MIN_POSITIVE).ln(),
            ratio: true,
            reason: None,
            source: None,
        }
    }

    /// A figure of which less is better.
    fn less(value: f64, unit: &'static str, text: String) -> Self {
        let more = Self::more(value, unit, text);
        Self {
            lead: -more.lead,
            ..more
        }
    }

    /// A rating of the data.
    fn rated(rating: &Rating) -> Self {
        Self {
            value: rating.score,
            unit: "rating",
            text: compact(rating.score, 2),
            lead: rating.score,
            ratio: false,
            reason: Some(clause(&rating.reason).to_owned()),
            source: Some(format!(
                "{}, {}",
                rating.citation.source, rating.citation.date
            )),
        }
    }
}

/// What is known of a machine in a criterion.
pub(super) fn measure(
    contender: &Contender,
    criterion: Criterion,
    workload: &Workload,
    terms: &Terms,
) -> Option<Measure> {
    let ratings = &contender.machine.ratings;
    match criterion {
        Criterion::Decode => decode(contender, workload),
        Criterion::Prefill => first_token(contender, workload),
        Criterion::Capacity => Some(capacity(contender)),
        Criterion::Energy => {
            let kwh = energy(contender, Draw::MIDDLE)?;
            let text = format!("{} kWh/Mtok", compact(kwh, 2));
            Some(Measure::less(kwh, "kwh_per_million_tokens", text))
        }
        Criterion::Noise => noise(contender),
        Criterion::Setup => {
            let rated = ratings.setup.as_ref().map(Measure::rated);
            match (rated, contender.machine.setup_hours) {
                (Some(rated), Some(hours)) => Some(Measure {
                    text: format!("{} ({} h)", rated.text, compact(hours, 2)),
                    ..rated
                }),
                (Some(rated), None) => Some(rated),
                (None, Some(hours)) => {
                    let utility = utilities(contender, workload, terms, Draw::MIDDLE);
                    let rating = *utility.0.get(&Criterion::Setup)?;
                    Some(Measure {
                        text: format!("{} h", compact(hours, 2)),
                        lead: rating,
                        ratio: false,
                        ..Measure::less(rating, "rating", String::new())
                    })
                }
                (None, None) => None,
            }
        }
        Criterion::Upgradeability => ratings.upgradeability.as_ref().map(Measure::rated),
        Criterion::Software => ratings.software.as_ref().map(Measure::rated),
        Criterion::Training => ratings.training.as_ref().map(Measure::rated),
        Criterion::MultiUser => {
            let rate = contender.many_users?.mid;
            let users = workload.users.max(MANY_USERS);
            let text = format!("{} tok/s x{users}", compact(rate, 2));
            Some(Measure::more(rate, "tokens_per_second", text))
        }
        Criterion::Resale => {
            let share = contender.resale(terms.years).mid;
            let text = format!("keeps {:.0}%", 100.0 * share);
            Some(Measure::more(share, "share_of_price", text))
        }
        Criterion::TotalCost => {
            let net = contender.ownership(terms)?.net.mid;
            let text = format!("{} net", dollars(net));
            Some(Measure::less(net.max(1.0), "usd", text))
        }
        Criterion::Price => {
            let price = contender.price.as_ref()?.usd.mid;
            // Parts that are owned may leave nothing to pay.
            Some(Measure::less(price.max(1.0), "usd", dollars(price)))
        }
    }
}

/// The weighted geometric mean over the basket; a model that does not run counts as the
/// worst that the criterion's scale knows.
fn over_basket(
    contender: &Contender,
    worst: f64,
    of: impl Fn(&Estimate) -> Option<f64>,
) -> Option<(f64, usize)> {
    let (mut sum, mut weights, mut missing) = (0.0, 0.0, 0);
    for run in contender.runs.iter().filter(|run| run.weight > 0.0) {
        let running = contender
            .running()
            .find(|(other, _)| std::ptr::eq(*other, run));
        let value = running.and_then(|(_, estimate)| of(estimate));
        missing += usize::from(value.is_none());
        sum += run.weight * value.unwrap_or(worst).ln();
        weights += run.weight;
    }
    (weights > 0.0).then(|| ((sum / weights).exp(), missing))
}

/// What is left out of a basket, in words.
fn without(missing: usize) -> String {
    if missing > 0 {
        format!(", {missing} not run")
    } else {
        String::new()
    }
}

fn decode(contender: &Contender, workload: &Workload) -> Option<Measure> {
    let worst = workload.min_decode * DECODE_ENDS.0;
    let (rate, missing) = over_basket(contender, worst, |estimate| {
        Some(estimate.decode?.mid.max(worst))
    })?;
    let offloaded = match contender.offloaded() {
        0 => String::new(),
        some => format!(", {some} partly in host memory"),
    };
    let text = format!("{} tok/s{offloaded}{}", compact(rate, 2), without(missing));
    Some(Measure::more(rate, "tokens_per_second", text))
}

fn first_token(contender: &Contender, workload: &Workload) -> Option<Measure> {
    let worst = workload.max_ttft_warm * TTFT_ENDS.0;
    let (warm, missing) = over_basket(contender, worst, |estimate| Some(estimate.ttft?.warm.mid))?;
    let (cold, _) = over_basket(
        contender,
        workload.max_ttft_cold * TTFT_ENDS.0,
        |estimate| Some(estimate.ttft?.cold.mid),
    )?;
    let text = format!(
        "{} s, cold {} s{}",
        compact(warm, 2),
        compact(cold, 2),
        without(missing)
    );
    Some(Measure::less(warm, "seconds", text))
}

fn capacity(contender: &Contender) -> Measure {
    match &contender.best {
        Some(best) => {
            let text = format!("{} ({})", best.name, compact(best.quality, 2));
            Measure::more(best.quality, "quality", text)
        }
        None => Measure {
            lead: 0.01_f64.ln(),
            ..Measure::more(0.0, "quality", "no rated model at speed".to_owned())
        },
    }
}

fn noise(contender: &Contender) -> Option<Measure> {
    let utility = noise_and_size(contender)?;
    let decibels = contender
        .machine
        .noise
        .map(|noise| format!("{:.0} dB(A)", noise.0));
    let litres = contender
        .machine
        .volume_l
        .map(|litres| format!("{} l", compact(litres, 2)));
    let words: Vec<String> = decibels.iter().chain(&litres).cloned().collect();
    let value = contender.machine.noise.map(|noise| noise.0);
    Some(Measure {
        value: value.or(contender.machine.volume_l)?,
        unit: if value.is_some() { "dba" } else { "litres" },
        text: words.join(", "),
        lead: utility,
        ratio: false,
        reason: None,
        source: None,
    })
}
