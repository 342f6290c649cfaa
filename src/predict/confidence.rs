//! Which level of evidence an estimate has, and how wide its interval is.

use crate::evidence::{Evidence, Range};

use super::constants::Constants;
use super::memory::{Fits, Plan};
use super::scenario::{Scenario, Split};
use super::setting::Setting;
use super::tuning::Tuning;

/// The interval of a rate where nothing was fitted yet: a factor of two.
const UNKNOWN_HALF_WIDTH: f64 = 0.69;

/// How devices work together, as the support of the constants names it:
/// `tensor over nvlink-3`; none on one device.
pub fn joined(split: Split, devices: u32, link: Option<&str>) -> Option<String> {
    let link = link.filter(|_| devices > 1)?;
    matches!(split, Split::Layer | Split::Tensor).then(|| format!("{} over {link}", split.name()))
}

impl Constants {
    /// How well the rates of a model in a setting are known, before links are looked at.
    pub fn evidence(&self, setting: &Setting<'_>, model: &str) -> Evidence {
        let stack = format!("{}/{}", setting.engine, setting.backend.name());
        self.evidence_of(setting.device, setting.family, &stack, model)
    }

    /// The same of a device, its family, `engine/backend` and a model.
    pub fn evidence_of(&self, device: &str, family: &str, stack: &str, model: &str) -> Evidence {
        let own = format!("{device} {stack}");
        let alike = format!("{family} {stack}");
        self.supported(&own, &alike, model)
    }

    /// How well it is known what such devices make of working together (see [`joined`]).
    pub fn evidence_joined(
        &self,
        joined: &str,
        device: &str,
        stack: &str,
        model: &str,
    ) -> Evidence {
        self.supported(&format!("{joined}: {device} {stack}"), joined, model)
    }

    /// How well it is known what a power limit costs on a device: by sweeps of it, of its
    /// family, or of others.
    pub fn evidence_limited(&self, device: &str, family: &str, model: &str) -> Evidence {
        let place = |id: &str| format!("power limit: {id}");
        self.supported(&place(device), &place(family), model)
    }

    fn supported(&self, own: &str, alike: &str, model: &str) -> Evidence {
        match self.support.get(own) {
            Some(own) if own.models.iter().any(|known| known == model) => Evidence::Measured,
            Some(_) => Evidence::Calibrated,
            None if self.support.contains_key(alike) => Evidence::Extrapolated,
            None => Evidence::Spec,
        }
    }

    /// A rate under a power limit: besides its own interval, that of the power it needs.
    /// `slope` is how much an error of that is one of the time, `limited` how well it is
    /// known. Both errors are independent: one is of the card at full power.
    pub fn interval_limited(
        &self,
        (metric, evidence): (&str, Evidence),
        mid: f64,
        (slope, limited): (f64, Evidence),
    ) -> Range {
        let range = self.interval(metric, evidence, mid);
        if slope <= 0.0 {
            return range;
        }
        let need = self.interval("power need", limited, 1.0);
        let joined = |own: f64, need: f64| (own / mid).ln().hypot(slope * need.ln()).exp();
        Range {
            low: mid / joined(range.low, need.high),
            mid,
            high: mid * joined(range.high, need.low),
        }
    }

    /// A rate with the interval of its metric and evidence.
    pub fn interval(&self, metric: &str, evidence: Evidence, mid: f64) -> Range {
        self.intervals
            .get(metric)
            .and_then(|levels| levels.get(&evidence))
            .map_or_else(
                || Range::around(mid, UNKNOWN_HALF_WIDTH),
                |interval| Range {
                    low: mid * interval.low.exp(),
                    mid,
                    high: mid * interval.high.exp(),
                },
            )
    }
}

/// The evidence of a plan: that of its devices, or of their link where it is worse.
/// Rates from the host's memory are known from data sheets only.
pub(super) fn known(
    tuning: &Tuning,
    scenario: &Scenario<'_>,
    constants: &Constants,
    plan: &Plan,
) -> Evidence {
    if plan.fits == Fits::Offload {
        return Evidence::Spec;
    }
    let machine = scenario.machine;
    let link = machine.link.as_ref().map(|link| link.id.as_str());
    let Some(joined) = joined(plan.split, plan.devices.len() as u32, link) else {
        return tuning.evidence;
    };
    let stack = format!("{}/{}", scenario.engine.id, scenario.backend.name());
    tuning.evidence.max(constants.evidence_joined(
        &joined,
        &machine.device.id,
        &stack,
        scenario.model,
    ))
}
