//! What a machine draws while it works, and what a household circuit bears.

use crate::machine::Machine;
use crate::units::Watts;

/// A card that waits for its turn in a layer split stays at high clocks: it
/// draws this share of the way from idle to load. From 140 W a card (120-160)
/// seen on four RTX 3090 in a layer split with one stream, where each works a
/// quarter of the time: (140 - 350/4) / (3/4) = 70 W waiting, (70 - 16) / (350 - 16) = 0.16.
/// Source: log of a llama-server on 4x RTX 3090 cited in `data/devices`.
const WAITING_SHARE: f64 = 0.16;

/// Watts at the wall while each device works for the share `duty` of the time, and none
/// draws more than `limit`: `idle + (load - idle) x utilisation`.
/// None where the machine's watts are unknown.
pub fn machine_watts(machine: &Machine, limit: Option<Watts>, duty: f64) -> Option<Watts> {
    let idle = machine.idle_watts()?;
    let power = &machine.device.power;
    let saved = match (limit, power.load.or(power.limit)) {
        (Some(limit), Some(load)) => (load.0 - limit.0).max(0.0) * f64::from(machine.count),
        _ => 0.0,
    };
    let load = Watts((machine.load_watts()?.0 - saved).max(idle.0));
    let utilisation = duty + (1.0 - duty) * WAITING_SHARE;
    Some(idle + (load - idle) * utilisation)
}

/// How far a power limit falls short of what a card would draw, as the
/// calibration counts it: `(1 - W / (duty x TDP))^4`. The fourth power is the
/// shape of the published sweep of an RTX PRO 6000 (flat from 600 to 400 W, -7%
/// at 300 W, -32% at 200 W); its size is fitted for each card. `duty` is the
/// share of the time that the card works: 1/n in a layer split.
pub fn power_shortage(limit: Option<Watts>, rated: Option<Watts>, duty: f64) -> f64 {
    match (limit, rated) {
        (Some(limit), Some(rated)) if rated.0 > 0.0 => {
            (1.0 - limit.0 / (duty * rated.0)).max(0.0).powi(4)
        }
        _ => 0.0,
    }
}

/// Continuous watts that a household circuit bears: 80% of its rating.
/// Source: NFPA 70 (NEC) 210.20(A), continuous loads at 125%.
pub const fn circuit_limit(volts: f64, amperes: f64) -> Watts {
    Watts(volts * amperes * 0.8)
}

#[cfg(test)]
mod tests {
    use super::circuit_limit;

    #[test]
    fn a_us_circuit_bears_1440_watts() {
        assert!((circuit_limit(120.0, 15.0).0 - 1440.0).abs() < 1e-9);
    }
}
