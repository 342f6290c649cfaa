//! Claimed and computed figures in words.

use super::Computed;
use crate::catalog::claims::{Bounds, Check, Claim, Finding, Right};
use crate::units::{compact, group_thousands};

/// A figure as one would print it: whole thousands in full, three digits below.
pub(super) fn figure(value: f64) -> String {
    if value.abs() >= 1000.0 {
        group_thousands(&format!("{value:.0}"))
    } else {
        compact(value, 3)
    }
}

/// A figure that is not an estimate: money to the cent, four digits otherwise.
fn precise(value: f64, unit: &str) -> String {
    let money = unit.starts_with("USD") && value.fract() != 0.0;
    match value.abs() {
        size if money && size >= 1.0 => group_thousands(&format!("{value:.2}")),
        size if size >= 1000.0 => group_thousands(&format!("{value:.0}")),
        _ if matches!(unit, "x" | "percent") => compact(value, 3),
        _ => compact(value, 4),
    }
}

fn with_unit(text: String, unit: &str) -> String {
    match unit {
        "" => text,
        "percent" => format!("{text}%"),
        "x" => format!("{text}x"),
        unit => format!("{text} {unit}"),
    }
}

fn between(bounds: Bounds, write: impl Fn(f64) -> String) -> String {
    match (
        bounds.single(),
        bounds.low.is_finite(),
        bounds.high.is_finite(),
    ) {
        (Some(value), ..) => write(value),
        (None, true, true) => format!("{}-{}", write(bounds.low), write(bounds.high)),
        (None, true, false) => format!("at least {}", write(bounds.low)),
        (None, false, _) => format!("at most {}", write(bounds.high)),
    }
}

/// What the claim says: its figure, or whether it fits.
pub(super) fn claimed(claim: &Claim) -> String {
    match (claim.claimed, &claim.check) {
        (Some(bounds), _) => with_unit(
            between(bounds, |value| precise(value, &claim.unit)),
            &claim.unit,
        ),
        (None, Some(Check::Fits { expected: true, .. })) => "fits".to_owned(),
        (
            None,
            Some(Check::Fits {
                expected: false, ..
            }),
        ) => "does not fit".to_owned(),
        (None, _) => String::new(),
    }
}

/// What is right instead, as the reader found it.
pub(super) fn right(claim: &Claim) -> String {
    match &claim.right {
        Some(Right::Figure(bounds)) => with_unit(
            between(*bounds, |value| precise(value, &claim.unit)),
            &claim.unit,
        ),
        Some(Right::Text(text)) => text.clone(),
        None => String::new(),
    }
}

/// What the engine says.
pub(super) fn computed(computed: &Computed, unit: &str) -> String {
    match *computed {
        Computed::Exact(value) => with_unit(precise(value, unit), unit),
        Computed::Uncertain(range) => with_unit(
            format!(
                "{} ({}-{})",
                figure(range.mid),
                figure(range.low),
                figure(range.high)
            ),
            unit,
        ),
        Computed::Span(bounds) => with_unit(between(bounds, |value| precise(value, unit)), unit),
        Computed::AtMost(value) => format!("at most {}", with_unit(figure(value), unit)),
        Computed::Fits {
            fits,
            figure: value,
        } if unit == "B" => {
            format!(
                "{}: up to {}",
                if fits { "fits" } else { "no" },
                with_unit(figure(value), unit)
            )
        }
        Computed::Fits {
            fits,
            figure: value,
        } => {
            format!(
                "{}: needs {}",
                if fits { "fits" } else { "no" },
                with_unit(figure(value), unit)
            )
        }
    }
}

/// Why: the reader's reason, after the engine's figure where the two disagree.
pub(super) fn reason(claim: &Claim, finding: Finding, computed: &Computed, unit: &str) -> String {
    if finding == claim.finding {
        return claim.reason.clone();
    }
    let figure = self::computed(computed, unit);
    format!(
        "Computed: {figure}. A reader found it {}: {}",
        claim.finding.name(),
        claim.reason
    )
}
