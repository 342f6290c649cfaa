//! What would make a model fit where it does not, the least painful first.

use crate::machine::Machine;
use crate::model::Weights;

use super::super::host_part::Offload;
use super::super::scenario::Scenario;
use super::cache_type::CacheType;
use super::limits::longest_context;
use super::placement::{Fits, best_plans, fits};

/// A change that makes a model fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Less on the devices than was asked for: so many layers, the output counting as one,
    /// and the experts of the first so many layers in the host's memory.
    MoreOnHost {
        /// Layers on the devices.
        gpu_layers: u32,
        /// First layers whose experts the host keeps.
        expert_layers: u32,
    },
    /// One documented setting of the machine.
    Setting(String),
    /// A smaller quant, by id.
    Quant(String),
    /// The KV cache in 8 bits.
    SmallerCache,
    /// A context of at most so many tokens.
    Context(u64),
    /// So many devices in all.
    Devices(u32),
}

/// Contexts shorter than this are no remedy: nothing can be asked in them.
const SHORTEST_CONTEXT: u64 = 2048;
/// Devices are added up to this many times what is there.
const MOST_MORE_DEVICES: u32 = 4;

/// The remedies that each suffice alone: a setting, a smaller quant (of those
/// given, largest first), an 8-bit cache, a shorter context, more devices.
/// Empty where the model fits as it is.
pub fn remedies<'a>(
    scenario: &Scenario<'_>,
    smaller: impl Iterator<Item = &'a Weights>,
) -> Vec<Remedy> {
    let mut found = Vec::new();
    if fits(scenario) {
        return found;
    }
    found.extend(more_on_host(scenario));
    if let Some(tuned) = &scenario.machine.memory.tuned
        && fits(&Scenario {
            tuned_memory: true,
            ..*scenario
        })
    {
        found.push(Remedy::Setting(tuned.how.clone()));
    }
    let quant = smaller
        .filter(|weights| weights.loaded_bytes() < scenario.weights.loaded_bytes())
        .find(|weights| {
            fits(&Scenario {
                weights,
                ..*scenario
            })
        });
    found.extend(quant.map(|weights| Remedy::Quant(weights.quant.id.clone())));
    let small = Scenario {
        key_type: CacheType::Q8_0,
        value_type: CacheType::Q8_0,
        ..*scenario
    };
    if scenario.key_type == CacheType::F16 && fits(&small) {
        found.push(Remedy::SmallerCache);
    }
    let context = longest_context(scenario, fits);
    if (SHORTEST_CONTEXT..scenario.context).contains(&context) {
        found.push(Remedy::Context(context));
    }
    let count = scenario.machine.count;
    let more = (count + 1..=count * MOST_MORE_DEVICES).find(|count| {
        let machine = Machine {
            count: *count,
            ..scenario.machine.clone()
        };
        fits(&Scenario {
            machine: &machine,
            ..*scenario
        })
    });
    found.extend(more.map(Remedy::Devices));
    found
}

/// What the devices hold of it, where more was asked for.
fn more_on_host(scenario: &Scenario<'_>) -> Option<Remedy> {
    if scenario.offload.is_found() {
        return None;
    }
    let plans = best_plans(&Scenario {
        offload: Offload::Auto,
        ..*scenario
    });
    let plan = plans.first().filter(|plan| plan.fits == Fits::Offload)?;
    Some(Remedy::MoreOnHost {
        gpu_layers: plan.host.gpu_layers(scenario.architecture),
        expert_layers: plan.host.expert_layers,
    })
}
