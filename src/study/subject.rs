//! What a series ran: its architecture and the bytes of its weights.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::catalog::{Catalog, QuantChoice};
use crate::evidence::Series;
use crate::model::{Architecture, Packaging, Quant, Weights};

use super::synthetic;

/// A printed size that differs by more than this is another file than the
/// quant's recipe makes; less is rounding.
const SIZE_TOLERANCE: f64 = 0.015;

/// A printed size this many times off is not this model's at all.
const SIZE_LIMIT: f64 = 1.6;

/// A model at a quant.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Id of the catalogue, or the source's name where it is not there.
    pub model: String,
    /// The architecture, true or assumed.
    pub architecture: Rc<Architecture>,
    /// The weights.
    pub weights: Rc<Weights>,
    /// What had to be assumed, in sentences; empty where nothing.
    pub assumed: Vec<String>,
    /// The architecture is not the model's own but one of its size.
    pub synthetic: bool,
}

/// Finds subjects and keeps them: the same file occurs in many series.
pub struct Subjects<'a> {
    catalog: &'a Catalog,
    known: RefCell<BTreeMap<String, Result<Subject, String>>>,
}

impl<'a> Subjects<'a> {
    /// Subjects of a catalogue.
    pub fn new(catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            known: RefCell::default(),
        }
    }

    /// The subject of a series, or why there is none.
    ///
    /// # Errors
    /// The model is unknown and no size is stated, or the quant is unknown to the model.
    pub fn find(&self, series: &Series) -> Result<Subject, String> {
        let key = format!(
            "{}|{:?}|{:?}|{:?}|{:?}|{}|{:?}",
            series.model,
            series.quant,
            series.weights,
            series.total_params_b,
            series.active_params_b,
            series.engine,
            series.engine_version
        );
        if let Some(found) = self.known.borrow().get(&key) {
            return found.clone();
        }
        let found = self.build(series);
        self.known.borrow_mut().insert(key, found.clone());
        found
    }

    fn build(&self, series: &Series) -> Result<Subject, String> {
        let mut assumed = Vec::new();
        let choice = [Some(&series.model), series.model_named.as_ref()]
            .into_iter()
            .flatten()
            .find_map(|name| self.catalog.select_model(name).ok());
        let named = match choice.as_ref().map(|choice| &choice.quant) {
            Some(QuantChoice::Exact(quant)) => Some(quant.id.clone()),
            _ => None,
        };
        let native = choice
            .as_ref()
            .and_then(|choice| choice.model.table.native_four_bits());
        let quant = quant(series, named.as_deref(), native, &mut assumed)?;
        let stated = series.weights.filter(|_| series.replicas.is_none());
        let Some(choice) = choice else {
            return synthetic::subject(series, &quant, assumed);
        };
        let architecture = Rc::new(choice.model.architecture.clone());
        let mut weights = Weights::of(&architecture, &quant).map_err(|error| error.to_string())?;
        if let Some(stated) = stated {
            let ratio = stated.as_f64() / weights.file_bytes().as_f64();
            if !(1.0 / SIZE_LIMIT..=SIZE_LIMIT).contains(&ratio) {
                assumed.push(format!(
                    "the stated size is {ratio:.2} of the model's at {}; not used",
                    quant.id
                ));
            } else if (ratio - 1.0).abs() > SIZE_TOLERANCE
                && quant.packagings().contains(&Packaging::Gguf)
            {
                weights = weights.scaled_to(&architecture, stated);
            }
        }
        let model = choice.model.id.clone();
        Ok(Subject {
            model,
            architecture,
            weights: Rc::new(weights),
            assumed,
            synthetic: false,
        })
    }
}

/// How an engine's files come.
pub(super) fn packaging(engine: &str) -> Packaging {
    match engine {
        "vllm" | "sglang" | "trtllm" | "atlas" => Packaging::Safetensors,
        "mlx" => Packaging::Mlx,
        "exllama" => Packaging::Exl3,
        _ => Packaging::Gguf,
    }
}

/// The quant of a series; the engine's usual four bits where it states none.
fn quant(
    series: &Series,
    named: Option<&str>,
    native: Option<Quant>,
    assumed: &mut Vec<String>,
) -> Result<Quant, String> {
    let packaging = packaging(&series.engine);
    let native = native.filter(|quant| quant.packagings().contains(&packaging));
    let usual = || match packaging {
        _ if native.is_some() => native.as_ref().map_or("", |quant| quant.id.as_str()),
        Packaging::Gguf => "q4_k_m",
        Packaging::Safetensors => "awq-int4",
        Packaging::Mlx => "mlx-4bit",
        Packaging::Exl3 => "exl3-4.0bpw",
    };
    let id = series.quant.as_deref().or(named);
    let quant = if let Some(id) = id {
        Quant::from_id(id).or_else(|| nearest_quant(id, assumed))
    } else {
        assumed.push(format!("quant not stated: {} assumed", usual()));
        Quant::from_id(usual())
    };
    // This build quantises attention and head of gpt-oss too as it loads them.
    let quant = match series.engine_version.as_deref() {
        Some(build) if build.starts_with("vllm-node-mxfp4") => Quant::from_id("mxfp4-full"),
        _ => quant,
    };
    let quant = quant.ok_or_else(|| format!("the quant `{}` is not known", id.unwrap_or("")))?;
    Ok(quant.packaged(packaging).unwrap_or(quant))
}

/// The quant that an unlisted name most likely means.
fn nearest_quant(id: &str, assumed: &mut Vec<String>) -> Option<Quant> {
    let lower = id.to_ascii_lowercase();
    let has = |part: &str| lower.contains(part);
    let guess = match () {
        () if has("fp4") && has("fp8") && !has("nvfp4") => "mxfp4-fp8",
        () if has("nvfp4") || has("fp4") && !has("mxfp4") => "nvfp4",
        () if has("mxfp4") => "mxfp4",
        () if has("fp8") => "fp8",
        () if has("bf16") => "bf16",
        () if has("f16") || has("16bit") => "f16",
        () if has("w8a8") || has("int8") => "int8-w8a8",
        () if has("awq") || has("int4") || has("w4a16") => "awq-int4",
        () if has("gptq") => "gptq-int4",
        () if has("q8") || has("8bit") => "q8_0",
        () if has("q6") || has("6bit") => "q6_k",
        () if has("q5") || has("5bit") => "q5_k_m",
        () if has("q4") || has("4bit") => "q4_k_m",
        () if has("q3") || has("3bit") => "q3_k_m",
        () if has("q2") || has("2bit") => "q2_k",
        () if has("q1") || has("1bit") => "iq1_m",
        () => return None,
    };
    assumed.push(format!("quant `{id}` taken as {guess}"));
    Quant::from_id(guess)
}
