//! Bringing counted weights to the size of a real file.

use super::{Exactness, LayerWeights, Weights};
use crate::model::architecture::Architecture;
use crate::units::Bytes;

/// The largest file that is believed, so that sums of scaled parts stay within 64 bits.
const LARGEST_FILE: Bytes = Bytes(1 << 60);

impl Weights {
    /// The same weights brought to a file's real size. The experts of a mixture take
    /// the difference, because a maker's own mix changes them most; where they are
    /// published in MXFP4 everything else takes it; a dense model scales evenly.
    #[must_use]
    pub fn scaled_to(self, architecture: &Architecture, real_file: Bytes) -> Self {
        let file = self.file_bytes();
        let experts = self.experts_total().bytes;
        let fixed = architecture.family.spec().native_mxfp4_experts;
        let scaled = match (experts.0 > 0, fixed) {
            (true, false) => experts,
            (true, true) => file.saturating_sub(experts),
            (false, _) => file,
        };
        let rest = file.saturating_sub(scaled);
        let wanted = real_file.min(LARGEST_FILE).saturating_sub(rest);
        if scaled == Bytes::ZERO || wanted == Bytes::ZERO {
            return self;
        }
        let factor = wanted.as_f64() / scaled.as_f64();
        let (dense, routed) = match (experts.0 > 0, fixed) {
            (true, false) => (1.0, factor),
            (true, true) => (factor, 1.0),
            (false, _) => (factor, factor),
        };
        let before = self.loaded_bytes().as_f64();
        let mut scaled = Self {
            embedding: self.embedding.scaled(dense),
            per_layer_embedding: self.per_layer_embedding.scaled(dense),
            unused: self.unused.scaled(dense),
            head: self.head.scaled(dense),
            outside: self.outside.scaled(dense),
            layers: self
                .layers
                .iter()
                .map(|layer| LayerWeights {
                    dense: layer.dense.scaled(dense),
                    experts: layer.experts.scaled(routed),
                })
                .collect(),
            mtp: self.mtp.scaled(dense),
            exactness: Exactness::Stated,
            ..self
        };
        // By type only the sum is known; each type takes its even share.
        let share = scaled.loaded_bytes().as_f64() / before;
        for bytes in scaled.by_type.values_mut() {
            *bytes = Bytes((bytes.as_f64() * share).round() as u64);
        }
        scaled
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{ExpertsTable, ModelTable, Quant, Weights};
    use crate::units::Bytes;

    fn weights(family: &str, experts: bool) -> (crate::model::Architecture, Weights) {
        let table = ModelTable {
            family: family.to_owned(),
            layers: 4,
            hidden: 512,
            vocab: 1000,
            heads: Some(8),
            kv_heads: Some(2),
            ffn: Some(1024),
            max_context: 4096,
            experts: experts.then(|| ExpertsTable {
                total: 8,
                used: 2,
                ffn: 512,
                ..ExpertsTable::default()
            }),
            ..ModelTable::default()
        };
        let architecture = table.architecture().expect("architecture");
        let weights =
            Weights::of(&architecture, &Quant::from_id("q8_0").expect("quant")).expect("weights");
        (architecture, weights)
    }

    #[test]
    fn the_experts_of_a_mixture_take_the_difference() {
        let (architecture, before) = weights("llama", true);
        let wanted = Bytes(before.file_bytes().0 * 9 / 10);
        let after = before.clone().scaled_to(&architecture, wanted);
        assert_eq!(after.dense_read(), before.dense_read());
        assert!(after.file_bytes().minus(wanted).abs() < 10);
        assert!(after.experts_total().bytes < before.experts_total().bytes);
    }

    #[test]
    fn published_mxfp4_experts_stay() {
        let (architecture, before) = weights("gpt-oss", true);
        let wanted = Bytes(before.file_bytes().0 * 11 / 10);
        let after = before.clone().scaled_to(&architecture, wanted);
        assert_eq!(after.experts_total(), before.experts_total());
        assert!(after.file_bytes().minus(wanted).abs() < 20);
    }

    #[test]
    fn a_dense_model_scales_evenly_and_absurd_sizes_do_no_harm() {
        let (architecture, before) = weights("llama", false);
        let after = before
            .clone()
            .scaled_to(&architecture, Bytes(before.file_bytes().0 * 2));
        let ratio = after.head_read().bytes.as_f64() / before.head_read().bytes.as_f64();
        assert!((ratio - 2.0).abs() < 1e-6);
        assert_eq!(before.clone().scaled_to(&architecture, Bytes(0)), before);
        assert!(
            before
                .scaled_to(&architecture, Bytes(u64::MAX))
                .file_bytes()
                > Bytes(1 << 59)
        );
    }
}
