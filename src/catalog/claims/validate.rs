//! From claims as written to claims that can be recomputed.

use std::collections::BTreeMap;

use super::raw::RawClaim;
use super::read_check::CheckReader;
use super::{Bounds, Claim, ClaimSource, Finding, Right};
use crate::catalog::citation::{ordered, positive, share};
use crate::catalog::document::{Place, Row, Rules};
use crate::catalog::fault::Fault;
use crate::catalog::{Catalog, Model, nearest};

/// What claims may refer to.
pub struct References<'a> {
    /// The catalogue, to select machines and engines as a person does.
    pub catalog: &'a Catalog,
    /// Sources by id.
    pub sources: &'a BTreeMap<String, ClaimSource>,
    /// Models by id.
    pub models: &'a BTreeMap<String, Model>,
    /// Claims by id, and whether each prints a single figure.
    pub figures: &'a BTreeMap<String, bool>,
}

/// A validated claim.
pub fn claim(
    row: Row<'_, RawClaim>,
    known: &References<'_>,
    rules: Rules,
    faults: &mut Vec<Fault>,
) -> Claim {
    let Row { id, raw, place } = row;
    if !known.sources.contains_key(&raw.source) {
        let near = nearest(&raw.source, known.sources.keys().map(String::as_str));
        faults.push(absent(
            &place,
            "source",
            "source",
            &raw.source,
            near,
            "add it to claim_sources.toml",
        ));
    }
    if let Some(tolerance) = raw.tolerance {
        share("tolerance", tolerance, &place, faults);
    }
    positive(
        &[("tolerance", raw.tolerance), ("scale", raw.scale)],
        &place,
        faults,
    );
    let claimed = bounds(
        "claimed",
        raw.claimed,
        raw.claimed_low,
        raw.claimed_high,
        &place,
        faults,
    );
    let right = bounds(
        "right_value",
        raw.right_value,
        raw.right_low,
        raw.right_high,
        &place,
        faults,
    );
    let right = right.map(Right::Figure).or(raw.right_text.map(Right::Text));
    if matches!(raw.finding, Finding::Off | Finding::Impossible) && right.is_none() {
        let problem = format!(
            "the claim is {} and nothing says what is right",
            raw.finding.name()
        );
        faults.push(place.fault(
            "finding",
            problem,
            "add `right_value`, `right_low` and `right_high`, or `right_text`",
        ));
    }
    if raw.finding == Finding::Reproduced && raw.check.is_none() {
        let problem = "the claim counts as reproduced and nothing recomputes it";
        faults.push(place.fault(
            "finding",
            problem,
            "add a check, such as [ID.check.device], or write \"unchecked\"",
        ));
    }
    let check = raw.check.and_then(|raw| {
        let below = format!("check.{}", raw.name());
        let mut reader = CheckReader {
            known,
            rules,
            below,
            place: &place,
            faults: &mut *faults,
        };
        reader.read(raw)
    });
    Claim {
        id,
        source: raw.source,
        section: raw.section,
        subject: raw.subject,
        text: raw.claim,
        quantity: raw.quantity,
        claimed,
        unit: raw.unit.unwrap_or_default(),
        finding: raw.finding,
        right,
        reason: raw.reason,
        decides: raw.decides,
        check,
        tolerance: raw.tolerance,
        scale: raw.scale.unwrap_or(1.0),
    }
}

/// One figure or two ends; an end left out is open.
fn bounds(
    key: &str,
    single: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    place: &Place<'_>,
    faults: &mut Vec<Fault>,
) -> Option<Bounds> {
    if single.is_some() && (low.is_some() || high.is_some()) {
        faults.push(place.fault(
            key,
            format!("`{key}` stands beside its two ends"),
            "keep the figure or the ends",
        ));
    }
    if let Some(value) = single {
        return Some(Bounds::exact(value));
    }
    let range = Bounds {
        low: low.unwrap_or(f64::NEG_INFINITY),
        high: high.unwrap_or(f64::INFINITY),
    };
    let (low_key, _) = key.split_once('_').unwrap_or((key, ""));
    ordered(
        &format!("{low_key}_low"),
        range.low,
        range.low,
        range.high,
        place,
        faults,
    );
    (low.is_some() || high.is_some()).then_some(range)
}

/// A reference to what is not there.
pub(super) fn absent(
    place: &Place<'_>,
    key: &str,
    what: &str,
    id: &str,
    near: Option<&str>,
    action: &str,
) -> Fault {
    let action = near.map_or_else(
        || action.to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    place.fault(key, format!("there is no {what} `{id}`"), action)
}
