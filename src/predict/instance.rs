//! One instance of a model: on one device, or divided over several that work
//! as one. What it does in a step of decoding, in a prefill and until the first
//! token, as terms. The estimator evaluates these terms and the calibration
//! fits them, so that a forecast and the rows it learns from mean the same.

use crate::machine::Link;
use crate::model::{Architecture, Weights};
use crate::units::{Bytes, BytesPerSecond, FlopsPerSecond, Watts};

use super::bound::Bound;
use super::constants::{Exponents, Parameter, Resolved};
use super::decode::{Decoding, decode_terms};
use super::engine::Batching;
use super::host_side::{HostSide, HostWork};
use super::link::{layer_link_terms, pipeline_speedup, tensor_link_terms};
use super::memory::{CacheType, Lookback, read_at_depth, recurrent_state};
use super::power::available_power;
use super::prefill::{Prefilling, prefill_terms};
use super::row_kernels::RowKernels;
use super::scenario::Split;
use super::terms::Terms;

/// One instance of a model.
#[derive(Debug, Clone, Copy)]
pub struct Instance<'a> {
    /// The architecture.
    pub architecture: &'a Architecture,
    /// The weights.
    pub weights: &'a Weights,
    /// Peak bandwidth of each device.
    pub bandwidth: BytesPerSecond,
    /// Matrix rate of each device.
    pub compute: FlopsPerSecond,
    /// Rate of each device's kernels for few rows.
    pub vector: FlopsPerSecond,
    /// How many times the matrix rate it multiplies the weights' own format at.
    pub format_gain: f64,
    /// What multiplies a few rows.
    pub kernels: RowKernels,
    /// Devices that it lies on.
    pub devices: u32,
    /// How it lies on them: layer or tensor; of no account on one device.
    pub split: Split,
    /// What joins them.
    pub link: Option<&'a Link>,
    /// How the engine shares a step between requests.
    pub batching: Batching,
    /// Tokens of a prompt processed at once.
    pub ubatch: f64,
    /// Type of the cached keys.
    pub key_type: CacheType,
    /// Type of the cached values.
    pub value_type: CacheType,
    /// What of it lies in the host's memory; none where nothing does.
    pub host: Option<HostSide>,
    /// Rated power of each device, and the limit set on it.
    pub power: Power,
    /// Constants beside the coefficients.
    pub exponents: Exponents,
}

/// The power of each device.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Power {
    /// The rating; none where unknown: then no limit has a known effect.
    pub rated: Option<Watts>,
    /// The limit set, if any.
    pub limit: Option<Watts>,
}

impl Instance<'_> {
    /// One step of decoding for `batch` sequences that hold `depth` tokens each.
    pub fn step(&self, batch: u32, depth: f64) -> Terms {
        self.step_over(batch, 1, depth)
    }

    /// The same over several positions of each sequence, as drafted tokens are verified.
    pub fn step_over(&self, batch: u32, positions: u32, depth: f64) -> Terms {
        let in_stage = self.in_stage(batch);
        let tokens = f64::from(in_stage) * f64::from(positions);
        let rest = self
            .host
            .map(|host| host.rest(self.architecture, self.weights, tokens));
        let (architecture, weights) = match &rest {
            Some((architecture, weights)) => (architecture, weights.as_ref()),
            None => (self.architecture, self.weights),
        };
        let terms = decode_terms(&Decoding {
            architecture,
            weights,
            bandwidth: self.bandwidth,
            compute: self.compute,
            vector: self.vector,
            format_gain: self.format_gain,
            kernels: self.kernels,
            devices: self.divided(),
            batch: in_stage,
            positions,
            depth: depth as u64,
            ubatch: self.ubatch,
            key_type: self.key_type,
            value_type: self.value_type,
            exponents: self.exponents,
        });
        let terms = self
            .powered(terms, self.decode_duty(batch), Parameter::DecodePower)
            .then(self.link_terms(tokens, 1.0));
        terms.then(self.host_step(in_stage, positions, depth))
    }

    /// The instance with the time that its devices wait for the host while they decode for so
    /// many sequences: the host's share of a step at full power.
    #[must_use]
    pub fn waiting(self, batch: u32, depth: f64, constants: &Resolved) -> Self {
        let Some(host) = self.host else {
            return self;
        };
        let full = Self {
            power: Power::default(),
            ..self
        };
        let on_host = full.host_step(full.in_stage(batch), 1, depth);
        let all = full.step(batch, depth).seconds(constants);
        let waiting = on_host.seconds(constants) / all;
        Self {
            host: Some(HostSide { waiting, ..host }),
            ..self
        }
    }

    /// Sequences that a stage decodes at a time.
    fn in_stage(&self, batch: u32) -> u32 {
        batch.div_ceil(self.split.parts_at_once(self.batching, self.devices))
    }

    /// What the host does in a step, while the devices wait; nothing without one.
    fn host_step(&self, in_stage: u32, positions: u32, depth: f64) -> Terms {
        self.host.map_or_else(Terms::default, |host| {
            host.step(&self.host_work(in_stage, positions, depth))
        })
    }

    /// How many times the experts of a plain step one over several positions reads; none
    /// without experts.
    pub fn further_experts(&self, batch: u32, positions: u32) -> Option<f64> {
        let experts = self.architecture.experts()?;
        let (total, used) = (f64::from(experts.total), f64::from(experts.used));
        let popularity = self.exponents.expert_popularity;
        let read = |tokens| {
            self.kernels
                .experts_read(total, used, popularity, f64::from(tokens))
        };
        Some(read(batch * positions) / read(batch))
    }

    /// What a step does on the host.
    fn host_work(&self, batch: u32, positions: u32, depth: f64) -> HostWork<'_> {
        HostWork {
            architecture: self.architecture,
            weights: self.weights,
            expert_popularity: self.exponents.expert_popularity,
            batch,
            positions,
            depth: depth as u64,
            cache_types: (self.key_type, self.value_type),
        }
    }

    /// The whole prefill of so many prompts of `prompt` new tokens after `cached` ones. They
    /// share micro-batches, but in an engine that answers one request after another.
    pub fn prefill(&self, requests: f64, prompt: f64, cached: f64) -> Terms {
        if requests <= 0.0 {
            return Terms::default();
        }
        let together = match self.batching {
            Batching::Sequential => 1.0,
            Batching::Slots(_) | Batching::Continuous => requests,
        };
        let terms = prefill_terms(&Prefilling {
            architecture: self.architecture,
            weights: self.weights,
            bandwidth: self.bandwidth,
            compute: self.compute,
            format_gain: self.format_gain,
            share: 1.0 / f64::from(self.divided()),
            requests: together,
            prompt,
            cached,
            ubatch: self.ubatch,
            exponents: self.exponents,
        });
        let all = together * prompt;
        let chunks = self.chunks(all);
        let tokens = all.min(self.ubatch);
        let terms = self
            .powered(terms, self.prefill_duty(all), Parameter::PrefillPower)
            .then(self.link_terms(tokens, chunks));
        let terms = match self.host {
            Some(host) => {
                let copies = host.micro_batch(&self.host_work(1, 1, cached), tokens);
                terms.then(copies.scaled(chunks))
            }
            None => terms.scaled(1.0 / self.prefill_pipeline(all)),
        };
        terms.scaled(requests / together)
    }

    /// From a request to its first token when `clients` ask at once: its prefill and
    /// those before it, one step, and what the server adds. Prompts that fit one
    /// micro-batch together all end with it; longer ones end one after another, so
    /// the middle one waits for half of them. Source: curves of 2 to 64 clients on
    /// four RTX 3090 in vLLM, where the median is 0.91-1.14 of this.
    pub fn first_token(&self, clients: u32, prompt: f64, cached: f64) -> Terms {
        let clients = f64::from(clients.max(1));
        let prefills = if clients * prompt <= self.ubatch {
            clients
        } else {
            f64::midpoint(clients, 1.0)
        };
        let mut terms = self
            .prefill(prefills, prompt, cached)
            .then(self.step(1, prompt + cached));
        terms.add("server", 1e-3, &[Parameter::ServerTime], Bound::Overhead);
        terms
    }

    /// A whole run of `batch` requests answered with `generated` tokens each, of
    /// which `prefills` are still to be prefilled: chunks of a prompt ride along
    /// with the steps of the others, so a prefill inside a run costs its own share. A server
    /// of slots samples for one slot after another, llama.cpp's on the host (ggml-org/llama.cpp
    /// `tools/server/server-context.cpp`, `common_sampler_sample`), which benchmarks of
    /// decoding alone leave out; the others sample for all at once.
    pub fn run(
        &self,
        batch: u32,
        prefills: f64,
        prompt: f64,
        cached: f64,
        generated: f64,
        depth: f64,
    ) -> Terms {
        let inside: &[Parameter] = if batch > 1 {
            &[Parameter::PrefillInside]
        } else {
            &[]
        };
        let mut step = self.step(batch, depth);
        if self.batching != Batching::Continuous {
            let logits = f64::from(batch) * f64::from(self.architecture.vocab);
            step.add(
                "sampling",
                logits * 1e-9,
                &[Parameter::SampleTime],
                Bound::Overhead,
            );
        }
        self.prefill(prefills, prompt, cached)
            .with(inside)
            .then(step.scaled(generated))
    }

    /// Bytes that a sequence of so many tokens holds on all devices: its cache and its state.
    pub fn sequence_bytes(&self, tokens: f64) -> Bytes {
        let devices = self.divided();
        let cache = read_at_depth(
            self.architecture,
            devices,
            Lookback::exact(tokens as u64),
            self.key_type,
            self.value_type,
        );
        cache * u64::from(devices) + recurrent_state(self.architecture)
    }

    /// Share of the time that each device works while `batch` sequences are decoded:
    /// in a layer split the devices take turns, unless the engine keeps all of them
    /// busy with parts of the batch. All of them wait for the host.
    pub fn decode_duty(&self, batch: u32) -> f64 {
        let devices = f64::from(self.devices);
        let in_turn = match self.batching {
            _ if !self.is_over(Split::Layer) => 1.0,
            Batching::Continuous => (f64::from(batch) / devices).min(1.0),
            Batching::Slots(_) | Batching::Sequential => 1.0 / devices,
        };
        in_turn * (1.0 - self.host.map_or(0.0, |host| host.waiting))
    }

    /// The same during a prefill of so many tokens: a pipeline fills while it has chunks.
    pub fn prefill_duty(&self, tokens: f64) -> f64 {
        if self.is_over(Split::Layer) {
            self.prefill_pipeline(tokens) / f64::from(self.devices)
        } else {
            1.0
        }
    }

    /// How much faster devices of a layer split are together: llama.cpp pipelines only where
    /// nothing lies on the host (`llama_context`: no tensor overrides, all layers on devices).
    fn prefill_pipeline(&self, tokens: f64) -> f64 {
        if self.is_over(Split::Layer) && self.host.is_none() {
            // The last micro-batch keeps a stage busy for its own share of a whole one.
            pipeline_speedup(self.devices, (tokens / self.ubatch).max(1.0))
        } else {
            1.0
        }
    }

    /// Work of the devices with the power that the limit leaves them. Links and the host's
    /// memory have their own.
    fn powered(&self, terms: Terms, duty: f64, need: Parameter) -> Terms {
        let available = available_power(self.power.limit, self.power.rated, duty);
        terms.powered(available, need)
    }

    /// Micro-batches of so many tokens.
    fn chunks(&self, tokens: f64) -> f64 {
        (tokens / self.ubatch).ceil().max(1.0)
    }

    fn is_over(&self, split: Split) -> bool {
        self.devices > 1 && self.split == split
    }

    /// Devices that each layer is divided over.
    fn divided(&self) -> u32 {
        if self.is_over(Split::Tensor) {
            self.devices
        } else {
            1
        }
    }

    /// What the devices say to each other in `steps` steps of `tokens` tokens.
    fn link_terms(&self, tokens: f64, steps: f64) -> Terms {
        let Some(link) = self.link.filter(|_| self.devices > 1) else {
            return Terms::default();
        };
        let terms = match self.split {
            Split::Tensor => tensor_link_terms(self.architecture, link, self.devices, tokens),
            Split::Layer => layer_link_terms(self.architecture, link, self.devices, tokens),
            Split::None | Split::Replicas => Terms::default(),
        };
        terms.scaled(steps)
    }
}
