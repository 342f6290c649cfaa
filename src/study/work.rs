//! What a measured point timed, as terms of the estimator.

use crate::evidence::{Metric, Point, Protocol, Series, Timing};
use crate::machine::{Device, Link};
use crate::model::Packaging;
use crate::predict::memory::{CacheType, read_at_depth};
use crate::predict::{
    Batching, Bound, Decoding, Parameter, Prefilling, Split, Terms, decode_terms, layer_link_terms,
    pipeline_speedup, prefill_terms, tensor_link_terms,
};
use crate::units::{BytesPerSecond, FlopsPerSecond};

use super::subject::Subject;

/// Tokens that llama-bench generates unless told otherwise.
const USUAL_GENERATED: f64 = 128.0;
/// Mean prompt of `LocalScore`'s nine shapes, as time to first token times prefill rate shows.
const LOCAL_SCORE_PROMPT: f64 = 1300.0;
/// Mean depth of `LocalScore`'s nine shapes.
const LOCAL_SCORE_DEPTH: f64 = 1500.0;
/// Share of a device that vLLM and `SGLang` take for weights and cache.
const POOL_SHARE: f64 = 0.92;
/// What they keep of it on each device for graphs and activations.
const POOL_RESERVE: f64 = 1.5e9;
/// Prompt assumed where a run with prefill inside states none.
const USUAL_PROMPT: f64 = 512.0;
/// Prompt of a single chat run that states none: a question of a line or two.
const SHORT_PROMPT: f64 = 64.0;

/// The terms of one point and what they time.
#[derive(Debug, Clone)]
pub struct Work {
    /// The terms, in seconds for the whole of `tokens`.
    pub terms: Terms,
    /// Tokens that the rate counts; for a time to first token 1.
    pub tokens: f64,
    /// Measured seconds for them.
    pub seconds: f64,
    /// Tokens in the cache where the work begins.
    pub depth: f64,
    /// What was assumed, in sentences.
    pub assumed: Vec<String>,
}

/// All that a point's time depends on.
#[derive(Debug, Clone, Copy)]
pub struct Bench<'a> {
    /// The series.
    pub series: &'a Series,
    /// What ran.
    pub subject: &'a Subject,
    /// Where it ran.
    pub device: &'a Device,
    /// What joins several devices.
    pub link: Option<&'a Link>,
    /// How the engine shares a step between requests.
    pub batching: Batching,
    /// Peak bandwidth.
    pub bandwidth: BytesPerSecond,
    /// Matrix rate.
    pub compute: FlopsPerSecond,
    /// Micro-batch.
    pub ubatch: f64,
    /// Type of the cached keys.
    pub key_type: CacheType,
    /// Type of the cached values.
    pub value_type: CacheType,
    /// Share of the experts that related tokens draw from.
    pub expert_pool: f64,
    /// Exponent of the tokens that one expert sees.
    pub expert_batch_power: f64,
    /// To learn from: a time between tokens given beside a wall rate is the
    /// better measurement. An outside row is taken at its rate.
    pub teach: bool,
}

impl Bench<'_> {
    /// The work of a point.
    pub fn work(&self, point: &Point) -> Work {
        match self.series.metric {
            Metric::Prefill => self.prefill(point),
            Metric::Ttft => self.first_token(point),
            Metric::Decode | Metric::Aggregate => self.decode(point),
        }
    }

    fn prefill(&self, point: &Point) -> Work {
        let mut assumed = Vec::new();
        let prompt = self.prompt(point, &mut assumed) * f64::from(point.batch.max(1));
        let cached = point.depth.map_or(0.0, f64::from);
        Work {
            terms: self.prefill_of(prompt, cached),
            tokens: prompt,
            seconds: prompt / point.value,
            depth: cached,
            assumed,
        }
    }

    fn first_token(&self, point: &Point) -> Work {
        let mut assumed = Vec::new();
        let prompt = self.prompt(point, &mut assumed);
        let cached = point.depth.map_or(0.0, f64::from);
        let mut terms = self
            .prefill_of(prompt, cached)
            .then(self.step(1, prompt + cached));
        terms.add("server", 1e-3, &[Parameter::ServerTime], Bound::Overhead);
        Work {
            terms,
            tokens: 1.0,
            seconds: point.value / 1e3,
            depth: cached,
            assumed,
        }
    }

    fn decode(&self, point: &Point) -> Work {
        let mut assumed = Vec::new();
        let clients = point.batch.max(1);
        let generated = point.generated.map_or(USUAL_GENERATED, f64::from);
        let start = match (point.depth, self.series.local_score) {
            (Some(depth), _) => f64::from(depth),
            (None, true) => LOCAL_SCORE_DEPTH,
            (None, false) => {
                assumed.push("depth not stated: the prompt's length assumed".to_owned());
                point.prompt.map_or(0.0, f64::from)
            }
        };
        let depth = start + generated / 2.0;
        let batch = self.together(clients, start + generated);
        let step = self.step(batch, depth);
        if let Some(interval) = point.itl_p50_ms.filter(|_| clients == 1 && self.teach) {
            return Work {
                terms: step,
                tokens: 1.0,
                seconds: interval / 1e3,
                depth: start,
                assumed,
            };
        }
        // All copies work at once: each is one of them, at its share of the rate.
        let count = f64::from(batch);
        let each = point.value / f64::from(self.copies().min(clients));
        let pure = self.series.timing != Some(Timing::Wall)
            || matches!(
                self.series.protocol,
                Some(Protocol::Pure | Protocol::WallCached)
            );
        if pure {
            return Work {
                terms: step,
                tokens: count,
                seconds: count / each,
                depth: start,
                assumed,
            };
        }
        let prompt = self.prompt(point, &mut assumed);
        let prefills = if self.series.protocol == Some(Protocol::Span) {
            count - 1.0
        } else {
            count
        };
        let inside: &[Parameter] = if batch > 1 {
            &[Parameter::PrefillInside]
        } else {
            &[]
        };
        let terms = self
            .prefill_of(prompt, 0.0)
            .scaled(prefills)
            .with(inside)
            .then(step.scaled(generated));
        let tokens = count * generated;
        Work {
            terms,
            tokens,
            seconds: tokens / each,
            depth: start,
            assumed,
        }
    }

    /// Independent copies of the model.
    fn copies(&self) -> u32 {
        let all = if self.split() == Split::Replicas {
            self.series.devices
        } else {
            1
        };
        self.series
            .replicas
            .unwrap_or(all)
            .clamp(1, self.series.devices.max(1))
    }

    /// Devices of one copy.
    fn devices(&self) -> u32 {
        (self.series.devices / self.copies()).max(1)
    }

    fn split(&self) -> Split {
        Split::from_name(&self.series.split).unwrap_or(Split::None)
    }

    /// How the devices of one copy share it.
    fn inner_split(&self) -> Split {
        match (self.devices(), self.split()) {
            (1, _) => Split::None,
            (_, Split::Layer) => Split::Layer,
            _ => Split::Tensor,
        }
    }

    /// Sequences that one copy really decodes together, each of so many tokens:
    /// no more than slots, and than the pool of cache left beside the weights.
    fn together(&self, clients: u32, tokens: f64) -> u32 {
        let each = clients.div_ceil(self.copies());
        let slots = self.series.slots.or(match self.batching {
            Batching::Slots(slots) => Some(slots),
            Batching::Sequential => Some(1),
            Batching::Continuous => None,
        });
        let batch = each.min(slots.unwrap_or(u32::MAX));
        let Some(memory) = self.device.memory.as_ref().filter(|_| batch > 1) else {
            return batch;
        };
        if super::subject::packaging(&self.series.engine) != Packaging::Safetensors {
            return batch;
        }
        let devices = f64::from(self.devices());
        let pool = memory.total.as_f64() * devices * POOL_SHARE
            - self.subject.weights.loaded_bytes().as_f64()
            - POOL_RESERVE * devices;
        let sequence = read_at_depth(
            &self.subject.architecture,
            tokens as u64,
            self.key_type,
            self.value_type,
        );
        let room = (pool / sequence.as_f64().max(1.0)).floor();
        if room < 1.0 {
            // It ran, so the weights are smaller than the quant's name says: no cap is known.
            return batch;
        }
        f64::from(batch).min(room) as u32
    }

    fn prompt(&self, point: &Point, assumed: &mut Vec<String>) -> f64 {
        if let Some(prompt) = point.prompt.filter(|prompt| *prompt > 0) {
            return f64::from(prompt);
        }
        if self.series.local_score {
            return LOCAL_SCORE_PROMPT;
        }
        let short = self.series.metric == Metric::Decode && point.batch <= 1;
        let prompt = if short { SHORT_PROMPT } else { USUAL_PROMPT };
        assumed.push(format!("prompt not stated: {prompt} tokens assumed"));
        prompt
    }

    fn step(&self, batch: u32, depth: f64) -> Terms {
        let split = self.inner_split();
        let devices = self.devices();
        // Engines that pipeline keep every stage of a layer split busy with its part of the batch.
        let pipelined = split == Split::Layer && self.batching == Batching::Continuous;
        let in_stage = if pipelined {
            batch.div_ceil(devices)
        } else {
            batch
        };
        let terms = decode_terms(&Decoding {
            architecture: &self.subject.architecture,
            weights: &self.subject.weights,
            bandwidth: self.bandwidth,
            compute: self.compute,
            share: self.share(),
            batch: in_stage,
            depth: depth as u64,
            key_type: self.key_type,
            value_type: self.value_type,
            expert_pool: self.expert_pool,
        });
        terms.then(self.link_terms(f64::from(in_stage), 1.0))
    }

    fn prefill_of(&self, prompt: f64, cached: f64) -> Terms {
        let terms = prefill_terms(&Prefilling {
            architecture: &self.subject.architecture,
            weights: &self.subject.weights,
            bandwidth: self.bandwidth,
            compute: self.compute,
            share: self.share(),
            prompt,
            cached,
            ubatch: self.ubatch,
            expert_batch_power: self.expert_batch_power,
        });
        let chunks = (prompt / self.ubatch).ceil().max(1.0);
        let terms = terms.then(self.link_terms(prompt.min(self.ubatch), chunks));
        if self.inner_split() == Split::Layer {
            return terms.scaled(1.0 / pipeline_speedup(self.devices(), chunks));
        }
        terms
    }

    fn share(&self) -> f64 {
        if self.inner_split() == Split::Tensor {
            1.0 / f64::from(self.devices())
        } else {
            1.0
        }
    }

    fn link_terms(&self, tokens: f64, steps: f64) -> Terms {
        let architecture = &self.subject.architecture;
        match (self.link, self.inner_split()) {
            (Some(link), Split::Tensor) => {
                tensor_link_terms(architecture, link, self.devices(), tokens).scaled(steps)
            }
            (Some(link), Split::Layer) => {
                layer_link_terms(architecture, link, self.devices(), tokens).scaled(steps)
            }
            _ => Terms::default(),
        }
    }
}
