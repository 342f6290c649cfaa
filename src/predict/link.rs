//! What several devices say to each other.

use crate::machine::Link;
use crate::model::Architecture;

use super::bound::Bound;
use super::constants::Parameter;
use super::terms::Terms;

/// Bytes of one activation: engines exchange FP16 or BF16.
const ACTIVATION_BYTES: f64 = 2.0;
/// All-reduces of a transformer layer: after the mixer and after the feed-forward part.
const REDUCES_PER_LAYER: f64 = 2.0;

/// What all-reduces add to a step of `tokens` tokens in a tensor split over
/// `devices`: the latency of each collective once, and the volume of a ring
/// all-reduce, `tokens x hidden x 2 bytes x 2(n-1)/n`, at the link's rate.
pub fn tensor_link_terms(
    architecture: &Architecture,
    link: &Link,
    devices: u32,
    tokens: f64,
) -> Terms {
    let reduces = REDUCES_PER_LAYER * architecture.layers.len() as f64;
    let mut terms = Terms::default();
    terms.add(
        "link latency",
        reduces * link.latency.0,
        &[Parameter::LinkTime],
        Bound::Link,
    );
    let volume = reduces * reduce_bytes(architecture, devices, tokens);
    let seconds = volume / link.collective_bandwidth().0;
    terms.add(
        "link volume",
        seconds,
        &[Parameter::LinkVolume],
        Bound::Link,
    );
    terms
}

/// Bytes that one device sends in one all-reduce of `tokens` tokens.
fn reduce_bytes(architecture: &Architecture, devices: u32, tokens: f64) -> f64 {
    let n = f64::from(devices);
    tokens * f64::from(architecture.hidden) * ACTIVATION_BYTES * 2.0 * (n - 1.0) / n
}

/// What handing activations from device to device adds to a step of `tokens`
/// tokens in a layer split.
pub fn layer_link_terms(
    architecture: &Architecture,
    link: &Link,
    devices: u32,
    tokens: f64,
) -> Terms {
    let hops = f64::from(devices - 1);
    let volume = tokens * f64::from(architecture.hidden) * ACTIVATION_BYTES;
    let mut terms = Terms::default();
    let seconds = hops * (link.hop.0 + volume / link.copy_bandwidth().0);
    terms.add("link hops", seconds, &[Parameter::HopTime], Bound::Link);
    terms
}

/// How much faster a pipeline of `devices` stages works through `chunks`
/// chunks than one device: `n m / (m + n - 1)`.
pub fn pipeline_speedup(devices: u32, chunks: f64) -> f64 {
    let n = f64::from(devices);
    n * chunks / (chunks + n - 1.0)
}

#[cfg(test)]
mod tests {
    use super::pipeline_speedup;

    #[test]
    fn a_pipeline_needs_chunks_to_fill() {
        assert!((pipeline_speedup(4, 1.0) - 1.0).abs() < 1e-12);
        // 4 x 16 / 19 = 3.368: four Macs at 32k tokens in chunks of 2,048 measured 3.39.
        assert!((pipeline_speedup(4, 16.0) - 3.368_42).abs() < 1e-4);
    }
}
