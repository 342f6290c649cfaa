//! How surely a machine comes first: the uncertain inputs drawn many times.

use std::collections::BTreeMap;

use super::contender::{Contender, Terms};
use super::criteria::{Draw, utilities};
use super::score::score;
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
                speed: generator.next(),
                price: generator.next(),
                resale: generator.next(),
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

/// `SplitMix64`, small and reproducible. Source: Steele, Lea, Flood, "Fast
/// splittable pseudorandom number generators" (2014).
struct Generator(u64);

impl Generator {
    /// Seeded by a text (FNV-1a).
    fn seeded(text: &str) -> Self {
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(hash)
    }

    /// The next number, uniform from 0 to 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::Generator;

    #[test]
    fn draws_are_uniform_and_repeat() {
        let mut first = Generator::seeded("dgx-spark");
        let values: Vec<f64> = (0..1000).map(|_| first.next()).collect();
        let mean = values.iter().sum::<f64>() / 1000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
        let mut again = Generator::seeded("dgx-spark");
        assert!((again.next() - values[0]).abs() < f64::EPSILON);
    }
}
