//! What a little more money would buy.

use super::fit_text::rate_words;
use crate::report::Value;
use crate::study::{Found, Offer, beyond, within};
use crate::units::dollars;

/// The step that is looked at, US dollars.
const STEP: f64 = 500.0;

/// The best for a sum, for a step more, and the next that is faster at all.
pub(super) struct Next<'a> {
    base: f64,
    now: Option<&'a Found>,
    then: Option<&'a Found>,
    further: Option<&'a Found>,
}

/// Looks along a front from a sum of money.
pub(super) fn next(line: &[Found], base: f64) -> Next<'_> {
    let now = within(line, base);
    let then =
        within(line, base + STEP).filter(|then| now.is_none_or(|now| then.gain() > now.gain()));
    Next {
        base,
        now,
        then,
        further: beyond(line, base),
    }
}

impl Next<'_> {
    /// In a sentence.
    pub(super) fn words(&self) -> String {
        let step = |found: &Found| {
            let gain = self.now.map_or_else(String::new, |now| {
                let percent = 100.0 * (found.gain() / now.gain() - 1.0);
                format!(", {percent:.0}% faster than {}", now.machine.id)
            });
            format!(
                "{}, {}: {} tok/s{gain}",
                found.machine.id,
                dollars(found.cost()),
                found.estimate.decode.map_or_else(String::new, rate_words)
            )
        };
        match (self.then, self.further) {
            (Some(then), _) => format!(
                "{} more ({} in all) buys {}.",
                dollars(STEP),
                dollars(self.base + STEP),
                step(then)
            ),
            (None, Some(further)) => format!(
                "{} more buys no speed; {} more buys {}.",
                dollars(STEP),
                dollars(further.cost() - self.base),
                step(further)
            ),
            (None, None) => "Nothing faster can be put together at any price.".to_owned(),
        }
    }

    /// For JSON.
    pub(super) fn value(&self) -> Value {
        let id = |found: Option<&Found>| Value::from(found.map(|found| found.machine.id.clone()));
        let usd = |found: Option<&Found>| Value::from(found.map(Offer::cost));
        let gain = self
            .then
            .map(|then| then.gain() - self.now.map_or(0.0, Offer::gain));
        Value::object([
            ("from_usd", Value::from(self.base)),
            ("from_machine", id(self.now)),
            ("to_usd", Value::from(self.base + STEP)),
            ("machine", id(self.then)),
            ("hardware_usd", usd(self.then)),
            (
                "decode_tokens_per_second",
                Value::from(self.then.and_then(|then| then.estimate.decode)),
            ),
            ("gain_tokens_per_second", Value::from(gain)),
            ("next_step_machine", id(self.further)),
            ("next_step_usd", usd(self.further)),
        ])
    }
}
