//! What to leave in the host's memory where a model does not fit the devices.

use crate::model::tensors;
use crate::units::Bytes;

use super::super::engine::Offloading;
use super::super::host_part::HostPart;
use super::super::scenario::Scenario;

/// What the engine could leave in the host's memory, a little more each time: the routed
/// experts of one layer after another where it can part them, since a token uses few of
/// them, then whole layers, and the output last. llama.cpp's own fitting goes the same way
/// (`--fit`: dense weights of all layers first, then whole layers from the back).
pub(super) fn steps(scenario: &Scenario<'_>) -> Vec<HostPart> {
    let architecture = scenario.architecture;
    let layers = architecture.layers.len() as u32;
    let experts = match scenario.engine.offloads {
        Some(Offloading::Experts) => HostPart::all_experts(architecture),
        Some(Offloading::Layers) => 0,
        None => return Vec::new(),
    };
    let part = |layers, expert_layers, output| HostPart {
        layers,
        expert_layers,
        output,
    };
    let first = (1..=experts).map(|expert_layers| part(0, expert_layers, false));
    let then = (1..=layers).map(|layers| part(layers, experts, false));
    first
        .filter(|part| part.divided_layers(architecture) > 0)
        .chain(then)
        .chain([part(layers, experts, true)])
        .collect()
}

/// The largest tensor that the host keeps. A micro-batch of a prompt is computed on the
/// first device, which takes these tensors in one at a time: "by starting a new split, the
/// memory of the previously offloaded weights can be reused"
/// (`ggml_backend_sched_split_graph` in ggml-org/llama.cpp `ggml/src/ggml-backend.cpp`).
/// A layer's bytes are shared out by elements.
pub(super) fn largest_tensor(scenario: &Scenario<'_>, part: HostPart) -> Bytes {
    let host = part.weights(scenario.weights);
    let sizes = tensors(scenario.architecture)
        .into_iter()
        .filter_map(|tensor| {
            let layer = host.layers.get(tensor.layer? as usize)?;
            let whole = if tensor.routed {
                layer.experts
            } else {
                layer.dense
            };
            let share = tensor.elements()? as f64 / whole.params as f64;
            (whole.params > 0 && !tensor.mtp).then(|| Bytes((whole.bytes.as_f64() * share) as u64))
        });
    sizes.max().unwrap_or(Bytes::ZERO)
}
