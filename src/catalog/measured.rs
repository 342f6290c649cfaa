//! `data/measured/*.toml`: published measurements as series.

use serde::Deserialize;

use super::citation::{citation, positive};
use super::document::{Row, Rules};
use super::fault::Fault;
use crate::evidence::{Metric, Point, Protocol, Series, Timing};
use crate::units::{Bytes, Date};

/// A series as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSeries {
    metric: RawMetric,
    /// Device id, where the file's name does not say it (an overlay).
    device: Option<String>,
    machine: Option<String>,
    #[serde(default = "one")]
    devices: u32,
    split: Option<String>,
    link: Option<String>,
    engine: String,
    engine_version: Option<String>,
    backend: String,
    model: String,
    model_named: Option<String>,
    quant: Option<String>,
    quant_named: Option<String>,
    weights_gib: Option<f64>,
    total_params_b: Option<f64>,
    active_params_b: Option<f64>,
    kv_type: Option<String>,
    ubatch: Option<u32>,
    linear_backend: Option<String>,
    flash_attention: Option<bool>,
    power_limit_w: Option<f64>,
    #[serde(default)]
    relative: bool,
    #[serde(default)]
    speculative: bool,
    timing: Option<RawTiming>,
    protocol: Option<RawProtocol>,
    replicas: Option<u32>,
    slots: Option<u32>,
    #[serde(default)]
    local_score: bool,
    #[serde(default)]
    short_prompt: bool,
    measured_by: Option<String>,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
    excluded: Option<String>,
    points: Vec<RawPoint>,
}

const fn one() -> u32 {
    1
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawMetric {
    Decode,
    Prefill,
    Aggregate,
    Ttft,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawTiming {
    Decode,
    Wall,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawProtocol {
    Pure,
    Span,
    Wall,
    WallCached,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPoint {
    #[serde(default)]
    id: u32,
    prompt: Option<u32>,
    #[serde(rename = "gen")]
    generated: Option<u32>,
    depth: Option<u32>,
    batch: Option<u32>,
    value: f64,
    stddev: Option<f64>,
    ttft_p50_ms: Option<f64>,
    itl_p50_ms: Option<f64>,
}

/// A validated series. The device is the file's own (`gb10.toml`) unless the
/// series names one.
pub fn series(
    row: Row<'_, RawSeries>,
    file_device: &str,
    rules: Rules,
    faults: &mut Vec<Fault>,
) -> Series {
    let Row { raw, place, .. } = row;
    let citation = citation(raw.source, raw.date, raw.note, &place, rules.today, faults);
    positive(
        &[
            ("devices", Some(f64::from(raw.devices))),
            ("weights_gib", raw.weights_gib),
        ],
        &place,
        faults,
    );
    if raw.points.is_empty() {
        faults.push(place.fault(
            "points",
            "the series has no points",
            "add at least one `{ value = ... }`",
        ));
    }
    if raw.points.iter().any(|point| point.value <= 0.0) {
        faults.push(place.fault(
            "points",
            "a point's value is zero",
            "take the point out: nothing was measured",
        ));
    }
    Series {
        metric: match raw.metric {
            RawMetric::Decode => Metric::Decode,
            RawMetric::Prefill => Metric::Prefill,
            RawMetric::Aggregate => Metric::Aggregate,
            RawMetric::Ttft => Metric::Ttft,
        },
        machine: raw.machine,
        device: raw.device.unwrap_or_else(|| file_device.to_owned()),
        devices: raw.devices,
        split: raw.split.unwrap_or_else(|| "none".to_owned()),
        link: raw.link,
        engine: raw.engine,
        engine_version: raw.engine_version,
        backend: raw.backend,
        model: raw.model,
        model_named: raw.model_named,
        quant: raw.quant,
        quant_named: raw.quant_named,
        weights: raw.weights_gib.map(Bytes::from_gib),
        total_params_b: raw.total_params_b,
        active_params_b: raw.active_params_b,
        kv_type: raw.kv_type,
        ubatch: raw.ubatch,
        linear_backend: raw.linear_backend,
        flash_attention: raw.flash_attention,
        power_limit_w: raw.power_limit_w,
        relative: raw.relative,
        speculative: raw.speculative,
        timing: raw.timing.map(|timing| match timing {
            RawTiming::Decode => Timing::Decode,
            RawTiming::Wall => Timing::Wall,
        }),
        protocol: raw.protocol.map(|protocol| match protocol {
            RawProtocol::Pure => Protocol::Pure,
            RawProtocol::Span => Protocol::Span,
            RawProtocol::Wall => Protocol::Wall,
            RawProtocol::WallCached => Protocol::WallCached,
        }),
        replicas: raw.replicas,
        slots: raw.slots,
        local_score: raw.local_score,
        short_prompt: raw.short_prompt,
        measured_by: raw.measured_by.unwrap_or_else(|| citation.source.clone()),
        citation,
        excluded: raw.excluded,
        points: raw.points.into_iter().map(Point::from).collect(),
    }
}

impl From<RawPoint> for Point {
    fn from(raw: RawPoint) -> Self {
        Self {
            id: raw.id,
            prompt: raw.prompt,
            generated: raw.generated,
            depth: raw.depth,
            batch: raw.batch.unwrap_or(1),
            value: raw.value,
            stddev: raw.stddev,
            ttft_p50_ms: raw.ttft_p50_ms,
            itl_p50_ms: raw.itl_p50_ms,
        }
    }
}
