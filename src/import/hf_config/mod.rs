//! Hugging Face's `config.json` as a model's table: the families of the
//! catalogue, and any other that is built like Llama.
//!
//! A multimodal model's text part (`text_config`) is what counts. Every fault is
//! reported at once, each with the path of its key.

mod attention;
mod families;
mod keys;
mod network;
mod quantization;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::model::{Architecture, ModelTable};
use keys::Keys;

/// A model as its config describes it.
#[derive(Debug, Clone)]
pub struct HfModel {
    /// The hyper-parameters.
    pub table: ModelTable,
    /// The architecture they make.
    pub architecture: Architecture,
    /// Id of the quant that the checkpoint is stored in, where it is a known one.
    pub quant: Option<String>,
    /// What was assumed because the config does not say it, each one sentence.
    pub assumptions: Vec<String>,
}

/// Why a config describes no model that can be calculated: every reason found.
#[derive(Debug, thiserror::Error)]
pub struct HfError {
    /// The file, where it has a name.
    pub file: Option<PathBuf>,
    /// The problems, each with its key and what to do.
    pub problems: Vec<String>,
}

impl fmt::Display for HfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", file.display())?;
        }
        f.write_str(&self.problems.join("; "))?;
        if self
            .problems
            .iter()
            .any(|problem| problem.ends_with("is missing"))
        {
            f.write_str("; give the config.json of a language model")?;
        }
        Ok(())
    }
}

impl HfError {
    fn new(problem: impl Into<String>) -> Self {
        Self {
            file: None,
            problems: vec![problem.into()],
        }
    }
}

/// The longest config that is read; real ones have a few kilobytes.
const LIMIT: u64 = 4 << 20;

/// Reads a `config.json`, or the one in a folder, together with
/// `ModelOpt`'s `hf_quant_config.json` where that lies beside it.
///
/// # Errors
/// If the file cannot be read, is no JSON or describes no language model.
pub fn open(path: &Path) -> Result<HfModel, HfError> {
    let file = if path.is_dir() {
        path.join("config.json")
    } else {
        path.to_owned()
    };
    let located = |error: HfError| HfError {
        file: Some(file.clone()),
        ..error
    };
    let text = text_of(&file).map_err(|error| {
        located(HfError::new(format!(
            "cannot be read: {error}; give a config.json or the folder that holds it"
        )))
    })?;
    let beside = text_of(&file.with_file_name("hf_quant_config.json")).ok();
    let quantization = beside.and_then(|text| serde_json::from_str(&text).ok());
    let mut model = describe(&text, quantization.as_ref()).map_err(located)?;
    if model.table.name.is_empty() {
        let folder = file.parent().and_then(Path::file_name).unwrap_or_default();
        model.table.name = folder.to_string_lossy().into_owned();
    }
    Ok(model)
}

fn text_of(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LIMIT).read_to_string(&mut text)?;
    Ok(text)
}

/// Reads the text of a `config.json`.
///
/// # Errors
/// If it is no JSON or describes no language model.
pub fn parse(text: &str) -> Result<HfModel, HfError> {
    describe(text, None)
}

fn describe(text: &str, quantization: Option<&Value>) -> Result<HfModel, HfError> {
    let root: Value = serde_json::from_str(text)
        .map_err(|error| HfError::new(format!("is no JSON: {error}; download the file again")))?;
    if !root.is_object() {
        return Err(HfError::new(
            "is no JSON object; give the model's config.json",
        ));
    }
    let mut keys = Keys::new(&root);
    let table = table(&mut keys);
    if !keys.problems.is_empty() {
        return Err(HfError {
            file: None,
            problems: keys.problems,
        });
    }
    let architecture = table.architecture().map_err(|faults| HfError {
        file: None,
        problems: faults.iter().map(ToString::to_string).collect(),
    })?;
    let quant = quantization::quant(&keys, quantization);
    let assumptions = keys.assumptions;
    Ok(HfModel {
        table,
        architecture,
        quant,
        assumptions,
    })
}

/// All hyper-parameters that the config states.
fn table(keys: &mut Keys<'_>) -> ModelTable {
    let family = families::of(keys);
    let hidden = keys.required(&["hidden_size", "n_embd", "d_model", "dim"]);
    let layers = keys.required(&["num_hidden_layers", "n_layer", "num_layers", "n_layers"]);
    let context = keys.number(&[
        "max_position_embeddings",
        "max_sequence_length",
        "seq_length",
        "n_positions",
        "model_max_length",
    ]);
    let max_context = context.unwrap_or_else(|| {
        let (context, why) = if family.starts_with("gemma3") {
            (131_072, "Gemma 3's")
        } else {
            (32_768, "a cautious")
        };
        keys.assume(format!(
            "no `max_position_embeddings`: {why} context of {context} tokens is taken"
        ));
        context
    });
    let mut table = ModelTable {
        name: keys
            .text(&["_name_or_path", "name_or_path"])
            .unwrap_or_default(),
        vocab: vocab(keys, &family),
        tied_embeddings: keys
            .flag(&["tie_word_embeddings", "tie_embedding"])
            .unwrap_or_else(|| families::ties_by_default(&family)),
        attention_bias: keys.flag(&["attention_bias", "qkv_bias", "add_qkv_bias"]),
        // Llama 4 normalises without weights.
        qk_norm: keys.flag(&["use_qk_norm"]).filter(|_| family != "llama4"),
        native_format: keys.text(&["dtype", "torch_dtype"]),
        source: Some("the model's config.json".to_owned()),
        family,
        layers,
        hidden,
        max_context,
        ..ModelTable::default()
    };
    attention::add(keys, &mut table);
    network::add(keys, &mut table);
    table
}

/// Entries of the vocabulary; Gemma 3's multimodal configs leave them to the class' default.
fn vocab(keys: &mut Keys<'_>, family: &str) -> u32 {
    let names = ["vocab_size", "padded_vocab_size"];
    if family == "gemma3" && keys.get(&names).is_none() {
        keys.assume("no `vocab_size`: the 262,208 of Gemma 3's class are taken");
        return 262_208;
    }
    keys.required(&names)
}
