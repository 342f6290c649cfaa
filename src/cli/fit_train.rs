//! `hwcmp fit --train`: memory of fine-tuning.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::args::{FitArguments, TrainMethod};
use super::session::Session;
use super::setup::machines;
use super::subject::Subject;
use crate::machine::Machine;
use crate::predict::memory::{Method, Training, TrainingMemory, training};
use crate::report::{Cell, Column, Format, Role, Styled};
use crate::units::{compact, group_thousands, significant};

const COLUMNS: [Column; 13] = [
    Column::new("machine", "machine", "", Format::Text, 0),
    Column::new("model", "model", "", Format::Text, Column::HIDDEN),
    Column::new("method", "method", "", Format::Text, Column::HIDDEN),
    Column::new("fits", "fits", "", Format::Text, 0),
    Column::new("devices", "devices", "", Format::Count, 5),
    Column::new("weights_bytes", "weights", "GiB", Format::Gibibytes, 3),
    Column::new("gradient_bytes", "gradients", "GiB", Format::Gibibytes, 4),
    Column::new("optimizer_bytes", "optimiser", "GiB", Format::Gibibytes, 3),
    Column::new(
        "activation_bytes",
        "activations",
        "GiB",
        Format::Gibibytes,
        3,
    ),
    Column::new("required_bytes", "needs", "GiB", Format::Gibibytes, 1),
    Column::new("usable_bytes", "usable", "GiB", Format::Gibibytes, 1),
    Column::new("headroom_bytes", "left", "GiB", Format::Gibibytes, 2),
    Column::new("trainable_params", "trained", "", Format::Count, 6),
];

/// What the figures mean and follow from.
const NOTE: &str = "Figures are of one device; several devices shard weights, gradients and states (ZeRO-3, FSDP). Full: 16 bytes a parameter (ZeRO, 2020); LoRA and QLoRA: adapters on the dense matrices; gradient checkpointing on. Formulas: src/predict/memory/training.rs";

/// Runs the command; every figure is of one device.
///
/// # Errors
/// If a machine is unknown, the shape is empty, or the answer cannot be written.
pub fn run(
    session: &Session,
    arguments: &FitArguments,
    subject: &Subject<'_>,
    method: TrainMethod,
) -> Result<ExitCode> {
    if arguments.sequence == 0 {
        bail!("a sequence of 0 tokens trains nothing: write --sequence 2048");
    }
    let run = Training {
        method: match method {
            TrainMethod::Full => Method::Full,
            TrainMethod::Lora => Method::Lora,
            TrainMethod::Qlora => Method::Qlora,
        },
        sequence: arguments.sequence,
        batch: u64::from(arguments.batch),
        rank: u64::from(arguments.rank),
    };
    let name = method_name(run.method);
    let mut answers: Vec<(Machine, TrainingMemory)> = Vec::new();
    for machine in machines(session, &arguments.setup.machine)? {
        let Some(memory) = training(&subject.model.architecture, &machine, &run) else {
            bail!("{}: its weights are beyond counting", subject.model.id);
        };
        answers.push((machine, memory));
    }
    let mut report = Session::report("fit", &COLUMNS);
    report
        .assume("model", subject.model.id.clone())
        .assume("method", name)
        .assume("sequence_tokens", run.sequence)
        .assume("batch_per_device", run.batch)
        .assume("rank", run.rank);
    for (machine, memory) in &answers {
        let fits = memory.headroom() >= 0;
        report.row(vec![
            Cell::from(machine.id.clone()),
            Cell::from(subject.model.id.clone()),
            Cell::from(name),
            Cell::from(if fits { "yes" } else { "no" }).role(if fits {
                Role::Good
            } else {
                Role::Bad
            }),
            Cell::from(machine.count),
            Cell::from(memory.weights),
            Cell::from(memory.gradients),
            Cell::from(memory.optimizer),
            Cell::from(memory.activations),
            Cell::from(memory.required()),
            Cell::from(memory.usable),
            Cell::from(memory.headroom()),
            Cell::from(memory.trainable),
        ]);
    }
    let fitting: Vec<&str> = answers
        .iter()
        .filter(|(_, memory)| memory.headroom() >= 0)
        .map(|(machine, _)| machine.id.as_str())
        .collect();
    report.headline(
        Styled::plain(format!(
            "{} fine-tuning of {} on {} of {} tokens a device ",
            method_title(run.method),
            subject.title,
            if run.batch == 1 {
                "1 sequence".to_owned()
            } else {
                format!("{} sequences", run.batch)
            },
            group_thousands(&run.sequence.to_string()),
        ))
        .and(
            if fitting.is_empty() {
                Role::Bad
            } else {
                Role::Strong
            },
            match (fitting.len(), answers.as_slice()) {
                (0, [(one, _)]) => format!("does not fit {}.", one.id),
                (0, _) => "fits none of these machines.".to_owned(),
                (1, [(one, _)]) => format!("fits {}.", one.id),
                (2, [_, _]) => "fits both machines.".to_owned(),
                (some, all) if some == all.len() => format!("fits all {some} machines."),
                (some, all) => format!("fits {some} of {} machines.", all.len()),
            },
        ),
    );
    report.headline(Styled::plain(second_line(&answers, &fitting)));
    let mut notes: Vec<String> = subject.assumed(&mut report).collect();
    notes.push(NOTE.to_owned());
    report.footnote = Some(Styled::of(Role::Dim, notes.join(". ")));
    report.turn = turn(method, &fitting, answers.len());
    let all = fitting.len() == answers.len();
    session.write(report)?;
    Ok(if arguments.require && !all {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

fn second_line(answers: &[(Machine, TrainingMemory)], fitting: &[&str]) -> String {
    if fitting.is_empty() {
        let nearest = answers.iter().max_by_key(|(_, memory)| memory.headroom());
        return nearest.map_or(String::new(), |(machine, memory)| {
            let short = -memory.headroom() as f64 / 1_073_741_824.0;
            format!(
                "{} comes nearest, {} GiB a device short.",
                machine.id,
                compact(short, 3)
            )
        });
    }
    let trained = answers.first().map_or(0, |(_, memory)| memory.trainable);
    format!(
        "{} M parameters are trained; it runs on {}.",
        significant(trained as f64 / 1e6, 3),
        fitting.join(", ")
    )
}

fn turn(method: TrainMethod, fitting: &[&str], all: usize) -> Option<Styled> {
    if fitting.len() == all {
        return None;
    }
    Some(Styled::plain(match method {
        TrainMethod::Full => "To turn it: --train lora or qlora, or a shorter --sequence.",
        TrainMethod::Lora => "To turn it: --train qlora, or a shorter --sequence.",
        TrainMethod::Qlora => "To turn it: a shorter --sequence, a smaller model, or more devices.",
    }))
}

fn method_title(method: Method) -> &'static str {
    match method {
        Method::Full => "Full",
        Method::Lora => "LoRA",
        Method::Qlora => "QLoRA",
    }
}

fn method_name(method: Method) -> &'static str {
    match method {
        Method::Full => "full",
        Method::Lora => "lora",
        Method::Qlora => "qlora",
    }
}
