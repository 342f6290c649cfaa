//! The search for what to buy: every machine that can be made up, every engine, quant and
//! split that runs a model on it, each through the estimator.
//!
//! Only what the devices hold whole is found: no speed with weights in the host's memory was
//! measured, so none can be counted on.
//!
//! What does not change is computed once: weights for each quant, coefficients for each
//! device, engine and storage class, compute buffers for each run of layers.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::capacity::Trust;
use super::pareto::Offer;
use super::space::{Build, Refusal};
use super::variants::{Variant, variant_key, ways, weights};
use crate::catalog::{Catalog, Model, SelectError, Shape};
use crate::machine::{Machine, Price};
use crate::model::Quant;
use crate::predict::memory::{Buffers, Fits, indivisible};
use crate::predict::{
    Constants, Estimate, Scenario, Split, SplitChoice, Trace, Tuning, estimate_tuned,
};
use crate::units::Bytes;

/// What is searched for.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// The model.
    pub model: &'a Model,
    /// Fewest bits of a weight, scales not counted: 4.
    pub least_bits: f64,
    /// The only quant to look at, where one was named.
    pub quant: Option<&'a Quant>,
    /// The only engine to look at.
    pub engine: Option<&'a str>,
    /// The shape of the work; each split is tried whatever it says.
    pub shape: Shape,
    /// Slowest decode of one request, tokens a second.
    pub min_decode: f64,
    /// Which end of an estimate is to reach that, and ranks.
    pub trust: Trust,
}

impl Query<'_> {
    /// The decode rate that counts, tokens a second.
    fn counted(&self, estimate: &Estimate) -> f64 {
        estimate.decode.map_or(0.0, |rate| match self.trust {
            Trust::Cautious => rate.low,
            Trust::Middle => rate.mid,
        })
    }
}

/// How many configurations went which way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// All of them.
    pub considered: u64,
    /// Left out with the machine, by reason.
    pub refused: BTreeMap<Refusal, u64>,
    /// With an engine that nobody measured on such a device: its rates would be guesses, and
    /// the fastest of many guesses is the most wrong one.
    pub unproven: u64,
    /// The engine does not divide the model over so many devices.
    pub indivisible: u64,
    /// The model does not fit the devices whole. What runs from the host's memory counts
    /// here too: nobody in the tables timed such a set-up, so its speed is not to count on.
    pub too_large: u64,
    /// It decodes too slowly, or not all requests at once.
    pub too_slow: u64,
    /// The middle of the estimate is fast enough, but not the end that counts.
    pub unsure: u64,
    /// They do what is asked.
    pub left: u64,
}

impl Tally {
    fn plus(mut self, other: Self) -> Self {
        self.considered += other.considered;
        self.unproven += other.unproven;
        self.indivisible += other.indivisible;
        self.too_large += other.too_large;
        self.too_slow += other.too_slow;
        self.unsure += other.unsure;
        self.left += other.left;
        for (refusal, count) in other.refused {
            *self.refused.entry(refusal).or_default() += count;
        }
        self
    }
}

/// A machine with the fastest way to run the model on it.
#[derive(Debug, Clone)]
pub struct Found {
    /// The machine.
    pub machine: Machine,
    /// Its price.
    pub price: Price,
    /// Id of the quant.
    pub quant: String,
    /// Bits of most of its weights.
    pub bits: f64,
    /// Id of the engine.
    pub engine: String,
    /// The estimate.
    pub estimate: Estimate,
    /// The decode rate that counts, tokens a second.
    pub counted: f64,
}

impl Found {
    /// Whether the rate that counts is what the query asks for.
    pub fn is_sure(&self, query: &Query<'_>) -> bool {
        self.counted >= query.min_decode
    }
}

impl Offer for Found {
    fn cost(&self) -> f64 {
        self.price.usd.mid
    }
    fn gain(&self) -> f64 {
        self.counted
    }
}

/// Runs the search: the best configuration of each machine whose middle speed does what is
/// asked, by machine id, and the count of all. Those whose [`Found::counted`] is under the
/// minimum are unsure.
///
/// # Errors
/// If the data has faults or the engine asked for is unknown.
pub fn search(
    catalog: &Catalog,
    query: &Query<'_>,
    builds: &[Build],
) -> Result<(Vec<Found>, Tally), SelectError> {
    let constants = catalog.constants()?;
    let weights = weights(catalog, query)?;
    if let Some(engine) = query.engine {
        catalog.select_engine(engine)?;
    }
    let mut variants: BTreeMap<(&str, Option<&str>), Vec<Variant<'_>>> = BTreeMap::new();
    for build in builds {
        let key = variant_key(&build.machine);
        if let std::collections::btree_map::Entry::Vacant(entry) = variants.entry(key) {
            entry.insert(ways(catalog, query, &build.machine, &weights)?);
        }
    }
    let buffers = Buffers::of(&query.model.architecture);
    let none: Vec<Variant<'_>> = Vec::new();
    let (mut found, tally) = builds
        .par_iter()
        .map(|build| {
            let ways = variants.get(&variant_key(&build.machine)).unwrap_or(&none);
            best(query, build, ways, constants, &buffers)
        })
        .fold(
            || (Vec::new(), Tally::default()),
            |(mut found, tally), (best, own)| {
                found.extend(best);
                (found, tally.plus(own))
            },
        )
        .reduce(
            || (Vec::new(), Tally::default()),
            |(mut found, tally), (more, own)| {
                found.extend(more);
                (found, tally.plus(own))
            },
        );
    found.sort_by(|a, b| a.machine.id.cmp(&b.machine.id));
    Ok((found, tally))
}

/// The fastest configuration of a machine that does what is asked.
fn best(
    query: &Query<'_>,
    build: &Build,
    ways: &[Variant<'_>],
    constants: &Constants,
    buffers: &Buffers<'_>,
) -> (Option<Found>, Tally) {
    let mut tally = Tally::default();
    let machine = &build.machine;
    let mut best: Option<(&Variant<'_>, Estimate)> = None;
    for way in ways {
        let open =
            query
                .shape
                .scenario(machine, query.model, &way.weights, way.engine, way.backend);
        let splits: &[Split] = if machine.count == 1 {
            &[Split::None]
        } else {
            &way.engine.splits
        };
        tally.considered += splits.len() as u64;
        if let Some(refusal) = build.refusal {
            *tally.refused.entry(refusal).or_default() += splits.len() as u64;
            continue;
        }
        if !way.proven {
            tally.unproven += splits.len() as u64;
            continue;
        }
        if way.weights.loaded_bytes() > most_memory(machine) {
            tally.too_large += splits.len() as u64;
            continue;
        }
        for &split in splits {
            if split == Split::Tensor && indivisible(&open).is_some() {
                tally.indivisible += 1;
                continue;
            }
            let scenario = Scenario {
                split: SplitChoice::Only(split),
                buffers: Some(buffers),
                ..open
            };
            // The coefficients of a device are shared; those of a link are its own.
            let linked = (machine.count > 1)
                .then(|| Tuning::of(&scenario.setting(), scenario.model, constants));
            let tuning = linked.as_ref().unwrap_or(&way.tuning);
            let estimate = estimate_tuned(&scenario, constants, tuning, &mut Trace::off());
            let Some(rate) = estimate.decode.filter(|_| estimate.plan.fits == Fits::Yes) else {
                tally.too_large += 1;
                continue;
            };
            if rate.mid < query.min_decode || estimate.batch < query.shape.concurrency {
                tally.too_slow += 1;
                continue;
            }
            if query.counted(&estimate) < query.min_decode {
                tally.unsure += 1;
            } else {
                tally.left += 1;
            }
            if best
                .as_ref()
                .is_none_or(|known| is_better(query, &(way, &estimate), &(known.0, &known.1)))
            {
                best = Some((way, estimate));
            }
        }
    }
    let found = best
        .zip(build.price.clone())
        .map(|((way, estimate), price)| Found {
            machine: machine.clone(),
            price,
            quant: way.weights.quant.id.clone(),
            bits: way.weights.quant.bits_per_weight(),
            engine: way.engine.id.clone(),
            counted: query.counted(&estimate),
            estimate,
        });
    (found, tally)
}

/// Faster; of equally fast ones the better known, then the one with more bits.
fn is_better(
    query: &Query<'_>,
    one: &(&Variant<'_>, &Estimate),
    other: &(&Variant<'_>, &Estimate),
) -> bool {
    let bits = |way: &Variant<'_>| way.weights.quant.bits_per_weight();
    query
        .counted(one.1)
        .total_cmp(&query.counted(other.1))
        .then(other.1.evidence.cmp(&one.1.evidence))
        .then(bits(one.0).total_cmp(&bits(other.0)))
        .is_gt()
}

/// More than this the devices do not take.
fn most_memory(machine: &Machine) -> Bytes {
    let each = machine
        .memory
        .tuned
        .as_ref()
        .map_or(machine.memory.usable, |tuned| tuned.usable);
    each * u64::from(machine.count)
}
