//! What lies in the host's memory, in words and in the engine's own flags.

use crate::catalog::Candidate;
use crate::model::Architecture;
use crate::predict::memory::{Fits, Plan};
use crate::predict::{Engine, HostPart, Offload, Offloading, Split};

/// Layers on the devices that users write for all of them.
const ALL_LAYERS: u32 = 99;
/// More machines than these have their flags told in a column only.
const MOST_TOLD: usize = 3;

/// What makes the engine lay a plan out: `-ngl 99 --n-cpu-moe 23`; none where everything
/// lies on the devices.
pub(super) fn flags(engine: &Engine, architecture: &Architecture, plan: &Plan) -> Option<String> {
    let part = plan.host;
    if plan.fits != Fits::Offload || part.is_nothing() {
        return None;
    }
    let all = architecture.layers.len() as u32 + 1;
    let kept = part.gpu_layers(architecture);
    if engine.offloads != Some(Offloading::Experts) {
        return Some(format!("{kept} of {all} layers on the devices"));
    }
    let layers = if kept == all {
        kept.max(ALL_LAYERS)
    } else {
        kept
    };
    let mut words = vec![format!("-ngl {layers}")];
    if part.expert_layers > 0 && part.expert_layers == HostPart::all_experts(architecture) {
        words.push("--cpu-moe".to_owned());
    } else if part.expert_layers > 0 {
        words.push(format!("--n-cpu-moe {}", part.expert_layers));
    }
    if plan.split == Split::Layer && plan.devices.len() > 1 && kept > 0 {
        words.push(format!("-ts {}", shares(plan)));
    }
    Some(words.join(" "))
}

/// What a footnote adds about several models; nothing where nothing was asked.
pub(super) fn of_basket(asked: Offload) -> String {
    if asked.is_found() {
        return String::new();
    }
    ". What the flags lay in host memory counts for the models that can take them; the others lie as without".to_owned()
}

/// The same for a machine made ready.
pub(super) fn of_candidate(candidate: &Candidate<'_>, plan: &Plan) -> Option<String> {
    flags(candidate.engine, &candidate.model.architecture, plan)
}

/// The layers of each device, the output with the last: llama.cpp's `--tensor-split`.
fn shares(plan: &Plan) -> String {
    let last = plan.devices.len() - 1;
    let counts = plan.devices.iter().enumerate();
    let counts = counts.map(|(index, device)| device.layers + u32::from(index == last));
    let words: Vec<String> = counts.map(|count| count.to_string()).collect();
    words.join(",")
}

/// The part of a model in a host's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InHost {
    /// The flags that lay it there.
    pub flags: String,
    /// Where, how much and by which flags.
    pub note: String,
}

impl InHost {
    /// That of a plan; none where everything lies on the devices.
    pub(super) fn of(candidate: &Candidate<'_>, plan: &Plan) -> Option<Self> {
        let flags = of_candidate(candidate, plan)?;
        let note = format!(
            "{}: {:.1} GiB of the model in host memory ({} {flags})",
            candidate.machine.id,
            (plan.offloaded + plan.host_cache).gib(),
            candidate.engine.name
        );
        Some(Self { flags, note })
    }
}

/// For each machine that needs the host's memory, how much of it and the flags that do it.
pub(super) fn notes<'a>(
    answers: impl Iterator<Item = (&'a Candidate<'a>, &'a Plan)>,
) -> Vec<String> {
    let parts: Vec<InHost> = answers
        .filter_map(|(candidate, plan)| InHost::of(candidate, plan))
        .collect();
    of_parts(parts.iter())
}

/// The same notes as a footnote goes on with them; nothing without such a part.
pub(super) fn going_on<'a>(parts: impl Iterator<Item = &'a InHost>) -> String {
    let notes = of_parts(parts);
    notes
        .iter()
        .flat_map(|note| [". ", note.as_str()])
        .collect()
}

/// The notes of such parts, each once and not too many.
fn of_parts<'a>(parts: impl Iterator<Item = &'a InHost>) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for InHost { note, .. } in parts {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    if notes.len() > MOST_TOLD {
        let more = notes.len() - MOST_TOLD;
        notes.truncate(MOST_TOLD);
        notes.push(format!(
            "{more} more with part of it there: --columns +offload_flags"
        ));
    }
    notes
}
