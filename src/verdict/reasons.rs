//! Why a machine stands where it does, in numbers.

use super::assemble::MANY_USERS;
use super::contender::{Contender, Terms};
use super::criteria::{Draw, Utilities, energy};
use crate::units::{compact, dollars};
use crate::workload::{Criterion, Workload};

/// How many reasons for and against are given.
const FOR: usize = 2;
const AGAINST: usize = 1;

/// The criteria that decide most against the winner (for the winner: against
/// the mean of the others): for the winner two for it and one against, for the
/// others the best thing about it and the two that cost most.
pub(super) fn reasons(
    contender: &Contender,
    own: &Utilities,
    other: &Utilities,
    workload: &Workload,
    terms: &Terms,
    winner: bool,
) -> Vec<String> {
    let mut effects: Vec<(f64, Criterion)> = workload
        .weights
        .iter()
        .filter_map(|(criterion, weight)| {
            let own = own.0.get(criterion)?.max(0.01).ln();
            let other = other
                .0
                .get(criterion)
                .map_or(own, |other| other.max(0.01).ln());
            Some((weight * (own - other), *criterion))
        })
        .filter(|(effect, criterion)| {
            effect.abs() > 1e-3 && words(contender, *criterion, workload, terms).is_some()
        })
        .collect();
    effects.sort_by(|a, b| b.0.total_cmp(&a.0));
    let good = effects.iter().filter(|(effect, _)| *effect > 0.0);
    let bad = effects.iter().rev().filter(|(effect, _)| *effect < 0.0);
    let (for_it, against) = if winner {
        (FOR, AGAINST)
    } else {
        (AGAINST, FOR)
    };
    let good: Vec<String> = good
        .take(for_it)
        .filter_map(|(_, criterion)| words(contender, *criterion, workload, terms))
        .collect();
    let bad: Vec<String> = bad
        .take(against)
        .filter_map(|(_, criterion)| words(contender, *criterion, workload, terms))
        .map(|words| format!("but {words}"))
        .collect();
    good.into_iter().chain(bad).collect()
}

/// A criterion of a machine in numbers; none where nothing is known.
fn words(
    contender: &Contender,
    criterion: Criterion,
    workload: &Workload,
    terms: &Terms,
) -> Option<String> {
    let ratings = &contender.machine.ratings;
    Some(match criterion {
        Criterion::Decode => {
            let (run, estimate) = contender.heaviest()?;
            let weighed = contender.runs.iter().filter(|run| run.weight > 0.0).count();
            let running = contender.running().filter(|(run, _)| run.weight > 0.0);
            let misses = weighed - running.count();
            let rate = compact(estimate.decode?.mid, 2);
            let which = if misses > 0 {
                format!(", runs {} of {weighed} models", weighed - misses)
            } else {
                format!(" on {}", run.name)
            };
            let offloaded = match contender.offloaded() {
                0 => String::new(),
                some => format!(", {some} partly in host memory"),
            };
            format!("{rate} tok/s{which}{offloaded}")
        }
        Criterion::Prefill => {
            let ttft = contender.heaviest()?.1.ttft?;
            format!(
                "first token {} s, cold {} s",
                compact(ttft.warm.mid, 2),
                compact(ttft.cold.mid, 2)
            )
        }
        Criterion::Capacity => match &contender.best {
            Some(best) => format!("best model at speed: {}", best.name),
            None => "no rated model runs fast enough".to_owned(),
        },
        Criterion::Energy => {
            format!(
                "{} kWh/M tokens",
                compact(energy(contender, Draw::MIDDLE)?, 2)
            )
        }
        Criterion::Noise => match contender.machine.noise {
            Some(noise) => format!("{:.0} dB(A)", noise.0),
            None => format!("{} litres", compact(contender.machine.volume_l?, 2)),
        },
        Criterion::Setup => contender.machine.setup_hours.map_or_else(
            || {
                ratings
                    .setup
                    .as_ref()
                    .map(|rating| clause(&rating.reason).to_owned())
            },
            |hours| Some(format!("{} h to set up", compact(hours, 2))),
        )?,
        Criterion::Upgradeability => format!(
            "upgrades: {}",
            clause(&ratings.upgradeability.as_ref()?.reason)
        ),
        Criterion::Software => format!("software: {}", clause(&ratings.software.as_ref()?.reason)),
        Criterion::Training => format!("training: {}", clause(&ratings.training.as_ref()?.reason)),
        Criterion::MultiUser => {
            format!(
                "{} tok/s for {} users",
                compact(contender.many_users?.mid, 2),
                workload.users.max(MANY_USERS)
            )
        }
        Criterion::Resale => {
            format!(
                "keeps {:.0}% of its price",
                100.0 * contender.resale(terms.years).mid
            )
        }
        Criterion::TotalCost => {
            let cost = contender.ownership(terms)?;
            format!(
                "{} net over {} years",
                dollars(cost.net.mid),
                compact(terms.years, 2)
            )
        }
        Criterion::Price => format!("costs {}", dollars(contender.price.as_ref()?.usd.mid)),
    })
}

/// The first clause of a longer reason; `hwcmp show` has the whole.
pub(super) fn clause(reason: &str) -> &str {
    reason
        .split([';', ':', '('])
        .next()
        .unwrap_or(reason)
        .split(", ")
        .next()
        .unwrap_or(reason)
        .trim()
}
