//! A machine made ready to run a model: engine, backend, quant and weights.

use crate::machine::{Backend, Machine};
use crate::model::{Packaging, Quant, Weights};
use crate::predict::memory::CacheType;
use crate::predict::{Engine, Offload, Offloading, Scenario, SplitChoice};
use crate::workload::Workload;

use super::Catalog;
use super::models::Model;
use super::select::{QuantChoice, SelectError};

/// One machine, ready to run the model.
#[derive(Debug)]
pub struct Candidate<'a> {
    /// The machine.
    pub machine: Machine,
    /// The engine.
    pub engine: &'a Engine,
    /// What it runs through.
    pub backend: Backend,
    /// The model.
    pub model: &'a Model,
    /// Its weights there.
    pub weights: Weights,
}

/// The shape of the work, the same on every machine.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Tokens that memory is reserved for.
    pub context: u64,
    /// Tokens in the cache when decoding starts.
    pub depth: u64,
    /// New prompt tokens.
    pub prompt: u64,
    /// Prompt tokens found in the cache.
    pub cached: u64,
    /// Tokens generated.
    pub output: u64,
    /// Requests decoded together.
    pub concurrency: u32,
    /// Tokens of a prompt processed at once.
    pub ubatch: Option<u32>,
    /// Type of the cached keys.
    pub key_type: CacheType,
    /// Type of the cached values.
    pub value_type: CacheType,
    /// Split asked for.
    pub split: SplitChoice,
    /// What is to lie in the host's memory.
    pub offload: Offload,
    /// Count tuned memory.
    pub tuned: bool,
}

impl Candidate<'_> {
    /// The scenario of a shape.
    pub fn scenario(&self, shape: &Shape) -> Scenario<'_> {
        shape.scenario(
            &self.machine,
            self.model,
            &self.weights,
            self.engine,
            self.backend,
        )
    }

    /// Whether what is asked for can lie in the host's memory; always where nothing is.
    ///
    /// # Errors
    /// If machine, engine or model have no such part, or no such memory.
    pub fn takes(&self, asked: Offload) -> Result<(), SelectError> {
        let Offload::Asked { expert_layers, .. } = asked else {
            return Ok(());
        };
        let (engine, machine) = (&self.engine.name, &self.machine);
        let reason = if machine.offload_memory().is_none() {
            format!(
                "{} has no host memory beside its own: leave out --gpu-layers, --cpu-moe and --n-cpu-moe",
                machine.id
            )
        } else {
            match self.engine.offloads {
                None => format!(
                    "{engine} keeps the whole model on the devices: --gpu-layers, --cpu-moe and --n-cpu-moe are llama.cpp's, so write --engine llama.cpp"
                ),
                Some(Offloading::Layers) if expert_layers > 0 => format!(
                    "{engine} moves whole layers only: write --gpu-layers, or --engine llama.cpp"
                ),
                _ if expert_layers > 0 && self.model.architecture.experts().is_none() => format!(
                    "{} has no routed experts: write --gpu-layers instead of --cpu-moe and --n-cpu-moe",
                    self.model.table.name
                ),
                _ => return Ok(()),
            }
        };
        Err(SelectError::Unsupported(reason))
    }
}

impl Shape {
    /// The scenario of this work on a machine, compute buffers not shared.
    pub fn scenario<'a>(
        &self,
        machine: &'a Machine,
        model: &'a Model,
        weights: &'a Weights,
        engine: &'a Engine,
        backend: Backend,
    ) -> Scenario<'a> {
        Scenario {
            machine,
            model: &model.id,
            architecture: &model.architecture,
            weights,
            engine,
            backend,
            split: self.split,
            offload: self.offload,
            context: self.context,
            depth: self.depth,
            prompt: self.prompt,
            cached: self.cached,
            output: self.output,
            concurrency: self.concurrency,
            ubatch: self.ubatch,
            key_type: self.key_type,
            value_type: self.value_type,
            power_limit: machine.power_limit,
            tuned_memory: self.tuned,
            buffers: None,
        }
    }

    /// A workload's shape for so many users.
    pub fn of(workload: &Workload, users: u32) -> Self {
        Self {
            context: workload.context,
            depth: workload.cached + workload.prompt,
            prompt: workload.prompt,
            cached: workload.cached,
            output: workload.output,
            concurrency: users,
            ..Self::usual()
        }
    }

    /// One request of 2,048 new tokens answered with 128, memory for 32k tokens, F16 cache.
    pub fn usual() -> Self {
        Self {
            context: 32_768,
            depth: 0,
            prompt: 2048,
            cached: 0,
            output: 128,
            concurrency: 1,
            ubatch: None,
            key_type: CacheType::F16,
            value_type: CacheType::F16,
            split: SplitChoice::Auto,
            offload: Offload::Auto,
            tuned: false,
        }
    }
}

impl Catalog {
    /// A machine with the engine, quant and weights that it would run a model with.
    ///
    /// # Errors
    /// If no engine runs the quant there, or an engine asked for does not.
    pub fn prepare<'a>(
        &'a self,
        machine: Machine,
        model: &'a Model,
        asked: &QuantChoice,
        engine: Option<&str>,
    ) -> Result<Candidate<'a>, SelectError> {
        let packaging = match asked {
            QuantChoice::Exact(quant) => Some(self.loadable(&machine, quant, engine)?),
            QuantChoice::Usual | QuantChoice::Bits(_) => None,
        };
        let (engine, backend) = self.engine_for(&machine, engine, packaging)?;
        let quant = self.quant_for(model, engine, asked)?;
        let stored = engine
            .packagings
            .iter()
            .find_map(|kind| quant.packaged(*kind))
            .unwrap_or(quant);
        let weights = self.weights(model, &stored)?;
        Ok(Candidate {
            machine,
            engine,
            backend,
            model,
            weights,
        })
    }

    /// The weights of a model at a quant. A maker's own mix has no recipe: its
    /// published size is taken where it is known, else the nearest mix.
    ///
    /// # Errors
    /// If the quant is not defined for the model, or the data has faults.
    pub fn weights(&self, model: &Model, quant: &Quant) -> Result<Weights, SelectError> {
        let weights = Weights::of(&model.architecture, quant)
            .map_err(|error| SelectError::Unsupported(format!("{}: {error}", model.id)))?;
        if quant.has_recipe() {
            return Ok(weights);
        }
        let same = model.table.same_as.as_ref();
        let files = self.real_files()?;
        let real = std::iter::once(&model.id)
            .chain(same)
            .find_map(|id| files.get(id)?.get(&quant.id));
        Ok(match real {
            Some(file) => {
                let weights = if file.mtp {
                    weights
                } else {
                    weights.without_mtp()
                };
                weights.scaled_to(&model.architecture, file.size)
            }
            None => weights,
        })
    }

    /// A machine with the weights of a file, in the engine that loads it.
    ///
    /// # Errors
    /// If no engine loads it there.
    pub fn prepare_file<'a>(
        &'a self,
        machine: Machine,
        model: &'a Model,
        weights: Weights,
        packaging: Packaging,
        engine: Option<&str>,
    ) -> Result<Candidate<'a>, SelectError> {
        let (engine, backend) = self.engine_for(&machine, engine, Some(packaging))?;
        Ok(Candidate {
            machine,
            engine,
            backend,
            model,
            weights,
        })
    }

    /// The packaging of a quant that some engine loads on the machine.
    fn loadable(
        &self,
        machine: &Machine,
        quant: &Quant,
        engine: Option<&str>,
    ) -> Result<Packaging, SelectError> {
        let mut refusal = None;
        for kind in quant.packagings() {
            match self.engine_for(machine, engine, Some(*kind)) {
                Ok(_) => return Ok(*kind),
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        Err(refusal
            .unwrap_or_else(|| SelectError::Unsupported(format!("no engine loads `{}`", quant.id))))
    }
}
