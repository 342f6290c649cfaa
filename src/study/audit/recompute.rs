//! The engine's own figure for each kind of check, through the doors that the
//! other commands use: price book, data sheets, weights, placement, estimator
//! and cost of ownership. No formula lives here that lives elsewhere.

use super::words::figure as words;
use super::{Computed, costs, sheets, speed};
use crate::catalog::claims::{Bounds, Check, Claim, Size, Term};
use crate::catalog::{Candidate, Catalog, QuantChoice, Shape};
use crate::model::{Quant, Weights};
use crate::predict::memory::{Fits, best_plans};
use crate::units::Bytes;

/// A figure, and what bounds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recomputed {
    /// The figure, in the claim's unit.
    pub computed: Computed,
    /// Its unit, where it is not the claim's.
    pub unit: Option<&'static str>,
    /// What physics allows at most, in the claim's unit.
    pub ceiling: Option<f64>,
    /// It needs more than all the memory there is.
    pub beyond_memory: bool,
    /// The arithmetic.
    pub formula: String,
}

impl Recomputed {
    pub(super) fn new(computed: Computed, formula: String) -> Self {
        Self {
            computed,
            unit: None,
            ceiling: None,
            beyond_memory: false,
            formula,
        }
    }
}

/// A figure, or why there is none.
pub(super) type Answer = Result<Recomputed, String>;

/// Recomputes a claim; the error says why there is nothing to answer with.
pub fn recompute(catalog: &Catalog, claim: &Claim, check: &Check) -> Answer {
    let scale = claim.scale;
    match check {
        Check::Price { item, as_of } => sheets::price(catalog, item, *as_of),
        Check::Device { id, field } => sheets::device_figure(catalog, id, *field, scale),
        Check::Machine { id, field } => sheets::machine_figure(catalog, id, *field, scale),
        Check::Weights(size) => weights(catalog, size, scale),
        Check::Fits {
            machine,
            size: Size::Parameters { billions, bits },
            ..
        } => parameters_fit(
            catalog,
            machine,
            *billions,
            bits.low,
            claim.claimed.is_some(),
        ),
        Check::Fits {
            machine,
            size: Size::Model { model, quant },
            context,
            ..
        } => {
            let shape = Shape {
                context: context.unwrap_or(Shape::usual().context),
                ..Shape::usual()
            };
            model_fits(&prepare(catalog, machine, model, quant, None)?, &shape)
        }
        Check::Speed {
            figure,
            run,
            ceiling_only,
        } => speed::speed(catalog, *figure, run, *ceiling_only, scale),
        Check::Electricity {
            watts,
            hours_per_day,
            usd_per_kwh,
            days,
        } => Ok(costs::electricity(
            *watts,
            *hours_per_day,
            *usd_per_kwh,
            *days,
        )),
        Check::Ownership(case) => {
            let (value, formula) = costs::cost(case);
            Ok(Recomputed::new(Computed::Exact(value * scale), formula))
        }
        Check::OwnershipDifference(of, minus) => {
            let ((a, first), (b, second)) = (costs::cost(of), costs::cost(minus));
            Ok(Recomputed::new(
                Computed::Exact((a - b) * scale),
                format!("({first}) - ({second})"),
            ))
        }
        Check::Ratio(numerator, denominator) => {
            let (a, b) = (value(catalog, numerator)?, value(catalog, denominator)?);
            Ok(Recomputed::new(
                Computed::Exact(a / b * scale),
                format!("{} / {}", words(a), words(b)),
            ))
        }
        Check::Sum(terms) => arithmetic(catalog, terms, " + ", scale, |values| values.iter().sum()),
        Check::Product(terms) => arithmetic(catalog, terms, " x ", scale, |values| {
            values.iter().product()
        }),
    }
}

/// GB of weights.
fn weights(catalog: &Catalog, size: &Size, scale: f64) -> Answer {
    match size {
        Size::Parameters { billions, bits } => {
            let gb = |bits: f64| plain_bytes(*billions, bits).gb() * scale;
            let span = Bounds {
                low: gb(bits.low),
                high: gb(bits.high),
            };
            let computed = span.single().map_or(Computed::Span(span), Computed::Exact);
            let width = bits.single().map_or_else(
                || format!("{} to {}", bits.low, bits.high),
                |bits| bits.to_string(),
            );
            Ok(Recomputed::new(
                computed,
                format!("{billions}e9 x {width} bits / 8{}", times(scale)),
            ))
        }
        Size::Model { model, quant } => {
            let models = catalog.models().map_err(|error| error.to_string())?;
            let model = models
                .get(model)
                .ok_or_else(|| format!("there is no model `{model}`"))?;
            let stored =
                Quant::from_id(quant).ok_or_else(|| format!("there is no quant `{quant}`"))?;
            let weights =
                Weights::of(&model.architecture, &stored).map_err(|error| error.to_string())?;
            let gb = weights.loaded_bytes().gb();
            let basis = weights.exactness.sentence();
            let formula = format!(
                "weights of {} at {quant}: {gb:.2} GB{}, {basis}",
                model.id,
                times(scale)
            );
            Ok(Recomputed::new(Computed::Exact(gb * scale), formula))
        }
    }
}

/// So many parameters at so many bits, with nothing around them.
fn plain_bytes(billions: f64, bits: f64) -> Bytes {
    Bytes((billions * 1e9 * bits / 8.0) as u64)
}

/// Whether bare weights fit what a machine offers; `most` asks for the most
/// parameters that do.
fn parameters_fit(
    catalog: &Catalog,
    machine: &str,
    billions: f64,
    bits: f64,
    most: bool,
) -> Answer {
    let machine = catalog
        .select_machine(machine)
        .map_err(|error| error.to_string())?;
    let (needed, usable) = (plain_bytes(billions, bits), machine.usable_memory());
    let all = machine.memory.total * u64::from(machine.count);
    let figure = if most {
        usable.as_f64() * 8.0 / bits / 1e9
    } else {
        needed.gb()
    };
    let formula = format!(
        "{billions}e9 x {bits} bits / 8 = {} GB of {} GB usable ({} GB in all)",
        words(needed.gb()),
        words(usable.gb()),
        words(all.gb())
    );
    Ok(Recomputed {
        unit: if most { None } else { Some("GB") },
        beyond_memory: needed > all,
        ..Recomputed::new(
            Computed::Fits {
                fits: needed <= usable,
                figure,
            },
            formula,
        )
    })
}

/// Whether a model fits, as `hwcmp fit` says.
fn model_fits(candidate: &Candidate<'_>, shape: &Shape) -> Answer {
    let scenario = candidate.scenario(shape);
    let plans = best_plans(&scenario);
    let plan = plans.first().ok_or("no split to place it by")?;
    let required = plan.required();
    let machine = &candidate.machine;
    let formula = format!(
        "{} at {} with {} tokens of context in {} ({} split): {} GB of {} GB usable",
        candidate.model.id,
        candidate.weights.quant.id,
        shape.context,
        candidate.engine.id,
        plan.split.name(),
        words(required.gb()),
        words(machine.usable_memory().gb())
    );
    Ok(Recomputed {
        unit: Some("GB"),
        beyond_memory: required > machine.memory.total * u64::from(machine.count),
        ..Recomputed::new(
            Computed::Fits {
                fits: plan.fits == Fits::Yes,
                figure: required.gb(),
            },
            formula,
        )
    })
}

/// A machine with the model that a claim names.
pub(super) fn prepare<'a>(
    catalog: &'a Catalog,
    machine: &str,
    model: &str,
    quant: &str,
    engine: Option<&str>,
) -> Result<Candidate<'a>, String> {
    let machine = catalog
        .select_machine(machine)
        .map_err(|error| error.to_string())?;
    let models = catalog.models().map_err(|error| error.to_string())?;
    let model = models
        .get(model)
        .ok_or_else(|| format!("there is no model `{model}`"))?;
    let quant = Quant::from_id(quant).ok_or_else(|| format!("there is no quant `{quant}`"))?;
    catalog
        .prepare(machine, model, &QuantChoice::Exact(quant), engine)
        .map_err(|error| error.to_string())
}

/// A number, or the figure that another claim prints.
fn value(catalog: &Catalog, term: &Term) -> Result<f64, String> {
    match term {
        Term::Number(number) => Ok(*number),
        Term::Claim(id) => {
            let claims = catalog.claims().map_err(|error| error.to_string())?;
            let claimed = claims.get(id).and_then(|claim| claim.claimed);
            claimed
                .map(Bounds::middle)
                .ok_or_else(|| format!("the claim `{id}` prints no figure"))
        }
    }
}

fn arithmetic(
    catalog: &Catalog,
    terms: &[Term],
    sign: &str,
    scale: f64,
    of: impl Fn(&[f64]) -> f64,
) -> Answer {
    let values = terms
        .iter()
        .map(|term| value(catalog, term))
        .collect::<Result<Vec<f64>, String>>()?;
    let formula = values
        .iter()
        .map(|value| words(*value))
        .collect::<Vec<_>>()
        .join(sign)
        .replace("+ -", "- ");
    Ok(Recomputed::new(
        Computed::Exact(of(&values) * scale),
        formula + &times(scale),
    ))
}

/// ` x 4`, or nothing for a factor of one.
pub(super) fn times(factor: f64) -> String {
    if factor.to_bits() == 1.0_f64.to_bits() {
        String::new()
    } else {
        format!(" x {}", words(factor))
    }
}
