//! What would flip the winner: the smallest change of one input that puts
//! another machine first.

use super::contender::{Contender, Terms};
use super::criteria::{Draw, utilities};
use super::limits::Limits;
use super::score::score;
use crate::units::UsdPerKilowattHour;
use crate::workload::{Criterion, Workload};

/// A change that puts another machine first.
#[derive(Debug, Clone, PartialEq)]
pub struct Flip {
    /// The input: `hours_per_day`, `usd_per_kwh`, `weight noise`; a limit: `budget_usd`,
    /// `max_noise_dba`, `max_watts`, `model_gib`.
    pub input: String,
    /// Its value now; none where nothing is set.
    pub from: Option<f64>,
    /// The value at which the winner changes.
    pub to: f64,
    /// The machine that is first then.
    pub winner: String,
}

/// Steps in which an input is searched before the edge is bisected.
const STEPS: u32 = 24;
/// Bisections of the edge found.
const BISECTIONS: u32 = 30;
/// Weights are tried up to this many times their value.
const MOST_WEIGHT: f64 = 4.0;

/// The flips of hours, electricity price, each weight, and limits of budget, noise,
/// watts and the size of a model that must fit, the nearest first. Empty where nothing within reason changes the winner.
pub fn flips(
    contenders: &[Contender],
    workload: &Workload,
    terms: &Terms,
    limits: &Limits,
) -> Vec<Flip> {
    let running: Vec<&Contender> = contenders
        .iter()
        .filter(|contender| limits.reasons(contender).is_empty())
        .collect();
    let Some(now) = winner(&running, workload, terms) else {
        return Vec::new();
    };
    let mut found: Vec<(f64, Flip)> = Vec::new();
    let mut search =
        |input: &str, from: f64, low: f64, high: f64, at: &dyn Fn(f64) -> Option<String>| {
            for (start, end) in [(from, low), (from, high)] {
                if let Some((to, winner)) = edge(start, end, &now, at) {
                    let distance = (to / from.max(1e-9)).max(1e-9).ln().abs();
                    let flip = Flip {
                        input: input.to_owned(),
                        from: Some(from),
                        to,
                        winner,
                    };
                    found.push((distance, flip));
                }
            }
        };
    search("hours_per_day", terms.hours, 0.0, 24.0, &|hours| {
        winner(&running, workload, &Terms { hours, ..*terms })
    });
    search("usd_per_kwh", terms.rate.0, 0.0, 1.0, &|rate| {
        winner(
            &running,
            workload,
            &Terms {
                rate: UsdPerKilowattHour(rate),
                ..*terms
            },
        )
    });
    for criterion in Criterion::ALL {
        let weight = workload.weights.get(&criterion).copied().unwrap_or(0.0);
        if weight > 0.0 {
            let input = format!("weight {}", criterion.name());
            search(&input, weight, 0.0, weight * MOST_WEIGHT, &|weight| {
                let mut changed = workload.clone();
                changed.weights.insert(criterion, weight);
                winner(&running, &changed, terms)
            });
        }
    }
    for (distance, limit) in LIMITS {
        if let Some(flip) = limit.flip(&running, workload, terms, &now) {
            found.push((distance, flip));
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.input.cmp(&b.1.input)));
    found.into_iter().map(|(_, flip)| flip).collect()
}

/// The machine with the best score; ties go by id.
fn winner(running: &[&Contender], workload: &Workload, terms: &Terms) -> Option<String> {
    running
        .iter()
        .map(|contender| {
            (
                score(
                    &utilities(contender, workload, terms, Draw::MIDDLE),
                    workload,
                ),
                &contender.machine.id,
            )
        })
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, id)| id.clone())
}

/// The first value between two ends at which the winner is another one.
fn edge(
    start: f64,
    end: f64,
    now: &str,
    at: &dyn Fn(f64) -> Option<String>,
) -> Option<(f64, String)> {
    let value = |step: u32| start + (end - start) * f64::from(step) / f64::from(STEPS);
    let differs = |value: f64| at(value).filter(|winner| winner != now);
    let step = (1..=STEPS).find(|step| differs(value(*step)).is_some())?;
    let (mut inside, mut outside) = (value(step - 1), value(step));
    for _ in 0..BISECTIONS {
        let middle = f64::midpoint(inside, outside);
        if differs(middle).is_some() {
            outside = middle;
        } else {
            inside = middle;
        }
    }
    Some((outside, differs(outside)?))
}

/// A limit that would rule the winner out.
struct Limit {
    /// The input.
    input: &'static str,
    /// The figure of a machine that it looks at.
    figure: fn(&Contender) -> Option<f64>,
    /// It asks for more than the winner has, not for less.
    more: bool,
}

/// Limits that people set, with the place of each among the other changes.
const LIMITS: [(f64, Limit); 4] = [
    (
        0.5,
        Limit {
            input: "budget_usd",
            figure: |contender| contender.price.as_ref().map(|price| price.usd.mid),
            more: false,
        },
    ),
    (
        0.6,
        Limit {
            input: "max_noise_dba",
            figure: |contender| contender.machine.noise.map(|noise| noise.0),
            more: false,
        },
    ),
    (
        0.7,
        Limit {
            input: "model_gib",
            figure: |contender| Some(contender.machine.usable_memory().gib()),
            more: true,
        },
    ),
    (
        0.8,
        Limit {
            input: "max_watts",
            figure: |contender| contender.machine.load_watts().map(|watts| watts.0),
            more: false,
        },
    ),
];

impl Limit {
    /// A limit just beyond the winner's own figure puts the best of those first that keep it.
    fn flip(
        &self,
        running: &[&Contender],
        workload: &Workload,
        terms: &Terms,
        now: &str,
    ) -> Option<Flip> {
        let own = running
            .iter()
            .find(|contender| contender.machine.id == now)
            .and_then(|contender| (self.figure)(contender))?;
        let keeps = |value: f64| if self.more { value > own } else { value < own };
        let left: Vec<&Contender> = running
            .iter()
            .copied()
            .filter(|contender| (self.figure)(contender).is_some_and(keeps))
            .collect();
        Some(Flip {
            input: self.input.to_owned(),
            from: None,
            to: own,
            winner: winner(&left, workload, terms)?,
        })
    }
}
