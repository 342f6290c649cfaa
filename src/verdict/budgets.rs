//! The best machine for each sum of money.

use super::contender::Contender;
use super::ease::Limit;
use super::limits::Limits;
use super::score::Ranked;

/// A sum from which on another machine is the best.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The sum, US dollars: what the machine costs.
    pub usd: f64,
    /// The machine.
    pub machine: String,
    /// Its score.
    pub score: f64,
}

/// The best machine of those that each sum pays for, cheapest first, whatever the budget
/// is; the other limits hold.
pub fn budgets(contenders: &[Contender], places: &[Ranked], limits: &Limits) -> Vec<Step> {
    let mut steps: Vec<Step> = places
        .iter()
        .filter_map(|place| {
            let contender = &contenders[place.index];
            let misses = limits.misses(contender);
            let only_budget = misses.iter().all(|miss| miss.limit == Limit::Budget);
            Some(Step {
                usd: contender.price.as_ref().filter(|_| only_budget)?.usd.mid,
                machine: contender.machine.id.clone(),
                score: place.score,
            })
        })
        .collect();
    // Of equally dear ones the better comes first and hides the other.
    steps.sort_by(|a, b| a.usd.total_cmp(&b.usd).then(b.score.total_cmp(&a.score)));
    let mut best = f64::NEG_INFINITY;
    steps.retain(|step| {
        let better = step.score > best;
        best = best.max(step.score);
        better
    });
    steps
}
