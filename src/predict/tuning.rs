//! What the constants say of a setting: shared by all scenarios of one device, engine,
//! storage class and model.

use super::constants::{Constants, Parameter, Resolved};
use super::setting::Setting;
use crate::evidence::Evidence;

/// The coefficients of a setting and how well its rates are known.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuning {
    /// The coefficients.
    resolved: Resolved,
    /// What a shortage of power of one adds to them.
    shortage: Resolved,
    /// How well rates are known there, before links and offloading are looked at.
    pub evidence: Evidence,
}

impl Tuning {
    /// The tuning of a setting for a model. It does not depend on count, split or shape.
    pub fn of(setting: &Setting<'_>, model: &str, constants: &Constants) -> Self {
        Self {
            resolved: constants.resolve(setting),
            shortage: constants.resolve_levels(&setting.power_levels(1.0)),
            evidence: constants.evidence(setting, model),
        }
    }

    /// The coefficients at a shortage of power while decoding and while prefilling.
    pub(super) fn at(&self, decoding: f64, prefilling: f64) -> Resolved {
        let mut resolved = self.resolved.clone();
        for (parameter, shortage) in [
            (Parameter::Decode, decoding),
            (Parameter::Prefill, prefilling),
        ] {
            resolved.add(parameter, shortage * self.shortage.get(parameter));
        }
        resolved
    }
}
