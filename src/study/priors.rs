//! What is believed of each coefficient before the rows: a mean for all, and
//! how far each level may move it. Standard deviations on the log scale,
//! chosen once for whole kinds of levels and not tuned to rows.

use crate::predict::{LevelKind, Parameter};

/// Mean and standard deviation of one level's offset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub sd: f64,
}

use LevelKind as K;
use Parameter as P;

/// Standard deviations by kind of level.
type Spread = &'static [(LevelKind, f64)];

/// Efficiency of reading: devices differ by a tenth or two, formats by less.
const READ: Spread = &[
    (K::All, 0.15),
    (K::BandwidthScale, 0.05),
    (K::Vendor, 0.05),
    (K::Die, 0.06),
    (K::Card, 0.06),
    (K::Backend, 0.10),
    (K::Engine, 0.12),
    (K::Family, 0.12),
    (K::Device, 0.12),
    (K::Class, 0.10),
    (K::ClassEngine, 0.08),
    (K::ClassFamily, 0.06),
    (K::ClassDevice, 0.06),
    (K::Build, 0.05),
    (K::Age, 0.05),
    (K::AgeEngine, 0.03),
];
const MATRIX_READ: Spread = &[(K::All, 0.3), (K::Backend, 0.2)];
const EXPERT_READ: Spread = &[(K::All, 0.2), (K::Engine, 0.15), (K::ClassEngine, 0.2)];
/// Routers differ: some balance their experts, some favour a few.
const FURTHER_EXPERTS: Spread = &[(K::All, 0.3), (K::Model, 0.4)];
const CACHE_READ: Spread = &[
    (K::All, 0.4),
    (K::Engine, 0.4),
    (K::Family, 0.3),
    (K::Device, 0.3),
    (K::NoFlash, 0.5),
];
const LATENT_READ: Spread = &[(K::All, 0.8), (K::Engine, 0.6)];
const ATTENTION: Spread = &[(K::All, 1.2), (K::Engine, 0.6), (K::Family, 0.5)];
const LAYER: Spread = &[(K::All, 0.6), (K::Engine, 0.3)];
const OVERHEAD: Spread = &[
    (K::BandwidthScale, 0.3),
    (K::Vendor, 0.2),
    (K::Die, 0.2),
    (K::Card, 0.2),
    (K::Backend, 0.4),
    (K::Engine, 0.5),
    (K::Family, 0.4),
    (K::Device, 0.4),
    (K::Age, 0.15),
    (K::AgeEngine, 0.1),
];
const BATCH: Spread = &[
    (K::All, 1.0),
    (K::Engine, 0.7),
    (K::Family, 0.7),
    (K::Device, 0.4),
    (K::Class, 0.3),
];
/// Vector kernels unpack weights for each row: formats differ by twice the instructions.
const VECTOR: Spread = &[
    (K::All, 1.0),
    (K::Engine, 0.7),
    (K::Family, 0.7),
    (K::Device, 0.4),
    (K::Class, 0.6),
];
const SEQUENCE: Spread = &[(K::All, 1.0), (K::Engine, 0.8), (K::Family, 0.7)];
const PREFILL_COMPUTE: Spread = &[
    (K::All, 0.4),
    (K::ComputeScale, 0.2),
    (K::Vendor, 0.3),
    (K::Die, 0.2),
    (K::Card, 0.2),
    (K::Backend, 0.3),
    (K::Engine, 0.3),
    (K::Family, 0.3),
    (K::Device, 0.2),
    (K::Class, 0.2),
    (K::ClassEngine, 0.1),
    (K::ClassFamily, 0.12),
    (K::ClassDevice, 0.1),
    (K::Build, 0.5),
    (K::ClassBuild, 0.2),
    (K::Age, 0.1),
    (K::AgeEngine, 0.2),
    (K::AgeFamily, 0.4),
];
const PREFILL_EXPERT: Spread = &[
    (K::All, 0.6),
    (K::ComputeScale, 0.15),
    (K::Engine, 0.3),
    (K::Family, 0.2),
    (K::Device, 0.15),
    (K::ClassEngine, 0.15),
    (K::ClassFamily, 0.15),
    (K::Build, 0.4),
    (K::AgeFamily, 0.4),
];
const PREFILL_ATTENTION: Spread = &[
    (K::All, 0.8),
    (K::Engine, 0.5),
    (K::Family, 0.4),
    (K::FlashBuild, 0.8),
    (K::NoFlash, 0.5),
    (K::AgeFamily, 0.4),
];
const PREFILL_READ: Spread = &[(K::All, 0.4), (K::Engine, 0.3)];
const PREFILL_LAYER: Spread = &[(K::All, 0.8), (K::Engine, 0.8), (K::Family, 0.3)];
const PREFILL_RECURRENT: Spread = &[(K::All, 1.0), (K::Engine, 0.5), (K::Family, 0.3)];
const PREFILL_FIXED: Spread = &[(K::All, 1.0), (K::Engine, 1.0)];
/// Kernels are written for architectures: they differ by a tenth, their models by less.
const DECODE: Spread = &[
    (K::Architecture, 0.1),
    (K::Model, 0.05),
    (K::ModelEngine, 0.05),
    (K::ModelDevice, 0.05),
    (K::Measurer, 0.05),
    (K::Sweep, 1.0),
];
const PREFILL: Spread = &[
    (K::Architecture, 0.05),
    (K::Model, 0.05),
    (K::ModelEngine, 0.05),
    (K::ModelDevice, 0.05),
    (K::Measurer, 0.05),
    (K::Sweep, 1.0),
];
const SERVER: Spread = &[(K::All, 1.0), (K::Engine, 0.8)];
const SAMPLE: Spread = &[(K::All, 0.7), (K::Engine, 0.4)];
const INSIDE: Spread = &[(K::All, 0.3), (K::Engine, 0.2)];
/// Power needed: cards of one kind differ by a tenth, with their coolers and voltages; dies
/// and loads by more; cards that wait for their link by most.
const POWER: Spread = &[
    (K::All, 0.3),
    (K::Die, 0.15),
    (K::Card, 0.1),
    (K::Experts, 0.15),
    (K::Model, 0.05),
    (K::Link, 0.3),
    (K::Measurer, 0.1),
];
const LINK: Spread = &[(K::All, 0.5), (K::Engine, 0.4), (K::Link, 0.8)];

/// The prior of a parameter on a level; none where the level does not move it.
pub fn prior(parameter: Parameter, kind: LevelKind) -> Option<Prior> {
    let (mean, spread): (f64, Spread) = match parameter {
        P::WeightRead => (0.15, READ),
        P::MatrixRead => (0.0, MATRIX_READ),
        P::ExpertRead => (0.0, EXPERT_READ),
        P::FurtherExperts => (0.0, FURTHER_EXPERTS),
        P::CacheRead => (0.5, CACHE_READ),
        P::LatentRead => (0.0, LATENT_READ),
        P::AttentionCompute => (2.1, ATTENTION),
        P::LayerTime => (3.8, LAYER),
        P::ExpertLayerTime => (3.2, LAYER),
        P::RecurrentLayerTime => (3.0, LAYER),
        P::Overhead => (0.0, OVERHEAD),
        P::VectorCompute => (1.5, VECTOR),
        P::BatchCompute => (1.5, BATCH),
        P::SequenceTime => (4.6, SEQUENCE),
        P::PrefillCompute => (0.5, PREFILL_COMPUTE),
        P::PrefillExpert => (0.4, PREFILL_EXPERT),
        P::PrefillAttention => (1.0, PREFILL_ATTENTION),
        P::PrefillRead => (0.3, PREFILL_READ),
        P::PrefillLayerTime => (3.7, PREFILL_LAYER),
        P::PrefillRecurrentTime => (3.0, PREFILL_RECURRENT),
        P::PrefillFixedTime => (0.7, PREFILL_FIXED),
        P::Decode => (0.0, DECODE),
        P::Prefill => (0.0, PREFILL),
        P::PrefillInside => (-0.2, INSIDE),
        P::ServerTime => (3.0, SERVER),
        // Some milliseconds for a vocabulary of 150,000 to 260,000.
        P::SampleTime => (2.3, SAMPLE),
        P::DecodePower | P::PrefillPower => (-0.7, POWER),
        P::LinkTime | P::LinkVolume | P::HopTime => (0.0, LINK),
    };
    let (_, sd) = spread.iter().find(|(level, _)| *level == kind)?;
    let mean = if kind == K::All { mean } else { 0.0 };
    Some(Prior { mean, sd: *sd })
}
