//! A series of measurements as a table of the data files, for an overlay or a
//! contribution.

use std::fmt::Write;

use crate::evidence::{Metric, Point, Protocol, Series, Timing};

/// A series as TOML, in the order of keys that the data files have. The device
/// comes first: in the built-in data it is the file's name.
pub fn series_toml(series: &Series) -> String {
    let mut table = Table("[[series]]\n".to_owned());
    table.text("device", Some(&series.device));
    table.text("metric", Some(metric(series.metric)));
    table.text("machine", series.machine.as_deref());
    table.plain("devices", Some(series.devices));
    table.text("split", Some(&series.split));
    table.text("link", series.link.as_deref());
    table.text("engine", Some(&series.engine));
    table.text("engine_version", series.engine_version.as_deref());
    table.text("backend", Some(&series.backend));
    table.text("model", Some(&series.model));
    table.text("model_named", series.model_named.as_deref());
    table.text("quant", series.quant.as_deref());
    table.text("quant_named", series.quant_named.as_deref());
    // Six decimals of a GiB are a kilobyte.
    table.plain(
        "weights_gib",
        series
            .weights
            .map(|weights| number((weights.gib() * 1e6).round() / 1e6)),
    );
    table.plain("total_params_b", series.total_params_b.map(number));
    table.plain("active_params_b", series.active_params_b.map(number));
    table.text("kv_type", series.kv_type.as_deref());
    table.plain("ubatch", series.ubatch);
    table.text("linear_backend", series.linear_backend.as_deref());
    table.plain("flash_attention", series.flash_attention);
    table.plain("power_limit_w", series.power_limit_w.map(number));
    table.plain("relative", series.relative.then_some(true));
    table.plain("speculative", series.speculative.then_some(true));
    table.text("timing", series.timing.map(timing));
    table.text("protocol", series.protocol.map(protocol));
    table.plain("replicas", series.replicas);
    table.plain("slots", series.slots);
    table.plain("local_score", series.local_score.then_some(true));
    table.plain("short_prompt", series.short_prompt.then_some(true));
    table.text("measured_by", Some(&series.measured_by));
    table.text("source", Some(&series.citation.source));
    table.text("date", Some(&series.citation.date.to_string()));
    table.text("note", series.citation.note.as_deref());
    table.text("excluded", series.excluded.as_deref());
    let points: Vec<String> = series
        .points
        .iter()
        .map(|value| format!("  {{ {} }},\n", point(value)))
        .collect();
    format!("{}points = [\n{}]\n", table.0, points.concat())
}

/// The lines of a table.
struct Table(String);

impl Table {
    fn plain(&mut self, key: &str, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            // Writing into a string cannot fail.
            let _ = writeln!(self.0, "{key} = {value}");
        }
    }

    fn text(&mut self, key: &str, value: Option<&str>) {
        self.plain(key, value.map(quoted));
    }
}

fn point(point: &Point) -> String {
    let mut keys: Vec<String> = Vec::new();
    let mut key = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            keys.push(format!("{name} = {value}"));
        }
    };
    key("id", (point.id != 0).then(|| point.id.to_string()));
    key("prompt", point.prompt.map(|value| value.to_string()));
    key("gen", point.generated.map(|value| value.to_string()));
    key("depth", point.depth.map(|value| value.to_string()));
    key("batch", Some(point.batch.to_string()));
    key("value", Some(number(point.value)));
    key("stddev", point.stddev.map(number));
    key("ttft_p50_ms", point.ttft_p50_ms.map(number));
    key("itl_p50_ms", point.itl_p50_ms.map(number));
    keys.join(", ")
}

/// A floating-point number that TOML takes for one.
fn number(value: f64) -> String {
    format!("{value:?}")
}

/// A basic string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            // TOML's escapes for control characters are those of JSON.
            char if char.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(char));
            }
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

/// The word for a metric in the data files.
pub(super) fn metric(metric: Metric) -> &'static str {
    match metric {
        Metric::Decode => "decode",
        Metric::Prefill => "prefill",
        Metric::Aggregate => "aggregate",
        Metric::Ttft => "ttft",
    }
}

fn timing(timing: Timing) -> &'static str {
    match timing {
        Timing::Decode => "decode",
        Timing::Wall => "wall",
    }
}

fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Pure => "pure",
        Protocol::Span => "span",
        Protocol::Wall => "wall",
        Protocol::WallCached => "wall-cached",
    }
}
