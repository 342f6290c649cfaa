//! The calibrated coefficients and how a setting picks among them.
//!
//! Each parameter is a sum over levels, from all rows down to one device, so
//! that what was never measured falls back to its family's, its engine's and
//! everybody's value. `study::calibrate` fits them; `data/calibration.toml`
//! keeps them.

use std::collections::BTreeMap;

use crate::evidence::Evidence;

use super::setting::{Level, LevelKind, Setting};

/// A coefficient of the model of time; its value is the logarithm of a factor
/// on a term. Efficiencies enter as the inverse: `weight_read` 0.15 means that
/// reading weights takes `e^0.15` times as long as at peak bandwidth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parameter {
    /// Reading dense weights in decode.
    WeightRead,
    /// Reading them with the matrix kernels of a prefill, on top of `WeightRead`.
    MatrixRead,
    /// Reading routed experts, on top of `WeightRead`.
    ExpertRead,
    /// Reading those that only further tokens of a step touch, on top of `ExpertRead`: how
    /// evenly a model's router draws.
    FurtherExperts,
    /// Reading the KV cache.
    CacheRead,
    /// Reading a latent (MLA) cache, on top of `CacheRead`.
    LatentRead,
    /// Attention arithmetic in decode.
    AttentionCompute,
    /// Time of one layer, microseconds.
    LayerTime,
    /// Further time of one expert layer, microseconds.
    ExpertLayerTime,
    /// Further time of one recurrent layer, microseconds.
    RecurrentLayerTime,
    /// Arithmetic of further rows in vector kernels.
    VectorCompute,
    /// Arithmetic of a batch's rows in matrix kernels that are not those of a prefill.
    BatchCompute,
    /// Time of each sequence in a step, microseconds.
    SequenceTime,
    /// Dense matrix arithmetic in prefill.
    PrefillCompute,
    /// Expert matrix arithmetic in prefill, on top of `PrefillCompute`.
    PrefillExpert,
    /// Attention arithmetic in prefill.
    PrefillAttention,
    /// Reading the weights once a micro-batch.
    PrefillRead,
    /// Time of one layer in one micro-batch, microseconds.
    PrefillLayerTime,
    /// Time of one token in one recurrent layer, nanoseconds.
    PrefillRecurrentTime,
    /// Time of a whole prefill beside its work, milliseconds.
    PrefillFixedTime,
    /// All times that come with layers in decode: what a faster host or engine saves.
    Overhead,
    /// The whole of decode: what a model or a measurer differs by.
    Decode,
    /// The whole of prefill: what a model or a measurer differs by.
    Prefill,
    /// Prefill inside a run of several requests: chunks overlap with decoding.
    PrefillInside,
    /// Time that the server adds to the first token, milliseconds.
    ServerTime,
    /// Nanoseconds for each entry of the vocabulary that a server of slots samples from.
    SampleTime,
    /// Latency of collectives of a tensor split, on top of the link's own.
    LinkTime,
    /// Volume of collectives of a tensor split, on top of the link's own rate.
    LinkVolume,
    /// Handing over in a layer split, on top of the link's own.
    HopTime,
    /// Power that decode needs: the logarithm of a share of the rating, see `slowdown`.
    DecodePower,
    /// Power that prefill needs, likewise.
    PrefillPower,
}

impl Parameter {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 31] = [
        Self::WeightRead,
        Self::MatrixRead,
        Self::ExpertRead,
        Self::FurtherExperts,
        Self::CacheRead,
        Self::LatentRead,
        Self::AttentionCompute,
        Self::LayerTime,
        Self::ExpertLayerTime,
        Self::RecurrentLayerTime,
        Self::VectorCompute,
        Self::BatchCompute,
        Self::SequenceTime,
        Self::PrefillCompute,
        Self::PrefillExpert,
        Self::PrefillAttention,
        Self::PrefillRead,
        Self::PrefillLayerTime,
        Self::PrefillRecurrentTime,
        Self::PrefillFixedTime,
        Self::Overhead,
        Self::Decode,
        Self::Prefill,
        Self::PrefillInside,
        Self::ServerTime,
        Self::SampleTime,
        Self::LinkTime,
        Self::LinkVolume,
        Self::HopTime,
        Self::DecodePower,
        Self::PrefillPower,
    ];

    /// The key in `data/calibration.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WeightRead => "weight_read",
            Self::MatrixRead => "matrix_read",
            Self::ExpertRead => "expert_read",
            Self::FurtherExperts => "further_experts",
            Self::CacheRead => "cache_read",
            Self::LatentRead => "latent_read",
            Self::AttentionCompute => "attention_compute",
            Self::LayerTime => "layer_time",
            Self::ExpertLayerTime => "expert_layer_time",
            Self::RecurrentLayerTime => "recurrent_layer_time",
            Self::VectorCompute => "vector_compute",
            Self::BatchCompute => "batch_compute",
            Self::SequenceTime => "sequence_time",
            Self::PrefillCompute => "prefill_compute",
            Self::PrefillExpert => "prefill_expert",
            Self::PrefillAttention => "prefill_attention",
            Self::PrefillRead => "prefill_read",
            Self::PrefillLayerTime => "prefill_layer_time",
            Self::PrefillRecurrentTime => "prefill_recurrent_time",
            Self::PrefillFixedTime => "prefill_fixed_time",
            Self::Overhead => "overhead",
            Self::Decode => "decode",
            Self::Prefill => "prefill",
            Self::PrefillInside => "prefill_inside",
            Self::ServerTime => "server_time",
            Self::SampleTime => "sample_time",
            Self::LinkTime => "link_time",
            Self::LinkVolume => "link_volume",
            Self::HopTime => "hop_time",
            Self::DecodePower => "decode_power",
            Self::PrefillPower => "prefill_power",
        }
    }

    /// The parameter of a key.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|parameter| parameter.name() == name)
    }
}

/// The coefficients of one setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved([f64; Parameter::ALL.len()]);

impl Resolved {
    /// The value of a parameter (a logarithm).
    pub fn get(&self, parameter: Parameter) -> f64 {
        self.0[parameter as usize]
    }
}

/// Constants of the model of time that are not coefficients of a term.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Exponents {
    /// Shape of the gamma distribution of how often tokens draw an expert: the smaller, the
    /// fewer experts are favoured.
    pub expert_popularity: f64,
    /// Exponent of the tokens that one expert sees in prefill.
    pub expert_batch_power: f64,
}

/// How many rows stand behind the constants of a device and engine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Support {
    /// Configurations (model and quant) measured.
    pub configurations: u32,
    /// People who measured.
    pub sources: u32,
    /// Model ids measured.
    pub models: Vec<String>,
}

/// An 80% interval on the log scale, around the estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogInterval {
    /// Below, negative.
    pub low: f64,
    /// Above, positive.
    pub high: f64,
}

/// All coefficients, their support, and the intervals of each level of evidence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Constants {
    /// Offsets by parameter and level.
    pub coefficients: BTreeMap<Parameter, BTreeMap<Level, f64>>,
    /// Support by `device engine/backend`, and by `family engine/backend`.
    pub support: BTreeMap<String, Support>,
    /// Intervals by metric (`decode`, `prefill`, ...) and level of evidence.
    pub intervals: BTreeMap<String, BTreeMap<Evidence, LogInterval>>,
    /// Constants that shape terms.
    pub exponents: Exponents,
    /// Where the constants come from: source and date.
    pub source: String,
}

impl Constants {
    /// The coefficients of a setting: for each parameter the sum over its levels.
    pub fn resolve(&self, setting: &Setting<'_>) -> Resolved {
        self.resolve_levels(&setting.levels())
    }

    /// The coefficients of levels with their covariates.
    pub fn resolve_levels(&self, levels: &[(LevelKind, Level, f64)]) -> Resolved {
        let mut values = [0.0; Parameter::ALL.len()];
        for (parameter, offsets) in &self.coefficients {
            values[*parameter as usize] = levels
                .iter()
                .filter_map(|(_, level, covariate)| Some(offsets.get(level)? * covariate))
                .sum();
        }
        Resolved(values)
    }
}
