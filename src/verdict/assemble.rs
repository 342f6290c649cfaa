//! Putting a machine in the running: the estimates that its criteria need.

use std::collections::BTreeMap;

use super::contender::{Best, Contender, Run};
use crate::catalog::{
    Catalog, Faults, Model, QuantChoice, SelectError, Setup, Shape, uniform_score,
};
use crate::evidence::Range;
use crate::machine::{Machine, Price};
use crate::predict::memory::Fits;
use crate::predict::{Trace, estimate};
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
    /// If the data has faults, a basket's quant is unknown, or no model of the basket can be
    /// run as the set-up asks.
    pub fn assemble(
        catalog: &Catalog,
        machine: Machine,
        price: Option<Price>,
        workload: &Workload,
        setup: &Setup,
        min_decode: f64,
    ) -> Result<Self, SelectError> {
        let models = catalog.models()?;
        let alone = Shape::of(workload, workload.users);
        let crowd = Shape::of(workload, workload.users.max(MANY_USERS));
        let mut items = Vec::new();
        for item in &workload.basket {
            let Some(model) = models.get(&item.model) else {
                continue;
            };
            let choice = match &item.quant {
                Some(quant) => catalog.select_quant(quant)?,
                None => QuantChoice::Usual,
            };
            items.push((model, choice, item.weight));
        }
        let mut runs = Vec::new();
        let mut together: Vec<(f64, Range)> = Vec::new();
        let asked = items
            .iter()
            .map(|(model, choice, _)| (*model, choice.clone()));
        let placed = catalog.place(&machine, asked, setup)?;
        for ((model, _, weight), placed) in items.into_iter().zip(placed) {
            let mut run = Run {
                model: model.id.clone(),
                name: model.table.name.clone(),
                quant: "-".to_owned(),
                weight,
                estimate: None,
            };
            if let Some(placed) = placed {
                let busy = placed.estimate(catalog, &crowd)?;
                if let Some(rate) = busy.aggregate.filter(|_| busy.plan.fits != Fits::No) {
                    together.push((weight, rate));
                }
                run.quant.clone_from(&placed.candidate.weights.quant.id);
                run.estimate = Some(placed.estimate(catalog, &alone)?);
            }
            runs.push(run);
        }
        let engine = setup.engine.as_deref();
        let best = best_model(catalog, &machine, models, &alone, (engine, min_decode))?;
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

/// The model with the best quality figure that fits whole and decodes fast
/// enough, at the engine's usual four bits.
fn best_model(
    catalog: &Catalog,
    machine: &Machine,
    models: &BTreeMap<String, Model>,
    shape: &Shape,
    (engine, min_decode): (Option<&str>, f64),
) -> Result<Option<Best>, Faults> {
    let constants = catalog.constants()?;
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
        let prepared = catalog.prepare(machine.clone(), model, &QuantChoice::Usual, engine);
        let Ok(candidate) = prepared else { continue };
        let estimate = estimate(&candidate.scenario(shape), constants, &mut Trace::off());
        let decode = estimate.decode.map_or(0.0, |rate| rate.mid);
        if estimate.plan.fits == Fits::Yes && decode >= min_decode {
            let name = model.table.name.clone();
            return Ok(Some(Best {
                name,
                quant: candidate.weights.quant.id,
                quality,
                decode,
                source: source.to_owned(),
            }));
        }
    }
    Ok(None)
}
