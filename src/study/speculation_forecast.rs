//! Speculative decoding on a machine: how many tokens to draft, the rate and the gain
//! with intervals that follow the acceptance and the residuals of published pairs.

use super::speculation_fit::GainFit;
use crate::evidence::{Evidence, Range};
use crate::model::Draft;
use crate::predict::memory::Buffers;
use crate::predict::{Constants, Drafted, Estimate, Scenario, Speculation, speculate};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Drafting<'a> {
    /// The network that drafts; none for a lookup.
    pub draft: Option<&'a Draft>,
    /// Id of its model, or of the model that it is a head of.
    pub model: &'a str,
    /// Tokens to draft; the best up to `most` if none.
    pub drafted: Option<u32>,
    /// Most to try.
    pub most: u32,
    /// Chance of a drafted token.
    pub acceptance: Range,
}

/// What speculation is expected to bring.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The step with the times of its parts.
    pub step: Drafted,
    /// Rate of all with over rate of all without.
    pub gain: Range,
    /// Output tokens a second with it, for each sequence that runs without it.
    pub rate: Range,
    /// How well that is known.
    pub evidence: Evidence,
}

/// The forecast for a scenario with its `plain` estimate; none where the model does not
/// fit with the draft beside it, or no rate is known.
pub fn forecast(
    scenario: &Scenario<'_>,
    constants: &Constants,
    plain: &Estimate,
    drafting: &Drafting<'_>,
    fit: &GainFit,
) -> Option<Forecast> {
    let stack = format!("{}/{}", scenario.engine.id, scenario.backend.name());
    let row_share = fit.row_shares.get(&stack).copied().unwrap_or(0.0);
    let tried = match drafting.drafted {
        Some(drafted) => drafted..=drafted,
        None => 1..=drafting.most,
    };
    let chance = drafting.acceptance;
    let buffers = Buffers::of(scenario.architecture);
    let scenario = &Scenario {
        buffers: Some(scenario.buffers.unwrap_or(&buffers)),
        ..*scenario
    };
    let step = tried
        .filter_map(|drafted| {
            let speculation = Speculation {
                draft: drafting.draft,
                model: drafting.model,
                drafted,
                row_share,
            };
            speculate(scenario, constants, plain, &speculation)
        })
        .max_by(|a, b| a.gain(chance.mid).total_cmp(&b.gain(chance.mid)))?;
    let (below, above) = fit.interval(&stack);
    let mid = step.gain(chance.mid);
    let spread = |bound: f64, residual: f64| (step.gain(bound) / mid).ln().hypot(residual);
    let gain = Range {
        low: mid * (-spread(chance.low, below)).exp(),
        mid,
        high: mid * spread(chance.high, above).exp(),
    };
    let decode = plain.decode?;
    let device = &scenario.machine.device.id;
    Some(Forecast {
        rate: product(decode, gain),
        gain,
        evidence: plain.evidence.max(step.estimate.evidence).max(fit.evidence(
            device,
            &stack,
            scenario.model,
        )),
        step,
    })
}

/// The product of two independent figures: their spreads on the log scale join as the
/// sides of a right angle.
fn product(a: Range, b: Range) -> Range {
    let mid = a.mid * b.mid;
    let spread = |x: f64, y: f64| (x / a.mid).ln().hypot((y / b.mid).ln());
    Range {
        low: mid * (-spread(a.low, b.low)).exp(),
        mid,
        high: mid * spread(a.high, b.high).exp(),
    }
}

#[cfg(test)]
mod tests {
    use super::product;
    use crate::evidence::Range;

    #[test]
    fn a_product_is_wider_than_each_and_narrower_than_both() {
        let rate = Range::around(100.0, 0.3);
        let gain = Range::around(2.0, 0.4);
        let product = product(rate, gain);
        assert!((product.mid - 200.0).abs() < 1e-9);
        // sqrt(0.3^2 + 0.4^2) = 0.5
        assert!(((product.high / product.mid).ln() - 0.5).abs() < 1e-12);
        assert!(((product.mid / product.low).ln() - 0.5).abs() < 1e-12);
    }
}
