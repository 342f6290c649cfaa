//! From what a recommendation is asked to what is searched for.

use anyhow::Result;

use super::args::{By, RecommendArguments};
use super::session::Session;
use super::setup::cache_types;
use crate::catalog::{Model, QuantChoice, SelectError, Shape};
use crate::model::Quant;
use crate::predict::circuit_limit;
use crate::study::{House, PowerLimits, Query, Trust, nominal_bits};
use crate::units::Watts;

/// The slowest decode where none is asked for: people read 4 to 8 tokens a second.
const USUAL_MIN_DECODE: f64 = 10.0;
/// Fewest bits where the name carries none.
const USUAL_BITS: f64 = 4.0;

/// The work: with the quant, else any of at least so many bits.
///
/// # Errors
/// If the type of the cache is unknown.
pub(super) fn query<'a>(
    model: &'a Model,
    quant: Option<&'a Quant>,
    least_bits: f64,
    arguments: &'a RecommendArguments,
) -> Result<Query<'a>> {
    let (key_type, value_type) = cache_types(&arguments.kv_quant)?;
    Ok(Query {
        model,
        least_bits,
        quant,
        engine: arguments.engine.as_deref(),
        shape: Shape {
            context: arguments.context,
            depth: arguments.depth,
            concurrency: arguments.concurrency,
            key_type,
            value_type,
            tuned: arguments.tuned,
            ..Shape::usual()
        },
        min_decode: arguments.limits.min_decode.unwrap_or(USUAL_MIN_DECODE),
        trust: match arguments.by {
            By::Low => Trust::Cautious,
            By::Mid => Trust::Middle,
        },
    })
}

/// What the machines have to keep to.
pub(super) fn house(arguments: &RecommendArguments) -> House {
    let circuit = arguments
        .circuit
        .unwrap_or_else(|| circuit_of(&arguments.money.country));
    House {
        circuit: Some(Watts(circuit)).filter(|watts| watts.0.is_finite()),
        max_watts: arguments.limits.max_watts,
        max_noise: arguments.limits.max_noise,
        require_cuda: arguments.limits.require_cuda,
        limits: arguments.power_limit.map_or(PowerLimits::Highest, |watts| {
            PowerLimits::Fixed(Watts(watts))
        }),
    }
}

/// The quant named, or the fewest bits: the name's own, else four.
pub(super) fn quants(
    session: &Session,
    arguments: &RecommendArguments,
    in_name: &QuantChoice,
) -> Result<(Option<Quant>, f64), SelectError> {
    let asked = match &arguments.quant {
        Some(typed) => session.catalog.select_quant(typed)?,
        None => in_name.clone(),
    };
    Ok(match asked {
        QuantChoice::Exact(quant) if arguments.quant.is_some() => {
            let bits = nominal_bits(&quant);
            (Some(quant), bits)
        }
        QuantChoice::Exact(quant) => (None, nominal_bits(&quant)),
        QuantChoice::Bits(bits) => (None, f64::from(bits)),
        QuantChoice::Usual => (None, USUAL_BITS),
    })
}

/// Continuous watts of the usual socket circuit of a country.
fn circuit_of(country: &str) -> f64 {
    let american = country
        .split('-')
        .next()
        .is_some_and(|id| id.eq_ignore_ascii_case("us"));
    if american {
        circuit_limit(120.0, 15.0).0
    } else {
        circuit_limit(230.0, 16.0).0
    }
}

#[cfg(test)]
mod tests {
    use super::circuit_of;

    #[test]
    fn sockets_differ_by_country() {
        assert!((circuit_of("us-ca") - 1440.0).abs() < 1e-9);
        assert!((circuit_of("de") - 2944.0).abs() < 1e-9);
    }
}
