//! Claims as they are written.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

use super::{DeviceField, Finding, MachineField, Term, Total};
use crate::units::Date;

/// A source as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSource {
    pub title: String,
    pub publisher: String,
    pub date: Date,
    pub note: Option<String>,
}

/// A claim as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawClaim {
    pub source: String,
    pub section: String,
    pub subject: String,
    pub claim: String,
    pub quantity: String,
    pub claimed: Option<f64>,
    pub claimed_low: Option<f64>,
    pub claimed_high: Option<f64>,
    pub unit: Option<String>,
    pub finding: Finding,
    pub right_value: Option<f64>,
    pub right_low: Option<f64>,
    pub right_high: Option<f64>,
    pub right_text: Option<String>,
    pub reason: String,
    pub decides: Option<String>,
    pub tolerance: Option<f64>,
    pub scale: Option<f64>,
    pub check: Option<RawCheck>,
}

/// The one table below `check`: its name is the kind, its keys the parameters.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RawCheck {
    Price(RawPrice),
    Device(RawDeviceField),
    Machine(RawMachineField),
    Weights(RawSize),
    Fits(RawFits),
    Decode(RawRun),
    Prefill(RawRun),
    Ttft(RawRun),
    Aggregate(RawRun),
    Electricity(RawElectricity),
    Tco(RawOwnership),
    TcoDifference(RawDifference),
    Ratio(RawRatio),
    Sum(RawTerms),
    Product(RawTerms),
}

impl RawCheck {
    /// The kind's word: the name of the table.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Price(_) => "price",
            Self::Device(_) => "device",
            Self::Machine(_) => "machine",
            Self::Weights(_) => "weights",
            Self::Fits(_) => "fits",
            Self::Decode(_) => "decode",
            Self::Prefill(_) => "prefill",
            Self::Ttft(_) => "ttft",
            Self::Aggregate(_) => "aggregate",
            Self::Electricity(_) => "electricity",
            Self::Tco(_) => "tco",
            Self::TcoDifference(_) => "tco_difference",
            Self::Ratio(_) => "ratio",
            Self::Sum(_) => "sum",
            Self::Product(_) => "product",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPrice {
    pub item: String,
    pub as_of: Date,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawDeviceField {
    pub id: String,
    pub field: DeviceField,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMachineField {
    pub id: String,
    pub field: MachineField,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSize {
    pub params_b: Option<f64>,
    pub bits_per_weight: Option<f64>,
    pub bits_per_weight_high: Option<f64>,
    pub model: Option<String>,
    pub quant: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFits {
    pub machine: String,
    pub params_b: Option<f64>,
    pub bits_per_weight: Option<f64>,
    pub model: Option<String>,
    pub quant: Option<String>,
    pub context: Option<u64>,
    pub expected: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRun {
    pub machine: String,
    pub model: String,
    pub quant: String,
    pub engine: Option<String>,
    pub split: Option<String>,
    pub prompt: Option<u64>,
    pub concurrency: Option<u32>,
    #[serde(default)]
    pub ceiling: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawElectricity {
    pub watts: Option<f64>,
    pub watts_low: Option<f64>,
    pub watts_high: Option<f64>,
    pub hours_per_day: f64,
    pub usd_per_kwh: f64,
    pub days: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawOwnership {
    pub hardware_usd: f64,
    pub years: f64,
    pub hours_per_day: f64,
    pub usd_per_kwh: f64,
    pub watts: f64,
    pub idle_watts: Option<f64>,
    pub resale_usd: f64,
    pub quantity: Total,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawDifference {
    pub of: RawOwnership,
    pub minus: RawOwnership,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRatio {
    pub numerator: Term,
    pub denominator: Term,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawTerms {
    pub terms: Vec<Term>,
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TermVisitor;
        impl de::Visitor<'_> for TermVisitor {
            type Value = Term;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or the id of a claim")
            }

            fn visit_f64<E>(self, number: f64) -> Result<Term, E> {
                Ok(Term::Number(number))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Term, E> {
                Ok(Term::Number(number as f64))
            }

            fn visit_str<E>(self, id: &str) -> Result<Term, E> {
                Ok(Term::Claim(id.to_owned()))
            }
        }
        deserializer.deserialize_any(TermVisitor)
    }
}
