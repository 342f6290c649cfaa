//! From a model's table to its architecture: which layer is what, with every
//! fault of the table reported at once.

mod parts;
mod plan;

use plan::Plan;

use super::architecture::{
    Architecture, AttentionGate, Compressed, Extras, Indexer, Layer, PerLayerEmbedding,
};
use super::family::Family;
use super::hyper_parameters::{AttentionGateTable, ModelTable};

/// Most layers a model may state; far above any real one, far below harm.
const MOST_LAYERS: u32 = 4_096;
/// Largest width, head count, expert count or vocabulary a model may state.
/// Products of three such numbers still fit 64 bits.
const MOST: u32 = 1 << 21;

/// A hyper-parameter that makes no architecture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}")]
pub struct ArchitectureError {
    /// The key, with its table: `experts.used`.
    pub field: String,
    /// What is wrong and what to do.
    pub problem: String,
}

/// The faults found so far.
#[derive(Default)]
struct Faults(Vec<ArchitectureError>);

impl Faults {
    fn add(&mut self, field: &str, problem: impl Into<String>) {
        self.0.push(ArchitectureError {
            field: field.to_owned(),
            problem: problem.into(),
        });
    }

    /// A size that must be at least one and no more than [`MOST`].
    fn size(&mut self, field: &str, value: u32) -> u32 {
        if value == 0 {
            self.add(
                field,
                "is 0: give the real figure, or leave the key out if it does not apply",
            );
        } else if value > MOST {
            self.add(
                field,
                format!("is {value}, beyond any real model (at most {MOST})"),
            );
        }
        value.min(MOST)
    }

    fn required(&mut self, field: &str, value: Option<u32>, why: &str) -> u32 {
        if let Some(value) = value {
            self.size(field, value)
        } else {
            self.add(field, format!("is missing: {why}"));
            1
        }
    }
}

impl ModelTable {
    /// The architecture that these hyper-parameters describe.
    ///
    /// # Errors
    /// Every missing, contradictory or absurd hyper-parameter.
    pub fn architecture(&self) -> Result<Architecture, Vec<ArchitectureError>> {
        let mut faults = Faults::default();
        let family = Family::from_name(&self.family);
        if family.is_none() {
            faults.add("family", format!(
                "is `{}`, which is not known: give llama.cpp's architecture name (`general.architecture`), one of {}",
                self.family,
                Family::all().map(Family::name).collect::<Vec<_>>().join(", "),
            ));
        }
        if self.layers > MOST_LAYERS {
            faults.add(
                "layers",
                format!(
                    "is {}, beyond any real model (at most {MOST_LAYERS})",
                    self.layers
                ),
            );
        }
        faults.size("layers", self.layers);
        faults.size("hidden", self.hidden);
        faults.size("vocab", self.vocab);
        if self.max_context == 0 {
            faults.add(
                "max_context",
                "is 0: give the longest context of the model in tokens",
            );
        }
        let plan = Plan::new(self, family, &mut faults);
        let layers = (0..self.layers.min(MOST_LAYERS))
            .map(|index| Layer {
                mixer: plan.mixer(index),
                feed_forward: plan.feed_forward(index, &mut faults),
            })
            .collect();
        let extras = self.extras(&mut faults);
        faults.0.dedup();
        match family {
            Some(family) if faults.0.is_empty() => Ok(Architecture {
                family,
                hidden: self.hidden,
                vocab: self.vocab,
                tied_embeddings: self.tied_embeddings,
                layers,
                mtp_layers: self
                    .mtp
                    .as_ref()
                    .map_or(0, |mtp| mtp.layers.min(MOST_LAYERS)),
                max_context: self.max_context,
                extras,
            }),
            _ => Err(faults.0),
        }
    }

    fn extras(&self, faults: &mut Faults) -> Extras {
        Extras {
            attention_bias: self.attention_bias,
            query_key_norm: self.qk_norm,
            rotary_factors: self.rotary_factors,
            selection_bias: self
                .experts
                .as_ref()
                .and_then(|experts| experts.selection_bias),
            attention_gate: self.attention_gate.map(|gate| match gate {
                AttentionGateTable::PerHead => AttentionGate::PerHead,
                AttentionGateTable::PerElement => AttentionGate::PerElement,
            }),
            per_layer_embedding: self
                .per_layer_embedding
                .as_ref()
                .map(|table| PerLayerEmbedding {
                    width: faults.size("per_layer_embedding.width", table.width),
                    vocab: faults.size(
                        "per_layer_embedding.vocab",
                        table.vocab.unwrap_or(self.vocab),
                    ),
                }),
            expert_latent: self
                .experts
                .as_ref()
                .and_then(|experts| experts.latent)
                .map(|latent| faults.size("experts.latent", latent)),
            indexer: self.indexer.as_ref().map(|table| Indexer {
                heads: faults.size("indexer.heads", table.heads),
                head_dim: faults.size("indexer.head_dim", table.head_dim),
                top_k: table.top_k,
            }),
            compressed: self.compressed.as_ref().map(|table| Compressed {
                q_rank: faults.size("compressed.q_lora_rank", table.q_lora_rank),
                output_rank: faults.size("compressed.o_lora_rank", table.o_lora_rank),
                output_groups: faults.size("compressed.o_groups", table.o_groups),
                streams: self
                    .hyper
                    .as_ref()
                    .map_or(1, |hyper| faults.size("hyper.mult", hyper.mult)),
                ratios: table.ratios.clone(),
                hash_layers: table.hash_layers,
            }),
            mtp_vocabulary: self.mtp.as_ref().is_some_and(|mtp| mtp.own_vocabulary),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{ExpertsTable, FeedForward, Mixer, ModelTable, SlidingTable};

    fn plain() -> ModelTable {
        ModelTable {
            family: "llama".to_owned(),
            layers: 6,
            hidden: 512,
            vocab: 1000,
            heads: Some(8),
            kv_heads: Some(2),
            ffn: Some(1024),
            max_context: 4096,
            ..ModelTable::default()
        }
    }

    fn faults(table: &ModelTable) -> Vec<String> {
        table
            .architecture()
            .expect_err("faults")
            .into_iter()
            .map(|fault| fault.field)
            .collect()
    }

    #[test]
    fn every_fault_is_reported_at_once() {
        let table = ModelTable {
            family: "lama".to_owned(),
            hidden: 0,
            ffn: None,
            kv_heads: Some(9),
            ..plain()
        };
        assert_eq!(
            faults(&table),
            ["family", "hidden", "head_dim", "kv_heads", "ffn"]
        );
        assert_eq!(
            faults(&ModelTable {
                layers: u32::MAX,
                ..plain()
            }),
            ["layers", "layers"]
        );
    }

    #[test]
    fn used_experts_are_among_the_experts() {
        let experts = ExpertsTable {
            total: 4,
            used: 5,
            ffn: 256,
            ..ExpertsTable::default()
        };
        assert_eq!(
            faults(&ModelTable {
                experts: Some(experts),
                ..plain()
            }),
            ["experts.used"]
        );
    }

    #[test]
    fn the_full_layer_ends_or_begins_its_group() {
        let full = |sliding: SlidingTable| -> Vec<usize> {
            let table = ModelTable {
                sliding: Some(sliding),
                ..plain()
            };
            let layers = table.architecture().expect("architecture").layers;
            (0..layers.len())
                .filter(|&index| matches!(layers[index].mixer, Mixer::Full(_)))
                .collect()
        };
        let sliding = SlidingTable {
            window: 128,
            full_every: Some(3),
            ..SlidingTable::default()
        };
        assert_eq!(full(sliding.clone()), [2, 5]);
        assert_eq!(
            full(SlidingTable {
                full_first: Some(true),
                ..sliding.clone()
            }),
            [0, 3]
        );
        assert_eq!(
            full(SlidingTable {
                full_layers: Some(vec![1]),
                ..sliding
            }),
            [1]
        );
    }

    #[test]
    fn dense_layers_come_first_and_between() {
        let experts = ExpertsTable {
            total: 4,
            used: 1,
            ffn: 256,
            first_dense_layers: Some(2),
            every: Some(2),
            ..ExpertsTable::default()
        };
        let architecture = ModelTable {
            experts: Some(experts),
            ..plain()
        }
        .architecture()
        .expect("architecture");
        let kinds: String = architecture
            .layers
            .iter()
            .map(|layer| {
                if matches!(layer.feed_forward, FeedForward::Experts(_)) {
                    'E'
                } else {
                    '-'
                }
            })
            .collect();
        assert_eq!(kinds, "---E-E");
    }
}
