//! What a measured point timed, as terms of the estimator.

use crate::evidence::{Metric, Point, Protocol, Series, Timing};
use crate::machine::Device;
use crate::model::Packaging;
use crate::predict::memory::{VLLM_MEMORY_SHARE, vllm_batched_tokens, vllm_overhead};
use crate::predict::{Instance, Split, Terms};

/// Tokens that llama-bench generates unless told otherwise.
const USUAL_GENERATED: f64 = 128.0;
/// Mean prompt of `LocalScore`'s nine shapes, as time to first token times prefill rate shows.
const LOCAL_SCORE_PROMPT: f64 = 1300.0;
/// Mean depth of `LocalScore`'s nine shapes.
const LOCAL_SCORE_DEPTH: f64 = 1500.0;
/// Sequences that vLLM schedules at most (`max_num_seqs`), which its trial run allows for.
const SCHEDULED: u32 = 256;
/// Prompt assumed where a run with prefill inside states none.
const USUAL_PROMPT: f64 = 512.0;
/// Prompt of a single chat run that states none, and of prompts called short: a question of
/// a line or two.
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
    /// Where it ran.
    pub device: &'a Device,
    /// One copy of the model, as the series had it.
    pub instance: Instance<'a>,
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
        let prompt = self.prompt(point, &mut assumed);
        let requests = f64::from(point.batch.max(1));
        let tokens = requests * prompt;
        let cached = point.depth.map_or(0.0, f64::from);
        Work {
            terms: self.instance.prefill(requests, prompt, cached),
            tokens,
            seconds: tokens / point.value,
            depth: cached,
            assumed,
        }
    }

    fn first_token(&self, point: &Point) -> Work {
        let mut assumed = Vec::new();
        let prompt = self.prompt(point, &mut assumed);
        let cached = point.depth.map_or(0.0, f64::from);
        Work {
            terms: self.instance.first_token(point.batch, prompt, cached),
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
        let work = |terms, tokens, seconds, assumed| Work {
            terms,
            tokens,
            seconds,
            depth: start,
            assumed,
        };
        let step = || self.instance.step(batch, depth);
        if let Some(interval) = point.itl_p50_ms.filter(|_| clients == 1 && self.teach) {
            return work(step(), 1.0, interval / 1e3, assumed);
        }
        // All copies work at once: each is one of them, at its share of the rate.
        let count = f64::from(batch);
        let each = point.value / f64::from(copies(self.series).min(clients));
        let pure = self.series.timing != Some(Timing::Wall)
            || matches!(
                self.series.protocol,
                Some(Protocol::Pure | Protocol::WallCached)
            );
        if pure {
            return work(step(), count, count / each, assumed);
        }
        let prompt = self.prompt(point, &mut assumed);
        let prefills = if self.series.protocol == Some(Protocol::Span) {
            count - 1.0
        } else {
            count
        };
        let terms = self
            .instance
            .run(batch, prefills, prompt, 0.0, generated, depth);
        let tokens = count * generated;
        work(terms, tokens, tokens / each, assumed)
    }

    /// Sequences that one copy really decodes together, each of so many tokens:
    /// no more than slots, and than the pool of cache left beside the weights.
    fn together(&self, clients: u32, tokens: f64) -> u32 {
        let instance = &self.instance;
        let each = clients.div_ceil(copies(self.series));
        let slots = self.series.slots.or(instance.batching.slots());
        let batch = each.min(slots.unwrap_or(u32::MAX));
        let Some(memory) = self.device.memory.as_ref().filter(|_| batch > 1) else {
            return batch;
        };
        if super::subject::packaging(&self.series.engine) != Packaging::Safetensors {
            return batch;
        }
        let batched = vllm_batched_tokens(memory.total);
        let reserve = vllm_overhead(instance.architecture, batched, SCHEDULED).total();
        let free = (memory.total.as_f64() * VLLM_MEMORY_SHARE - reserve.as_f64())
            * f64::from(instance.devices);
        let pool = free - instance.weights.loaded_bytes().as_f64();
        // Where no room is left and yet it ran, the weights are smaller than the
        // quant's name says: no cap is known.
        let room = (pool / instance.sequence_bytes(tokens).as_f64().max(1.0)).floor();
        if room < 1.0 {
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
        let single = self.series.metric == Metric::Decode && point.batch <= 1;
        let short = single || self.series.short_prompt;
        let prompt = if short { SHORT_PROMPT } else { USUAL_PROMPT };
        assumed.push(format!("prompt not stated: {prompt} tokens assumed"));
        prompt
    }
}

/// Independent copies of the model in a series.
fn copies(series: &Series) -> u32 {
    let all = if split(series) == Split::Replicas {
        series.devices
    } else {
        1
    };
    series
        .replicas
        .unwrap_or(all)
        .clamp(1, series.devices.max(1))
}

/// Devices of one copy.
pub fn devices_of_copy(series: &Series) -> u32 {
    (series.devices / copies(series)).max(1)
}

/// How the devices of one copy share it.
pub fn split_of_copy(series: &Series) -> Split {
    match (devices_of_copy(series), split(series)) {
        (1, _) => Split::None,
        (_, Split::Layer) => Split::Layer,
        _ => Split::Tensor,
    }
}

fn split(series: &Series) -> Split {
    Split::from_name(&series.split).unwrap_or(Split::None)
}
