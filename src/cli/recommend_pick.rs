//! Which machines of a search are named: the one to buy, and what a careful buyer would
//! look at beside it.

use crate::evidence::Evidence;
use crate::study::{Found, Offer};

/// The position of the most speed for each dollar on a front, its knee: on the logarithmic
/// scales of both, beyond it a percent of price buys less than a percent of speed. It does
/// not depend on the ends of the front, so a larger budget does not move it without reason.
pub(super) fn knee<T: Offer>(line: &[T]) -> Option<usize> {
    (0..line.len()).max_by(|a, b| {
        let order = per_dollar(&line[*a]).total_cmp(&per_dollar(&line[*b]));
        // Of equals the cheaper.
        order.then(b.cmp(a))
    })
}

/// Speed for each dollar; what is owned already counts as one.
fn per_dollar(offer: &impl Offer) -> f64 {
    offer.gain() / offer.cost().max(1.0)
}

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

#[cfg(test)]
mod tests {
    use super::knee;
    use crate::study::Offer;

    #[derive(Clone, Copy)]
    struct Priced(f64, f64);

    impl Offer for Priced {
        fn cost(&self) -> f64 {
            self.0
        }
        fn gain(&self) -> f64 {
            self.1
        }
    }

    #[test]
    fn the_knee_has_the_most_speed_for_each_dollar() {
        // 4.7, 3.8 and 7.8 tok/s for each $1,000: the dearest is worth its price.
        let line = [
            Priced(2618.0, 12.3),
            Priced(3398.0, 12.9),
            Priced(3670.0, 28.6),
        ];
        assert_eq!(knee(&line), Some(2));
        assert_eq!(knee(&line[..2]), Some(0));
        assert_eq!(knee(&[Priced(1.0, 2.0), Priced(2.0, 4.0)]), Some(0));
        assert_eq!(knee::<Priced>(&[]), None);
    }
}
