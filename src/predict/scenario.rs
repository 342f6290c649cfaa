//! What the estimator is asked.

use crate::machine::{Backend, Machine};
use crate::model::{Architecture, Weights};
use crate::units::{FlopsPerSecond, Watts};

use super::engine::{Batching, Engine};
use super::host_part::Offload;
use super::memory::{Buffers, CacheType};
use super::rates::{format_gain, matrix_rate, vector_rate};
use super::row_kernels::{RowKernels, row_kernels};
use super::setting::Setting;

/// How a model lies on several devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// All on one device.
    None,
    /// Whole layers, one device after another.
    Layer,
    /// Each layer divided, the devices side by side.
    Tensor,
    /// A whole copy on each.
    Replicas,
}

impl Split {
    /// The word used in flags, tables and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Layer => "layer",
            Self::Tensor => "tensor",
            Self::Replicas => "replicas",
        }
    }

    /// Copies of a model on so many devices.
    pub fn copies(self, devices: u32) -> u32 {
        match self {
            Self::Replicas => devices,
            Self::None | Self::Layer | Self::Tensor => 1,
        }
    }

    /// Parts of a batch that are decoded beside each other on so many devices: one on each
    /// copy of the model, or in each stage of a split by layers whose engine keeps all busy.
    pub fn parts_at_once(self, batching: Batching, devices: u32) -> u32 {
        if self == Self::Layer && batching == Batching::Continuous {
            devices
        } else {
            self.copies(devices)
        }
    }

    /// The split of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::None, Self::Layer, Self::Tensor, Self::Replicas]
            .into_iter()
            .find(|split| split.name() == name)
    }
}

/// The split asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SplitChoice {
    /// The one with the faster answer among those that fit.
    #[default]
    Auto,
    /// This one.
    Only(Split),
}

/// Machine, model, quant, engine and the shape of the work.
#[derive(Debug, Clone, Copy)]
pub struct Scenario<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// Id of the model, to know whether it was measured.
    pub model: &'a str,
    /// The model's architecture.
    pub architecture: &'a Architecture,
    /// Its weights at the quant.
    pub weights: &'a Weights,
    /// The engine.
    pub engine: &'a Engine,
    /// What the engine runs through.
    pub backend: Backend,
    /// How the model is to lie on several devices.
    pub split: SplitChoice,
    /// What of it is to lie in the host's memory.
    pub offload: Offload,
    /// Tokens that memory is reserved for, of each sequence.
    pub context: u64,
    /// Tokens in the cache when decoding starts.
    pub depth: u64,
    /// New prompt tokens.
    pub prompt: u64,
    /// Prompt tokens found in the cache.
    pub cached: u64,
    /// Tokens generated.
    pub output: u64,
    /// Sequences decoded together.
    pub concurrency: u32,
    /// Tokens of a prompt processed at once; the engine's own where none.
    pub ubatch: Option<u32>,
    /// Type of the cached keys.
    pub key_type: CacheType,
    /// Type of the cached values.
    pub value_type: CacheType,
    /// Limit set on each device.
    pub power_limit: Option<Watts>,
    /// Count the memory that one documented setting adds.
    pub tuned_memory: bool,
    /// Compute buffers of the model that earlier scenarios needed; the answer is the same without.
    pub buffers: Option<&'a Buffers<'a>>,
}

impl Scenario<'_> {
    /// What picks the coefficients of its rates.
    pub fn setting(&self) -> Setting<'_> {
        let device = &self.machine.device;
        let class = self.weights.quant.class;
        Setting {
            link: self.machine.link.as_ref().map(|link| link.id.as_str()),
            ..Setting::of_device(device, &self.engine.id, self.backend, class, self.model)
                .of_architecture(self.architecture)
        }
    }

    /// The rate that the engine's matrix kernels work against; none where the
    /// device's rates are unknown.
    pub fn matrix_rate(&self) -> Option<FlopsPerSecond> {
        matrix_rate(
            &self.machine.device.rates,
            &self.engine.id,
            self.backend,
            self.weights.quant.class,
        )
    }

    /// What the engine multiplies the few rows of a decode step with.
    pub fn row_kernels(&self) -> RowKernels {
        row_kernels(&self.engine.id, self.backend, self.weights.quant.class)
    }

    /// The rate of the engine's kernels for few rows on a device of that matrix rate.
    pub fn vector_rate(&self, matrix: FlopsPerSecond) -> FlopsPerSecond {
        let rates = &self.machine.device.rates;
        vector_rate(rates, &self.engine.id, self.backend, matrix)
    }

    /// How many times the matrix rate it multiplies the weights' own format at.
    pub fn format_gain(&self) -> f64 {
        format_gain(
            &self.machine.device,
            &self.engine.id,
            self.backend,
            self.weights.quant.class,
        )
    }

    /// The micro-batch: as asked, or the engine's own.
    pub fn micro_batch(&self) -> u32 {
        self.ubatch
            .unwrap_or_else(|| self.engine.micro_batch(self.machine.memory.total))
    }
}
