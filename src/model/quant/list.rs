//! The quants by name.

use super::file_type::FileType;
use super::layout::{Layout, Parts};
use super::storage::{Packaging, StorageClass};
use super::types::TensorType;

/// How a file stores a model's weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quant {
    /// Its id: `q4_k_m`.
    pub id: String,
    /// How tensors get their types.
    pub layout: Layout,
    /// What it is pooled with when speeds are calibrated.
    pub class: StorageClass,
}

use FileType as F;
use Layout::{Gguf, GgufMxfp4F16, Mlx, Near};
use StorageClass as C;
use TensorType as T;

/// Feed-forward networks and experts in NVFP4, all else that is linear in FP8, the head too.
const NVFP4_FAST: Parts = Parts {
    experts: T::Nvfp4,
    feed_forward: T::Nvfp4,
    head: T::Fp8,
    ..Parts::linear(T::Fp8)
};

const fn linear(chosen: T) -> Layout {
    Layout::Parts(Parts::linear(chosen))
}

/// Id, other spellings, layout and class of every quant but EXL3, largest first.
static QUANTS: &[(&str, &[&str], Layout, StorageClass)] = &[
    ("f32", &["fp32"], Gguf(F::F32), C::F32),
    ("bf16", &[], Gguf(F::Bf16), C::Bf16),
    ("f16", &["fp16"], Gguf(F::F16), C::F16),
    ("mlx-bf16", &[], linear(T::Bf16), C::Bf16),
    ("ud-q8_k_xl", &["q8_k_xl"], Near(F::Q8_0), C::Q8),
    ("q8_0", &["q8"], Gguf(F::Q8_0), C::Q8),
    ("mlx-8bit", &["mlx-q8"], Mlx(T::Mlx8), C::Mlx8),
    ("fp8", &["fp8-dynamic", "fp8-block"], linear(T::Fp8), C::Fp8),
    ("int8-w8a8", &["w8a8", "int8"], linear(T::Int8), C::Int8),
    ("ud-q6_k_xl", &["q6_k_xl"], Near(F::Q6K), C::Q6),
    ("q6_k", &["q6"], Gguf(F::Q6K), C::Q6),
    ("mlx-6bit", &["mlx-q6"], Mlx(T::Mlx6), C::Mlx6),
    ("q5_1", &[], Gguf(F::Q5_1), C::Q5),
    ("ud-q5_k_xl", &["q5_k_xl"], Near(F::Q5KM), C::Q5),
    ("q5_k_m", &["q5_k", "q5"], Gguf(F::Q5KM), C::Q5),
    ("q5_k_s", &[], Gguf(F::Q5KS), C::Q5),
    ("q5_0", &[], Gguf(F::Q5_0), C::Q5),
    ("mlx-5bit", &["mlx-q5"], Mlx(T::Mlx5), C::Mlx6),
    ("q4_1", &[], Gguf(F::Q4_1), C::Q4Legacy),
    ("ud-q4_k_xl", &["q4_k_xl"], Near(F::Q4KM), C::Q4K),
    ("q4_k_m", &["q4_k", "q4_k - medium"], Gguf(F::Q4KM), C::Q4K),
    ("ds4-q4", &[], Near(F::Q4KM), C::Q4K),
    ("q4_k_s", &[], Gguf(F::Q4KS), C::Q4K),
    ("iq4_nl", &[], Gguf(F::Iq4Nl), C::Q4K),
    ("q4_0", &[], Gguf(F::Q4_0), C::Q4Legacy),
    ("mlx-4bit", &["mlx-q4"], Mlx(T::Mlx4), C::Mlx4),
    (
        "nvfp4-mlp",
        &[],
        Layout::Parts(Parts {
            experts: T::Nvfp4,
            feed_forward: T::Nvfp4,
            ..Parts::linear(T::Bf16)
        }),
        C::Nvfp4,
    ),
    (
        "nvfp4-experts",
        &[],
        Layout::Parts(Parts::experts(T::Nvfp4)),
        C::Nvfp4,
    ),
    (
        "nvfp4-laguna",
        &[],
        Layout::Parts(Parts {
            last: Some((8, T::Bf16)),
            ..Parts::experts(T::Nvfp4)
        }),
        C::Nvfp4,
    ),
    (
        "nvfp4-unsloth",
        &[],
        Layout::Parts(Parts {
            last: Some((8, T::Fp8)),
            ..NVFP4_FAST
        }),
        C::Nvfp4,
    ),
    ("nvfp4-fast", &[], Layout::Parts(NVFP4_FAST), C::Nvfp4),
    (
        "nvfp4-fp8",
        &[],
        Layout::Parts(Parts {
            head: T::Nvfp4,
            ..NVFP4_FAST
        }),
        C::Nvfp4,
    ),
    (
        "nvfp4-super",
        &[],
        Layout::Parts(Parts {
            feed_forward: T::Fp8,
            recurrent: T::Fp8,
            ..Parts::experts(T::Nvfp4)
        }),
        C::Nvfp4,
    ),
    (
        "nvfp4-lightning",
        &[],
        Layout::Parts(Parts {
            feed_forward: T::Nvfp4,
            recurrent: T::Fp8,
            head: T::Nvfp4,
            ..Parts::experts(T::Nvfp4)
        }),
        C::Nvfp4,
    ),
    ("nvfp4-full", &[], linear(T::Nvfp4), C::Nvfp4),
    (
        "nvfp4",
        &[],
        Layout::Parts(Parts::plain_linear(T::Nvfp4)),
        C::Nvfp4,
    ),
    ("mxfp4-f16", &[], GgufMxfp4F16, C::Mxfp4),
    ("mxfp4", &["mxfp4_moe"], Gguf(F::Mxfp4Moe), C::Mxfp4),
    (
        "mxfp4-full",
        &[],
        Layout::Parts(Parts {
            head: T::Mxfp4,
            ..Parts::linear(T::Mxfp4)
        }),
        C::Mxfp4,
    ),
    (
        "mxfp4-fp8",
        &["fp4-fp8"],
        Layout::Parts(Parts {
            experts: T::Mxfp4,
            ..Parts::linear(T::Fp8)
        }),
        C::Mxfp4,
    ),
    ("int4-g32", &["w4a16-g32"], linear(T::Int4Group32), C::Int4),
    (
        "awq-int4",
        &["awq", "awq-4bit"],
        linear(T::Int4Group128),
        C::Int4,
    ),
    (
        "gptq-int4",
        &["gptq", "w4a16", "gptq-4bit"],
        linear(T::Int4Group128),
        C::Int4,
    ),
    (
        "autoround-int4",
        &["autoround"],
        linear(T::Int4Group128),
        C::Int4,
    ),
    ("qat-mixed-int2-4-8", &[], Near(F::Q4_0), C::Int4),
    ("iq4_xs", &[], Gguf(F::Iq4Xs), C::Q4K),
    ("q3_k_l", &[], Gguf(F::Q3KL), C::Q2Q3),
    ("ud-q3_k_xl", &["q3_k_xl"], Near(F::Q3KM), C::Q2Q3),
    ("q3_k_m", &["q3_k"], Gguf(F::Q3KM), C::Q2Q3),
    ("iq3_m", &[], Gguf(F::Iq3M), C::Q2Q3),
    ("iq3_s", &[], Gguf(F::Iq3S), C::Q2Q3),
    ("q3_k_s", &[], Gguf(F::Q3KS), C::Q2Q3),
    ("mlx-3bit", &["mlx-q3"], Mlx(T::Mlx3), C::MlxLow),
    ("iq3_xs", &[], Gguf(F::Iq3Xs), C::Q2Q3),
    ("iq3_xxs", &["q3_xxs"], Gguf(F::Iq3Xxs), C::Q2Q3),
    ("ud-q2_k_xl", &["q2_k_xl"], Near(F::Q2K), C::Q2Q3),
    ("q2_k", &[], Gguf(F::Q2K), C::Q2Q3),
    ("q2_k_s", &[], Gguf(F::Q2KS), C::Q2Q3),
    ("iq2_m", &[], Gguf(F::Iq2M), C::Q2Q3),
    ("mlx-2bit", &["mlx-q2"], Mlx(T::Mlx2), C::MlxLow),
    ("iq2_s", &[], Gguf(F::Iq2S), C::Q2Q3),
    ("iq2_xs", &[], Gguf(F::Iq2Xs), C::Q2Q3),
    ("ds4-q2", &[], Near(F::Iq2Xxs), C::Q2Q3),
    ("iq2_xxs", &["q2_xxs"], Gguf(F::Iq2Xxs), C::Q2Q3),
    ("tq2_0", &[], Gguf(F::Tq2_0), C::Q2Q3),
    ("iq1_m", &[], Gguf(F::Iq1M), C::Q2Q3),
    ("tq1_0", &[], Gguf(F::Tq1_0), C::Q2Q3),
    ("iq1_s", &[], Gguf(F::Iq1S), C::Q2Q3),
];

/// Lowest and highest rate an EXL3 file is made at, in hundredths of a bit.
const EXL3_RATES: std::ops::RangeInclusive<u32> = 100..=800;

impl Quant {
    /// The quant of that id or habitual spelling, whatever its case.
    pub fn from_id(id: &str) -> Option<Self> {
        let lower = id.trim().to_ascii_lowercase();
        QUANTS
            .iter()
            .find(|(name, aliases, ..)| *name == lower || aliases.contains(&lower.as_str()))
            .map(Self::listed)
            .or_else(|| Self::exl3(&lower))
    }

    /// Every quant of the list, largest first; of EXL3 the two usual rates.
    pub fn all() -> Vec<Self> {
        let mut all: Vec<_> = QUANTS.iter().map(Self::listed).collect();
        all.extend(
            ["exl3-6.0bpw", "exl3-4.0bpw"]
                .into_iter()
                .filter_map(Self::exl3),
        );
        all.sort_by(|left, right| right.bits_per_weight().total_cmp(&left.bits_per_weight()));
        all
    }

    fn listed(&(id, _, layout, class): &(&str, &[&str], Layout, StorageClass)) -> Self {
        Self {
            id: id.to_owned(),
            layout,
            class,
        }
    }

    /// `exl3-4.0bpw`, at any rate between 1 and 8 bits.
    fn exl3(id: &str) -> Option<Self> {
        let rate: f64 = id
            .strip_prefix("exl3-")?
            .strip_suffix("bpw")?
            .parse()
            .ok()?;
        let hundredths = (rate * 100.0).round();
        if !(f64::from(*EXL3_RATES.start())..=f64::from(*EXL3_RATES.end())).contains(&hundredths) {
            return None;
        }
        let hundredths = hundredths as u32;
        Some(Self {
            id: format!("exl3-{:?}bpw", f64::from(hundredths) / 100.0),
            layout: Layout::Exl3 { hundredths },
            class: StorageClass::Exl3,
        })
    }

    /// Other spellings it is found by.
    pub fn aliases(&self) -> &'static [&'static str] {
        QUANTS
            .iter()
            .find(|(id, ..)| *id == self.id)
            .map_or(&[], |(_, aliases, ..)| aliases)
    }

    /// Bits for one weight of the type that most tensors have, scales included.
    pub fn bits_per_weight(&self) -> f64 {
        match self.layout {
            Gguf(file) | Near(file) => file.default_type().bits(),
            GgufMxfp4F16 => T::Mxfp4.bits(),
            Layout::Parts(parts) => parts.experts.bits(),
            Mlx(chosen) => chosen.bits(),
            Layout::Exl3 { hundredths } => f64::from(hundredths) / 100.0,
        }
    }

    /// Whether its sizes follow from a published recipe or layout; a maker's own mix
    /// has none, and a real file's size is better where one is known.
    pub fn has_recipe(&self) -> bool {
        !matches!(self.layout, Near(_))
    }

    /// Whether some models' makers or one build alone have it: nothing to advise for another.
    pub fn is_bespoke(&self) -> bool {
        match self.layout {
            GgufMxfp4F16 => true,
            Layout::Parts(parts) => !parts.are_usual(),
            _ => false,
        }
    }

    /// What files of this quant come as.
    pub fn packagings(&self) -> &'static [Packaging] {
        match (self.id.as_str(), self.layout) {
            ("bf16" | "f16" | "mxfp4", _) => &[Packaging::Gguf, Packaging::Safetensors],
            ("mlx-bf16", _) | (_, Mlx(_)) => &[Packaging::Mlx],
            ("qat-mixed-int2-4-8", _) | (_, Layout::Parts(_)) => &[Packaging::Safetensors],
            (_, Layout::Exl3 { .. }) => &[Packaging::Exl3],
            _ => &[Packaging::Gguf],
        }
    }

    /// The same quant as another packaging stores it: MXFP4 in safetensors leaves
    /// more in 16 bits than GGUF does. None where it does not come so.
    #[must_use]
    pub fn packaged(&self, packaging: Packaging) -> Option<Self> {
        if !self.packagings().contains(&packaging) {
            return None;
        }
        let layout = match (packaging, self.layout) {
            (Packaging::Safetensors, Gguf(F::Mxfp4Moe)) => Layout::Parts(Parts::experts(T::Mxfp4)),
            (Packaging::Safetensors, Gguf(F::Bf16 | F::F16)) => linear(T::Bf16),
            (_, layout) => layout,
        };
        Some(Self {
            layout,
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Quant;

    #[test]
    fn ids_and_aliases_are_unique_and_found() {
        for quant in Quant::all() {
            assert_eq!(
                Quant::from_id(&quant.id).as_ref(),
                Some(&quant),
                "{}",
                quant.id
            );
            for alias in quant.aliases() {
                assert_eq!(Quant::from_id(alias).as_ref(), Some(&quant), "{alias}");
            }
        }
    }

    #[test]
    fn exl3_takes_any_rate_within_reason() {
        assert_eq!(
            Quant::from_id("EXL3-4.00bpw").map(|quant| quant.id),
            Some("exl3-4.0bpw".to_owned())
        );
        assert_eq!(
            Quant::from_id("exl3-3.55bpw").map(|quant| quant.id),
            Some("exl3-3.55bpw".to_owned())
        );
        for id in [
            "exl3-0bpw",
            "exl3-99bpw",
            "exl3-NaNbpw",
            "exl3-bpw",
            "q9_k",
            "",
        ] {
            assert_eq!(Quant::from_id(id), None, "{id}");
        }
    }
}
