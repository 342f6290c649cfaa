//! Total cost of ownership.

use crate::evidence::Range;
use crate::units::{Seconds, Usd, UsdPerKilowattHour, Watts};

/// Days in a year of electricity.
pub const DAYS_PER_YEAR: f64 = 365.0;

/// How a machine is used through the day: busy for some hours, idle but on for
/// the rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Duty {
    /// Hours a day at work, 0 to 24.
    pub hours: f64,
    /// Watts while at work.
    pub busy: Watts,
    /// Watts while idle; none when it is switched off for the rest.
    pub idle: Option<Watts>,
}

impl Duty {
    /// Kilowatt-hours of a day.
    fn daily_energy(&self) -> f64 {
        let idle = self
            .idle
            .unwrap_or(Watts(0.0))
            .over(Seconds::from_hours(24.0 - self.hours));
        (self.busy.over(Seconds::from_hours(self.hours)) + idle).0
    }

    /// Electricity of one year.
    pub fn annual_electricity(&self, rate: UsdPerKilowattHour) -> Usd {
        Usd(self.daily_energy() * DAYS_PER_YEAR * rate.0)
    }
}

/// The cost of owning a machine over a horizon, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ownership {
    /// What it costs to buy.
    pub hardware: Range,
    /// Electricity of one year.
    pub annual_electricity: f64,
    /// Electricity over the horizon.
    pub electricity: f64,
    /// What it sells for at the end.
    pub resale: Range,
    /// Hardware and electricity.
    pub total: Range,
    /// Total minus resale.
    pub net: Range,
}

/// The cost of owning a machine bought at `hardware`, used as `duty` says at
/// `rate` for `years`, sold for the share `resale` of its price.
pub fn ownership(
    hardware: Range,
    duty: &Duty,
    rate: UsdPerKilowattHour,
    years: f64,
    resale: Range,
) -> Ownership {
    let annual = duty.annual_electricity(rate).0;
    let electricity = annual * years;
    let sold = Range {
        low: hardware.low * resale.low,
        mid: hardware.mid * resale.mid,
        high: hardware.high * resale.high,
    };
    let total = hardware.plus(Range::exact(electricity));
    // The buyer who pays least is not the one who sells worst: price and share
    // vary apart, so the bounds of the net cost pair each price with the other
    // end of the share.
    let net = Range {
        low: hardware.low * (1.0 - resale.high) + electricity,
        mid: hardware.mid * (1.0 - resale.mid) + electricity,
        high: hardware.high * (1.0 - resale.low) + electricity,
    };
    let net = Range {
        low: net.low.min(net.high),
        high: net.high.max(net.low),
        ..net
    };
    Ownership {
        hardware,
        annual_electricity: annual,
        electricity,
        resale: sold,
        total,
        net,
    }
}

#[cfg(test)]
mod tests {
    use super::{Duty, ownership};
    use crate::evidence::Range;
    use crate::units::{UsdPerKilowattHour, Watts};

    #[test]
    fn a_year_by_hand() {
        // 125 W x 8 h + 30 W x 16 h = 1.48 kWh a day; x 365 = 540.2 kWh; x $0.12 = $64.824.
        let duty = Duty {
            hours: 8.0,
            busy: Watts(125.0),
            idle: Some(Watts(30.0)),
        };
        let year = duty.annual_electricity(UsdPerKilowattHour(0.12)).0;
        assert!((year - 64.824).abs() < 1e-9);
    }

    #[test]
    fn net_is_hardware_plus_electricity_minus_resale() {
        let duty = Duty {
            hours: 24.0,
            busy: Watts(1000.0),
            idle: None,
        };
        // 24 kWh x 365 x $0.10 = $876 a year.
        let cost = ownership(
            Range::exact(4000.0),
            &duty,
            UsdPerKilowattHour(0.1),
            3.0,
            Range::exact(0.5),
        );
        assert!((cost.annual_electricity - 876.0).abs() < 1e-9);
        assert!((cost.total.mid - 6628.0).abs() < 1e-9);
        assert!((cost.net.mid - 4628.0).abs() < 1e-9);
    }
}
