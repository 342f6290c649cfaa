//! A machine in the running: what was estimated and what is known of it.

use crate::evidence::{Evidence, Range};
use crate::machine::{Machine, Price};
pub use crate::money::Terms;
use crate::money::{Duty, Ownership, ownership, resale_share};
use crate::predict::Estimate;
use crate::predict::memory::Fits;
use crate::units::Watts;

/// How one model of the basket runs on it.
#[derive(Debug, Clone)]
pub struct Run {
    /// Model id.
    pub model: String,
    /// The model's name.
    pub name: String,
    /// Quant id.
    pub quant: String,
    /// Weight in the basket.
    pub weight: f64,
    /// The estimate at the workload's shape; none where no engine runs it there.
    pub estimate: Option<Estimate>,
}

/// The best model that runs fast enough.
#[derive(Debug, Clone, PartialEq)]
pub struct Best {
    /// Its name.
    pub name: String,
    /// Its quant.
    pub quant: String,
    /// Its quality, 0 to 1.
    pub quality: f64,
    /// How fast it decodes there, tokens a second.
    pub decode: f64,
    /// Where the quality figure comes from.
    pub source: String,
}

/// A machine with everything that the criteria look at.
#[derive(Debug, Clone)]
pub struct Contender {
    /// The machine.
    pub machine: Machine,
    /// Its price on the day; none where unknown.
    pub price: Option<Price>,
    /// The models of the basket.
    pub runs: Vec<Run>,
    /// The best model that runs above the workload's minimum speed.
    pub best: Option<Best>,
    /// Output tokens a second of several users together on the basket's models,
    /// weighted like them.
    pub many_users: Option<Range>,
}

impl Contender {
    /// How many models of the basket run only with a part of them in host memory.
    pub fn offloaded(&self) -> usize {
        let offloaded = |(run, estimate): &(&Run, &Estimate)| {
            run.weight > 0.0 && estimate.plan.fits == Fits::Offload
        };
        self.running().filter(offloaded).count()
    }

    /// The basket's models that run, whole or offloaded.
    pub fn running(&self) -> impl Iterator<Item = (&Run, &Estimate)> {
        self.runs.iter().filter_map(|run| {
            let estimate = run.estimate.as_ref()?;
            (estimate.plan.fits != Fits::No && estimate.decode.is_some()).then_some((run, estimate))
        })
    }

    /// How well its speeds are known: the level that at least half of the basket's
    /// weight reaches. None where nothing runs.
    pub fn evidence(&self) -> Option<Evidence> {
        let mut levels: Vec<(Evidence, f64)> = self
            .running()
            .map(|(run, estimate)| (estimate.evidence, run.weight))
            .collect();
        levels.sort_by_key(|(evidence, _)| *evidence);
        let total: f64 = levels.iter().map(|(_, weight)| weight).sum();
        let mut sum = 0.0;
        levels.into_iter().find_map(|(evidence, weight)| {
            sum += weight;
            (2.0 * sum >= total).then_some(evidence)
        })
    }

    /// Whether models were timed on the very machine, so that its speeds are not
    /// those of its relatives or of its data sheet.
    pub fn is_timed(&self) -> bool {
        self.evidence()
            .is_some_and(|evidence| evidence <= Evidence::Calibrated)
    }

    /// The run that weighs most in the basket among those that run.
    pub fn heaviest(&self) -> Option<(&Run, &Estimate)> {
        self.running().max_by(|a, b| {
            a.0.weight
                .total_cmp(&b.0.weight)
                .then(b.0.model.cmp(&a.0.model))
        })
    }

    /// Watts at the wall while at work, averaged over the basket's models.
    pub fn busy_watts(&self) -> Option<Watts> {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (run, estimate) in self.running() {
            sum += run.weight * estimate.watts?.0;
            weights += run.weight;
        }
        if weights > 0.0 {
            Some(Watts(sum / weights))
        } else {
            self.machine.load_watts()
        }
    }

    /// The cost of owning it; none where price or watts are unknown.
    pub fn ownership(&self, terms: &Terms) -> Option<Ownership> {
        let hardware = self.price.as_ref()?.usd;
        self.cost(hardware, self.resale(terms.years), terms)
    }

    /// The cost of owning it at a given price and resale share.
    pub(super) fn cost(&self, hardware: Range, resale: Range, terms: &Terms) -> Option<Ownership> {
        let duty = Duty {
            hours: terms.hours,
            busy: self.busy_watts()?,
            idle: Some(self.machine.idle_watts()?),
        };
        Some(ownership(hardware, &duty, terms.rate, terms.years, resale))
    }

    /// The share of the price that a resale brings after some years.
    pub fn resale(&self, years: f64) -> Range {
        resale_share(&self.machine, years)
    }
}
