//! How surely a machine comes first: the uncertain inputs drawn many times.

use std::collections::BTreeMap;

use super::contender::{Contender, Terms};
use super::criteria::{Draw, utilities};
use super::score::score;
use crate::evidence::Generator;
use crate::workload::Workload;

/// Draws; the share of wins is then known to about two points.
const DRAWS: u32 = 600;

/// The share of draws that each machine wins. Each machine draws its own speed,
/// price and resale from a generator seeded by its id, so that the shares do not
/// depend on the order of the machines and are the same on each run.
pub(super) fn win_shares(
    contenders: &[Contender],
    running: &[usize],
    workload: &Workload,
    terms: &Terms,
) -> BTreeMap<usize, f64> {
    let mut wins: BTreeMap<usize, u32> = running.iter().map(|index| (*index, 0)).collect();
    let mut generators: Vec<(usize, Generator)> = running
        .iter()
        .map(|index| (*index, Generator::seeded(&contenders[*index].machine.id)))
        .collect();
    for _ in 0..DRAWS {
        let mut best: Option<(f64, usize)> = None;
        for (index, generator) in &mut generators {
            let draw = Draw {
                speed: generator.draw(),
                price: generator.draw(),
                resale: generator.draw(),
            };
            let contender = &contenders[*index];
            let score = score(&utilities(contender, workload, terms, draw), workload);
            let id = &contender.machine.id;
            let better = best.is_none_or(|(top, holder)| {
                let order = score.total_cmp(&top);
                order
                    .then_with(|| contenders[holder].machine.id.cmp(id))
                    .is_gt()
            });
            if better {
                best = Some((score, *index));
            }
        }
        if let Some((_, index)) = best {
            *wins.entry(index).or_default() += 1;
        }
    }
    wins.into_iter()
        .map(|(index, count)| (index, f64::from(count) / f64::from(DRAWS)))
        .collect()
}
