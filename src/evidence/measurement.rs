//! Published measurements, kept as series: what one person measured on one
//! set-up, with the points that vary.

use super::Citation;
use crate::units::Bytes;

/// What a series measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Output tokens a second of one sequence.
    Decode,
    /// Prompt tokens a second.
    Prefill,
    /// Output tokens a second of all sequences together.
    Aggregate,
    /// Milliseconds to the first token.
    Ttft,
}

/// Whether a rate counts decoding alone or the whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timing {
    /// Pure decoding.
    Decode,
    /// Output tokens over the whole time, prefill inside.
    Wall,
}

/// What an aggregate rate divides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// All sequences decode at the same depth, nothing else runs (llama-batched-bench).
    Pure,
    /// From the first first-token to the last token, prefills interleaved (llama-benchy).
    Span,
    /// The whole run, queue and prefill included.
    Wall,
    /// The whole run with prompts found in the cache.
    WallCached,
}

/// One measured value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The row's number in the corpus; 0 for a user's own.
    pub id: u32,
    /// Prompt tokens processed, where known.
    pub prompt: Option<u32>,
    /// Tokens generated, where known.
    pub generated: Option<u32>,
    /// Tokens in the KV cache before; unknown is not zero.
    pub depth: Option<u32>,
    /// Sequences (clients) together.
    pub batch: u32,
    /// The value in the unit of the metric.
    pub value: f64,
    /// Its standard deviation, where given.
    pub stddev: Option<f64>,
    /// Median time to the first token in milliseconds, where given beside a rate.
    pub ttft_p50_ms: Option<f64>,
    /// Median time between tokens in milliseconds, where given beside a rate.
    pub itl_p50_ms: Option<f64>,
}

/// The series with the points of those that differ in nothing else joined, in the order
/// of the first of each: a table has a row, and so a series, for each point.
pub fn gather(series: Vec<Series>) -> Vec<Series> {
    let mut set_ups: Vec<Series> = Vec::new();
    let mut points: Vec<Vec<Point>> = Vec::new();
    for mut one in series {
        let own = std::mem::take(&mut one.points);
        if let Some(known) = set_ups.iter().position(|set_up| *set_up == one) {
            points[known].extend(own);
        } else {
            set_ups.push(one);
            points.push(own);
        }
    }
    for (set_up, points) in set_ups.iter_mut().zip(points) {
        set_up.points = points;
    }
    set_ups
}

impl Series {
    /// The sweep that its rates compare within, where they compare with nothing else: one
    /// person's rates of one load on one set-up, whatever the power limit.
    pub fn sweep(&self) -> Option<String> {
        self.relative.then(|| {
            let quant = self.quant.as_deref().unwrap_or("unknown");
            let load = match self.metric {
                Metric::Decode => "decode",
                Metric::Prefill => "prefill",
                Metric::Aggregate => "aggregate",
                Metric::Ttft => "ttft",
            };
            format!(
                "sweep {} {} {} {} {quant} {load}",
                self.measured_by, self.device, self.engine, self.model
            )
        })
    }
}

/// A series of measurements: one person, one set-up.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What is measured.
    pub metric: Metric,
    /// The machine as the source calls it.
    pub machine: Option<String>,
    /// Device id of the catalogue.
    pub device: String,
    /// Number of devices.
    pub devices: u32,
    /// `none`, `layer`, `tensor` or `replicas`.
    pub split: String,
    /// Link id between the devices, where known.
    pub link: Option<String>,
    /// Engine id.
    pub engine: String,
    /// Its version, as the source gives it.
    pub engine_version: Option<String>,
    /// `cuda`, `metal`, ...
    pub backend: String,
    /// Model id of the catalogue, or the source's own name where unknown there.
    pub model: String,
    /// The source's own name of the model, where it differs.
    pub model_named: Option<String>,
    /// Quant id, where known.
    pub quant: Option<String>,
    /// The source's own name of the quant, where it differs.
    pub quant_named: Option<String>,
    /// Size of the weights as printed.
    pub weights: Option<Bytes>,
    /// Total parameters in 1e9 as stated.
    pub total_params_b: Option<f64>,
    /// Active parameters in 1e9 as stated.
    pub active_params_b: Option<f64>,
    /// Type of the KV cache, where stated.
    pub kv_type: Option<String>,
    /// Micro-batch, where stated.
    pub ubatch: Option<u32>,
    /// Kernels of the linear layers where not the engine's own choice, as vLLM's
    /// `--linear-backend` and `--moe-backend` name them: `marlin`.
    pub linear_backend: Option<String>,
    /// Flash attention, where stated.
    pub flash_attention: Option<bool>,
    /// Power limit of each device in watts, where one was set.
    pub power_limit_w: Option<f64>,
    /// Rates compare only with those of the same sweep of limits: their level is not a
    /// decode or prefill rate as others mean it (chunks counted, wall time).
    pub relative: bool,
    /// Speculative decoding was on.
    pub speculative: bool,
    /// What the rate counts.
    pub timing: Option<Timing>,
    /// What an aggregate divides by.
    pub protocol: Option<Protocol>,
    /// Independent copies behind one address.
    pub replicas: Option<u32>,
    /// Slots of the server: more clients than that queue.
    pub slots: Option<u32>,
    /// Prompts of a line or two, by the author's words, where their length is not stated.
    pub short_prompt: bool,
    /// A `LocalScore` row: a mean over nine prompt shapes with an old engine.
    pub local_score: bool,
    /// Who measured.
    pub measured_by: String,
    /// Where it was published.
    pub citation: Citation,
    /// Why the series is shown but never fitted; none for a good one.
    pub excluded: Option<String>,
    /// The values.
    pub points: Vec<Point>,
}
