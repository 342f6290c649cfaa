//! The audit: published claims against the library's own answers.
//!
//! Each claim with a check is recomputed through the same functions that the
//! other commands ask ([`recompute`]); then the two figures are compared
//! ([`decide`]). A claim without a check keeps what a careful reader found.

mod costs;
mod decide;
mod recompute;
mod sheets;
mod speed;
mod words;

use crate::catalog::{Catalog, Claim, Faults, Finding};

pub use decide::Computed;
pub use recompute::Recomputed;

/// A claim and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow<'a> {
    /// The claim.
    pub claim: &'a Claim,
    /// The engine's figure; none where there is no check, or nothing to answer with.
    pub computed: Option<Computed>,
    /// The unit of claimed and computed figures; empty for a plain number.
    pub unit: String,
    /// What it turns out to be.
    pub finding: Finding,
    /// Why.
    pub reason: String,
    /// The arithmetic behind the computed figure.
    pub formula: Option<String>,
}

impl AuditRow<'_> {
    /// Whether the engine and the careful reader agree.
    pub fn agrees(&self) -> bool {
        self.finding == self.claim.finding
    }

    /// Whether the finding moves with the calibration.
    pub fn is_estimate(&self) -> bool {
        self.claim
            .check
            .as_ref()
            .is_some_and(crate::catalog::claims::Check::is_estimate)
    }

    /// Whether it is wrong.
    pub fn is_wrong(&self) -> bool {
        matches!(self.finding, Finding::Off | Finding::Impossible)
    }

    /// The claimed figure in words: `9.6 tok/s`, `at least 4,300 USD`.
    pub fn claimed_words(&self) -> String {
        words::claimed(self.claim)
    }

    /// What a reader found to be right instead, in words; empty where the claim is.
    pub fn right_words(&self) -> String {
        words::right(self.claim)
    }

    /// The computed figure in words: `95 (80-112) tok/s`, `at most 8.3 tok/s`.
    pub fn computed_words(&self) -> String {
        self.computed.as_ref().map_or_else(String::new, |computed| {
            words::computed(computed, &self.unit)
        })
    }
}

/// Recomputes every published claim, in the order of their ids.
///
/// # Errors
/// If the claims, or the tables that they need, have faults.
pub fn audit(catalog: &Catalog) -> Result<Vec<AuditRow<'_>>, Faults> {
    let claims = catalog.claims()?;
    catalog.constants()?;
    catalog.prices()?;
    Ok(claims.values().map(|claim| row(catalog, claim)).collect())
}

fn row<'a>(catalog: &'a Catalog, claim: &'a Claim) -> AuditRow<'a> {
    let read = |unit: String, reason: String, finding: Finding| AuditRow {
        claim,
        computed: None,
        unit,
        finding,
        reason,
        formula: None,
    };
    let Some(check) = &claim.check else {
        return read(claim.unit.clone(), claim.reason.clone(), claim.finding);
    };
    match recompute::recompute(catalog, claim, check) {
        Ok(result) => {
            let finding = decide::decide(claim, check, &result);
            let unit = result.unit.unwrap_or(&claim.unit).to_owned();
            let reason = words::reason(claim, finding, &result.computed, &unit);
            AuditRow {
                claim,
                computed: Some(result.computed),
                unit,
                finding,
                reason,
                formula: Some(result.formula),
            }
        }
        Err(reason) => read(claim.unit.clone(), reason, Finding::Unchecked),
    }
}
