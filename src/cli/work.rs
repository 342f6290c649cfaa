//! What a machine does while its user is at work: one user's decode of a
//! model, or the turns of a workload.

use anyhow::{Result, bail};

use super::offload_text::InHost;
use super::session::Session;
use crate::catalog::{Model, Placed, QuantChoice, Setup, Shape, Unknown};
use crate::evidence::Range;
use crate::machine::Machine;
use crate::money::Turns;
use crate::predict::memory::Fits;
use crate::predict::{Estimate, Split};
use crate::units::Watts;
use crate::workload::Workload;

/// Model of a machine at work where neither a model nor a workload is named.
const USUAL_MODEL: &str = "llama-70b-q4";

/// A model to run, with its weight among several.
#[derive(Debug)]
pub struct Part<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its quant.
    pub quant: QuantChoice,
    /// Its weight.
    pub weight: f64,
}

/// What the machines are to do.
#[derive(Debug)]
pub struct Job<'a> {
    /// The workload whose turns load them; none when they decode without a pause.
    pub workload: Option<&'a Workload>,
    /// The models.
    pub parts: Vec<Part<'a>>,
    /// How they are to be run.
    pub setup: Setup,
}

/// A machine under a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// Watts under load.
    pub load: Watts,
    /// Share of the time at work under load, by how fast it may be.
    pub share: Range,
    /// Whether the turns take longer than there is time.
    pub overloaded: bool,
    /// Whether it runs any of the models; flat out otherwise.
    pub runs: bool,
    /// What the watts are those of.
    pub basis: String,
    /// What of a single model lies in the host's memory.
    pub in_host: Option<InHost>,
}

impl<'a> Job<'a> {
    /// The job of `--model` and `--workload`: a named model alone, or the workload's basket,
    /// run as the set-up asks.
    ///
    /// # Errors
    /// If a name is unknown.
    pub fn resolve(
        session: &'a Session,
        model: Option<&str>,
        workload: Option<&str>,
        setup: Setup,
    ) -> Result<Self> {
        let workload = workload.map(|id| find(session, id)).transpose()?;
        let mut parts = Vec::new();
        match (model, workload) {
            (None, Some(workload)) => {
                let models = session.catalog.models()?;
                for item in &workload.basket {
                    let Some(model) = models.get(&item.model) else {
                        continue;
                    };
                    let quant = match &item.quant {
                        Some(quant) => session.catalog.select_quant(quant)?,
                        None => QuantChoice::Usual,
                    };
                    parts.push(Part {
                        model,
                        quant,
                        weight: item.weight,
                    });
                }
            }
            (model, _) => {
                let choice = session.catalog.select_model(model.unwrap_or(USUAL_MODEL))?;
                parts.push(Part {
                    model: choice.model,
                    quant: choice.quant,
                    weight: 1.0,
                });
            }
        }
        if parts.is_empty() {
            bail!("the workload has no models: name one with --model");
        }
        Ok(Self {
            workload,
            parts,
            setup,
        })
    }

    /// The machine at this job; none where it runs none of the models. Or why it cannot run
    /// any as the set-up asks.
    ///
    /// # Errors
    /// If the data has faults.
    pub fn on(
        &self,
        session: &Session,
        machine: &Machine,
    ) -> Result<std::result::Result<Option<Work>, String>> {
        let form = self
            .workload
            .map_or_else(decode_alone, |workload| Shape::of(workload, workload.users));
        let models = self.parts.iter().map(Part::named);
        let placed = match session.catalog.place(machine, models, &self.setup) {
            Ok(placed) => placed,
            Err(refusal) => return Ok(Err(refusal.to_string())),
        };
        let mut runs = Vec::new();
        for (part, placed) in self.parts.iter().zip(placed) {
            let Some(Ran { estimate, in_host }) = ran(session, placed, &form)? else {
                continue;
            };
            let share = match self.workload {
                None => Some(Range::exact(1.0)),
                Some(workload) => turns(workload, workload.users, &estimate)
                    .map(|turns| turns.map(Turns::share).range()),
            };
            if let (Some(load), Some(share)) = (estimate.watts, share) {
                runs.push(Run {
                    weight: part.weight,
                    load,
                    share,
                    split: estimate.plan.split,
                    in_host,
                });
            }
        }
        Ok(Ok(self.mean(&runs)))
    }

    /// The mean over the models that run, weighted as in the basket.
    fn mean(&self, runs: &[Run]) -> Option<Work> {
        let first = runs.first()?;
        let weights: f64 = runs.iter().map(|run| run.weight).sum();
        let mean = |value: &dyn Fn(&Run) -> f64| {
            runs.iter().map(|run| run.weight * value(run)).sum::<f64>() / weights
        };
        let share = Range {
            low: mean(&|run| run.share.low.min(1.0)),
            mid: mean(&|run| run.share.mid.min(1.0)),
            high: mean(&|run| run.share.high.min(1.0)),
        };
        // Watts of the time under load: models that take longer weigh more.
        let load = mean(&|run| run.share.mid.min(1.0) * run.load.0) / share.mid;
        let split = first.split.name();
        let basis = match self.workload {
            None => format!("one user's decode, split {split}"),
            Some(workload) if self.parts.len() == 1 => format!("{}, split {split}", workload.id),
            Some(workload) => format!(
                "{}, {} of {} models run",
                workload.id,
                runs.len(),
                self.parts.len()
            ),
        };
        Some(Work {
            load: Watts(load),
            share,
            runs: true,
            overloaded: runs.iter().any(|run| run.share.mid > 1.0),
            basis,
            in_host: first.in_host.clone().filter(|_| self.parts.len() == 1),
        })
    }
}

/// A model of a job on a machine.
struct Run {
    weight: f64,
    load: Watts,
    /// Share of the time under load, above one where the turns take longer.
    share: Range,
    split: Split,
    in_host: Option<InHost>,
}

/// A workload by id.
///
/// # Errors
/// If there is none.
pub fn find<'a>(session: &'a Session, id: &str) -> Result<&'a Workload> {
    let workloads = session.catalog.workloads()?;
    let lower = id.to_lowercase();
    workloads.get(&lower).ok_or_else(|| {
        Unknown::new("workload", &lower, workloads.keys().map(String::as_str)).into()
    })
}

/// One user's decode, without a workload.
fn decode_alone() -> Shape {
    Shape {
        context: 8192,
        prompt: 512,
        output: 512,
        ..Shape::usual()
    }
}

/// A model as it runs on a machine.
#[derive(Debug)]
pub struct Ran {
    /// The estimate.
    pub estimate: Estimate,
    /// What of it lies in the host's memory.
    pub in_host: Option<InHost>,
}

impl<'a> Part<'a> {
    /// The model and its quant.
    fn named(&self) -> (&'a Model, QuantChoice) {
        (self.model, self.quant.clone())
    }

    /// The model alone on a machine; none where it does not run. Or why it cannot be run as
    /// the set-up asks.
    ///
    /// # Errors
    /// If the data has faults.
    pub fn on(
        &self,
        session: &Session,
        machine: &Machine,
        setup: &Setup,
        shape: &Shape,
    ) -> Result<std::result::Result<Option<Ran>, String>> {
        match session.catalog.place(machine, [self.named()], setup) {
            Ok(mut placed) => ran(session, placed.pop().flatten(), shape).map(Ok),
            Err(refusal) => Ok(Err(refusal.to_string())),
        }
    }
}

/// A placed model at work; none where it does not run.
fn ran(session: &Session, placed: Option<Placed<'_>>, shape: &Shape) -> Result<Option<Ran>> {
    let Some(placed) = placed else {
        return Ok(None);
    };
    let estimate = placed.estimate(&session.catalog, shape)?;
    Ok((estimate.plan.fits != Fits::No).then(|| Ran {
        in_host: InHost::of(&placed.candidate, &estimate.plan),
        estimate,
    }))
}

/// Turns at the slow end, the middle and the fast end of the speeds.
#[derive(Debug, Clone, Copy)]
pub struct Paces<T> {
    /// Slow.
    pub slow: T,
    /// The best single value.
    pub mid: T,
    /// Fast.
    pub fast: T,
}

impl<T> Paces<T> {
    /// The same of each.
    pub fn map<U>(&self, f: impl Fn(&T) -> U) -> Paces<U> {
        Paces {
            slow: f(&self.slow),
            mid: f(&self.mid),
            fast: f(&self.fast),
        }
    }
}

impl Paces<f64> {
    /// The values in order.
    pub fn range(self) -> Range {
        Range {
            low: self.slow.min(self.fast),
            mid: self.mid,
            high: self.slow.max(self.fast),
        }
    }
}

/// The turns of a workload's users as estimated; none where a rate is unknown.
pub fn turns(workload: &Workload, users: u32, estimate: &Estimate) -> Option<Paces<Turns>> {
    let (decode, ttft) = (estimate.decode?, estimate.ttft?);
    let at = |decode: f64, warm: f64, cold: f64| Turns {
        per_hour: workload.turns_per_hour,
        cold_per_hour: workload.cold_starts_per_hour,
        users: f64::from(users),
        batch: f64::from(estimate.batch),
        warm,
        cold,
        output: workload.output as f64,
        decode,
    };
    Some(Paces {
        slow: at(decode.low, ttft.warm.high, ttft.cold.high),
        mid: at(decode.mid, ttft.warm.mid, ttft.cold.mid),
        fast: at(decode.high, ttft.warm.low, ttft.cold.low),
    })
}
