//! Speculative decoding: a draft proposes `k` tokens, the model verifies them in one
//! step of `k + 1` positions, and keeps those up to the first that it would not have
//! written itself, with one of its own.
//!
//! ```text
//! tokens a step = (1 - a^(k+1)) / (1 - a)
//! gain = tokens a step x t(B, 1) / (t(B, k+1) + k s t(B, 1) + k t_draft)
//! ```
//!
//! with `a` the chance that a drafted token is kept once those before it were and `s`
//! what a stack's kernels add for each further row (`study::speculation` fits it).
//! `t(B, p)` is the one formula of a step (`Instance::step_over`), so a mixture of
//! experts pays for the experts that `k + 1` tokens touch, and may lose. Source of the
//! yield: Leviathan, Kalman and Matias, arXiv 2211.17192, equation 1.

use crate::model::Draft;
use crate::units::Bytes;

use super::constants::Constants;
use super::engine::{Engine, MemoryRules};
use super::estimate::{Estimate, estimate_tuned};
use super::host_part::Offload;
use super::memory::{DeviceShare, Fits, Plan, open_splits, plan, recurrent_state};
use super::scenario::{Scenario, Split, SplitChoice};
use super::serving::{instance_of, plans_under_load, rates};
use super::trace::Trace;
use super::tuning::Tuning;

/// Tokens that a step yields on average when each of `drafted` tokens is kept with
/// chance `acceptance` once those before it were: `1 + a + a^2 + ... + a^k`.
pub fn expected_tokens(acceptance: f64, drafted: u32) -> f64 {
    (0..drafted).fold(1.0, |yielded, _| 1.0 + acceptance * yielded)
}

/// The chance of each token from what servers print: accepted tokens over all drafted
/// ones. Those behind a refused token count as drafted too, so the chance is the `a`
/// that solves `1 + k share = 1 + a + ... + a^k`.
pub fn acceptance_per_token(share: f64, drafted: u32) -> f64 {
    let share = share.clamp(0.0, 1.0);
    if drafted <= 1 || share >= 1.0 {
        return share;
    }
    let yielded = 1.0 + f64::from(drafted) * share;
    let (mut low, mut high) = (0.0, 1.0);
    // Each halving adds a binary digit; 50 exhaust what the sum can tell apart.
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if expected_tokens(middle, drafted) < yielded {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// How tokens are proposed and how many.
#[derive(Debug, Clone, Copy)]
pub struct Speculation<'a> {
    /// The network that proposes them; none where they are looked up in the text so far.
    pub draft: Option<&'a Draft>,
    /// Id of the draft's model, or of the model that it is a head of.
    pub model: &'a str,
    /// Tokens drafted for each sequence in a step.
    pub drafted: u32,
    /// What each further position costs beside the formula, as a share of a plain step;
    /// zero where nothing was fitted to the stack.
    pub row_share: f64,
}

/// A speculative step beside a plain one, in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Drafted {
    /// The estimate without speculation, the draft's memory counted.
    pub estimate: Estimate,
    /// Bytes that speculation takes on the fullest device.
    pub memory: Bytes,
    /// Tokens drafted for each sequence.
    pub drafted: u32,
    /// Sequences decoded together without it; the memory that it takes may leave room for
    /// fewer, those of the estimate.
    pub batch: u32,
    /// A plain step where no draft takes memory.
    pub plain: f64,
    /// Verifying the drafted tokens and one more position.
    pub verify: f64,
    /// Drafting them.
    pub draft: f64,
    /// How many times a plain step's experts a verifying one touches; none without experts.
    pub experts: Option<f64>,
}

impl Drafted {
    /// Rate of all with over rate of all without, at a chance of acceptance.
    pub fn gain(&self, acceptance: f64) -> f64 {
        let each = expected_tokens(acceptance, self.drafted) * self.plain;
        let together = f64::from(self.estimate.batch) / f64::from(self.batch);
        together * each / (self.verify + self.draft)
    }
}

/// What a speculative step takes beside the `plain` estimate of the scenario. None where
/// the model does not fit with the draft beside it, or no rate is known.
pub fn speculate(
    scenario: &Scenario<'_>,
    constants: &Constants,
    plain: &Estimate,
    speculation: &Speculation<'_>,
) -> Option<Drafted> {
    // What the draft takes depends on the split: the best of the open ones is taken, as in
    // an estimate without it.
    let beside = open_splits(scenario)
        .into_iter()
        .map(|split| Beside::of(scenario, constants, speculation, split))
        .reduce(|best, next| if next.is_sooner(&best) { next } else { best })?;
    let Beside {
        memory,
        engine,
        tuning,
        estimate,
    } = beside;
    if estimate.plan.fits == Fits::No {
        return None;
    }
    // The same plan as the estimate chose.
    let settled = Scenario {
        engine: &engine,
        split: SplitChoice::Only(estimate.plan.split),
        ..*scenario
    };
    let (plans, room) = plans_under_load(&settled);
    let laid_out = plans.first()?;
    let rates = rates(&settled, constants, &tuning, laid_out, room)?;
    let instance = instance_of(&settled, constants, laid_out, settled.matrix_rate())?;
    let (each, depth) = rates.load;
    let instance = instance.waiting(each, depth, &tuning.resolved);
    let positions = speculation.drafted + 1;
    let seconds = |positions| {
        let terms = instance.step_over(each, positions, depth);
        terms.seconds(&tuning.resolved)
    };
    let further = f64::from(speculation.drafted);
    let verify = seconds(positions) + speculation.row_share * further * seconds(1);
    let experts = instance.further_experts(each, positions);
    let draft = match speculation.draft {
        Some(draft) => {
            further * draft_step(&settled, constants, laid_out, draft, speculation, each)?
        }
        None => 0.0,
    };
    Some(Drafted {
        estimate,
        memory,
        drafted: speculation.drafted,
        batch: plain.batch,
        plain: 1.0 / plain.decode?.mid,
        verify,
        draft,
        experts,
    })
}

/// The model in one split with the draft beside it.
struct Beside {
    memory: Bytes,
    engine: Engine,
    tuning: Tuning,
    estimate: Estimate,
}

impl Beside {
    fn of(
        scenario: &Scenario<'_>,
        constants: &Constants,
        speculation: &Speculation<'_>,
        split: Split,
    ) -> Self {
        let memory = draft_memory(scenario, speculation, split);
        let mut engine: Engine = scenario.engine.clone();
        engine.memory.footprint += memory;
        let beside = Scenario {
            engine: &engine,
            split: SplitChoice::Only(split),
            ..*scenario
        };
        let tuning = Tuning::of(&beside.setting(), beside.model, constants);
        let estimate = estimate_tuned(&beside, constants, &tuning, &mut Trace::off());
        Self {
            memory,
            engine,
            tuning,
            estimate,
        }
    }

    /// Fits better; of equals the one that completes its request sooner.
    fn is_sooner(&self, other: &Self) -> bool {
        let request = |one: &Self| {
            let weighed = one.estimate.weighed.first();
            weighed
                .and_then(|split| split.request)
                .unwrap_or(f64::INFINITY)
        };
        self.estimate
            .plan
            .fits
            .cmp(&other.estimate.plan.fits)
            .then(request(self).total_cmp(&request(other)))
            .is_lt()
    }
}

/// One token of the draft for each sequence. It runs where the model's layers lie in a
/// tensor split, and on one device otherwise.
fn draft_step(
    scenario: &Scenario<'_>,
    constants: &Constants,
    plan: &Plan,
    draft: &Draft,
    speculation: &Speculation<'_>,
    each: u32,
) -> Option<f64> {
    let small = of_draft(scenario, draft, speculation.model);
    let depth = (scenario.depth + scenario.output / 2) as f64;
    let mut instance = instance_of(&small, constants, plan, small.matrix_rate())?;
    instance.host = None;
    if instance.split == Split::Layer {
        instance.devices = 1;
    }
    let resolved = constants.resolve(&small.setting());
    Some(instance.step(each, depth).seconds(&resolved))
}

/// The scenario of the draft alone.
fn of_draft<'a>(scenario: &Scenario<'a>, draft: &'a Draft, model: &'a str) -> Scenario<'a> {
    Scenario {
        model,
        architecture: &draft.architecture,
        weights: &draft.weights,
        offload: Offload::NOTHING,
        buffers: None,
        ..*scenario
    }
}

/// Bytes that speculation takes on the fullest device beside the model: the draft's own
/// weights, its cache, llama.cpp's compute buffer for it, and for each drafted token a
/// snapshot of the model's recurrent state, to go back to when the token is refused.
///
/// A draft is divided as the model is: vLLM wants one tensor parallel size for both
/// (`_raise_if_draft_tp_mismatch` in vllm-project/vllm `vllm/v1/spec_decode/draft_model.py`,
/// v0.15), and llama.cpp's server loads the draft with the model's own parameters on all
/// devices unless `-devd` names some (ggml-org/llama.cpp `tools/server`@ec18edfc). A single
/// layer does not divide by layers: it lies on one device whole. Check: an RTX 5090 with
/// Qwen3.8 27B takes 150 MiB more for each further drafted token, its state.
fn draft_memory(scenario: &Scenario<'_>, speculation: &Speculation<'_>, split: Split) -> Bytes {
    let sequences = u64::from(scenario.concurrency);
    let devices = match split {
        Split::Layer | Split::Tensor => u64::from(scenario.machine.count),
        Split::None | Split::Replicas => 1,
    };
    let snapshots =
        recurrent_state(scenario.architecture).0 * sequences * u64::from(speculation.drafted);
    let snapshots = Bytes(snapshots.div_ceil(devices));
    let Some(draft) = speculation.draft else {
        return snapshots;
    };
    let small = of_draft(scenario, draft, speculation.model);
    let alone = plan(&small, split);
    let fullest = |part: fn(&DeviceShare) -> Bytes| alone.devices.iter().map(part).max();
    let weights = fullest(|device| device.weights).unwrap_or_default();
    let whole = match split {
        Split::Layer | Split::Tensor => alone.total(|device| device.weights),
        Split::None | Split::Replicas => weights,
    };
    let share = weights.as_f64() / whole.as_f64().max(1.0);
    let held = Bytes((draft.held.as_f64() * share) as u64);
    let caches = fullest(|device| device.kv + device.recurrent).unwrap_or_default();
    let buffer = if scenario.engine.memory.rules == MemoryRules::LlamaCpp {
        fullest(|device| device.compute).unwrap_or_default()
    } else {
        Bytes::ZERO
    };
    held + caches + buffer + snapshots
}

#[cfg(test)]
mod tests {
    use super::{acceptance_per_token, expected_tokens};

    #[test]
    fn the_yield_by_hand() {
        // a = 0.75, k = 3: (1 - 0.75^4) / 0.25 = 2.734375.
        assert!((expected_tokens(0.75, 3) - 2.734_375).abs() < 1e-12);
        assert!((expected_tokens(0.0, 5) - 1.0).abs() < 1e-12);
        assert!((expected_tokens(1.0, 5) - 6.0).abs() < 1e-12);
    }

    #[test]
    fn what_servers_print_becomes_a_chance() {
        // k = 2 and 79% of all drafted tokens kept: 1 + a + a^2 = 2.58, so a = 0.8530.
        let chance = acceptance_per_token(0.79, 2);
        assert!((expected_tokens(chance, 2) - 2.58).abs() < 1e-9);
        assert!((chance - 0.853).abs() < 1e-3, "{chance}");
        assert!((acceptance_per_token(0.5, 1) - 0.5).abs() < 1e-9);
    }
}
