//! What a machine draws while it works, and what a household circuit bears.

use crate::machine::{BASE_SHARE, Machine};
use crate::units::Watts;

/// A card that waits for its turn in a layer split stays at high clocks: it
/// draws this share of the way from idle to load. From 140 W a card (120-160)
/// seen on four RTX 3090 in a layer split with one stream, where each works a
/// quarter of the time: (140 - 350/4) / (3/4) = 70 W waiting, (70 - 16) / (350 - 16) = 0.16.
/// Source: log of a llama-server on 4x RTX 3090 cited in `data/devices`.
const WAITING_SHARE: f64 = 0.16;

/// Watts at the wall while each device works for the share `duty` of the time:
/// `idle + (load - idle) x utilisation`, less what `limit` keeps each device from drawing
/// (a card that waits for its turn draws less on average and may not come near it).
/// A host that does a part of the work is busy all the time, whatever the devices do. Nobody's
/// watts of such a machine are known: that its cards wait as in a layer split is assumed, and
/// what its processor draws beyond the host's load while it reads weights is left out.
/// None where the machine's watts are unknown.
pub fn machine_watts(
    machine: &Machine,
    limit: Option<Watts>,
    duty: f64,
    host_works: bool,
) -> Option<Watts> {
    let idle = machine.idle_watts()?;
    let load = machine.stock_load_watts()?;
    let utilisation = duty + (1.0 - duty) * WAITING_SHARE;
    let power = &machine.device.power;
    let saved = match (limit, power.load.or(power.limit)) {
        (Some(limit), Some(load)) => {
            let idle = power.idle.unwrap_or(Watts(0.0));
            let drawn = idle + (load - idle) * utilisation;
            (drawn.0 - limit.0).max(0.0) * f64::from(machine.count)
        }
        _ => 0.0,
    };
    let host = machine.host.as_ref().filter(|_| host_works);
    let busy = host.map_or(Watts(0.0), |host| host.load - host.idle);
    let watts = idle + (load - idle) * utilisation + busy * (1.0 - utilisation);
    Some(Watts((watts.0 - saved).max(idle.0)))
}

/// Steepness of speed over power: the exponent of [`slowdown`]. One value for all cards and
/// loads: with one need for each it leaves 1-2% in 15 published sweeps of RTX 3090, 4090,
/// 5060 Ti, 5090 and PRO 6000 (`relative` series in `data/measured`); 3.2 to 3.5 do as well.
const STEEPNESS: f64 = 3.3;

/// The power that a limit leaves to a card that works for the share `duty` of the time, as
/// a share of its rating: the cores take turns, the base does not. None without a limit
/// below the rating.
pub fn available_power(limit: Option<Watts>, rated: Option<Watts>, duty: f64) -> Option<f64> {
    let (limit, rated) = (limit?, rated?);
    if rated.0 <= 0.0 || limit.0 >= rated.0 {
        return None;
    }
    let share = limit.0 / rated.0;
    if share <= BASE_SHARE {
        return Some(share);
    }
    let available = BASE_SHARE + (share - BASE_SHARE) / duty;
    (available < 1.0).then_some(available)
}

/// How many times as long work takes with the share `available` of the rated power, where
/// the work's curve of relative speed is `r(x) = 1 - exp(-(x / need)^3.3)`: `r(1) / r(x)`, so
/// one at the rating, and next to one wherever the card would not draw more. `need` depends
/// on the card and the load and is fitted: the share of the rating that keeps 63%.
pub fn slowdown(available: f64, need: f64) -> f64 {
    let speed = |share: f64| -(-(share / need).powf(STEEPNESS)).exp_m1();
    (speed(1.0) / speed(available.clamp(LEAST_POWER, 1.0))).max(1.0)
}

/// The derivative of the logarithm of [`slowdown`] by that of `need`.
pub fn slowdown_slope(available: f64, need: f64) -> f64 {
    let slope = |share: f64| {
        let ratio = (share / need).powf(STEEPNESS);
        if ratio > 50.0 {
            return 0.0;
        }
        STEEPNESS * ratio / ratio.exp_m1()
    };
    slope(available.clamp(LEAST_POWER, 1.0)) - slope(1.0)
}

/// Shares of the rating below this are taken as this: nothing runs there, and the curve has
/// no end.
const LEAST_POWER: f64 = 0.05;

/// Continuous watts that a household circuit bears: 80% of its rating.
/// Source: NFPA 70 (NEC) 210.20(A), continuous loads at 125%.
pub const fn circuit_limit(volts: f64, amperes: f64) -> Watts {
    Watts(volts * amperes * 0.8)
}

#[cfg(test)]
mod tests {
    use super::{available_power, circuit_limit, slowdown, slowdown_slope};
    use crate::units::Watts;

    #[test]
    fn at_its_need_a_card_keeps_63_percent() {
        // r(0.5) = 1 - 1/e = 0.632; r(1) = 1 - exp(-2^3.3) = 0.99995
        let kept = 1.0 / slowdown(0.5, 0.5);
        assert!((kept - 0.632).abs() < 1e-3, "{kept}");
        assert!((slowdown(1.0, 0.5) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_slope_is_the_derivative() {
        for (available, need) in [(0.3, 0.5), (0.6, 0.7), (0.9, 0.4), (0.02, 0.6)] {
            let at = |need: f64| slowdown(available, need).ln();
            let step = 1e-6_f64;
            let numeric = (at(need * step.exp()) - at(need * (-step).exp())) / (2.0 * step);
            let exact = slowdown_slope(available, need);
            assert!((numeric - exact).abs() < 1e-5, "{numeric} {exact}");
        }
    }

    #[test]
    fn a_card_that_waits_its_turn_has_power_to_spare() {
        let rated = Some(Watts(350.0));
        let alone = available_power(Some(Watts(220.0)), rated, 1.0);
        assert!(alone.is_some_and(|share| (share - 220.0 / 350.0).abs() < 1e-12));
        assert_eq!(available_power(Some(Watts(220.0)), rated, 0.25), None);
        assert_eq!(available_power(Some(Watts(350.0)), rated, 1.0), None);
    }

    #[test]
    fn a_us_circuit_bears_1440_watts() {
        assert!((circuit_limit(120.0, 15.0).0 - 1440.0).abs() < 1e-9);
    }
}
