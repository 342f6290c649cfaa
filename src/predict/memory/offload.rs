//! What to leave in the host's memory where a model does not fit the devices.

use crate::model::{LayerWeights, Stored, tensors};
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

/// The largest tensors of each layer, for what the first device takes in one at a time.
///
/// A micro-batch of a prompt is computed there: "by starting a new split, the memory of the
/// previously offloaded weights can be reused" (`ggml_backend_sched_split_graph` in
/// ggml-org/llama.cpp `ggml/src/ggml-backend.cpp`). A layer's bytes are shared out by
/// elements.
pub(super) struct LargestTensors(Vec<LayerWeights>);

impl LargestTensors {
    /// Those of a model.
    pub(super) fn of(scenario: &Scenario<'_>) -> Self {
        let layers = &scenario.weights.layers;
        let mut largest = vec![LayerWeights::default(); layers.len()];
        for tensor in tensors(scenario.architecture) {
            let layer = tensor.layer.map(|layer| layer as usize);
            let own = layer.and_then(|layer| Some((layers.get(layer)?, largest.get_mut(layer)?)));
            let Some((all, most)) = own.filter(|_| !tensor.mtp) else {
                continue;
            };
            let (all, most) = if tensor.routed {
                (all.experts, &mut most.experts)
            } else {
                (all.dense, &mut most.dense)
            };
            let params = tensor.elements().unwrap_or(0).min(all.params);
            let share = params as f64 / all.params.max(1) as f64;
            if params > most.params {
                let bytes = Bytes((all.bytes.as_f64() * share) as u64);
                *most = Stored { params, bytes };
            }
        }
        Self(largest)
    }

    /// The largest that a part on the host has.
    pub(super) fn in_part(&self, part: HostPart) -> Bytes {
        let layers = self.0.iter().enumerate();
        let kept = layers.map(|(index, largest)| part.of_layer(index, largest));
        let sizes = kept.map(|kept| kept.dense.bytes.max(kept.experts.bytes));
        sizes.max().unwrap_or(Bytes::ZERO)
    }
}
