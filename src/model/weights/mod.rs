//! Bytes of weights: one model at one quant, by part and by type.

mod parts;
mod scale;

pub use parts::{Exactness, LayerWeights, Stored, WeightsError};

use std::collections::BTreeMap;

use super::architecture::{Architecture, Experts};
use super::quant::{Layout, Quant, TensorType};
use super::tensors::{Role, Tensor, tensors};
use crate::units::Bytes;

/// The weights of one model at one quant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    /// The quant.
    pub quant: Quant,
    /// The token embedding.
    pub embedding: Stored,
    /// A second embedding that feeds each layer: a lookup, never read as a whole.
    pub per_layer_embedding: Stored,
    /// Loaded and never read: projections of layers that reuse another's KV cache.
    pub unused: Stored,
    /// The head; the embedding itself where it is tied.
    pub head: Stored,
    /// Embedding and head are one tensor, counted once.
    pub tied: bool,
    /// What is read for each token outside the layers: the last norm, rotary tables.
    pub outside: Stored,
    /// Layer by layer.
    pub layers: Vec<LayerWeights>,
    /// Multi-token-prediction blocks: in the file, not loaded.
    pub mtp: Stored,
    /// Loaded bytes by type (without the multi-token-prediction blocks).
    pub by_type: BTreeMap<TensorType, Bytes>,
    /// How well the bytes are known.
    pub exactness: Exactness,
}

impl Weights {
    /// Counts the tensors of the architecture at the quant.
    ///
    /// # Errors
    /// The quant is not defined for the architecture, or a hyper-parameter is absurd.
    pub fn of(architecture: &Architecture, quant: &Quant) -> Result<Self, WeightsError> {
        let needs_experts = match quant.layout {
            Layout::GgufMxfp4F16 => true,
            Layout::Parts(parts) => parts.are_experts_only(),
            _ => false,
        };
        if needs_experts && architecture.experts().is_none() {
            return Err(WeightsError::NeedsExperts {
                quant: quant.id.clone(),
            });
        }
        let list = tensors(architecture);
        let placed = quant.place(architecture, &list);
        let sized = list
            .iter()
            .zip(placed)
            .map(|(tensor, (tensor_type, bytes))| (tensor, tensor_type, bytes));
        let exactness = match quant.layout {
            Layout::Gguf(_) | Layout::GgufMxfp4F16 => Exactness::Recipe,
            Layout::Near(_) => Exactness::Nearest(format!(
                "{} follows no published recipe: counted as llama.cpp's nearest mix",
                quant.id
            )),
            _ => Exactness::Layout,
        };
        Self::sum(quant, architecture.layers.len(), sized, exactness)
    }

    /// Sums tensors whose types are known, as from a file's header.
    ///
    /// # Errors
    /// The sizes exceed what 64 bits can count.
    pub fn sum<'a>(
        quant: &Quant,
        layers: usize,
        sized: impl Iterator<Item = (&'a Tensor, TensorType, Option<Bytes>)>,
        exactness: Exactness,
    ) -> Result<Self, WeightsError> {
        let mut weights = Self {
            quant: quant.clone(),
            embedding: Stored::default(),
            per_layer_embedding: Stored::default(),
            unused: Stored::default(),
            head: Stored::default(),
            tied: true,
            outside: Stored::default(),
            layers: vec![LayerWeights::default(); layers],
            mtp: Stored::default(),
            by_type: BTreeMap::new(),
            exactness,
        };
        let mut total = Stored::default();
        for (tensor, tensor_type, bytes) in sized {
            tensor
                .elements()
                .zip(bytes)
                // Everything is part of the total, so that no later sum can overflow.
                .and_then(|(params, bytes)| total.add(params, bytes).map(|()| (params, bytes)))
                .and_then(|(params, bytes)| weights.take(tensor, tensor_type, params, bytes))
                .ok_or_else(|| WeightsError::TooLarge {
                    tensor: tensor.name(),
                })?;
        }
        if weights.tied {
            weights.head = weights.embedding;
        }
        Ok(weights)
    }

    fn take(
        &mut self,
        tensor: &Tensor,
        tensor_type: TensorType,
        params: u64,
        bytes: Bytes,
    ) -> Option<()> {
        if tensor.mtp {
            return self.mtp.add(params, bytes);
        }
        *self.by_type.entry(tensor_type).or_default() += bytes;
        let layer = tensor
            .layer
            .and_then(|index| self.layers.get_mut(index as usize));
        match (tensor.role, layer) {
            (Role::TokenEmbedding, _) => self.embedding.add(params, bytes),
            (Role::PerLayerEmbedding, _) => self.per_layer_embedding.add(params, bytes),
            (Role::UnusedK | Role::UnusedV, _) => self.unused.add(params, bytes),
            (Role::Output, _) => {
                self.tied = false;
                self.head.add(params, bytes)
            }
            (_, Some(layer)) if tensor.routed => layer.experts.add(params, bytes),
            (_, Some(layer)) => layer.dense.add(params, bytes),
            (_, None) => self.outside.add(params, bytes),
        }
    }

    /// Everything the engine loads: a tied head once, no multi-token prediction.
    pub fn loaded(&self) -> Stored {
        let head = if self.tied {
            Stored::default()
        } else {
            self.head
        };
        self.embedding
            + self.per_layer_embedding
            + self.unused
            + head
            + self.dense_read()
            + self.experts_total()
    }

    /// The same from a file that leaves the multi-token-prediction blocks out, as many do.
    #[must_use]
    pub fn without_mtp(self) -> Self {
        Self {
            mtp: Stored::default(),
            ..self
        }
    }

    /// Bytes the engine loads.
    pub fn loaded_bytes(&self) -> Bytes {
        self.loaded().bytes
    }

    /// Bytes of all tensors in the file.
    pub fn file_bytes(&self) -> Bytes {
        self.loaded_bytes() + self.mtp.bytes
    }

    /// Parameters the engine loads.
    pub fn total_params(&self) -> u64 {
        self.loaded().params
    }

    /// What is read for each token besides head and routed experts: mixers, norms,
    /// routers, shared experts, dense networks. An embedding is a lookup, no read.
    pub fn dense_read(&self) -> Stored {
        self.outside + self.layers.iter().map(|layer| layer.dense).sum()
    }

    /// The head, read once a step.
    pub fn head_read(&self) -> Stored {
        self.head
    }

    /// All routed experts of all layers.
    pub fn experts_total(&self) -> Stored {
        self.layers.iter().map(|layer| layer.experts).sum()
    }

    /// What one token reads: the dense part, the head and `used / total` of the experts.
    pub fn active(&self, architecture: &Architecture) -> Stored {
        let experts = self.experts_total();
        let share = architecture
            .experts()
            .map_or(experts, |Experts { total, used, .. }| Stored {
                params: part(experts.params, used, total),
                bytes: Bytes(part(experts.bytes.0, used, total)),
            });
        self.dense_read() + self.head + share
    }

    /// Bytes one token reads.
    pub fn active_bytes(&self, architecture: &Architecture) -> Bytes {
        self.active(architecture).bytes
    }

    /// Parameters one token uses.
    pub fn active_params(&self, architecture: &Architecture) -> u64 {
        self.active(architecture).params
    }
}

fn part(whole: u64, used: u32, total: u32) -> u64 {
    let share = u128::from(whole) * u128::from(used) / u128::from(total.max(1));
    u64::try_from(share).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Weights, WeightsError};
    use crate::model::{
        Architecture, Experts, Extras, Family, FeedForward, Heads, Indexer, Latent, Layer, Mixer,
        ModelTable, Quant, Recurrence, Recurrent,
    };
    use crate::units::Bytes;

    #[test]
    fn a_tiny_model_by_hand() {
        // Hidden 256, one layer, 2 heads of 128, ffn 512, vocabulary 1,000, head tied, all at 34 bytes per 32:
        // embedding 256,000; q k v o 4 x 65,536; gate up down 3 x 131,072; norms 3 x 256 at 4 bytes.
        let table = ModelTable {
            family: "llama".to_owned(),
            layers: 1,
            hidden: 256,
            vocab: 1000,
            tied_embeddings: true,
            heads: Some(2),
            kv_heads: Some(2),
            ffn: Some(512),
            max_context: 4096,
            ..ModelTable::default()
        };
        let architecture = table.architecture().expect("architecture");
        let weights =
            Weights::of(&architecture, &Quant::from_id("q8_0").expect("quant")).expect("weights");
        assert_eq!(weights.total_params(), 256_000 + 262_144 + 393_216 + 768);
        assert_eq!(
            weights.loaded_bytes(),
            Bytes((256_000 + 262_144 + 393_216) / 32 * 34 + 768 * 4)
        );
        assert_eq!(weights.active_bytes(&architecture), weights.loaded_bytes());
        assert!(weights.tied);
    }

    #[test]
    fn absurd_sizes_are_an_error_never_a_panic() {
        let most = u32::MAX;
        let heads = Heads {
            query: most,
            kv: most,
            key_dim: most,
            value_dim: most,
            shared_projection: false,
        };
        let latent = Latent {
            heads: most,
            kv_rank: most,
            q_rank: Some(most),
            rope_dim: most,
            nope_dim: most,
            value_dim: most,
        };
        let recurrent = |kind| {
            Mixer::Recurrent(Recurrent {
                kind,
                conv: most,
                inner: most,
                groups: most,
                state: most,
                heads: most,
            })
        };
        let experts = Experts {
            total: most,
            used: most,
            width: most,
            shared_width: most,
            dense_width: most,
        };
        let mixers = [
            Mixer::None,
            Mixer::Full(heads),
            Mixer::Sliding {
                heads,
                window: most,
            },
            Mixer::Shared {
                heads,
                window: None,
            },
            Mixer::Latent(latent),
            recurrent(Recurrence::GatedDeltaNet),
            recurrent(Recurrence::Mamba2),
            recurrent(Recurrence::ShortConvolution),
        ];
        for (family, mixer) in Family::all().flat_map(|family| mixers.map(|mixer| (family, mixer)))
        {
            let architecture = Architecture {
                family,
                hidden: most,
                vocab: most,
                tied_embeddings: false,
                layers: vec![Layer {
                    mixer,
                    feed_forward: FeedForward::Experts(experts),
                }],
                mtp_layers: 1,
                max_context: most,
                extras: Extras {
                    indexer: Some(Indexer {
                        heads: most,
                        head_dim: most,
                        top_k: None,
                    }),
                    ..Extras::default()
                },
            };
            for id in ["q4_k_m", "f32", "mlx-4bit", "fp8", "exl3-4.0bpw"] {
                let quant = Quant::from_id(id).expect("quant");
                let result = Weights::of(&architecture, &quant);
                assert!(
                    matches!(result, Err(WeightsError::TooLarge { .. })),
                    "{family:?} {mixer:?} {id}"
                );
            }
        }
    }
}
