//! Putting a machine in the running: the estimates that its criteria need.

use std::collections::BTreeMap;

use super::contender::{Best, Contender, Run};
use crate::catalog::{Catalog, Faults, Model, QuantChoice, SelectError, Shape, uniform_score};
use crate::evidence::Range;
use crate::machine::{Machine, Price};
use crate::predict::memory::Fits;
use crate::predict::{Estimate, Trace, estimate};
use crate::workload::Workload;

/// Users of the multi-user criterion where the workload has fewer.
pub(super) const MANY_USERS: u32 = 8;
/// Bytes of a parameter below which no quant of use goes: two bits.
const LEAST_BYTES_PER_PARAMETER: f64 = 0.25;

impl Contender {
    /// Estimates the workload's basket on a machine, and finds the best rated
    /// model that decodes at least at `min_decode` tokens a second there.
    ///
    /// # Errors
    /// If the data has faults or a basket's quant is unknown.
    pub fn assemble(
        catalog: &Catalog,
        machine: Machine,
        price: Option<Price>,
        workload: &Workload,
        min_decode: f64,
    ) -> Result<Self, SelectError> {
        let models = catalog.models()?;
        let alone = Shape::of(workload, workload.users);
        let crowd = Shape::of(workload, workload.users.max(MANY_USERS));
        let mut runs = Vec::new();
        let mut together: Vec<(f64, Range)> = Vec::new();
        for item in &workload.basket {
            let Some(model) = models.get(&item.model) else {
                continue;
            };
            let choice = match &item.quant {
                Some(quant) => catalog.select_quant(quant)?,
                None => QuantChoice::Usual,
            };
            let own = estimated(catalog, &machine, model, &choice, &alone)?;
            if let Some((_, busy)) = estimated(catalog, &machine, model, &choice, &crowd)?
                && let Some(rate) = busy.aggregate.filter(|_| busy.plan.fits != Fits::No)
            {
                together.push((item.weight, rate));
            }
            let (quant, estimate) = match own {
                Some((quant, estimate)) => (quant, Some(estimate)),
                None => ("-".to_owned(), None),
            };
            runs.push(Run {
                model: model.id.clone(),
                name: model.table.name.clone(),
                quant,
                weight: item.weight,
                estimate,
            });
        }
        let best = best_model(catalog, &machine, models, &alone, min_decode)?;
        let basket: f64 = workload.basket.iter().map(|item| item.weight).sum();
        Ok(Self {
            price,
            machine,
            runs,
            best,
            many_users: mean(&together, basket),
        })
    }
}

/// The weighted mean of rates; models that do not run count as zero.
fn mean(rates: &[(f64, Range)], total: f64) -> Option<Range> {
    if rates.is_empty() || total <= 0.0 {
        return None;
    }
    let zero = Range::exact(0.0);
    Some(rates.iter().fold(zero, |sum, (weight, rate)| {
        sum.plus(rate.scale(weight / total))
    }))
}

/// A model's estimate on a machine, with the quant; none where no engine runs it.
fn estimated(
    catalog: &Catalog,
    machine: &Machine,
    model: &Model,
    quant: &QuantChoice,
    shape: &Shape,
) -> Result<Option<(String, Estimate)>, Faults> {
    let Ok(candidate) = catalog.prepare(machine.clone(), model, quant, None) else {
        return Ok(None);
    };
    let estimate = estimate(
        &candidate.scenario(shape),
        catalog.constants()?,
        &mut Trace::off(),
    );
    Ok(Some((candidate.weights.quant.id.clone(), estimate)))
}

/// The model with the best quality figure that fits whole and decodes fast
/// enough, at the engine's usual four bits.
fn best_model(
    catalog: &Catalog,
    machine: &Machine,
    models: &BTreeMap<String, Model>,
    shape: &Shape,
    min_decode: f64,
) -> Result<Option<Best>, Faults> {
    let mut rated: Vec<(f64, &str, &Model)> = Vec::new();
    for (id, scores) in catalog.quality()? {
        if let (Some(score), Some(model)) = (uniform_score(scores), models.get(id)) {
            rated.push((score.score, &score.citation.source, model));
        }
    }
    rated.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.id.cmp(&b.2.id)));
    for (quality, source, model) in rated {
        // More bytes than there is memory never fit: no need to estimate.
        let least = model.table.total_params.unwrap_or(0) as f64 * LEAST_BYTES_PER_PARAMETER;
        if least > machine.usable_memory().as_f64() {
            continue;
        }
        let Some((quant, estimate)) =
            estimated(catalog, machine, model, &QuantChoice::Usual, shape)?
        else {
            continue;
        };
        let decode = estimate.decode.map_or(0.0, |rate| rate.mid);
        if estimate.plan.fits == Fits::Yes && decode >= min_decode {
            let name = model.table.name.clone();
            return Ok(Some(Best {
                name,
                quant,
                quality,
                decode,
                source: source.to_owned(),
            }));
        }
    }
    Ok(None)
}
