//! Which limit to loosen where all is ruled out, and by how much: in words and for JSON.

use crate::report::Value;
use crate::units::{compact, dollars, significant};
use crate::verdict::{Ease, Limit, Way};

/// The most changes that are named.
const MOST: usize = 3;

/// What lets a machine in, in a sentence.
pub(super) fn sentence(way: &Way) -> String {
    match way {
        Way::Any(eases) => {
            let words: Vec<String> = eases
                .iter()
                .take(MOST)
                .map(|ease| format!("{} lets {} in", change(ease), ease.machine))
                .collect();
            let several = if words.len() > 1 { "changes" } else { "change" };
            format!("Smallest {several}: {}.", words.join("; or "))
        }
        Way::All(eases) => {
            let words: Vec<String> = eases.iter().map(change).collect();
            let machine = eases.first().map_or("it", |ease| ease.machine.as_str());
            format!(
                "No single change lets one in; {} needs the fewest: {}.",
                machine,
                words.join(" and ")
            )
        }
    }
}

/// A change with the flag that makes it.
fn change(ease: &Ease) -> String {
    let Some(to) = ease.to else {
        return match ease.limit {
            Limit::Circuit => "--circuit none".to_owned(),
            Limit::Budget => "leaving out --budget".to_owned(),
            Limit::Watts => "leaving out --max-watts".to_owned(),
            Limit::Noise => "leaving out --max-noise".to_owned(),
            Limit::Decode => "--min-decode 0".to_owned(),
            Limit::Cuda => "leaving out --require-cuda".to_owned(),
            Limit::Model => "leaving out --model".to_owned(),
        };
    };
    let now = ease.from.map_or_else(String::new, |from| {
        format!(", now {}", significant(from, 3))
    });
    match ease.limit {
        Limit::Budget => {
            let more = ease.from.map_or(to, |from| to - from);
            format!("{} more (--budget {to:.0})", dollars(more))
        }
        Limit::Watts => format!("{to:.0} W{now} (--max-watts {to:.0})"),
        Limit::Circuit => format!("a circuit that bears {to:.0} W{now} (--circuit)"),
        Limit::Noise => format!("{to:.0} dB(A){now} (--max-noise {to:.0})"),
        Limit::Decode | Limit::Cuda | Limit::Model => {
            let to = compact(to, 3).replace(',', "");
            format!("{to} tok/s{now} (--min-decode {to})")
        }
    }
}

/// For JSON; an empty list where nothing is to be loosened.
pub(super) fn value(way: Option<&Way>) -> Value {
    let alone = matches!(way, Some(Way::Any(_)));
    let list = way.map_or(&[][..], Way::eases).iter().map(|ease| {
        Value::object([
            ("input", Value::from(ease.limit.key())),
            ("from", Value::from(ease.from)),
            ("to", Value::from(ease.to)),
            ("machine", Value::from(ease.machine.clone())),
            ("alone", Value::from(alone)),
        ])
    });
    Value::List(list.collect())
}
