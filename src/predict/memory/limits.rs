//! How far a machine goes: the longest context, the most sequences.

use super::super::scenario::Scenario;
use super::placement::{fits, runs};

/// What still fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest context of each sequence that fits, at most the model's own;
    /// 0 where the weights alone do not fit.
    pub context: u64,
    /// The most sequences of the asked context that fit.
    pub concurrency: u32,
}

/// Steps in which contexts are searched.
const CONTEXT_STEP: u64 = 256;
/// More sequences than any engine schedules.
const MOST_SEQUENCES: u32 = 4096;

/// Searches the limits of a scenario; fitting falls with both. Where the model runs only
/// with a part in the host's memory, as far as that takes what the devices do not.
pub fn limits(scenario: &Scenario<'_>) -> Limits {
    let holds = if !fits(scenario) && runs(scenario) {
        runs
    } else {
        fits
    };
    Limits {
        context: longest_context(scenario, holds),
        concurrency: most_sequences(scenario, MOST_SEQUENCES, holds),
    }
}

/// The longest context, up to the model's own, for which something holds.
pub fn longest_context(scenario: &Scenario<'_>, holds: impl Fn(&Scenario<'_>) -> bool) -> u64 {
    let longest = u64::from(scenario.architecture.max_context);
    let steps = longest.div_ceil(CONTEXT_STEP);
    let context = last_true(steps, |step| {
        holds(&Scenario {
            context: (step * CONTEXT_STEP).min(longest),
            ..*scenario
        })
    });
    (context * CONTEXT_STEP).min(longest)
}

/// The most sequences of the scenario's context, up to `most`, for which something holds;
/// 0 for none.
pub fn most_sequences(
    scenario: &Scenario<'_>,
    most: u32,
    holds: impl Fn(&Scenario<'_>) -> bool,
) -> u32 {
    let sequences = last_true(u64::from(most), |sequences| {
        holds(&Scenario {
            concurrency: sequences as u32,
            ..*scenario
        })
    });
    sequences as u32
}

/// The largest of `1..=most` for which a falling condition holds, 0 for none.
pub fn last_true(most: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if holds(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::last_true;

    #[test]
    fn finds_the_edge() {
        assert_eq!(last_true(100, |n| n <= 37), 37);
        assert_eq!(last_true(100, |_| false), 0);
        assert_eq!(last_true(100, |_| true), 100);
    }
}
