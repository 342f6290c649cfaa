//! Electricity and cost of ownership under a claim's own assumptions.

use super::Computed;
use super::recompute::Recomputed;
use super::words::figure as words;
use crate::catalog::claims::{Bounds, OwnershipCase, Total};
use crate::evidence::Range;
use crate::money::{DAYS_PER_YEAR, Duty, Ownership, ownership};
use crate::units::{UsdPerKilowattHour, Watts};

/// Electricity of some days, from that of a year.
pub(super) fn electricity(watts: Bounds, hours: f64, usd_per_kwh: f64, days: f64) -> Recomputed {
    let usd = |watts: f64| {
        let year = Duty {
            hours,
            busy: Watts(watts),
            idle: None,
        }
        .annual_electricity(UsdPerKilowattHour(usd_per_kwh));
        year.0 * days / DAYS_PER_YEAR
    };
    let formula = |watts: &str| format!("{watts} W x {hours} h x {days} d x ${usd_per_kwh} / 1000");
    match watts.single() {
        Some(single) => Recomputed::new(Computed::Exact(usd(single)), formula(&words(single))),
        None => Recomputed::new(
            Computed::Span(Bounds {
                low: usd(watts.low),
                high: usd(watts.high),
            }),
            formula(&format!("{} to {}", words(watts.low), words(watts.high))),
        ),
    }
}

/// A cost of ownership and its arithmetic.
pub(super) fn cost(case: &OwnershipCase) -> (f64, String) {
    let duty = Duty {
        hours: case.hours_per_day,
        busy: Watts(case.watts),
        idle: case.idle_watts.map(Watts),
    };
    let share = Range::exact(case.resale_usd / case.hardware_usd);
    let Ownership {
        annual_electricity,
        total,
        net,
        ..
    } = ownership(
        Range::exact(case.hardware_usd),
        &duty,
        UsdPerKilowattHour(case.usd_per_kwh),
        case.years,
        share,
    );
    let sum = format!(
        "{} + {} x {annual_electricity:.2}",
        words(case.hardware_usd),
        case.years
    );
    match case.total {
        Total::Total => (total.mid, sum),
        Total::Net => (net.mid, format!("{sum} - {}", words(case.resale_usd))),
    }
}
