//! After how many years one machine becomes cheaper than another.
//!
//! Resale falls by a share a year, so the difference of two net costs is
//! `d(t) = P_b e^(k_b t) - P_a e^(k_a t) + c t + P_a - P_b`, with `k = ln(share) / 3`
//! and `c` the difference of a year's electricity. Such an equation has no
//! solution in elementary functions, but its shape is known: `d(0) = 0`, the
//! second derivative has one zero, in closed form, so the first has at most two
//! and `d` at most two beside zero. Each lies alone between two turning points,
//! where bisection cannot miss it.

use crate::machine::Resale;

use super::crossover::Crossing;
use super::{Holding, Terms};

/// The longest ownership looked at.
pub const MOST_YEARS: f64 = 20.0;
/// Halvings of an interval of 20 years: below a nanosecond.
const HALVINGS: u32 = 80;
/// Resale shares below this count as this, for their logarithm.
const LEAST_SHARE: f64 = 1e-9;

/// The years, up to [`MOST_YEARS`], after which the order of two machines
/// turns; at most two, none where one is always cheaper.
pub fn crossing_years(a: &Holding, b: &Holding, terms: &Terms) -> Vec<Crossing> {
    let decay = |holding: &Holding| holding.resale_3y.max(LEAST_SHARE).ln() / Resale::YEARS;
    let (decay_a, decay_b) = (decay(a), decay(b));
    let electricity = (a.energy(terms.hours, 1.0) - b.energy(terms.hours, 1.0)) * terms.rate.0;
    let slope = |years: f64| {
        b.price * decay_b * (decay_b * years).exp() - a.price * decay_a * (decay_a * years).exp()
            + electricity
    };
    let difference = |years: f64| {
        b.price * (decay_b * years).exp() - a.price * (decay_a * years).exp()
            + electricity * years
            + a.price
            - b.price
    };
    // Where the slope turns: e^((k_a - k_b) t) = P_b k_b^2 / (P_a k_a^2).
    let bend = (b.price * decay_b.powi(2) / (a.price * decay_a.powi(2))).ln() / (decay_a - decay_b);
    let mut ends = vec![0.0, MOST_YEARS];
    if bend > 0.0 && bend < MOST_YEARS {
        ends.insert(1, bend);
    }
    let mut turns: Vec<f64> = ends
        .windows(2)
        .filter_map(|pair| root(&slope, pair[0], pair[1]))
        .collect();
    turns.push(MOST_YEARS);
    // Up to the first turning point the difference only leaves zero.
    turns
        .windows(2)
        .filter_map(|pair| {
            let value = root(&difference, pair[0], pair[1])?;
            Some(Crossing {
                value,
                first_below: difference(pair[0]) < 0.0,
            })
        })
        .collect()
}

/// The zero of a monotone function between two points, if its sign changes.
fn root(function: &impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> Option<f64> {
    let below = function(low);
    if below == 0.0 || (below < 0.0) == (function(high) < 0.0) {
        return None;
    }
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if (function(middle) < 0.0) == (below < 0.0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};

    use super::{MOST_YEARS, crossing_years};
    use crate::money::{Holding, Terms};
    use crate::units::UsdPerKilowattHour;

    const TERMS: Terms = Terms {
        hours: 8.0,
        years: 3.0,
        rate: UsdPerKilowattHour(0.2),
    };

    #[test]
    fn worthless_machines_cross_as_lines_do() {
        // Both bring nothing back soon after the purchase. A: $2,000, 100 W x 8 h; B: $1,000,
        // 600 W x 8 h. 1,000 = t x 0.5 kW x 8 h x 365 x $0.2 = $292 t  ->  t = 3.4247 years.
        let a = Holding {
            price: 2000.0,
            resale_3y: 1e-9,
            work: 100.0,
            rest: 0.0,
        };
        let b = Holding {
            price: 1000.0,
            work: 600.0,
            ..a
        };
        let crossings = crossing_years(&a, &b, &TERMS);
        assert_eq!(crossings.len(), 1);
        assert!((crossings[0].value - 1000.0 / 292.0).abs() < 1e-6);
        assert!(!crossings[0].first_below);
    }

    #[test]
    fn a_machine_dearer_in_all_never_crosses() {
        let a = Holding {
            price: 2000.0,
            resale_3y: 0.5,
            work: 600.0,
            rest: 60.0,
        };
        let b = Holding {
            price: 1000.0,
            work: 100.0,
            ..a
        };
        assert!(crossing_years(&a, &b, &TERMS).is_empty());
    }

    fn holdings() -> impl Strategy<Value = Holding> {
        (500.0..20_000.0, 0.05..0.95, 20.0..1500.0, 0.0..1.0).prop_map(
            |(price, resale_3y, work, rest): (f64, f64, f64, f64)| Holding {
                price,
                resale_3y,
                work,
                rest: work * rest,
            },
        )
    }

    proptest! {
        #[test]
        fn years_equal_a_search_of_the_net_costs(a in holdings(), b in holdings(), hours in 0.0..24.0) {
            let terms = Terms { hours, ..TERMS };
            let net = |years| a.net(&Terms { years, ..terms }) - b.net(&Terms { years, ..terms });
            let crossings = crossing_years(&a, &b, &terms);
            prop_assert!(crossings.len() <= 2);
            for cross in &crossings {
                prop_assert!(net(cross.value).abs() < 1e-6 * (a.price + b.price));
            }
            // Between crossings nothing changes sign: look every tenth of a year.
            let sign_changes = |from: f64, to: f64| {
                let steps = ((to - from) * 10.0).ceil().max(1.0) as u32;
                (0..=steps)
                    .map(|step| net(from + (to - from) * f64::from(step) / f64::from(steps)))
                    .filter(|value| value.abs() > 1e-6 * (a.price + b.price))
                    .map(|value| value < 0.0)
                    .fold((None, 0), |(last, count), sign| {
                        (Some(sign), count + u32::from(last.is_some_and(|last| last != sign)))
                    })
                    .1
            };
            let mut ends = vec![1e-3];
            ends.extend(crossings.iter().map(|cross| cross.value));
            ends.push(MOST_YEARS);
            for pair in ends.windows(2) {
                prop_assert_eq!(sign_changes(pair[0].min(pair[1]), pair[1]), 0);
            }
        }
    }
}
