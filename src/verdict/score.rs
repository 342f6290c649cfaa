//! Scores and the order they make.

use super::contender::{Contender, Terms};
use super::criteria::{Draw, Utilities, utilities};
use super::limits::Limits;
use super::reasons::reasons;
use super::simulate::win_shares;
use crate::workload::Workload;

/// A machine's place.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// Position of the contender in the input.
    pub index: usize,
    /// Its place from 1; none when disqualified.
    pub rank: Option<u32>,
    /// Weighted geometric mean of its utilities, 0 to 100.
    pub score: f64,
    /// Share of the draws of uncertain inputs in which it comes first; none when disqualified.
    pub win_probability: Option<f64>,
    /// Two or three deciding reasons in numbers.
    pub reasons: Vec<String>,
    /// Why it is out; empty when in the running.
    pub disqualified: Vec<String>,
    /// Its utilities.
    pub utilities: Utilities,
}

/// No utility counts as less: a geometric mean would otherwise forget everything else.
const FLOOR: f64 = 0.01;

/// The weighted geometric mean of the utilities that are known, times 100.
pub(super) fn score(utilities: &Utilities, workload: &Workload) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (criterion, weight) in &workload.weights {
        if let Some(utility) = utilities.0.get(criterion) {
            sum += weight * utility.max(FLOOR).ln();
            weights += weight;
        }
    }
    if weights > 0.0 {
        100.0 * (sum / weights).exp()
    } else {
        0.0
    }
}

/// Ranks the machines, best first, the disqualified last. The order does not
/// depend on the order of the input: equal scores go by machine id.
pub fn rank(
    contenders: &[Contender],
    workload: &Workload,
    terms: &Terms,
    limits: &Limits,
) -> Vec<Ranked> {
    let mut places: Vec<Ranked> = contenders
        .iter()
        .enumerate()
        .map(|(index, contender)| {
            let utilities = utilities(contender, workload, terms, Draw::MIDDLE);
            Ranked {
                index,
                rank: None,
                score: score(&utilities, workload),
                win_probability: None,
                reasons: Vec::new(),
                disqualified: limits.reasons(contender),
                utilities,
            }
        })
        .collect();
    let id = |place: &Ranked| contenders[place.index].machine.id.as_str();
    places.sort_by(|a, b| {
        (a.disqualified
            .is_empty()
            .cmp(&b.disqualified.is_empty())
            .reverse())
        .then(b.score.total_cmp(&a.score))
        .then(id(a).cmp(id(b)))
    });
    let running: Vec<usize> = places
        .iter()
        .filter(|place| place.disqualified.is_empty())
        .map(|place| place.index)
        .collect();
    let shares = win_shares(contenders, &running, workload, terms);
    for (position, place) in places.iter_mut().enumerate() {
        if place.disqualified.is_empty() {
            place.rank = Some(position as u32 + 1);
            place.win_probability = shares.get(&place.index).copied();
        }
    }
    let winner = places
        .first()
        .map(|place| place.utilities.clone())
        .unwrap_or_default();
    let field = Utilities::mean(places.iter().skip(1).map(|place| &place.utilities));
    for (position, place) in places.iter_mut().enumerate() {
        let against = if position == 0 { &field } else { &winner };
        place.reasons = reasons(
            &contenders[place.index],
            &place.utilities,
            against,
            workload,
            terms,
            position == 0,
        );
    }
    places
}
