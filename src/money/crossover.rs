//! Where one machine becomes cheaper than another.

use crate::units::UsdPerKilowattHour;

use super::tco::DAYS_PER_YEAR;

/// The hours a day at which two machines cost the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossover {
    /// Hours a day, between 0 and 24.
    pub hours_per_day: f64,
    /// Whether the first machine is the cheaper one below these hours.
    pub first_below: bool,
}

/// One machine's cost as a line in the hours a day.
#[derive(Debug, Clone, Copy)]
struct Line {
    at_zero: f64,
    per_hour: f64,
}

/// Solves `net_a(h) = net_b(h)` in closed form. Each side is
/// `fixed + years x 365 x rate x (idle x 24 + (busy - idle) x h) / 1000`, with
/// `fixed` the price minus the resale in US dollars and watts as given.
/// None where one machine is cheaper at all hours.
pub fn crossover_hours(
    a: (f64, f64, f64),
    b: (f64, f64, f64),
    years: f64,
    rate: UsdPerKilowattHour,
) -> Option<Crossover> {
    let per_kilowatt_hour = years * DAYS_PER_YEAR * rate.0 / 1000.0;
    let line = |(fixed, busy, idle): (f64, f64, f64)| Line {
        at_zero: fixed + per_kilowatt_hour * idle * 24.0,
        per_hour: per_kilowatt_hour * (busy - idle),
    };
    let (a, b) = (line(a), line(b));
    let slope = b.per_hour - a.per_hour;
    if slope == 0.0 {
        return None;
    }
    let hours = (a.at_zero - b.at_zero) / slope;
    let inside = (0.0..=24.0).contains(&hours);
    inside.then_some(Crossover {
        hours_per_day: hours,
        first_below: a.per_hour > b.per_hour,
    })
}

#[cfg(test)]
mod tests {
    use super::crossover_hours;
    use crate::units::UsdPerKilowattHour;

    #[test]
    fn lines_meet_where_both_cost_the_same() {
        // A: $1,000 fixed, 100 W busy, off otherwise; B: $600 fixed, 500 W.
        // 400 = 3 x 365 x 0.2 x 0.4 x h  ->  h = 4.566.
        let cross = crossover_hours(
            (1000.0, 100.0, 0.0),
            (600.0, 500.0, 0.0),
            3.0,
            UsdPerKilowattHour(0.2),
        )
        .expect("they cross");
        assert!((cross.hours_per_day - 4.566_21).abs() < 1e-4);
        assert!(!cross.first_below);
    }

    #[test]
    fn a_machine_dearer_in_all_never_crosses() {
        assert_eq!(
            crossover_hours(
                (1000.0, 100.0, 10.0),
                (900.0, 90.0, 9.0),
                3.0,
                UsdPerKilowattHour(0.2)
            ),
            None
        );
    }
}
