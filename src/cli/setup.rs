//! From typed set-up to scenarios: each machine with the engine, quant and
//! weights that it would run.

use anyhow::{Result, bail};

use super::args::{SetupArguments, SplitArgument};
use super::session::Session;
use crate::catalog::{Model, ModelChoice, QuantChoice};
use crate::machine::{Backend, Machine};
use crate::model::{Packaging, Quant, Weights};
use crate::predict::memory::CacheType;
use crate::predict::{Engine, Scenario, Split, SplitChoice};

/// One machine, ready to run the model.
#[derive(Debug)]
pub struct Candidate<'a> {
    /// The machine.
    pub machine: Machine,
    /// The engine.
    pub engine: &'a Engine,
    /// What it runs through.
    pub backend: Backend,
    /// The model.
    pub model: &'a Model,
    /// Its weights there.
    pub weights: Weights,
}

/// The shape of the work, the same on every machine.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Tokens that memory is reserved for.
    pub context: u64,
    /// Tokens in the cache when decoding starts.
    pub depth: u64,
    /// New prompt tokens.
    pub prompt: u64,
    /// Prompt tokens found in the cache.
    pub cached: u64,
    /// Tokens generated.
    pub output: u64,
    /// Requests decoded together.
    pub concurrency: u32,
    /// Tokens of a prompt processed at once.
    pub ubatch: Option<u32>,
    /// Type of the cached keys.
    pub key_type: CacheType,
    /// Type of the cached values.
    pub value_type: CacheType,
    /// Split asked for.
    pub split: SplitChoice,
    /// Count tuned memory.
    pub tuned: bool,
}

impl Candidate<'_> {
    /// The scenario of a shape.
    pub fn scenario(&self, shape: &Shape) -> Scenario<'_> {
        Scenario {
            machine: &self.machine,
            model: &self.model.id,
            architecture: &self.model.architecture,
            weights: &self.weights,
            engine: self.engine,
            backend: self.backend,
            split: shape.split,
            context: shape.context,
            depth: shape.depth,
            prompt: shape.prompt,
            cached: shape.cached,
            output: shape.output,
            concurrency: shape.concurrency,
            ubatch: shape.ubatch,
            key_type: shape.key_type,
            value_type: shape.value_type,
            power_limit: None,
            tuned_memory: shape.tuned,
        }
    }
}

/// The machines asked for: by name, `all`, or the default line-up.
///
/// # Errors
/// If a name is unknown.
pub fn machines(session: &Session, names: &[String]) -> Result<Vec<Machine>> {
    if names.is_empty() {
        return Ok(session.catalog.default_machines()?);
    }
    let mut machines: Vec<Machine> = Vec::new();
    for name in names {
        if name == "all" {
            machines.extend(session.catalog.machines()?.values().cloned());
        } else {
            machines.push(session.catalog.select_machine(name)?);
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    machines.retain(|machine| seen.insert(machine.id.clone()));
    Ok(machines)
}

/// The machines that run the model, and those that do not with the reason.
pub type Prepared<'a> = (Vec<Candidate<'a>>, Vec<(String, String)>);

/// Prepares each machine for a model.
///
/// # Errors
/// If a name is unknown, or no machine can run the model with the engine.
pub fn candidates<'a>(
    session: &'a Session,
    choice: &ModelChoice<'a>,
    setup: &SetupArguments,
) -> Result<Prepared<'a>> {
    let asked = match &setup.quant {
        Some(typed) => session.catalog.select_quant(typed)?,
        None => choice.quant.clone(),
    };
    let mut ready = Vec::new();
    let mut refused = Vec::new();
    for machine in machines(session, &setup.machine)? {
        let id = machine.id.clone();
        match prepare(session, machine, choice.model, &asked, setup.engine.as_deref()) {
            Ok(candidate) => ready.push(candidate),
            Err(error) => refused.push((id, error.to_string())),
        }
    }
    if ready.is_empty() {
        let reasons: Vec<&str> = refused.iter().map(|(_, reason)| reason.as_str()).collect();
        bail!("{}", reasons.first().copied().unwrap_or("no machine to answer for"));
    }
    Ok((ready, refused))
}

/// One machine with engine, quant and weights.
///
/// # Errors
/// If no engine runs the quant there.
pub fn prepare<'a>(
    session: &'a Session,
    machine: Machine,
    model: &'a Model,
    asked: &QuantChoice,
    engine: Option<&str>,
) -> Result<Candidate<'a>> {
    let packaging = match asked {
        QuantChoice::Exact(quant) => Some(packaging(session, &machine, quant, engine)?),
        QuantChoice::Usual | QuantChoice::Bits(_) => None,
    };
    let (engine, backend) = session.catalog.engine_for(&machine.device, engine, packaging)?;
    let quant = session.catalog.quant_for(model, engine, asked)?;
    let stored = engine.packagings.iter().find_map(|kind| quant.packaged(*kind)).unwrap_or(quant);
    let weights = Weights::of(&model.architecture, &stored)?;
    Ok(Candidate { machine, engine, backend, model, weights })
}

/// The packaging of a quant that some engine loads on the machine.
fn packaging(session: &Session, machine: &Machine, quant: &Quant, engine: Option<&str>) -> Result<Packaging> {
    let mut refusal = None;
    for kind in quant.packagings() {
        match session.catalog.engine_for(&machine.device, engine, Some(*kind)) {
            Ok(_) => return Ok(*kind),
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    match refusal {
        Some(error) => Err(error.into()),
        None => bail!("no engine loads `{}`", quant.id),
    }
}

/// The shape that the set-up states, decoding at depth zero.
///
/// # Errors
/// If a cache type is unknown.
pub fn shape(setup: &SetupArguments) -> Result<Shape> {
    let (key_type, value_type) = cache_types(&setup.kv_quant)?;
    if setup.context == 0 {
        bail!("a context of 0 tokens holds nothing: write --context 32k");
    }
    Ok(Shape {
        context: setup.context,
        depth: 0,
        prompt: 2048,
        cached: 0,
        output: 128,
        concurrency: setup.concurrency,
        ubatch: setup.ubatch,
        key_type,
        value_type,
        split: match setup.split {
            SplitArgument::Auto => SplitChoice::Auto,
            SplitArgument::Layer => SplitChoice::Only(Split::Layer),
            SplitArgument::Tensor => SplitChoice::Only(Split::Tensor),
            SplitArgument::Replicas => SplitChoice::Only(Split::Replicas),
        },
        tuned: setup.tuned,
    })
}

/// Keys and values from `q8_0` or `q8_0/f16`.
fn cache_types(typed: &str) -> Result<(CacheType, CacheType)> {
    let lower = typed.to_lowercase();
    let (key, value) = lower.split_once('/').unwrap_or((&lower, &lower));
    match (CacheType::from_name(key), CacheType::from_name(value)) {
        (Some(key), Some(value)) => Ok((key, value)),
        _ => bail!(
            "`{typed}` is no type of the KV cache: write one of f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0, or keys and values apart as q8_0/f16"
        ),
    }
}

/// The first line's words for the model: its name, and the alias it was found by.
pub fn model_title(choice: &ModelChoice<'_>) -> String {
    let name = &choice.model.table.name;
    match &choice.alias {
        Some(alias) => format!("{name} (`{alias}` is {})", choice.model.id),
        None => name.clone(),
    }
}
