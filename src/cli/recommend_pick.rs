//! Which machines of a search are named: the one to buy, and what a careful buyer would
//! look at beside it.

use crate::evidence::Evidence;
use crate::study::{Found, Offer, knee, per_dollar};

/// The machines to name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Picks<'a> {
    /// The one to buy: the knee.
    pub buy: &'a Found,
    /// The fastest for the money there is, where that is another.
    pub faster: Option<&'a Found>,
    /// The most speed for each dollar of those on which models were timed, where none was
    /// on the one to buy.
    pub timed: Option<&'a Found>,
    /// The same of those that come ready-made, where the one to buy is put together.
    pub ready: Option<&'a Found>,
}

impl<'a> Picks<'a> {
    /// Picks from a front, and from all that was found for at most so much. None where the
    /// front is empty.
    pub(super) fn of(front: &'a [Found], found: &'a [Found], budget: Option<f64>) -> Option<Self> {
        let buy = front.get(knee(front)?)?;
        let best = |wanted: &dyn Fn(&Found) -> bool| {
            found
                .iter()
                .filter(|found| budget.is_none_or(|budget| found.cost() <= budget))
                .filter(|found| wanted(found))
                .max_by(|a, b| {
                    // Of equals the cheaper.
                    let order = per_dollar(*a).total_cmp(&per_dollar(*b));
                    order.then(b.cost().total_cmp(&a.cost()))
                })
        };
        Some(Self {
            buy,
            faster: front
                .last()
                .filter(|last| last.machine.id != buy.machine.id),
            timed: (!is_timed(buy)).then(|| best(&is_timed)).flatten(),
            ready: buy
                .machine
                .host
                .as_ref()
                .and_then(|_| best(&|found| found.machine.host.is_none())),
        })
    }
}

/// Whether models were timed on such a machine.
pub(super) fn is_timed(found: &Found) -> bool {
    found.estimate.evidence <= Evidence::Calibrated
}
