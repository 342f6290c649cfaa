//! What lets a machine in where a recommendation finds none: the search again, each time
//! with one limit lifted.

use anyhow::Result;

use super::money::Money;
use super::session::Session;
use crate::study::{Found, House, Offer, Query, builds, search};
use crate::verdict::{Ease, Limit, Way};

/// The search of a recommendation that found nothing.
#[derive(Clone, Copy)]
pub(super) struct Nothing<'a> {
    /// The data.
    pub session: &'a Session,
    /// Prices of the day.
    pub money: &'a Money,
    /// What was searched for.
    pub query: &'a Query<'a>,
    /// What the machines had to keep to.
    pub house: &'a House,
    /// Most to pay.
    pub budget: Option<f64>,
}

impl Nothing<'_> {
    /// For each limit, the smallest change that alone lets a machine in; else the changes
    /// that the machine needs which misses the fewest limits. None where no machine runs
    /// the model at all. `found` is what does it at any price.
    ///
    /// # Errors
    /// If the data has faults.
    pub(super) fn way_in(&self, found: &[Found]) -> Result<Option<Way>> {
        let (house, query) = (*self.house, *self.query);
        let mut eases = Vec::new();
        if let Some(cheapest) = least(found, Offer::cost) {
            eases.push(self.ease(Limit::Budget, cheapest));
        }
        let slow = Query {
            min_decode: 0.0,
            ..query
        };
        let affordable = self.search(&slow, &house)?;
        // Without any speed asked for, a rate of zero would not be a change.
        if let Some(fastest) = least(&affordable, |found| -found.gain()) {
            eases.push(self.ease(Limit::Decode, fastest));
        }
        let lifted = [
            (
                Limit::Watts,
                house.max_watts.is_some(),
                House {
                    max_watts: None,
                    limits: house.limits.every(),
                    ..house
                },
            ),
            (
                Limit::Noise,
                house.max_noise.is_some(),
                House {
                    max_noise: None,
                    ..house
                },
            ),
            (
                Limit::Cuda,
                house.require_cuda,
                House {
                    require_cuda: false,
                    ..house
                },
            ),
            (
                Limit::Circuit,
                house.circuit.is_some(),
                House {
                    circuit: None,
                    limits: house.limits.every(),
                    ..house
                },
            ),
        ];
        for (limit, _, house) in lifted.into_iter().filter(|(_, set, _)| *set) {
            let found = self.search(&query, &house)?;
            if let Some(nearest) = least(&found, |found| own(limit, found).unwrap_or(f64::MAX)) {
                eases.push(self.ease(limit, nearest));
            }
        }
        if eases.is_empty() {
            return self.all_lifted(&slow);
        }
        eases.sort_by(|a, b| a.size().total_cmp(&b.size()));
        Ok(Some(Way::Any(eases)))
    }

    /// What the machine needs that runs the model and misses the fewest limits, the
    /// cheapest of equals.
    fn all_lifted(&self, slow: &Query<'_>) -> Result<Option<Way>> {
        let nowhere = Self {
            budget: None,
            ..*self
        };
        let free = House {
            limits: self.house.limits.every(),
            ..House::default()
        };
        let found = nowhere.search(slow, &free)?;
        let misses = found.iter().map(|found| (self.misses(found), found));
        let fewest = misses.min_by(|(one, a), (other, b)| {
            let counts = one.len().cmp(&other.len());
            counts.then(a.cost().total_cmp(&b.cost()))
        });
        Ok(fewest.map(|(misses, found)| {
            let eases = misses.into_iter().map(|limit| self.ease(limit, found));
            Way::All(eases.collect())
        }))
    }

    /// The limits that a machine does not keep to.
    fn misses(&self, found: &Found) -> Vec<Limit> {
        let house = self.house;
        let over = |limit: Limit, most: Option<f64>| {
            most.is_some_and(|most| own(limit, found).is_none_or(|own| own > most))
        };
        [
            (Limit::Budget, over(Limit::Budget, self.budget)),
            (Limit::Decode, found.gain() < self.query.min_decode),
            (Limit::Watts, over(Limit::Watts, house.max_watts)),
            (Limit::Noise, over(Limit::Noise, house.max_noise)),
            (
                Limit::Circuit,
                over(Limit::Circuit, house.circuit.map(|watts| watts.0)),
            ),
            (
                Limit::Cuda,
                house.require_cuda && !found.machine.device.has_cuda(),
            ),
        ]
        .into_iter()
        .filter_map(|(limit, misses)| misses.then_some(limit))
        .collect()
    }

    /// What does it within the budget.
    fn search(&self, query: &Query<'_>, house: &House) -> Result<Vec<Found>> {
        let builds = builds::<anyhow::Error>(&self.session.catalog, house, |machine| {
            self.money.price(self.session, machine)
        })?;
        let (mut found, _) = search(&self.session.catalog, query, &builds)?;
        found.retain(|found| {
            found.is_sure(query) && self.budget.is_none_or(|budget| found.cost() <= budget)
        });
        Ok(found)
    }

    /// A limit loosened to what a machine needs.
    fn ease(&self, limit: Limit, found: &Found) -> Ease {
        let from = match limit {
            Limit::Budget => self.budget,
            Limit::Watts => self.house.max_watts,
            Limit::Noise => self.house.max_noise,
            Limit::Circuit => self.house.circuit.map(|watts| watts.0),
            Limit::Decode => Some(self.query.min_decode),
            Limit::Cuda | Limit::Model => None,
        };
        Ease {
            limit,
            from,
            to: own(limit, found).map(|own| limit.loosened(own)),
            machine: found.machine.id.clone(),
        }
    }
}

/// A machine's own figure of a limit.
fn own(limit: Limit, found: &Found) -> Option<f64> {
    match limit {
        Limit::Budget => Some(found.cost()),
        Limit::Watts => found.machine.load_watts().map(|watts| watts.0),
        Limit::Circuit => found.machine.peak_watts().map(|watts| watts.0),
        Limit::Noise => found.machine.noise.map(|noise| noise.0),
        Limit::Decode => Some(found.gain()),
        Limit::Cuda | Limit::Model => None,
    }
}

/// The one with the least of something, the cheapest of equals.
fn least(found: &[Found], of: impl Fn(&Found) -> f64) -> Option<&Found> {
    found.iter().min_by(|a, b| {
        let order = of(a).total_cmp(&of(b));
        order.then(a.cost().total_cmp(&b.cost()))
    })
}
