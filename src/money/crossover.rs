//! Where one machine becomes cheaper than another: in hours a day, in the
//! price of electricity, in the resale share, each in closed form. Years are in
//! [`super::crossover_years`].

use super::{Holding, Terms};

/// The value of an input at which two machines cost the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// The value, in the input's own unit.
    pub value: f64,
    /// Whether the first machine is the cheaper one below it.
    pub first_below: bool,
}

/// The hours a day, from 0 to 24, at which two machines cost the same; none
/// where one is cheaper at all hours. With `c = years x 365 x rate / 1000`:
/// `hours = (at_zero_b - at_zero_a) / (c x ((work_a - rest_a) - (work_b - rest_b)))`.
pub fn crossing_hours(a: &Holding, b: &Holding, terms: &Terms) -> Option<Crossing> {
    let at_zero = |holding: &Holding| {
        holding.net(&Terms {
            hours: 0.0,
            ..*terms
        })
    };
    let per_hour = |holding: &Holding| {
        let day = holding.daily_energy(1.0) - holding.daily_energy(0.0);
        day * super::DAYS_PER_YEAR * terms.years * terms.rate.0
    };
    linear(
        (at_zero(a), per_hour(a)),
        (at_zero(b), per_hour(b)),
        (0.0, 24.0),
    )
}

/// The price of a kWh, in US dollars, at which two machines cost the same; none
/// where one is cheaper at every price:
/// `rate = (loss_b - loss_a) / (energy_a - energy_b)`.
pub fn crossing_rate(a: &Holding, b: &Holding, terms: &Terms) -> Option<Crossing> {
    let line = |holding: &Holding| {
        (
            holding.loss(terms.years),
            holding.energy(terms.hours, terms.years),
        )
    };
    linear(line(a), line(b), (0.0, f64::MAX))
}

/// The share of its price, from 0 to 1, that the first machine has to bring at
/// the end to cost as much as the second; none where no share does:
/// `share = 1 - (net_b - electricity_a) / price_a`.
pub fn crossing_resale(a: &Holding, b: &Holding, terms: &Terms) -> Option<Crossing> {
    let electricity = a.energy(terms.hours, terms.years) * terms.rate.0;
    linear(
        (a.price + electricity, -a.price),
        (b.net(terms), 0.0),
        (0.0, 1.0),
    )
}

/// Where two lines, each at zero and per unit, meet within bounds.
fn linear(a: (f64, f64), b: (f64, f64), bounds: (f64, f64)) -> Option<Crossing> {
    let slope = a.1 - b.1;
    if slope == 0.0 {
        return None;
    }
    let value = (b.0 - a.0) / slope;
    (bounds.0..=bounds.1).contains(&value).then_some(Crossing {
        value,
        first_below: slope > 0.0,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};

    use super::{Crossing, crossing_hours, crossing_rate, crossing_resale};
    use crate::money::{Holding, Terms};
    use crate::units::UsdPerKilowattHour;

    const TERMS: Terms = Terms {
        hours: 8.0,
        years: 3.0,
        rate: UsdPerKilowattHour(0.2),
    };

    fn holding(price: f64, resale_3y: f64, work: f64, rest: f64) -> Holding {
        Holding {
            price,
            resale_3y,
            work,
            rest,
        }
    }

    #[test]
    fn hours_where_both_cost_the_same() {
        // A: $1,000 lost, 100 W at work, off otherwise; B: $600 lost, 500 W.
        // 400 = 3 x 365 x 0.2 x 0.4 x h  ->  h = 4.566.
        let (a, b) = (
            holding(1000.0, 0.0, 100.0, 0.0),
            holding(600.0, 0.0, 500.0, 0.0),
        );
        let cross = crossing_hours(&a, &b, &TERMS).expect("they cross");
        assert!((cross.value - 4.566_21).abs() < 1e-4);
        assert!(!cross.first_below);
        // At 8 h: 400 = 3 x 365 x 8 x 0.4 kWh x rate = 3,504 x rate  ->  $0.11416.
        let cross = crossing_rate(&a, &b, &TERMS).expect("they cross");
        assert!((cross.value - 0.114_155).abs() < 1e-6);
        assert!(!cross.first_below);
        // Net of B: 600 + 0.5 x 8 x 1,095 x 0.2 = $1,476.00; electricity of A $175.20;
        // A would cost as much if it lost $1,300.80, more than all of its price: never.
        assert_eq!(crossing_resale(&a, &b, &TERMS), None);
        // A costs 1,000 + 175.20 = $1,175.20 net; to cost as much, B has to bring back
        // 600 + 876.00 - 1,175.20 = $300.80 of $600 = 50.13%.
        let cross = crossing_resale(&b, &a, &TERMS).expect("they cross");
        assert!((cross.value - 300.80 / 600.0).abs() < 1e-9);
        assert!(!cross.first_below);
    }

    #[test]
    fn a_machine_dearer_in_all_never_crosses() {
        let (a, b) = (
            holding(1000.0, 0.0, 100.0, 10.0),
            holding(900.0, 0.0, 90.0, 9.0),
        );
        assert_eq!(crossing_hours(&a, &b, &TERMS), None);
        assert_eq!(crossing_rate(&a, &b, &TERMS), None);
    }

    /// The crossing found by bisection of `net_a - net_b` within bounds.
    fn bisected(difference: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> Option<Crossing> {
        let first_below = difference(low) < 0.0;
        if first_below == (difference(high) < 0.0) {
            return None;
        }
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if (difference(middle) < 0.0) == first_below {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(Crossing {
            value: f64::midpoint(low, high),
            first_below,
        })
    }

    fn holdings() -> impl Strategy<Value = Holding> {
        (500.0..20_000.0, 0.05..0.95, 20.0..1500.0, 0.0..1.0).prop_map(
            |(price, resale, work, rest): (f64, f64, f64, f64)| {
                holding(price, resale, work, work * rest)
            },
        )
    }

    fn same(solved: Option<Crossing>, found: Option<Crossing>) -> bool {
        match (solved, found) {
            (None, None) => true,
            (Some(solved), Some(found)) => {
                (solved.value - found.value).abs() < 1e-6 * found.value.abs().max(1.0)
                    && solved.first_below == found.first_below
            }
            // A crossing at the very end of the bounds.
            (Some(end), None) | (None, Some(end)) => end.value.abs() < 1e-6,
        }
    }

    proptest! {
        #[test]
        fn hours_equal_bisection(a in holdings(), b in holdings(), years in 0.5..10.0, rate in 0.01..1.0) {
            let terms = Terms { years, rate: UsdPerKilowattHour(rate), ..TERMS };
            let net = |hours| a.net(&Terms { hours, ..terms }) - b.net(&Terms { hours, ..terms });
            prop_assert!(same(crossing_hours(&a, &b, &terms), bisected(net, 0.0, 24.0)));
        }

        #[test]
        fn rates_equal_bisection(a in holdings(), b in holdings(), years in 0.5..10.0, hours in 0.0..24.0) {
            let terms = Terms { hours, years, ..TERMS };
            let at = |rate| Terms { rate: UsdPerKilowattHour(rate), ..terms };
            let net = |rate| a.net(&at(rate)) - b.net(&at(rate));
            let solved = crossing_rate(&a, &b, &terms).filter(|cross| cross.value < 1000.0);
            prop_assert!(same(solved, bisected(net, 0.0, 1000.0)));
        }

        #[test]
        fn resale_equals_bisection(a in holdings(), b in holdings(), hours in 0.0..24.0) {
            // Over three years the share at the end is the share after three.
            let terms = Terms { hours, ..TERMS };
            let net = |resale_3y| Holding { resale_3y, ..a }.net(&terms) - b.net(&terms);
            prop_assert!(same(crossing_resale(&a, &b, &terms), bisected(net, 0.0, 1.0)));
        }

        #[test]
        fn the_order_of_a_pair_does_not_matter(a in holdings(), b in holdings()) {
            let there = crossing_hours(&a, &b, &TERMS);
            let back = crossing_hours(&b, &a, &TERMS);
            prop_assert_eq!(there.map(|cross| !cross.first_below), back.map(|cross| cross.first_below));
        }
    }
}
