//! The terms of ownership.

use crate::evidence::Range;
use crate::machine::{Machine, Resale};
use crate::units::UsdPerKilowattHour;

/// What hours, years and electricity cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Hours a day at work.
    pub hours: f64,
    /// Years.
    pub years: f64,
    /// Price of electricity.
    pub rate: UsdPerKilowattHour,
}

/// The share after three years of a machine that nobody has rated: wide.
const UNKNOWN_RESALE: Range = Range {
    low: 0.2,
    mid: 0.4,
    high: 0.6,
};

/// The share of its price that a machine brings after three years.
pub fn resale_3y(machine: &Machine) -> Range {
    machine
        .resale
        .as_ref()
        .map_or(UNKNOWN_RESALE, |resale| resale.share)
}

/// The share of its price that a machine brings after some years: a constant
/// yearly loss through the share after three, `share^(years / 3)`.
pub fn resale_share(machine: &Machine, years: f64) -> Range {
    resale_3y(machine).map(|share| share.powf(years / Resale::YEARS))
}

#[cfg(test)]
mod tests {
    use super::{resale_3y, resale_share};
    use crate::machine::Machine;

    #[test]
    fn an_unrated_machine_loses_by_the_year_too() {
        let machine = Machine::example(1, 24.0);
        assert!((resale_3y(&machine).mid - 0.4).abs() < 1e-12);
        // 0.4^(1/3) = 0.7368 after one year, 0.4^2 = 0.16 after six.
        assert!((resale_share(&machine, 1.0).mid - 0.7368).abs() < 1e-4);
        assert!((resale_share(&machine, 6.0).mid - 0.16).abs() < 1e-12);
    }
}
