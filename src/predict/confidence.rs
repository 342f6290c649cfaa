//! Which level of evidence an estimate has, and how wide its interval is.

use crate::evidence::{Evidence, Range};

use super::constants::Constants;
use super::memory::{Fits, Plan};
use super::setting::Setting;
use crate::machine::Machine;

/// The interval of a rate where nothing was fitted yet: a factor of two.
const UNKNOWN_HALF_WIDTH: f64 = 0.69;

impl Constants {
    /// How well the rates of a model in a setting are known.
    pub fn evidence(&self, setting: &Setting<'_>, model: &str) -> Evidence {
        let stack = format!("{}/{}", setting.engine, setting.backend.name());
        self.evidence_of(setting.device, setting.family, &stack, model)
    }

    /// The same of a device, its family, `engine/backend` and a model.
    pub fn evidence_of(&self, device: &str, family: &str, stack: &str, model: &str) -> Evidence {
        match self.support.get(&format!("{device} {stack}")) {
            Some(own) if own.models.iter().any(|known| known == model) => Evidence::Measured,
            Some(_) => Evidence::Calibrated,
            None if self.support.contains_key(&format!("{family} {stack}")) => {
                Evidence::Extrapolated
            }
            None => Evidence::Spec,
        }
    }

    /// A rate with the interval of its metric and evidence, widened by a factor
    /// on the log scale (one for a single device).
    pub fn interval(&self, metric: &str, evidence: Evidence, mid: f64, widen: f64) -> Range {
        self.intervals
            .get(metric)
            .and_then(|levels| levels.get(&evidence))
            .map_or_else(
                || Range::around(mid, UNKNOWN_HALF_WIDTH),
                |interval| Range {
                    low: mid * (interval.low * widen).exp(),
                    mid,
                    high: mid * (interval.high * widen).exp(),
                },
            )
    }
}

/// Rates through links that nobody measured, or from the host's memory, are
/// known from data sheets only.
pub(super) fn known(evidence: Evidence, machine: &Machine, plan: &Plan) -> Evidence {
    if plan.fits == Fits::Offload || (plan.devices.len() > 1 && machine.link.is_some()) {
        evidence.max(Evidence::Spec)
    } else {
        evidence
    }
}
