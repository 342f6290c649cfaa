//! Speeds of claims, through the estimator, and the ceiling that physics sets.

use super::Computed;
use super::recompute::{Answer, Recomputed, prepare, times};
use super::words::figure as words;
use crate::catalog::claims::{Figure, Run};
use crate::catalog::{Catalog, Shape};
use crate::evidence::Range;
use crate::predict::{Split, SplitChoice, Trace, decode_ceiling, estimate};
use crate::units::BytesPerSecond;

/// Context of a benchmark's few prompts.
const SHORT_CONTEXT: u64 = 4096;

/// A speed, as `hwcmp speed` says, and the bandwidth ceiling of one stream.
pub(super) fn speed(
    catalog: &Catalog,
    figure: Figure,
    run: &Run,
    ceiling_only: bool,
    scale: f64,
) -> Answer {
    let candidate = prepare(
        catalog,
        &run.machine,
        &run.model,
        &run.quant,
        run.engine.as_deref(),
    )?;
    let usual = Shape::usual();
    let prompt = run.prompt.unwrap_or(usual.prompt);
    let shape = Shape {
        context: SHORT_CONTEXT.max(prompt + usual.output),
        prompt,
        concurrency: run.concurrency,
        split: run.split.map_or(SplitChoice::Auto, SplitChoice::Only),
        ..usual
    };
    let constants = catalog.constants().map_err(|error| error.to_string())?;
    let mut trace = Trace::on();
    let estimate = estimate(&candidate.scenario(&shape), constants, &mut trace);
    let (machine, weights) = (&candidate.machine, &candidate.weights);
    let architecture = &candidate.model.architecture;
    let split = estimate.plan.split;
    let ceiling = decode_ceiling(&machine.device, machine.count, split, architecture, weights)
        .filter(|_| figure == Figure::Decode)
        .map(|rate| rate.0 * scale);
    let bandwidth = machine.device.bandwidth.map_or(0.0, BytesPerSecond::gb);
    let devices = if split == Split::Tensor {
        times(f64::from(machine.count))
    } else {
        String::new()
    };
    let bound = ceiling.map_or_else(String::new, |ceiling| {
        let read = weights.active_bytes(architecture).gb();
        format!(
            "ceiling {bandwidth:.0} GB/s{devices} / {read:.2} GB a token = {} tok/s",
            words(ceiling)
        )
    });
    if ceiling_only {
        let most = ceiling.ok_or("no ceiling is known")?;
        return Ok(Recomputed {
            ceiling,
            ..Recomputed::new(Computed::AtMost(most), bound)
        });
    }
    let range = match figure {
        Figure::Decode => estimate.decode,
        Figure::Prefill => estimate.prefill,
        Figure::Aggregate => estimate.aggregate,
        Figure::Ttft => estimate.ttft.map(|ttft| ttft.warm),
    };
    let range: Range =
        range.ok_or_else(|| format!("{} does not run on {} so", run.model, run.machine))?;
    let steps: Vec<String> = trace
        .steps()
        .iter()
        .filter(|step| step.label != "memory")
        .map(|step| step.text.clone())
        .collect();
    let formula = format!(
        "{}, {}; {}; {bound}",
        candidate.engine.id,
        estimate.evidence.name(),
        steps.join("; ")
    );
    Ok(Recomputed {
        ceiling,
        ..Recomputed::new(Computed::Uncertain(range.scale(scale)), formula)
    })
}
