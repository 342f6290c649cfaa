//! `data/engines.toml`: serving software.

use serde::Deserialize;

use super::citation::{RawEvidences, citation, evidences, share};
use super::devices::RawBackend;
use super::document::{Row, Rules};
use super::fault::Fault;
use crate::machine::Backend;
use crate::model::Packaging;
use crate::predict::{Batching, Division, Engine, EngineMemory, MemoryRules, Offloading, Split};
use crate::units::{Bytes, Date};

/// An engine as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawEngine {
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
    packagings: Vec<String>,
    backends: Vec<RawBackend>,
    /// Makers of devices whose users run it.
    default_for: Vec<String>,
    usual_q4: String,
    usual_q8: String,
    splits: Vec<String>,
    /// What a tensor split demands.
    division: Option<RawDivision>,
    batching: RawBatching,
    slots: Option<u32>,
    ubatch: u32,
    footprint_gib: f64,
    margin_gib: f64,
    claim: Option<f64>,
    memory_rules: RawRules,
    cache_block: Option<u32>,
    offloads: Option<RawOffloading>,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
    #[serde(default)]
    evidence: RawEvidences,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawBatching {
    Continuous,
    Slots,
    Sequential,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawDivision {
    EvenHeads,
    Any,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawOffloading {
    Layers,
    Experts,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawRules {
    #[serde(rename = "llama.cpp")]
    LlamaCpp,
    Paged,
    Mlx,
}

/// A validated engine.
pub fn engine(row: Row<'_, RawEngine>, rules: Rules, faults: &mut Vec<Fault>) -> Engine {
    let Row { id, raw, place } = row;
    let citation = citation(raw.source, raw.date, raw.note, &place, rules.today, faults);
    let claim = raw.claim.unwrap_or(1.0);
    share("claim", claim, &place, faults);
    let mut packagings = Vec::new();
    for name in &raw.packagings {
        match Packaging::from_name(name) {
            Some(packaging) => packagings.push(packaging),
            None => faults.push(place.fault(
                "packagings",
                format!("there is no packaging `{name}`"),
                "write gguf, safetensors, mlx or exl3",
            )),
        }
    }
    let mut splits = Vec::new();
    for name in &raw.splits {
        match Split::from_name(name) {
            Some(split) => splits.push(split),
            None => faults.push(place.fault(
                "splits",
                format!("there is no split `{name}`"),
                "write layer, tensor or replicas",
            )),
        }
    }
    let batching = match raw.batching {
        RawBatching::Continuous => Batching::Continuous,
        RawBatching::Slots => Batching::Slots(raw.slots.unwrap_or(1)),
        RawBatching::Sequential => Batching::Sequential,
    };
    Engine {
        id,
        name: raw.name,
        aliases: raw.aliases,
        packagings,
        backends: raw.backends.into_iter().map(Backend::from).collect(),
        default_for: raw.default_for,
        usual_q4: raw.usual_q4,
        usual_q8: raw.usual_q8,
        splits,
        division: raw.division.map(|division| match division {
            RawDivision::EvenHeads => Division::EvenHeads,
            RawDivision::Any => Division::Any,
        }),
        batching,
        ubatch: raw.ubatch,
        memory: EngineMemory {
            footprint: Bytes::from_gib(raw.footprint_gib),
            margin: Bytes::from_gib(raw.margin_gib),
            claim,
            rules: match raw.memory_rules {
                RawRules::LlamaCpp => MemoryRules::LlamaCpp,
                RawRules::Paged => MemoryRules::Paged {
                    block: raw.cache_block.unwrap_or(16),
                },
                RawRules::Mlx => MemoryRules::Mlx,
            },
        },
        offloads: raw.offloads.map(|offloads| match offloads {
            RawOffloading::Layers => Offloading::Layers,
            RawOffloading::Experts => Offloading::Experts,
        }),
        evidence: evidences(raw.evidence, &citation),
        citation,
    }
}
