//! How a claim's figure is recomputed.

use serde::Deserialize;

use super::Bounds;
use crate::predict::Split;
use crate::units::Date;

/// A way to recompute a figure. Ids are known to be in the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// The price of a machine or a device alone on a day.
    Price {
        /// Id of the machine or device.
        item: String,
        /// The day.
        as_of: Date,
    },
    /// A figure of a device's data sheet.
    Device {
        /// Id of the device.
        id: String,
        /// Which figure.
        field: DeviceField,
    },
    /// A figure of a machine.
    Machine {
        /// The machine as one types it.
        id: String,
        /// Which figure.
        field: MachineField,
    },
    /// Bytes of weights, GB.
    Weights(Size),
    /// Whether a model fits a machine.
    Fits {
        /// The machine as one types it.
        machine: String,
        /// What is to fit.
        size: Size,
        /// Tokens that memory is reserved for.
        context: Option<u64>,
        /// What the claim says.
        expected: bool,
    },
    /// A speed.
    Speed {
        /// Which one.
        figure: Figure,
        /// What runs where.
        run: Run,
        /// Compare with the bandwidth ceiling only.
        ceiling_only: bool,
    },
    /// Electricity for some hours a day and some days, US dollars.
    Electricity {
        /// What is drawn.
        watts: Bounds,
        /// Hours a day.
        hours_per_day: f64,
        /// Price of a kilowatt-hour.
        usd_per_kwh: f64,
        /// Days.
        days: f64,
    },
    /// A cost of ownership, US dollars.
    Ownership(OwnershipCase),
    /// One cost of ownership minus another.
    OwnershipDifference(OwnershipCase, OwnershipCase),
    /// One figure over another.
    Ratio(Term, Term),
    /// The sum of figures.
    Sum(Vec<Term>),
    /// The product of figures.
    Product(Vec<Term>),
}

impl Check {
    /// Whether the figure is an estimate that moves with the calibration.
    pub const fn is_estimate(&self) -> bool {
        matches!(
            self,
            Self::Speed {
                ceiling_only: false,
                ..
            }
        )
    }
}

/// A figure of a device's data sheet, by its key in `data/devices`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceField {
    /// GiB of memory.
    MemoryGib,
    /// GiB that an engine can use.
    UsableGib,
    /// GB/s.
    BandwidthGbS,
    /// Dense FP16, TFLOPS.
    Fp16Tflops,
    /// Dense FP4, TFLOPS.
    Fp4Tflops,
    /// The board's limit, W.
    TdpW,
    /// CUDA's compute capability, as a number.
    ComputeCapability,
}

/// A figure of a machine, by its key in `data/machines`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MachineField {
    /// GiB of memory of each device.
    MemoryGib,
    /// Idle at the wall, W.
    IdleW,
    /// Flat out at the wall, W.
    LoadW,
    /// Litres.
    VolumeL,
}

/// What is to be stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Size {
    /// So many parameters at so many bits, whatever the architecture.
    Parameters {
        /// Billions of parameters.
        billions: f64,
        /// Bits of each.
        bits: Bounds,
    },
    /// A model of the catalogue at a quant.
    Model {
        /// Its id.
        model: String,
        /// The quant's id.
        quant: String,
    },
}

/// A speed that the estimator gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Output tokens a second of one stream.
    Decode,
    /// Prompt tokens a second.
    Prefill,
    /// Seconds to the first token.
    Ttft,
    /// Output tokens a second of all streams.
    Aggregate,
}

/// What runs where.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The machine as one types it.
    pub machine: String,
    /// Id of the model.
    pub model: String,
    /// Id of the quant.
    pub quant: String,
    /// The engine; the machine's usual one where none.
    pub engine: Option<String>,
    /// The split; the faster one where none.
    pub split: Option<Split>,
    /// Prompt tokens.
    pub prompt: Option<u64>,
    /// Streams.
    pub concurrency: u32,
}

/// A cost of ownership under the claim's own assumptions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnershipCase {
    /// What it costs to buy.
    pub hardware_usd: f64,
    /// Years.
    pub years: f64,
    /// Hours a day at work.
    pub hours_per_day: f64,
    /// Price of a kilowatt-hour.
    pub usd_per_kwh: f64,
    /// Watts at work.
    pub watts: f64,
    /// Watts for the rest of the day; none where it is switched off.
    pub idle_watts: Option<f64>,
    /// What it sells for at the end.
    pub resale_usd: f64,
    /// Which figure is meant.
    pub total: Total,
}

/// Which figure of a cost of ownership.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Total {
    /// Hardware and electricity.
    Total,
    /// That minus the resale.
    Net,
}

/// A number, or the figure that another claim prints.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// This number.
    Number(f64),
    /// The claimed figure of this id.
    Claim(String),
}
