//! What a header says about the model: its keys under the architecture's name,
//! and the tensors of each layer.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{GgufError, Problem};
use super::header::Header;
use super::tensor::TensorInfo;
use super::value::Value;

/// A header with its tensors sorted into layers.
pub(super) struct Facts<'a> {
    pub(super) header: &'a Header,
    /// `general.architecture`.
    pub(super) name: &'a str,
    /// Layers that are loaded, without multi-token-prediction blocks.
    pub(super) layers: u32,
    /// Multi-token-prediction blocks behind them.
    pub(super) mtp_layers: u32,
    /// The tensors of each layer, by the part of the name behind `blk.N.`.
    parts: Vec<BTreeMap<&'a str, &'a TensorInfo>>,
}

/// The most layers; llama.cpp's own limit is 512.
const LAYER_LIMIT: u32 = 1024;

impl<'a> Facts<'a> {
    pub(super) fn new(header: &'a Header) -> Result<Self, GgufError> {
        let name = header.architecture_name().ok_or_else(|| {
            GgufError::new(Problem::Incomplete(
                "the text that names the model's architecture is missing; convert the model again with a current llama.cpp".to_owned(),
            ))
            .within("key", "general.architecture")
        })?;
        let kind = header.metadata.text("general.type").unwrap_or("model");
        if kind != "model" || name == "clip" {
            return Err(GgufError::new(Problem::Unsupported(format!(
                "this file holds `{}`, not a language model; give the model's own file",
                if kind == "model" { name } else { kind }
            ))));
        }
        let mut facts = Self {
            header,
            name,
            layers: 0,
            mtp_layers: 0,
            parts: Vec::new(),
        };
        facts.check_required(&["block_count", "context_length", "embedding_length"])?;
        let blocks = facts.required("block_count")?;
        if blocks == 0 || blocks > LAYER_LIMIT {
            let (what, count, limit) = ("the number of layers", blocks.into(), LAYER_LIMIT.into());
            let problem = if blocks == 0 {
                Problem::Incomplete(
                    "a model needs at least one layer; the file is damaged".to_owned(),
                )
            } else {
                Problem::TooMany { what, count, limit }
            };
            return Err(facts.at("block_count", problem));
        }
        facts.mtp_layers = facts
            .number("nextn_predict_layers")?
            .unwrap_or(0)
            .min(blocks - 1);
        facts.layers = blocks - facts.mtp_layers;
        facts.parts = vec![BTreeMap::new(); blocks as usize];
        for tensor in &header.tensors {
            let layer = tensor
                .layer()
                .and_then(|layer| facts.parts.get_mut(layer as usize));
            if let Some(parts) = layer {
                parts.insert(tensor.part(), tensor);
            }
        }
        Ok(facts)
    }

    /// The full name of a key.
    pub(super) fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.name)
    }

    /// A fault in a key.
    pub(super) fn at(&self, key: &str, problem: Problem) -> GgufError {
        GgufError::new(problem).within("key", &self.key(key))
    }

    /// Names all missing keys in one fault.
    fn check_required(&self, keys: &[&str]) -> Result<(), GgufError> {
        let missing: Vec<String> = keys
            .iter()
            .map(|key| self.key(key))
            .filter(|key| self.header.metadata.get(key).is_none())
            .map(|key| format!("`{key}`"))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(GgufError::new(Problem::Incomplete(format!(
            "the metadata lacks {}; convert the model again with a current llama.cpp",
            missing.join(", ")
        ))))
    }

    /// A number that must be there.
    pub(super) fn required(&self, key: &str) -> Result<u32, GgufError> {
        self.check_required(&[key])?;
        Ok(self.number(key)?.unwrap_or(0))
    }

    /// A number that may be missing.
    pub(super) fn number(&self, key: &str) -> Result<Option<u32>, GgufError> {
        self.header
            .metadata
            .get(&self.key(key))
            .map(|value| self.small(key, value))
            .transpose()
    }

    /// A number of one layer: one for all, or a list with one for each.
    pub(super) fn of_layer(&self, key: &str, layer: u32) -> Result<Option<u32>, GgufError> {
        let Some(value) = self.header.metadata.get(&self.key(key)) else {
            return Ok(None);
        };
        let Value::Array { length, items } = value else {
            return self.small(key, value).map(Some);
        };
        match items.get(layer as usize) {
            Some(item) => self.small(key, item).map(Some),
            None => Err(self.at(
                key,
                Problem::Incomplete(format!(
                    "the list has {length} items where the model has {} layers",
                    self.layers
                )),
            )),
        }
    }

    /// A value as a number below 2^32.
    fn small(&self, key: &str, value: &Value) -> Result<u32, GgufError> {
        value
            .count()
            .and_then(|count| u32::try_from(count).ok())
            .ok_or_else(|| {
                self.at(
                    key,
                    Problem::Incomplete(
                        "a whole number below 2^32 is needed here; the file is damaged".to_owned(),
                    ),
                )
            })
    }

    /// First of the last layers, which reuse an earlier one's cache; the number
    /// of layers where all have their own.
    pub(super) fn first_without_cache(&self) -> Result<u32, GgufError> {
        let shared = self.number("attention.shared_kv_layers")?;
        // llama.cpp reads no key for Gemma 3n: 20 layers have caches in each of its sizes.
        Ok(match (self.name, shared) {
            ("gemma3n", None) => 20,
            (_, shared) => self.layers.saturating_sub(shared.unwrap_or(0)),
        })
    }

    /// A tensor of a layer, by the part of its name behind `blk.N.`.
    pub(super) fn part(&self, layer: u32, part: &str) -> Option<&'a TensorInfo> {
        self.parts.get(layer as usize)?.get(part).copied()
    }

    /// Whether a layer has any of these tensors.
    pub(super) fn has(&self, layer: u32, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.part(layer, part).is_some())
    }

    /// The names of a layer's tensors.
    pub(super) fn parts(&self, layer: u32) -> impl Iterator<Item = &'a str> {
        self.parts
            .get(layer as usize)
            .into_iter()
            .flat_map(|parts| parts.keys().copied())
    }

    /// A length of a tensor of a layer: 0 is the row.
    pub(super) fn length(&self, layer: u32, part: &str, dimension: usize) -> Option<u32> {
        self.part(layer, part)?
            .shape
            .get(dimension)
            .and_then(|length| u32::try_from(*length).ok())
    }

    /// Names of layers' tensors that are none of the ones given (by their
    /// beginning), each once.
    pub(super) fn unknown_parts(&self, known: &[&str]) -> Vec<&'a str> {
        let unknown: BTreeSet<&str> = (0..self.layers)
            .flat_map(|layer| self.parts(layer))
            .filter(|part| !known.iter().any(|known| part.starts_with(known)))
            .collect();
        unknown.into_iter().collect()
    }
}
