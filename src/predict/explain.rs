//! The steps of an estimate in words, for `--explain`.

use crate::units::BytesPerSecond;

use super::estimate::Weighed;
use super::host_part::HostPart;
use super::memory::Plan;
use super::scenario::Scenario;
use super::serving::Rates;
use super::trace::Trace;
use super::tuning::Tuning;

/// Records the steps of the estimate.
pub(super) fn explain(
    scenario: &Scenario<'_>,
    tuning: &Tuning,
    plan: &Plan,
    rates: Option<&Rates>,
    weighed: &[Weighed],
    trace: &mut Trace,
) {
    for (index, device) in plan.devices.iter().enumerate() {
        trace.step("memory", || {
            format!(
                "device {}: {} layers, weights {:.2} + KV {:.2} + state {:.2} + compute {:.2} + runtime and margin {:.2} = {:.2} of {:.2} GiB usable",
                index + 1,
                device.layers,
                device.weights.gib(),
                device.kv.gib(),
                device.recurrent.gib(),
                device.compute.gib(),
                device.reserve.gib(),
                device.required().gib(),
                device.usable.gib()
            )
        });
    }
    let host = plan.on_host();
    if host.0 > 0 {
        trace.step("memory", || {
            let offloaded = if plan.host.is_nothing() {
                String::new()
            } else {
                format!(
                    " + {}: weights {:.2}, KV and state {:.2}",
                    part_words(plan.host, scenario),
                    plan.offloaded.gib(),
                    plan.host_cache.gib()
                )
            };
            format!(
                "host: embedding {:.2} + buffers {:.2}{offloaded} = {:.2} GiB",
                plan.host_weights.gib(),
                plan.host_compute.gib(),
                host.gib()
            )
        });
    }
    let Some(rates) = rates else { return };
    trace.step("decode", || {
        let bandwidth = scenario
            .machine
            .device
            .bandwidth
            .map_or(0.0, BytesPerSecond::gb);
        let decode = (rates.decode * 100.0).round() / 100.0;
        let step = match rates.batch {
            1 => format!("{decode} tok/s; a token takes"),
            users => format!("{decode} tok/s for each of {users}; a token for all takes"),
        };
        format!(
            "{step}, at {bandwidth:.0} GB/s a device, {}",
            rates.step.describe(&tuning.resolved)
        )
    });
    for split in weighed.iter().filter(|_| weighed.len() > 1) {
        trace.step("split", || weighed_words(split, scenario.output));
    }
}

/// `7 whole layers and the experts of 17`.
fn part_words(part: HostPart, scenario: &Scenario<'_>) -> String {
    let divided = part.divided_layers(scenario.architecture);
    match (part.layers, divided) {
        (0, divided) => format!("the experts of {divided} layers"),
        (layers, 0) => format!("{layers} whole layers"),
        (layers, divided) => format!("{layers} whole layers and the experts of {divided}"),
    }
}

/// What a split would bring, in a line.
fn weighed_words(weighed: &Weighed, output: u64) -> String {
    let name = weighed.split.name();
    match (weighed.decode, weighed.request) {
        (Some(decode), Some(request)) => {
            let prefill = weighed
                .prefill
                .map_or(String::new(), |rate| format!(", prefill {rate:.0}"));
            format!(
                "{name}: decode {decode:.1}{prefill} tok/s, a request of {output} tokens in {request:.2} s"
            )
        }
        _ => format!("{name}: fits {}", weighed.fits.name()),
    }
}
