//! What would make a model fit where it does not, the least painful first.

use crate::machine::Machine;
use crate::model::Weights;

use super::super::scenario::Scenario;
use super::cache_type::CacheType;
use super::limits::limits;
use super::placement::fits;

/// A change that makes a model fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
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
    let context = limits(scenario).context;
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
