//! The Pareto front of cost against speed: what nothing else beats in both.

/// A thing that costs and brings something.
pub trait Offer {
    /// What it costs: less is better.
    fn cost(&self) -> f64;
    /// What it brings: more is better.
    fn gain(&self) -> f64;
}

/// The offers that no other dominates (costs no more and brings no less, one of them
/// strictly), cheapest first. Of equals the first stays.
pub fn front<T: Offer>(mut offers: Vec<T>) -> Vec<T> {
    offers.sort_by(|a, b| {
        a.cost()
            .total_cmp(&b.cost())
            .then(b.gain().total_cmp(&a.gain()))
    });
    let mut best = f64::NEG_INFINITY;
    offers.retain(|offer| {
        let better = offer.gain() > best;
        if better {
            best = offer.gain();
        }
        better
    });
    offers
}

/// A front without the steps that bring less than a factor more than the one before:
/// figures are not known so well.
pub fn steps<T: Offer>(mut front: Vec<T>, factor: f64) -> Vec<T> {
    let mut last = 0.0;
    front.retain(|offer| {
        let step = offer.gain() >= last * factor;
        if step {
            last = offer.gain();
        }
        step
    });
    front
}

/// The position of the knee of a front: the most speed for each dollar. On the
/// logarithmic scales of both, beyond it a percent of price buys less than a percent of
/// speed. It does not depend on the ends of the front, so a larger budget does not move
/// it without reason. None on an empty front; of equals the cheaper.
pub fn knee<T: Offer>(front: &[T]) -> Option<usize> {
    (0..front.len()).max_by(|a, b| {
        let order = per_dollar(&front[*a]).total_cmp(&per_dollar(&front[*b]));
        order.then(b.cmp(a))
    })
}

/// Speed for each dollar; what is owned already counts as one.
pub fn per_dollar(offer: &impl Offer) -> f64 {
    offer.gain() / offer.cost().max(1.0)
}

/// The last offer of a front that costs at most so much.
pub fn within<T: Offer>(front: &[T], most: f64) -> Option<&T> {
    front.iter().rev().find(|offer| offer.cost() <= most)
}

/// The first offer of a front that costs more than so much.
pub fn beyond<T: Offer>(front: &[T], most: f64) -> Option<&T> {
    front.iter().find(|offer| offer.cost() > most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};

    use super::{Offer, beyond, front, knee, steps, within};

    impl Offer for (f64, f64) {
        fn cost(&self) -> f64 {
            self.0
        }
        fn gain(&self) -> f64 {
            self.1
        }
    }

    #[test]
    fn a_front_by_hand() {
        // 3 for 20 is beaten by 5 for 10, the second 5 for 10 is an equal.
        let offers = vec![
            (10.0, 5.0),
            (40.0, 9.0),
            (20.0, 3.0),
            (10.0, 5.0),
            (20.0, 8.0),
        ];
        let line = front(offers);
        assert_eq!(line, [(10.0, 5.0), (20.0, 8.0), (40.0, 9.0)]);
        // 0.5, 0.4 and 0.225 for each unit of cost.
        assert_eq!(knee(&line), Some(0));
        assert_eq!(within(&line, 39.0), Some(&(20.0, 8.0)));
        assert_eq!(beyond(&line, 20.0), Some(&(40.0, 9.0)));
        assert_eq!(within(&line, 9.0), None);
    }

    #[test]
    fn small_steps_are_left_out() {
        // 10.1 is 1% more than 10, and 10.25 is 2.5% more than 10.
        let line = vec![(1.0, 10.0), (2.0, 10.1), (3.0, 10.25), (4.0, 20.0)];
        assert_eq!(steps(line, 1.02), [(1.0, 10.0), (3.0, 10.25), (4.0, 20.0)]);
    }

    #[test]
    fn the_knee_has_the_most_speed_for_each_dollar() {
        // 4.7, 3.8 and 7.8 tok/s for each $1,000: the dearest is worth its price.
        let line = [(2618.0, 12.3), (3398.0, 12.9), (3670.0, 28.6)];
        assert_eq!(knee(&line), Some(2));
        assert_eq!(knee(&line[..2]), Some(0));
        assert_eq!(knee(&[(1.0, 2.0), (2.0, 4.0)]), Some(0));
        assert_eq!(knee::<(f64, f64)>(&[]), None);
    }

    proptest! {
        #[test]
        fn a_front_is_all_that_is_not_dominated(
            offers in proptest::collection::vec((1u32..40, 1u32..40), 0..60),
        ) {
            let offers: Vec<(f64, f64)> =
                offers.into_iter().map(|(a, b)| (f64::from(a), f64::from(b))).collect();
            let line = front(offers.clone());
            let dominates = |a: &(f64, f64), b: &(f64, f64)| {
                a.0 <= b.0 && a.1 >= b.1 && (a.0 < b.0 || a.1 > b.1)
            };
            for offer in &offers {
                let dominated = offers.iter().any(|other| dominates(other, offer));
                prop_assert!(dominated != line.contains(offer));
            }
        }
    }
}
