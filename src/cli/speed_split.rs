//! Why a model is split over the devices as it is.

use super::speed::Answer;
use crate::evidence::Evidence;
use crate::predict::memory::{Fits, indivisible};
use crate::predict::{Constants, Estimate, Split, SplitChoice, Weighed, joined};
use crate::report::Report;
use crate::units::compact;

/// More machines than these have their splits told in `--explain` only.
const MOST_TOLD: usize = 2;

/// For each machine that had a choice of splits, why its split won; and which links
/// nobody measured. Where a curve asks for several numbers of users, at the first.
pub(super) fn split_notes(answers: &[Answer<'_>], constants: &Constants) -> Vec<String> {
    let mut notes = Vec::new();
    let mut machines: Vec<&str> = Vec::new();
    for answer in answers {
        let id = answer.candidate.machine.id.as_str();
        if machines.contains(&id) {
            continue;
        }
        machines.push(id);
        let why = why(&answer.estimate).or_else(|| impossible(answer));
        notes.extend(why.map(|why| format!("{id}: {why}")));
    }
    if notes.len() > MOST_TOLD {
        let more = notes.len() - MOST_TOLD;
        notes.truncate(MOST_TOLD);
        notes.push(format!("--explain tells the splits of {more} more"));
    }
    let mut unmeasured: Vec<String> = Vec::new();
    for answer in answers {
        if let Some(link) = unmeasured_link(answer, constants)
            && !unmeasured.contains(&link)
        {
            unmeasured.push(link);
        }
    }
    if !unmeasured.is_empty() {
        notes.push(format!(
            "Nobody measured {}: what the link costs rests on its data sheet",
            unmeasured.join(", ")
        ));
    }
    notes
}

/// The choice of split of each answer, for `--explain`.
pub(super) fn split_details(report: &mut Report, answers: &[Answer<'_>]) {
    for answer in answers {
        if let Some(why) = why(&answer.estimate) {
            report.detail(
                answer.candidate.machine.id.clone(),
                format!(
                    "split at {} users: {why}; taken is the one that completes a request soonest{}",
                    answer.shape.concurrency,
                    requests(&answer.estimate)
                ),
            );
        }
    }
}

/// `tensor split: decode 49 against 19 tok/s in a layer split, prefill 500 against 535`;
/// none where there was no choice.
fn why(estimate: &Estimate) -> Option<String> {
    let chosen = chosen(estimate)?;
    let name = chosen.split.name();
    let (mut decodes, mut prefills, mut misfits) = (Vec::new(), Vec::new(), Vec::new());
    for other in others(estimate) {
        let split = other.split.name();
        match (other.decode, other.prefill) {
            (None, _) if other.fits == Fits::Yes => return None,
            (None, _) => misfits.push(format!("a {split} split does not fit")),
            (Some(decode), prefill) => {
                decodes.push(format!("{} tok/s in a {split} split", compact(decode, 2)));
                prefills.extend(prefill.map(|rate| compact(rate, 3)));
            }
        }
    }
    let mut parts = Vec::new();
    if let Some(decode) = chosen.decode.filter(|_| !decodes.is_empty()) {
        parts.push(format!(
            "decode {} against {}",
            rate(decode),
            decodes.join(" and ")
        ));
    }
    if let Some(prefill) = chosen.prefill.filter(|_| !prefills.is_empty()) {
        parts.push(format!(
            "prefill {} against {}",
            compact(prefill, 3),
            prefills.join(" and ")
        ));
    }
    parts.extend(misfits);
    Some(format!("{name} split: {}", parts.join(", ")))
}

/// Why the engine's tensor split was left out of the choice; none where it was not.
fn impossible(answer: &Answer<'_>) -> Option<String> {
    let scenario = answer.candidate.scenario(&answer.shape);
    let open = scenario.split == SplitChoice::Auto
        && scenario.machine.count > 1
        && scenario.engine.splits.contains(&Split::Tensor);
    let reason = indivisible(&scenario).filter(|_| open)?;
    Some(format!("no tensor split, {reason}"))
}

/// `: 3.6 s against 8.1 s`; empty where the times are unknown.
fn requests(estimate: &Estimate) -> String {
    let own = chosen(estimate).and_then(|chosen| chosen.request);
    let times: Vec<String> = others(estimate)
        .filter_map(|other| other.request)
        .map(|seconds| format!("{} s", compact(seconds, 3)))
        .collect();
    match own {
        Some(own) if !times.is_empty() => {
            format!(": {} s against {}", compact(own, 3), times.join(" and "))
        }
        _ => String::new(),
    }
}

/// Two digits, three above a hundred.
fn rate(value: f64) -> String {
    compact(value, if value < 100.0 { 2 } else { 3 })
}

/// The split that was taken, where it was one of several and runs.
fn chosen(estimate: &Estimate) -> Option<&Weighed> {
    let split = estimate.plan.split;
    let chosen = estimate.weighed.iter().find(|one| one.split == split)?;
    (estimate.weighed.len() > 1 && chosen.decode.is_some()).then_some(chosen)
}

fn others(estimate: &Estimate) -> impl Iterator<Item = &Weighed> {
    let split = estimate.plan.split;
    estimate
        .weighed
        .iter()
        .filter(move |one| one.split != split)
}

/// `tensor over pcie4-x16`, where the answer hangs on a link that no measurement covers.
fn unmeasured_link(answer: &Answer<'_>, constants: &Constants) -> Option<String> {
    let plan = &answer.estimate.plan;
    answer.estimate.decode?;
    let candidate = answer.candidate;
    let machine = &candidate.machine;
    let link = machine.link.as_ref().map(|link| link.id.as_str());
    let joined = joined(plan.split, plan.devices.len() as u32, link)?;
    let stack = format!("{}/{}", candidate.engine.id, candidate.backend.name());
    let evidence =
        constants.evidence_joined(&joined, &machine.device.id, &stack, &candidate.model.id);
    (evidence == Evidence::Spec).then(|| format!("{joined} in {}", candidate.engine.name))
}
