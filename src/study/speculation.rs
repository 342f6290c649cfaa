//! Speculative decoding against published pairs: the gain predicted for each pair at
//! its own acceptance, what a stack's verify step costs beside the formula, and how far
//! off the gain is on devices that the fit has not seen.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::speculation_fit::GainFit;
use super::speculation_forecast::{Drafting, forecast};
use crate::catalog::{
    Candidate, Catalog, Drafter, Method, Pairs, QuantChoice, SelectError, Shape, Work,
};
use crate::evidence::Range;
use crate::model::{Draft, HeadShape, Quant, Weights};
use crate::predict::memory::Buffers;
use crate::predict::{
    Constants, Scenario, Speculation, SplitChoice, Trace, estimate, expected_tokens, speculate,
};
use crate::units::Watts;

/// A pair beside what the formula makes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Number of its entry in the catalogue's list.
    pub entry: usize,
    /// Device id.
    pub device: String,
    /// `engine/backend`, as costs are fitted.
    pub stack: String,
    /// Tokens drafted in a step.
    pub drafted: u32,
    /// Tokens that a step yielded.
    pub yielded: f64,
    /// Acceptance is one figure, not a range over prompts.
    pub exact: bool,
    /// Rate with over rate without.
    pub gain: f64,
    /// Time that the formula gives to a plain step, to what further positions add to
    /// it, and to drafting.
    pub times: [f64; 3],
}

impl Compared {
    /// The gain that the formula predicts where each further row costs a share of a
    /// plain step more.
    pub fn predicted(&self, row_share: f64) -> f64 {
        let [plain, further, draft] = self.times;
        let rows = row_share * f64::from(self.drafted) * plain;
        self.yielded * plain / (plain + further + rows + draft)
    }

    /// The share that would make the prediction right.
    pub fn row_share(&self) -> f64 {
        let [plain, further, draft] = self.times;
        let beside = self.yielded / self.gain * plain - plain - further - draft;
        beside / (f64::from(self.drafted) * plain)
    }
}

/// What drafts for a model, and the id of its model.
///
/// # Errors
/// If the drafting model is unknown or the data has faults.
pub fn draft_of(
    catalog: &Catalog,
    method: &Method,
    scenario: &Scenario<'_>,
    drafting: Option<(&str, &Quant)>,
) -> Result<Option<(Option<Draft>, String)>, SelectError> {
    let own = || scenario.model.to_owned();
    Ok(match method.drafter {
        Drafter::PredictionBlock => Draft::prediction(scenario.architecture, scenario.weights)
            .map(|draft| (Some(draft), own())),
        Drafter::EagleHead => method.head(scenario.model).and_then(|head| {
            let shape = HeadShape {
                vocab: head.vocab,
                width: head.width,
            };
            // Heads are published in 16 bits.
            let quant = Quant::from_id("bf16")?;
            let draft = Draft::eagle(scenario.architecture, shape, &quant)?;
            Some((Some(draft), own()))
        }),
        Drafter::Model => match drafting {
            None => None,
            Some((typed, quant)) => {
                let choice = catalog.select_model(typed)?;
                let weights: Weights = catalog.weights(choice.model, quant)?;
                let draft = Draft::model(&choice.model.architecture, &weights);
                Some((Some(draft), choice.model.id.clone()))
            }
        },
        Drafter::Lookup => Some((None, own())),
    })
}

/// Pairs with the formula's times.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// The usable pairs.
    pub rows: Vec<Compared>,
    /// Number of the entry, and why a pair of it is not used.
    pub left: Vec<(usize, String)>,
}

impl Comparison {
    fn leave(&mut self, entry: usize, reason: &str) {
        self.left.push((entry, reason.to_owned()));
    }
}

/// Every usable pair with the formula's times, and for the others why not.
///
/// # Errors
/// If a table has faults.
pub fn compare(catalog: &Catalog, constants: &Constants) -> Result<Comparison, SelectError> {
    let entries: Vec<(usize, &Pairs)> = catalog.speculation_pairs()?.iter().enumerate().collect();
    catalog.speculation()?;
    // Most entries are of a few models, and building a model's graph takes longest.
    let buffers: BTreeMap<&str, Buffers<'_>> = entries
        .iter()
        .filter_map(|(_, pairs)| catalog.models().ok()?.get(&pairs.model))
        .map(|model| (model.id.as_str(), Buffers::of(&model.architecture)))
        .collect();
    let found: Vec<Result<Comparison, SelectError>> = entries
        .into_par_iter()
        .map(|(entry, pairs)| {
            let none = |reason| Comparison {
                left: vec![(entry, reason)],
                ..Comparison::default()
            };
            let buffers = buffers.get(pairs.model.as_str());
            match compare_entry(catalog, constants, buffers, entry, pairs) {
                Err(SelectError::Data(faults)) => Err(faults.into()),
                Err(error) => Ok(none(error.to_string())),
                found => found,
            }
        })
        .collect();
    let mut all = Comparison::default();
    for part in found {
        let part = part?;
        all.rows.extend(part.rows);
        all.left.extend(part.left);
    }
    Ok(all)
}

/// The pairs of one entry.
fn compare_entry(
    catalog: &Catalog,
    constants: &Constants,
    buffers: Option<&Buffers<'_>>,
    entry: usize,
    pairs: &Pairs,
) -> Result<Comparison, SelectError> {
    let mut found = Comparison::default();
    if let Some(reason) = &pairs.excluded {
        found.leave(entry, reason);
        return Ok(found);
    }
    let Some(method) = catalog.speculation()?.get(&pairs.method) else {
        found.leave(entry, "there is no such method");
        return Ok(found);
    };
    let set_up = SetUp::of(catalog, pairs)?;
    let scenario = Scenario {
        buffers,
        ..set_up.scenario()
    };
    let Some((draft, id)) = set_up.draft(catalog, method, pairs)? else {
        found.leave(entry, "its draft is not known");
        return Ok(found);
    };
    let plain = estimate(&scenario, constants, &mut Trace::off());
    for pair in &pairs.points {
        let (Some(drafted), Some(chance)) = (pair.drafted, pair.chance) else {
            found.leave(entry, "tokens drafted or accepted are not stated");
            continue;
        };
        let speculation = Speculation {
            draft: draft.as_ref(),
            model: &id,
            drafted,
            row_share: 0.0,
        };
        let Some(step) = speculate(&scenario, constants, &plain, &speculation) else {
            found.leave(entry, "it does not fit as far as the tables know");
            continue;
        };
        found.rows.push(Compared {
            entry,
            device: pairs.device.clone(),
            stack: set_up.stack(),
            drafted,
            // The one figure, or the middle of those of the prompts from worst to best.
            yielded: expected_tokens(chance.mid, drafted),
            exact: (chance.high - chance.low).abs() < 1e-9,
            gain: pair.speculative / pair.plain,
            times: [step.plain, step.verify - step.plain, step.draft],
        });
    }
    Ok(found)
}

/// A pair beside the forecast that somebody would have got who knew the machine, the
/// model and the number drafted, but not the acceptance.
#[derive(Debug, Clone, PartialEq)]
pub struct Foretold {
    /// Number of its entry in the catalogue's list.
    pub entry: usize,
    /// Rate with over rate without.
    pub gain: f64,
    /// The gain forecast, with its interval.
    pub forecast: Range,
}

/// The forecasts for all pairs that are not excluded. Where the number drafted is not
/// stated, the best one is taken.
///
/// # Errors
/// If a table has faults.
pub fn foretold(
    catalog: &Catalog,
    constants: &Constants,
    fit: &GainFit,
) -> Result<Vec<Foretold>, SelectError> {
    let methods = catalog.speculation()?;
    let mut found = Vec::new();
    for (entry, pairs) in catalog.speculation_pairs()?.iter().enumerate() {
        let Some(method) = methods.get(&pairs.method) else {
            continue;
        };
        if pairs.excluded.is_some() {
            continue;
        }
        let set_up = SetUp::of(catalog, pairs)?;
        let scenario = set_up.scenario();
        let Some((draft, id)) = set_up.draft(catalog, method, pairs)? else {
            continue;
        };
        let plain = estimate(&scenario, constants, &mut Trace::off());
        for pair in &pairs.points {
            let drafting = Drafting {
                draft: draft.as_ref(),
                model: &id,
                drafted: pair.drafted,
                most: method.most_draft_tokens,
                acceptance: method.acceptance_for(scenario.model, Work::Any).0,
            };
            let forecast = forecast(&scenario, constants, &plain, &drafting, fit);
            found.extend(forecast.map(|forecast| Foretold {
                entry,
                gain: pair.speculative / pair.plain,
                forecast: forecast.gain,
            }));
        }
    }
    Ok(found)
}

/// Where pairs were measured.
struct SetUp<'a> {
    candidate: Candidate<'a>,
    quant: Quant,
    shape: Shape,
    power_limit: Option<Watts>,
}

impl<'a> SetUp<'a> {
    fn of(catalog: &'a Catalog, pairs: &Pairs) -> Result<Self, SelectError> {
        let machine = match pairs.devices {
            1 => catalog.select_machine(&pairs.device)?,
            count => catalog.select_machine(&format!("{count}x {}", pairs.device))?,
        };
        let model = catalog.select_model(&pairs.model)?.model;
        let QuantChoice::Exact(quant) = catalog.select_quant(&pairs.quant)? else {
            let reason = format!("`{}` is a number of bits, not a quant", pairs.quant);
            return Err(SelectError::Unsupported(reason));
        };
        let asked = QuantChoice::Exact(quant.clone());
        let mut candidate = catalog.prepare(machine, model, &asked, Some(&pairs.engine))?;
        candidate.backend = pairs.backend.unwrap_or(candidate.backend);
        Ok(Self {
            candidate,
            quant,
            shape: Shape {
                context: 4096,
                split: pairs.split.map_or(SplitChoice::Auto, SplitChoice::Only),
                tuned: true,
                ..Shape::usual()
            },
            power_limit: pairs.power_limit,
        })
    }

    fn scenario(&self) -> Scenario<'_> {
        Scenario {
            power_limit: self.power_limit,
            ..self.candidate.scenario(&self.shape)
        }
    }

    /// Engine and backend.
    fn stack(&self) -> String {
        let Candidate {
            engine, backend, ..
        } = &self.candidate;
        format!("{}/{}", engine.id, backend.name())
    }

    fn draft(
        &self,
        catalog: &Catalog,
        method: &Method,
        pairs: &Pairs,
    ) -> Result<Option<(Option<Draft>, String)>, SelectError> {
        let drafting = pairs.draft.as_deref().map(|draft| (draft, &self.quant));
        draft_of(catalog, method, &self.scenario(), drafting)
    }
}
