//! Several models on one machine, run as a set-up asks.

use super::candidate::{Candidate, Shape};
use super::models::Model;
use super::select::{QuantChoice, SelectError};
use super::{Catalog, Faults};
use crate::machine::Machine;
use crate::predict::{Estimate, Offload, Trace, estimate};

/// What is asked of every machine alike; the usual where nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setup {
    /// The engine's id; the one that the machine's users run if none.
    pub engine: Option<String>,
    /// What is to lie in the host's memory.
    pub offload: Offload,
}

/// A machine ready to run a model of several.
#[derive(Debug)]
pub struct Placed<'a> {
    /// The machine with the model.
    pub candidate: Candidate<'a>,
    /// What is to lie in the host's memory.
    offload: Offload,
}

impl Placed<'_> {
    /// The estimate at a shape, with what is to lie in the host's memory there.
    ///
    /// # Errors
    /// If the data has faults.
    pub fn estimate(&self, catalog: &Catalog, shape: &Shape) -> Result<Estimate, Faults> {
        let shape = Shape {
            offload: self.offload,
            ..*shape
        };
        let scenario = self.candidate.scenario(&shape);
        Ok(estimate(&scenario, catalog.constants()?, &mut Trace::off()))
    }
}

impl Catalog {
    /// Each of several models on a machine; none for one that no engine runs there. Where a
    /// model cannot take what was asked for the host's memory, it lies as if nothing were.
    ///
    /// # Errors
    /// If something was asked for and none of them can be run so: why the first cannot.
    pub fn place<'a>(
        &'a self,
        machine: &Machine,
        models: impl IntoIterator<Item = (&'a Model, QuantChoice)>,
        setup: &Setup,
    ) -> Result<Vec<Option<Placed<'a>>>, SelectError> {
        let engine = setup.engine.as_deref();
        let mut refusal = None;
        let mut as_asked = false;
        let mut placed = Vec::new();
        for (model, quant) in models {
            placed.push(match self.prepare(machine.clone(), model, &quant, engine) {
                Ok(candidate) => {
                    let taken = candidate.takes(setup.offload);
                    as_asked |= taken.is_ok();
                    let offload = if taken.is_ok() {
                        setup.offload
                    } else {
                        Offload::Auto
                    };
                    refusal = refusal.or(taken.err());
                    Some(Placed { candidate, offload })
                }
                Err(error) => {
                    refusal = refusal.or(Some(error));
                    None
                }
            });
        }
        match refusal {
            Some(error) if !as_asked && *setup != Setup::default() => Err(error),
            _ => Ok(placed),
        }
    }
}
