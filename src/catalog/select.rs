//! From what a person types to models, quants and engines: `llama-70b-q4`,
//! `Qwen3-30B-A3B-Q4_K_M`, `vllm`.

use std::collections::BTreeMap;

use super::models::Model;
use super::{Catalog, Faults, Unknown};
use crate::machine::{Backend, ComposeError, Machine};
use crate::model::{Packaging, Quant};
use crate::predict::Engine;

/// Which quant was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuantChoice {
    /// None: the engine's usual four bits.
    Usual,
    /// So many bits, in the engine's usual form.
    Bits(u8),
    /// This one.
    Exact(Quant),
}

/// A model as typed.
#[derive(Debug, Clone)]
pub struct ModelChoice<'a> {
    /// The model.
    pub model: &'a Model,
    /// The quant that the name carried.
    pub quant: QuantChoice,
    /// The alias under which it was found, where that is not its id.
    pub alias: Option<String>,
}

/// Why a name selects nothing.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// Nothing goes by that name.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// Several things do.
    #[error("`{typed}` could be {}; name one of them", some_of(candidates))]
    Ambiguous {
        /// What was typed.
        typed: String,
        /// What it could be.
        candidates: Vec<String>,
    },
    /// The machine cannot be composed.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// An engine that does not run there, or does not load the quant.
    #[error("{0}")]
    Unsupported(String),
    /// The data has faults.
    #[error(transparent)]
    Data(#[from] Faults),
}

/// Endings that makers and repositories put behind a model's name.
const SUFFIXES: [&str; 6] = ["-gguf", "-instruct", "-it", "-chat", "-hf", "-mlx"];

impl Catalog {
    /// The model (and quant) of a typed name.
    ///
    /// # Errors
    /// If the name is unknown or ambiguous.
    pub fn select_model(&self, typed: &str) -> Result<ModelChoice<'_>, SelectError> {
        let models = self.models()?;
        let names = names(models);
        let lower = typed.trim().to_lowercase();
        let plain = lower.strip_suffix(".gguf").unwrap_or(&lower);
        let plain = plain.rsplit('/').next().unwrap_or(plain);
        if let Some(choice) = find(models, &names, plain, QuantChoice::Usual) {
            return Ok(choice);
        }
        // The quant is what follows some separator; the longest model name wins.
        let cuts = plain
            .char_indices()
            .rev()
            .filter(|(_, c)| matches!(c, '-' | ':' | '_' | '.'));
        for (at, _) in cuts {
            let (name, rest) = (&plain[..at], &plain[at + 1..]);
            let Some(quant) = quant_choice(rest) else {
                continue;
            };
            if let Some(choice) = find(models, &names, name, quant) {
                return Ok(choice);
            }
        }
        let candidates: Vec<String> = models
            .keys()
            .filter(|id| plain.len() >= 3 && id.starts_with(plain))
            .cloned()
            .collect();
        if candidates.len() > 1 {
            return Err(SelectError::Ambiguous {
                typed: typed.to_owned(),
                candidates,
            });
        }
        // A near miss is sought without the quant, so that the distance counts the name.
        let base = plain
            .char_indices()
            .filter(|(_, c)| matches!(c, '-' | ':' | '_'))
            .find_map(|(at, _)| quant_choice(&plain[at + 1..]).map(|_| &plain[..at]))
            .unwrap_or(plain);
        Err(Unknown {
            what: "model",
            typed: typed.to_owned(),
            nearest: super::nearest(base, names.keys().map(String::as_str)).map(str::to_owned),
        }
        .into())
    }

    /// The quant of a typed name (`q4`, `Q4_K_M`, `mlx-4bit`).
    ///
    /// # Errors
    /// If there is no such quant.
    pub fn select_quant(&self, typed: &str) -> Result<QuantChoice, SelectError> {
        quant_choice(&typed.to_lowercase()).ok_or_else(|| {
            let known: Vec<String> = Quant::all().into_iter().map(|quant| quant.id).collect();
            Unknown::new("quant", typed, known.iter().map(String::as_str)).into()
        })
    }

    /// The engine of a typed name.
    ///
    /// # Errors
    /// If there is no such engine.
    pub fn select_engine(&self, typed: &str) -> Result<&Engine, SelectError> {
        let engines = self.engines()?;
        let lower = typed.to_lowercase();
        engines
            .values()
            .find(|engine| engine.id == lower || engine.aliases.contains(&lower))
            .ok_or_else(|| Unknown::new("engine", typed, engines.keys().map(String::as_str)).into())
    }

    /// The engine that serves a quant on a machine: the one asked for, or the
    /// one its users run, or the default of its maker, or the first that loads
    /// the quant there.
    ///
    /// # Errors
    /// If no engine does, with the reason.
    pub fn engine_for(
        &self,
        machine: &Machine,
        asked: Option<&str>,
        packaging: Option<Packaging>,
    ) -> Result<(&Engine, Backend), SelectError> {
        let device = &machine.device;
        let loads =
            |engine: &Engine| packaging.is_none_or(|kind| engine.packagings.contains(&kind));
        if let Some(asked) = asked {
            let engine = self.select_engine(asked)?;
            let backend = engine.backend_on(&device.backends).ok_or_else(|| {
                SelectError::Unsupported(format!(
                    "{} does not run on {}: name one of {}",
                    engine.name,
                    device.name,
                    self.engines_on(machine)
                ))
            })?;
            if !loads(engine) {
                let kind = packaging.map_or("", Packaging::name);
                return Err(SelectError::Unsupported(format!(
                    "{} does not load {kind} files",
                    engine.name
                )));
            }
            return Ok((engine, backend));
        }
        let rank = |engine: &Engine| {
            if machine.usual_engine.as_ref() == Some(&engine.id) {
                0
            } else if engine.default_for.contains(&device.vendor) {
                1
            } else {
                2
            }
        };
        let mut engines: Vec<&Engine> = self
            .engines()?
            .values()
            .filter(|engine| loads(engine))
            .collect();
        engines.sort_by_key(|engine| rank(engine));
        engines
            .into_iter()
            .find_map(|engine| Some((engine, engine.backend_on(&device.backends)?)))
            .ok_or_else(|| {
                let kind = packaging.map_or("any", Packaging::name);
                SelectError::Unsupported(format!("no engine loads {kind} files on {}", device.name))
            })
    }

    /// The engines that run on a machine, for a message.
    fn engines_on(&self, machine: &Machine) -> String {
        let engines = self.engines().into_iter().flat_map(BTreeMap::values);
        engines
            .filter(|engine| engine.backend_on(&machine.device.backends).is_some())
            .map(|engine| engine.id.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The quant of a choice for a model in an engine. A model that was only
    /// ever released in four bits keeps its own format.
    ///
    /// # Errors
    /// If the engine has no quant of so many bits.
    pub fn quant_for(
        &self,
        model: &Model,
        engine: &Engine,
        choice: &QuantChoice,
    ) -> Result<Quant, SelectError> {
        let gguf = engine.packagings.contains(&Packaging::Gguf);
        let loads = |quant: &Quant| {
            let mut kinds = engine.packagings.iter();
            kinds.any(|kind| quant.packaged(*kind).is_some())
        };
        let native = model.table.native_four_bits().filter(loads);
        let id = match choice {
            QuantChoice::Exact(quant) => return Ok(quant.clone()),
            QuantChoice::Usual | QuantChoice::Bits(4) => {
                native.map_or_else(|| engine.usual_q4.clone(), |quant| quant.id)
            }
            QuantChoice::Bits(8) => engine.usual_q8.clone(),
            QuantChoice::Bits(bits) if gguf => match bits {
                2 => "q2_k".to_owned(),
                3 => "q3_k_m".to_owned(),
                5 => "q5_k_m".to_owned(),
                6 => "q6_k".to_owned(),
                _ => "bf16".to_owned(),
            },
            QuantChoice::Bits(bits) if engine.packagings.contains(&Packaging::Mlx) => {
                format!("mlx-{bits}bit")
            }
            QuantChoice::Bits(16) => "bf16".to_owned(),
            QuantChoice::Bits(bits) => format!("q{bits}"),
        };
        Quant::from_id(&id).ok_or_else(|| {
            SelectError::Unsupported(format!(
                "{} has no usual quant `{id}`: name one with --quant",
                engine.name
            ))
        })
    }
}

/// Candidates listed in an error; more would hide the message.
const MOST_CANDIDATES: usize = 10;

fn some_of(candidates: &[String]) -> String {
    let shown = candidates
        .iter()
        .take(MOST_CANDIDATES)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match candidates.len().saturating_sub(MOST_CANDIDATES) {
        0 => shown,
        more => format!("{shown} or {more} more (`hwcmp list models`)"),
    }
}

/// Every name of every model.
fn names(models: &BTreeMap<String, Model>) -> BTreeMap<String, &str> {
    let mut names = BTreeMap::new();
    for model in models.values() {
        for alias in &model.table.aliases {
            names.insert(alias.clone(), model.id.as_str());
        }
    }
    for id in models.keys() {
        names.insert(id.clone(), id.as_str());
    }
    names
}

/// A model by its exact name, with or without a maker's suffix.
fn find<'a>(
    models: &'a BTreeMap<String, Model>,
    names: &BTreeMap<String, &str>,
    typed: &str,
    quant: QuantChoice,
) -> Option<ModelChoice<'a>> {
    let mut name = typed.trim_end_matches(['-', '_', '.', ':']);
    loop {
        if let Some(id) = names.get(name) {
            let model = models.get(*id)?;
            let alias = (name != *id).then(|| name.to_owned());
            return Some(ModelChoice {
                model,
                quant,
                alias,
            });
        }
        name = SUFFIXES
            .into_iter()
            .find_map(|suffix| name.strip_suffix(suffix))?;
    }
}

/// A quant by id, alias, or bits (`q4`, `4bit`, `4-bit`).
fn quant_choice(typed: &str) -> Option<QuantChoice> {
    let bits = typed.strip_prefix('q').or_else(|| {
        typed
            .strip_suffix("bit")
            .map(|rest| rest.trim_end_matches('-'))
    });
    if let Some(bits) = bits.and_then(|bits| bits.parse::<u8>().ok())
        && matches!(bits, 2..=6 | 8 | 16)
    {
        return Some(QuantChoice::Bits(bits));
    }
    Quant::from_id(typed).map(QuantChoice::Exact)
}

#[cfg(test)]
mod tests {
    use super::{QuantChoice, quant_choice};

    #[test]
    fn bits_and_ids() {
        assert_eq!(quant_choice("q4"), Some(QuantChoice::Bits(4)));
        assert_eq!(quant_choice("4bit"), Some(QuantChoice::Bits(4)));
        assert!(matches!(
            quant_choice("q4_k_m"),
            Some(QuantChoice::Exact(_))
        ));
        assert_eq!(quant_choice("q7"), None);
        assert_eq!(quant_choice("70b"), None);
    }
}
