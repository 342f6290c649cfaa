//! What the constants say of a setting: shared by all scenarios of one device, engine,
//! storage class and model.

use super::constants::{Constants, Resolved};
use super::setting::Setting;
use crate::evidence::Evidence;

/// The coefficients of a setting and how well its rates are known.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuning {
    /// The coefficients.
    pub resolved: Resolved,
    /// How well rates are known there, before links and offloading are looked at.
    pub evidence: Evidence,
}

impl Tuning {
    /// The tuning of a setting for a model. It does not depend on count, split or shape.
    pub fn of(setting: &Setting<'_>, model: &str, constants: &Constants) -> Self {
        Self {
            resolved: constants.resolve(setting),
            evidence: constants.evidence(setting, model),
        }
    }
}
