//! From typed set-up to scenarios: each machine with the engine, quant and
//! weights that it would run.

use anyhow::{Error, Result, anyhow, bail};

use super::args::{OffloadArguments, RunArguments, SetupArguments, SplitArgument};
use super::session::Session;
use super::subject::Subject;
use crate::catalog::{Candidate, Setup, Shape, Unknown};
use crate::machine::Machine;
use crate::predict::memory::{CacheType, indivisible, open_splits};
use crate::predict::{Constants, Estimate, Offload, Scenario, Split, SplitChoice, Trace, estimate};
use crate::report::Report;
use crate::units::Watts;
use crate::workload::{Criterion, Workload};

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

/// The same with each device limited to so many watts, and what to say of those that stay
/// at their rating.
///
/// # Errors
/// If a name is unknown, or a machine that was named takes no such limit, or none does.
pub fn machines_limited(
    session: &Session,
    names: &[String],
    limit: Option<f64>,
) -> Result<(Vec<Machine>, Vec<String>)> {
    let all = machines(session, names)?;
    let Some(limit) = limit else {
        return Ok((all, Vec::new()));
    };
    let count = all.len();
    let mut limited = Vec::with_capacity(count);
    let mut faults = Vec::new();
    for machine in all {
        match machine.clone().with_power_limit(Watts(limit)) {
            Ok(machine) => limited.push(machine),
            Err(fault) => {
                faults.push(fault);
                limited.push(machine);
            }
        }
    }
    // What somebody names is to be limited; of a line-up, what can be.
    let chosen = !names.is_empty() && !names.iter().any(|name| name == "all");
    if !faults.is_empty() && (chosen || faults.len() == count) {
        let words: Vec<String> = faults.iter().map(ToString::to_string).collect();
        bail!("{}", words.join("\n"));
    }
    let stay: Vec<&str> = faults.iter().map(|fault| fault.machine.as_str()).collect();
    let words = (!stay.is_empty()).then(|| format!("at rated power: {}", stay.join(", ")));
    Ok((limited, words.into_iter().collect()))
}

/// What a footnote adds about a limit; nothing without one.
pub fn limit_note(limit: Option<f64>, stay: &[String]) -> String {
    let limit = limit.map(|limit| format!(". Each device at {limit} W at most"));
    let stay = stay.iter().map(|words| format!("; {words}"));
    limit.into_iter().chain(stay).collect()
}

/// The same where noise counts: it is published at full power only.
pub fn limit_note_with_noise(limit: Option<f64>, stay: &[String]) -> String {
    let mut note = limit_note(limit, stay);
    if limit.is_some() {
        note.push_str("; noise at such a limit is not published: that of full power counts");
    }
    note
}

/// A workload with the weights of the command line.
///
/// # Errors
/// If the workload or a criterion is unknown, or every weight is zero.
pub fn workload(session: &Session, typed: &str, weights: &[(String, f64)]) -> Result<Workload> {
    let workloads = session.catalog.workloads()?;
    let id = typed.to_lowercase();
    let Some(found) = workloads.get(&id) else {
        return Err(Unknown::new("workload", &id, workloads.keys().map(String::as_str)).into());
    };
    let mut workload = found.clone();
    for (name, weight) in weights {
        let Some(criterion) = Criterion::from_name(name) else {
            let known = Criterion::ALL.into_iter().map(Criterion::name);
            return Err(Unknown::new("criterion", name, known).into());
        };
        workload.weights.insert(criterion, *weight);
    }
    if workload.weights.values().sum::<f64>() <= 0.0 {
        bail!("every weight is zero: give at least one criterion a weight above zero");
    }
    Ok(workload)
}

/// The machines that run the model, and those that do not with the reason.
pub type Prepared<'a> = (Vec<Candidate<'a>>, Vec<(String, String)>);

/// Prepares each machine for a model.
///
/// # Errors
/// If a name is unknown, or no machine can run the model with the engine.
pub fn candidates<'a>(
    session: &'a Session,
    subject: &'a Subject<'a>,
    setup: &SetupArguments,
) -> Result<Prepared<'a>> {
    let asked = match &setup.quant {
        Some(typed) => session.catalog.select_quant(typed)?,
        None => subject.quant.clone(),
    };
    let shape = shapes(setup)?[0];
    let mut ready = Vec::new();
    let mut refused = Vec::new();
    let (machines, stay) = machines_limited(session, &setup.machine, setup.power.limit)?;
    for machine in machines {
        let id = machine.id.clone();
        let engine = setup.run.engine.as_deref();
        let prepared =
            match &subject.file {
                Some((weights, packaging)) if setup.quant.is_none() => session
                    .catalog
                    .prepare_file(machine, &subject.model, weights.clone(), *packaging, engine),
                _ => session
                    .catalog
                    .prepare(machine, &subject.model, &asked, engine),
            };
        match prepared.map(|candidate| possible(candidate, &shape)) {
            Ok(Ok(candidate)) => ready.push(candidate),
            Ok(Err(reason)) => refused.push((id, reason)),
            Err(error) => refused.push((id, error.to_string())),
        }
    }
    if ready.is_empty() {
        let reasons: Vec<&str> = refused.iter().map(|(_, reason)| reason.as_str()).collect();
        bail!(
            "{}",
            reasons
                .first()
                .copied()
                .unwrap_or("no machine to answer for")
        );
    }
    refused.extend(
        stay.into_iter()
            .map(|words| ("--power-limit".to_owned(), words)),
    );
    Ok((ready, refused))
}

/// A candidate that can do what was asked, or why it cannot.
fn possible<'a>(candidate: Candidate<'a>, shape: &Shape) -> Result<Candidate<'a>, String> {
    let scenario = candidate.scenario(shape);
    if shape.split == SplitChoice::Only(Split::Tensor) && candidate.engine.division.is_none() {
        return Err(format!(
            "{} lays a model on several devices layer by layer only: write --split layer, or --engine llama.cpp",
            candidate.engine.name
        ));
    }
    if candidate.machine.count > 1
        && open_splits(&scenario) == [Split::Tensor]
        && let Some(refusal) = indivisible(&scenario)
    {
        let layers = candidate.engine.splits.contains(&Split::Layer);
        let way_out = if layers {
            format!("--split layer works with {}", refusal.devices)
        } else {
            "name another number of devices, or another --engine".to_owned()
        };
        return Err(format!("{refusal}; {way_out}"));
    }
    match candidate.takes(shape.offload) {
        Err(refusal) => Err(refusal.to_string()),
        Ok(()) => Ok(candidate),
    }
}

/// The estimate of a scenario; with `--explain` its steps become details of the report.
pub fn explained(
    session: &Session,
    report: &mut Report,
    scenario: &Scenario<'_>,
    constants: &Constants,
) -> Estimate {
    let mut trace = if session.explain {
        Trace::on()
    } else {
        Trace::off()
    };
    let estimate = estimate(scenario, constants, &mut trace);
    for step in trace.steps() {
        report.detail(
            scenario.machine.id.clone(),
            format!("{}: {}", step.label, step.text),
        );
    }
    estimate
}

/// The shape that the set-up states, decoding at depth zero.
///
/// # Errors
/// If a cache type is unknown, or several numbers of users are given.
pub fn shape(setup: &SetupArguments) -> Result<Shape> {
    match shapes(setup)?[..] {
        [one] => Ok(one),
        _ => bail!(
            "a list of users is for `hwcmp speed`: write one number here, such as --concurrency 4"
        ),
    }
}

/// The same for each number of users of `--concurrency`, rising; at least one.
///
/// # Errors
/// If a cache type is unknown.
pub fn shapes(setup: &SetupArguments) -> Result<Vec<Shape>> {
    let (key_type, value_type) = cache_types(&setup.kv_quant)?;
    if setup.context == Some(0) {
        bail!("a context of 0 tokens holds nothing: write --context 32k");
    }
    let usual = Shape::usual();
    let one = Shape {
        context: setup.context.unwrap_or(usual.context),
        ubatch: setup.ubatch,
        key_type,
        value_type,
        split: match setup.split {
            SplitArgument::Auto => SplitChoice::Auto,
            SplitArgument::Layer => SplitChoice::Only(Split::Layer),
            SplitArgument::Tensor => SplitChoice::Only(Split::Tensor),
            SplitArgument::Replicas => SplitChoice::Only(Split::Replicas),
        },
        offload: offload(&setup.run.offload),
        tuned: setup.tuned,
        ..usual
    };
    let Some(users) = &setup.concurrency else {
        return Ok(vec![one]);
    };
    let of = |concurrency: &u32| Shape {
        concurrency: *concurrency,
        ..one
    };
    Ok(users.all().iter().map(of).collect())
}

/// What the flags ask of every machine.
///
/// # Errors
/// If the engine is unknown.
pub(super) fn setup_of(session: &Session, flags: &RunArguments) -> Result<Setup> {
    let engine = flags.engine.as_deref();
    let engine = engine.map(|typed| session.catalog.select_engine(typed));
    Ok(Setup {
        engine: engine.transpose()?.map(|engine| engine.id.clone()),
        offload: offload(&flags.offload),
    })
}

/// What a footnote adds about machines that are left out; nothing without any.
pub(super) fn left_out_note(refused: &[(String, String)]) -> String {
    if refused.is_empty() {
        String::new()
    } else {
        format!(". Left out: {}", left_out(refused).join("; "))
    }
}

/// Each of them with the reason.
fn left_out(refused: &[(String, String)]) -> Vec<String> {
    let each = refused.iter().map(|(id, reason)| format!("{id}: {reason}"));
    each.collect()
}

/// Why no machine is left to answer for.
pub(super) fn none_left(refused: &[(String, String)]) -> Error {
    match refused {
        [(_, reason)] => anyhow!("{reason}"),
        several => anyhow!("{}", left_out(several).join("\n")),
    }
}

/// What the flags ask to lie in the host's memory.
fn offload(flags: &OffloadArguments) -> Offload {
    match (flags.gpu_layers, flags.cpu_moe, flags.n_cpu_moe) {
        (None, false, None) => Offload::Auto,
        (gpu_layers, all, some) => Offload::Asked {
            gpu_layers,
            expert_layers: if all { u32::MAX } else { some.unwrap_or(0) },
        },
    }
}

/// Tells in a report what was asked to lie in the host's memory; nothing where nothing was.
pub(super) fn assume_offload(report: &mut Report, flags: &OffloadArguments) {
    if !offload(flags).is_found() {
        report
            .assume("gpu_layers", flags.gpu_layers)
            .assume("cpu_moe", flags.cpu_moe)
            .assume("n_cpu_moe", flags.n_cpu_moe);
    }
}

/// The same with the engine, where one was named.
pub(super) fn assume_run(report: &mut Report, flags: &RunArguments) {
    if let Some(engine) = &flags.engine {
        report.assume("engine", engine.clone());
    }
    assume_offload(report, &flags.offload);
}

/// Keys and values from `q8_0` or `q8_0/f16`.
pub(super) fn cache_types(typed: &str) -> Result<(CacheType, CacheType)> {
    let lower = typed.to_lowercase();
    let (key, value) = lower.split_once('/').unwrap_or((&lower, &lower));
    match (CacheType::from_name(key), CacheType::from_name(value)) {
        (Some(key), Some(value)) => Ok((key, value)),
        _ => bail!(
            "`{typed}` is no type of the KV cache: write one of f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0, or keys and values apart as q8_0/f16"
        ),
    }
}
