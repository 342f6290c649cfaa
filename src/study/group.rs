//! The groups of measurements that the back-test tells apart.

use crate::evidence::{Metric, Protocol, Series};

/// What an observation measures, as the back-test groups them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// One sequence on one device, decoding.
    Decode,
    /// One prompt on one device.
    Prefill,
    /// Time to first token.
    Ttft,
    /// Several sequences on one device, prefills and queues inside.
    Aggregate,
    /// Several sequences on one device, decoding and nothing else.
    BatchDecode,
    /// Decoding over several devices, layer split.
    LayerSplit,
    /// Decoding over several devices, tensor split.
    TensorSplit,
    /// Prefill over several devices.
    SplitPrefill,
    /// Several sequences over several devices.
    SplitAggregate,
    /// One sequence or prompt on one device below its rated power.
    PowerLimit,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Decode,
        Self::Prefill,
        Self::Ttft,
        Self::Aggregate,
        Self::BatchDecode,
        Self::LayerSplit,
        Self::TensorSplit,
        Self::SplitPrefill,
        Self::SplitAggregate,
        Self::PowerLimit,
    ];

    /// The word used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Prefill => "prefill",
            Self::Ttft => "ttft",
            Self::Aggregate => "aggregate",
            Self::BatchDecode => "batch decode",
            Self::LayerSplit => "layer split",
            Self::TensorSplit => "tensor split",
            Self::SplitPrefill => "split prefill",
            Self::SplitAggregate => "split aggregate",
            Self::PowerLimit => "power limit",
        }
    }

    /// The key of the interval that an estimate of it gets.
    pub(super) const fn interval(self) -> &'static str {
        match self {
            Self::BatchDecode => Self::Aggregate.name(),
            group => group.name(),
        }
    }

    /// The group of a point of a series at so many clients, below the rated power or not.
    /// All of a sweep whose rates compare only with each other is about power.
    pub(super) fn of(series: &Series, batch: u32, limited: bool) -> Self {
        if series.relative {
            return Self::PowerLimit;
        }
        match Self::at_full_power(series, batch) {
            Self::Decode | Self::Prefill if limited => Self::PowerLimit,
            group => group,
        }
    }

    /// The group that it would be in with all the power that it needs.
    pub(super) fn at_full_power(series: &Series, batch: u32) -> Self {
        let each = series.devices / series.replicas.unwrap_or(1).max(1);
        let several = each > 1 && series.split != "replicas";
        match (series.metric, several) {
            (Metric::Ttft, _) => Self::Ttft,
            (Metric::Prefill, true) => Self::SplitPrefill,
            (Metric::Prefill, false) => Self::Prefill,
            (_, false) if batch > 1 && series.protocol == Some(Protocol::Pure) => Self::BatchDecode,
            (_, false) if batch > 1 => Self::Aggregate,
            (_, false) => Self::Decode,
            (_, true) if batch > 1 => Self::SplitAggregate,
            (_, true) if series.split == "layer" => Self::LayerSplit,
            (_, true) => Self::TensorSplit,
        }
    }
}
