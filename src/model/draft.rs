//! Small networks that propose tokens for a model to verify: a draft is an
//! architecture and its weights like any other, so that its memory and its steps
//! follow from the formulas of every model.

use super::architecture::{Architecture, FeedForward, Layer, Mixer};
use super::quant::Quant;
use super::tensors::{prediction_layer, tensors};
use super::weights::{Exactness, LayerWeights, Stored, Weights};
use crate::units::Bytes;

/// What proposes tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its architecture.
    pub architecture: Architecture,
    /// What it reads for a token, a head that it borrows included.
    pub weights: Weights,
    /// Bytes that it holds of its own, beside the model's.
    pub held: Bytes,
}

/// What an EAGLE-3 head is not told by its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadShape {
    /// Entries of its own, smaller vocabulary.
    pub vocab: u32,
    /// Inner width of its network; the target's dense one if none.
    pub width: Option<u32>,
}

/// Layers of the target whose hidden states an EAGLE-3 head joins into one.
/// Source: Li et al., EAGLE-3, arXiv 2503.01840: low, middle and high features.
const JOINED_FEATURES: u64 = 3;

impl Draft {
    /// The multi-token-prediction block of a model, which ends in the model's own
    /// head; none if it has none. A file that leaves the block out is counted as
    /// if it had it, at its own quant.
    pub fn prediction(architecture: &Architecture, weights: &Weights) -> Option<Self> {
        let blocks = u64::from(architecture.mtp_layers);
        let all = if weights.mtp.bytes.0 > 0 {
            weights.mtp
        } else {
            Weights::of(architecture, &weights.quant).ok()?.mtp
        };
        if blocks == 0 || all.params == 0 {
            return None;
        }
        // Engines run one block for every drafted token, on its own output.
        let block = share(all, 1, blocks);
        let routed: u64 = tensors(architecture)
            .iter()
            .filter(|tensor| tensor.mtp && tensor.routed)
            .filter_map(super::Tensor::elements)
            .sum();
        let experts = share(all, routed / blocks, all.params);
        let vocabulary = u64::from(architecture.vocab) * u64::from(architecture.hidden);
        let (own_lookup, head) = if architecture.extras.mtp_vocabulary {
            let table = share(all, vocabulary, all.params);
            (table, table)
        } else {
            (Stored::default(), weights.head)
        };
        let borrowed = if architecture.extras.mtp_vocabulary {
            head
        } else {
            Stored::default()
        };
        let dense = less(less(less(block, experts), own_lookup), borrowed);
        Some(Self {
            architecture: one_layer(architecture, prediction_layer(architecture)),
            weights: of_parts(&weights.quant, dense, experts, head),
            held: all.bytes,
        })
    }

    /// An EAGLE-3 head for a model: one decoder layer with the target's attention,
    /// fed with the joined features beside the embedding, and a head over a
    /// vocabulary of its own. None where the target's attention is latent or absent,
    /// or the width of its network is not known.
    pub fn eagle(architecture: &Architecture, shape: HeadShape, quant: &Quant) -> Option<Self> {
        let heads = architecture
            .layers
            .iter()
            .find_map(|layer| match layer.mixer {
                Mixer::Full(heads) => Some(heads),
                _ => None,
            })?;
        let dense_width = architecture
            .layers
            .iter()
            .find_map(|layer| match layer.feed_forward {
                FeedForward::Dense { width } => Some(width),
                _ => None,
            });
        let width = shape.width.or(dense_width)?;
        let hidden = u64::from(architecture.hidden);
        let query = u64::from(heads.query) * u64::from(heads.key_dim);
        let out = u64::from(heads.query) * u64::from(heads.value_dim);
        // Embedding and feature stand side by side before queries, keys and values.
        let attention = 2 * hidden * (query + heads.kv_elements()) + out * hidden;
        let network = 3 * hidden * u64::from(width);
        let joining = JOINED_FEATURES * hidden * hidden;
        let stored = |params: u64| Stored {
            params,
            bytes: Bytes((params as f64 * quant.bits_per_weight() / 8.0) as u64),
        };
        let dense = stored(attention + network + joining);
        let head = stored(hidden * u64::from(shape.vocab));
        let layer = Layer {
            mixer: Mixer::Full(heads),
            feed_forward: FeedForward::Dense { width },
        };
        Some(Self {
            architecture: one_layer(architecture, layer),
            weights: of_parts(quant, dense, Stored::default(), head),
            held: dense.bytes + head.bytes,
        })
    }

    /// A whole smaller model.
    pub fn model(architecture: &Architecture, weights: &Weights) -> Self {
        Self {
            architecture: architecture.clone(),
            weights: weights.clone(),
            held: weights.loaded_bytes(),
        }
    }
}

/// The architecture with this layer only.
fn one_layer(architecture: &Architecture, layer: Layer) -> Architecture {
    let mut one = architecture.clone();
    one.layers = vec![layer];
    one.mtp_layers = 0;
    one.extras.per_layer_embedding = None;
    one
}

/// Weights of one layer and a head.
fn of_parts(quant: &Quant, dense: Stored, experts: Stored, head: Stored) -> Weights {
    Weights {
        quant: quant.clone(),
        embedding: Stored::default(),
        per_layer_embedding: Stored::default(),
        unused: Stored::default(),
        head,
        tied: false,
        outside: Stored::default(),
        layers: vec![LayerWeights { dense, experts }],
        mtp: Stored::default(),
        by_type: std::collections::BTreeMap::new(),
        exactness: Exactness::Layout,
    }
}

/// `part / whole` of what is stored.
fn share(stored: Stored, part: u64, whole: u64) -> Stored {
    let of = |amount: u64| {
        let share = u128::from(amount) * u128::from(part) / u128::from(whole.max(1));
        u64::try_from(share).unwrap_or(u64::MAX)
    };
    Stored {
        params: of(stored.params),
        bytes: Bytes(of(stored.bytes.0)),
    }
}

fn less(from: Stored, what: Stored) -> Stored {
    Stored {
        params: from.params.saturating_sub(what.params),
        bytes: from.bytes.saturating_sub(what.bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::{Draft, HeadShape};
    use crate::model::{ModelTable, MtpTable, Quant, Weights};

    fn table() -> ModelTable {
        ModelTable {
            family: "qwen3".to_owned(),
            layers: 2,
            hidden: 256,
            vocab: 1000,
            heads: Some(2),
            kv_heads: Some(1),
            head_dim: Some(128),
            ffn: Some(512),
            max_context: 4096,
            ..ModelTable::default()
        }
    }

    #[test]
    fn a_prediction_block_is_one_layer_and_the_models_own_head() {
        let mtp = Some(MtpTable {
            layers: 1,
            own_vocabulary: false,
        });
        let architecture = ModelTable { mtp, ..table() }
            .architecture()
            .expect("architecture");
        let quant = Quant::from_id("q8_0").expect("quant");
        let weights = Weights::of(&architecture, &quant).expect("weights");
        let draft = Draft::prediction(&architecture, &weights).expect("a block");
        assert_eq!(draft.held, weights.mtp.bytes);
        assert_eq!(draft.weights.head, weights.head);
        assert_eq!(draft.weights.dense_read(), weights.mtp);
        assert_eq!(draft.architecture.layers.len(), 1);
        // A file without the block is counted with it.
        let without = Draft::prediction(&architecture, &weights.clone().without_mtp());
        assert_eq!(without, Some(draft));
    }

    #[test]
    fn a_model_without_blocks_has_no_prediction() {
        let architecture = table().architecture().expect("architecture");
        let quant = Quant::from_id("q8_0").expect("quant");
        let weights = Weights::of(&architecture, &quant).expect("weights");
        assert_eq!(Draft::prediction(&architecture, &weights), None);
    }

    #[test]
    fn an_eagle_head_by_hand() {
        // Hidden 256; queries 2 x 128, keys and values 1 x (128 + 128):
        // q k v 512 x 512, out 256 x 256, network 3 x 256 x 512, joining 3 x 256 x 256,
        // head 256 x 100; two bytes each.
        let architecture = table().architecture().expect("architecture");
        let quant = Quant::from_id("bf16").expect("quant");
        let shape = HeadShape {
            vocab: 100,
            width: None,
        };
        let draft = Draft::eagle(&architecture, shape, &quant).expect("a head");
        let params = 262_144 + 65_536 + 393_216 + 196_608 + 25_600;
        assert_eq!(draft.held.0, 2 * params);
        assert_eq!(draft.weights.active_params(&draft.architecture), params);
    }
}
