//! Which part of a model lies in the host's memory, in llama.cpp's own terms.
//!
//! `--gpu-layers N` keeps the last N of its layers and the output on the devices, the
//! output counting as the last: `i_gpu_start = max(n_layer + 1 - n_gpu_layers, 0)`
//! (`load_tensors` in ggml-org/llama.cpp `src/llama-model.cpp`, since 2025-12; before, the
//! output came only after all layers). A layer's cache lies where its layer does
//! (`src/llama-kv-cache.cpp`). `--n-cpu-moe N` keeps the routed experts of the first N
//! layers in the host's memory (`common/arg.cpp`, pull request 15077).

use crate::model::{Architecture, FeedForward, Layer, LayerWeights, Stored, Weights};

/// What is asked to lie in the host's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Offload {
    /// As little as lets the model run; requests beyond what the devices hold queue.
    #[default]
    Auto,
    /// As little as lets all requests run at once.
    ForAll,
    /// What the flags say.
    Asked {
        /// Layers on the devices, the output as the last of them; none for all.
        gpu_layers: Option<u32>,
        /// First layers whose routed experts the host keeps.
        expert_layers: u32,
    },
}

/// The part of a model in the host's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HostPart {
    /// First layers that lie there with their cache.
    pub layers: u32,
    /// First layers whose routed experts lie there, wherever the rest of them is.
    pub expert_layers: u32,
    /// The output lies there too.
    pub output: bool,
}

impl Offload {
    /// Everything on the devices.
    pub const NOTHING: Self = Self::Asked {
        gpu_layers: None,
        expert_layers: 0,
    };

    /// Whether the part is to be found, not said.
    pub const fn is_found(self) -> bool {
        matches!(self, Self::Auto | Self::ForAll)
    }

    /// The part that was asked for; none where it is to be found.
    pub fn part(self, architecture: &Architecture) -> Option<HostPart> {
        let Self::Asked {
            gpu_layers,
            expert_layers,
        } = self
        else {
            return None;
        };
        let layers = architecture.layers.len() as u32;
        let kept = gpu_layers.unwrap_or(layers + 1).min(layers + 1);
        let part = HostPart {
            layers: (layers + 1 - kept).min(layers),
            expert_layers: expert_layers.min(HostPart::all_experts(architecture)),
            output: kept == 0,
        };
        Some(part)
    }
}

impl HostPart {
    /// First layers that include every one with routed experts; zero without experts.
    pub fn all_experts(architecture: &Architecture) -> u32 {
        let last = architecture.layers.iter().rposition(has_experts);
        last.map_or(0, |last| last as u32 + 1)
    }

    /// Nothing lies there.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// Layers on the devices, the output counting as one, as `--gpu-layers` takes them.
    pub fn gpu_layers(self, architecture: &Architecture) -> u32 {
        let layers = architecture.layers.len() as u32 - self.layers;
        if self.output { 0 } else { layers + 1 }
    }

    /// The flags that ask for it.
    pub fn asked(self, architecture: &Architecture) -> Offload {
        Offload::Asked {
            gpu_layers: Some(self.gpu_layers(architecture)),
            expert_layers: self.expert_layers,
        }
    }

    /// Layers that run on the devices but for their routed experts.
    pub fn divided_layers(self, architecture: &Architecture) -> u32 {
        let layers = architecture.layers.iter().take(self.expert_layers as usize);
        let divided = layers.skip(self.layers as usize);
        divided.filter(|layer| has_experts(layer)).count() as u32
    }

    /// The weights of a layer that the host keeps.
    pub fn of_layer(self, layer: usize, weights: &LayerWeights) -> LayerWeights {
        if layer < self.layers as usize {
            *weights
        } else if layer < self.expert_layers as usize {
            LayerWeights {
                dense: Stored::default(),
                experts: weights.experts,
            }
        } else {
            LayerWeights::default()
        }
    }

    /// The weights that the host keeps, layer by layer, and the output.
    pub fn weights(self, weights: &Weights) -> Weights {
        Self::part_of(weights, |layer, own| self.of_layer(layer, own), self.output)
    }

    /// The weights that stay on the devices.
    pub fn rest(self, weights: &Weights) -> Weights {
        let rest = |layer, own: &LayerWeights| {
            let kept = self.of_layer(layer, own);
            LayerWeights {
                dense: own.dense - kept.dense,
                experts: own.experts - kept.experts,
            }
        };
        Self::part_of(weights, rest, !self.output)
    }

    fn part_of(
        weights: &Weights,
        of: impl Fn(usize, &LayerWeights) -> LayerWeights,
        output: bool,
    ) -> Weights {
        let mut part = weights.clone();
        for (index, layer) in part.layers.iter_mut().enumerate() {
            *layer = of(index, layer);
        }
        if !output {
            part.head = Stored::default();
            part.outside = Stored::default();
        }
        part
    }

    /// The layers that run on the host, as an architecture of their own.
    pub fn host_layers(self, architecture: &Architecture) -> Architecture {
        Architecture {
            layers: architecture.layers[..self.layers as usize].to_vec(),
            ..architecture.clone()
        }
    }

    /// The layers that run on the devices.
    pub fn device_layers(self, architecture: &Architecture) -> Architecture {
        Architecture {
            layers: architecture.layers[self.layers as usize..].to_vec(),
            ..architecture.clone()
        }
    }
}

fn has_experts(layer: &Layer) -> bool {
    matches!(layer.feed_forward, FeedForward::Experts(_))
}

#[cfg(test)]
mod tests {
    use super::{HostPart, Offload};
    use crate::model::{Architecture, ModelTable, Quant, Weights};

    /// Four layers, the first dense, the others with eight experts.
    fn model() -> Architecture {
        let table = r#"
            name = "Mixture"
            family = "glm4moe"
            layers = 4
            hidden = 1024
            vocab = 32000
            heads = 8
            kv_heads = 2
            head_dim = 128
            ffn = 4096
            max_context = 8192
            [experts]
            total = 8
            used = 2
            ffn = 512
            first_dense_layers = 1
        "#;
        let table: ModelTable = toml::from_str(table).expect("a table");
        table.architecture().expect("an architecture")
    }

    fn asked(gpu_layers: Option<u32>, expert_layers: u32) -> HostPart {
        let asked = Offload::Asked {
            gpu_layers,
            expert_layers,
        };
        asked.part(&model()).expect("a part")
    }

    #[test]
    fn the_output_is_the_last_layer() {
        // Four layers and the output: five. The first layers stay on the host.
        let hosted = [
            (99, 0, false),
            (5, 0, false),
            (4, 1, false),
            (1, 4, false),
            (0, 4, true),
        ];
        for (gpu_layers, layers, output) in hosted {
            let part = asked(Some(gpu_layers), 0);
            assert_eq!((part.layers, part.output), (layers, output), "{gpu_layers}");
            assert_eq!(part.gpu_layers(&model()), gpu_layers.min(5));
        }
        assert!(asked(None, 0).is_nothing());
        assert_eq!(Offload::Auto.part(&model()), None);
    }

    #[test]
    fn experts_of_the_first_layers() {
        // The first layer has none: two layers' experts are one layer's.
        assert_eq!(asked(None, 2).divided_layers(&model()), 1);
        assert_eq!(asked(None, u32::MAX).divided_layers(&model()), 3);
        // Layers that lie on the host wholly are not divided.
        assert_eq!(asked(Some(3), 3).divided_layers(&model()), 1);
    }

    #[test]
    fn the_parts_are_the_whole() {
        let model = model();
        let quant = Quant::from_id("q4_k_m").expect("a quant");
        let weights = Weights::of(&model, &quant).expect("weights");
        for part in [
            asked(Some(3), 3),
            asked(Some(0), 0),
            asked(None, 4),
            asked(None, 0),
        ] {
            let (host, rest) = (part.weights(&weights), part.rest(&weights));
            let all = |weights: &Weights| {
                weights.dense_read() + weights.experts_total() + weights.head_read()
            };
            assert_eq!(all(&host) + all(&rest), all(&weights), "{part:?}");
        }
        // Two layers and the experts of the third.
        let host = asked(Some(3), 3).weights(&weights);
        let layers = &weights.layers;
        assert_eq!(host.experts_total(), layers[1].experts + layers[2].experts);
        assert_eq!(host.dense_read(), layers[0].dense + layers[1].dense);
        assert_eq!(asked(Some(3), 3).host_layers(&model).layers.len(), 2);
    }
}
