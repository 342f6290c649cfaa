//! What a claim turns out to be, given the engine's own figure.

use super::Recomputed;
use crate::catalog::claims::{Bounds, Check, Claim, Finding};
use crate::evidence::Range;

/// The engine's figure for a claim.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Computed {
    /// One figure.
    Exact(f64),
    /// Uncertain: an estimate's 80% interval, or a month's prices.
    Uncertain(Range),
    /// From one end to the other, both meant: 100 W to 150 W for a month.
    Span(Bounds),
    /// Only known to be no more than this.
    AtMost(f64),
    /// Whether something fits, and the figure that says so.
    Fits {
        /// Whether it does.
        fits: bool,
        /// GB that it needs, or the most parameters that fit.
        figure: f64,
    },
}

impl Computed {
    /// One number for it.
    pub fn middle(self) -> f64 {
        match self {
            Self::Exact(value) | Self::AtMost(value) | Self::Fits { figure: value, .. } => value,
            Self::Uncertain(range) => range.mid,
            Self::Span(bounds) => bounds.middle(),
        }
    }

    /// Both ends, where it is not a single figure.
    pub fn range(self) -> Option<Range> {
        match self {
            Self::Uncertain(range) => Some(range),
            Self::Span(bounds) => Some(Range {
                low: bounds.low,
                mid: bounds.middle(),
                high: bounds.high,
            }),
            Self::Exact(_) | Self::AtMost(_) | Self::Fits { .. } => None,
        }
    }
}

/// Share by which an exact figure may miss the claim where the data says nothing.
const TOLERANCE: f64 = 0.01;

/// The finding: impossible above the physical ceiling, reproduced where the
/// figures agree within the tolerance, off otherwise.
pub fn decide(claim: &Claim, check: &Check, result: &Recomputed) -> Finding {
    if let Check::Fits { expected, .. } = check {
        return match (result.computed, expected) {
            (Computed::Fits { fits, .. }, expected) if fits == *expected => Finding::Reproduced,
            (_, true) if result.beyond_memory => Finding::Impossible,
            _ => Finding::Off,
        };
    }
    let Some(claimed) = claim.claimed else {
        return Finding::Unchecked;
    };
    if result
        .ceiling
        .is_some_and(|ceiling| claimed.low > ceiling * (1.0 + TOLERANCE))
    {
        return Finding::Impossible;
    }
    if matches!(result.computed, Computed::AtMost(_)) {
        return Finding::Unchecked;
    }
    // The interval of an estimate is its tolerance; the data may widen it.
    let usual = if check.is_estimate() { 0.0 } else { TOLERANCE };
    if agrees(claimed, result.computed, claim.tolerance.unwrap_or(usual)) {
        Finding::Reproduced
    } else {
        Finding::Off
    }
}

/// Whether a computed figure bears out the claimed one.
fn agrees(claimed: Bounds, computed: Computed, tolerance: f64) -> bool {
    match (computed, claimed.single()) {
        (
            Computed::Exact(value) | Computed::AtMost(value) | Computed::Fits { figure: value, .. },
            _,
        ) => inside(value, claimed, tolerance),
        (Computed::Uncertain(range), Some(value)) => inside(
            value,
            Bounds {
                low: range.low,
                high: range.high,
            },
            tolerance,
        ),
        (Computed::Uncertain(range), None) => {
            let known = Bounds {
                low: range.low,
                high: range.high,
            };
            let within =
                inside(claimed.low, known, tolerance) && inside(claimed.high, known, tolerance);
            within || inside(range.mid, claimed, tolerance)
        }
        (Computed::Span(span), Some(value)) => inside(value, span, tolerance),
        (Computed::Span(span), None) => {
            inside(span.low, Bounds::exact(claimed.low), tolerance)
                && inside(span.high, Bounds::exact(claimed.high), tolerance)
        }
    }
}

/// Whether a value lies between the bounds, or outside by a share of the bound.
fn inside(value: f64, bounds: Bounds, tolerance: f64) -> bool {
    let slack = |bound: f64| {
        if bound.is_finite() {
            bound.abs() * tolerance + 1e-9
        } else {
            0.0
        }
    };
    value >= bounds.low - slack(bounds.low) && value <= bounds.high + slack(bounds.high)
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Computed, Range, TOLERANCE, agrees};

    const OPEN: Bounds = Bounds {
        low: 4300.0,
        high: f64::INFINITY,
    };

    #[test]
    fn one_percent_is_agreement_unless_the_data_says_otherwise() {
        // 105 / 38 = 2.763 against a printed 2.8: 1.3% off.
        assert!(!agrees(
            Bounds::exact(2.8),
            Computed::Exact(105.0 / 38.0),
            TOLERANCE
        ));
        assert!(agrees(
            Bounds::exact(2.8),
            Computed::Exact(105.0 / 38.0),
            0.016
        ));
    }

    #[test]
    fn an_open_end_is_open() {
        assert!(agrees(OPEN, Computed::Exact(4415.04), TOLERANCE));
        assert!(!agrees(OPEN, Computed::Exact(4000.0), TOLERANCE));
    }

    #[test]
    fn both_ends_of_a_span_must_agree() {
        let year = Computed::Span(Bounds {
            low: 35.04,
            high: 52.56,
        });
        assert!(agrees(
            Bounds {
                low: 35.0,
                high: 52.5
            },
            year,
            TOLERANCE
        ));
        // 360 days: 1.4% short at both ends.
        assert!(!agrees(
            Bounds {
                low: 34.56,
                high: 51.84
            },
            year,
            TOLERANCE
        ));
    }

    #[test]
    fn an_estimate_agrees_inside_its_interval() {
        let rate = Computed::Uncertain(Range {
            low: 80.0,
            mid: 95.0,
            high: 112.0,
        });
        assert!(agrees(Bounds::exact(105.0), rate, 0.0));
        assert!(!agrees(Bounds::exact(9.6), rate, 0.0));
    }
}
