//! The smallest changes of the limits that let a machine in where they rule out all.

use std::collections::BTreeMap;

use super::contender::Contender;
use super::limits::Limits;

/// A limit that rules machines out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// Most to pay.
    Budget,
    /// Most watts at the wall.
    Watts,
    /// What the household's circuit bears.
    Circuit,
    /// Most noise.
    Noise,
    /// Slowest decode.
    Decode,
    /// Only machines that run CUDA.
    Cuda,
    /// A model that must run.
    Model,
}

impl Limit {
    /// The input's key in JSON, as in flips.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Budget => "budget_usd",
            Self::Watts => "max_watts",
            Self::Circuit => "circuit_watts",
            Self::Noise => "max_noise_dba",
            Self::Decode => "min_decode_tokens_per_second",
            Self::Cuda => "require_cuda",
            Self::Model => "model",
        }
    }

    /// Whether it can only be given up, having no value to change.
    const fn has_no_value(self) -> bool {
        matches!(self, Self::Cuda | Self::Model)
    }

    /// The value to set so that a machine's own just passes: rounded to what one
    /// would type, never to the wrong side.
    pub fn loosened(self, own: f64) -> f64 {
        match self {
            Self::Decode if own < 10.0 => (own * 10.0).floor() / 10.0,
            Self::Decode => own.floor(),
            _ => own.ceil(),
        }
    }
}

/// One limit loosened so that a machine is in the running.
#[derive(Debug, Clone, PartialEq)]
pub struct Ease {
    /// The limit.
    pub limit: Limit,
    /// Its value now; none where it has none.
    pub from: Option<f64>,
    /// The value that lets the machine in; none where the limit must be given up.
    pub to: Option<f64>,
    /// The machine.
    pub machine: String,
}

impl Ease {
    /// How large the change is, as a ratio; giving up a limit is the largest.
    pub fn size(&self) -> f64 {
        match (self.from, self.to) {
            (Some(from), Some(to)) if to > 0.0 => (to / from.max(1e-9)).ln().abs(),
            _ => f64::INFINITY,
        }
    }
}

/// What lets a machine in where all are ruled out.
#[derive(Debug, Clone, PartialEq)]
pub enum Way {
    /// Each change alone lets its machine in; the smallest first.
    Any(Vec<Ease>),
    /// Every machine misses several limits: the changes that together let in the one
    /// that misses fewest, by the least.
    All(Vec<Ease>),
}

impl Way {
    /// The changes.
    pub fn eases(&self) -> &[Ease] {
        match self {
            Self::Any(eases) | Self::All(eases) => eases,
        }
    }
}

/// What to loosen to let a machine in: for each limit that alone keeps some machine out,
/// its smallest change. None where nothing helps. `order` is that of the contenders to
/// prefer among equals.
pub fn way_in(contenders: &[Contender], limits: &Limits, order: &[usize]) -> Option<Way> {
    let needs: Vec<Vec<Ease>> = order
        .iter()
        .filter_map(|index| needed(&contenders[*index], limits))
        .collect();
    let mut single: BTreeMap<Limit, Ease> = BTreeMap::new();
    for ease in needs.iter().filter(|list| list.len() == 1).flatten() {
        let known = single.entry(ease.limit).or_insert_with(|| ease.clone());
        if ease.size() < known.size() {
            known.clone_from(ease);
        }
    }
    if !single.is_empty() {
        let mut single: Vec<Ease> = single.into_values().collect();
        single.sort_by(|a, b| a.size().total_cmp(&b.size()));
        return Some(Way::Any(single));
    }
    let size = |needs: &[Ease]| needs.iter().map(Ease::size).sum::<f64>();
    let fewest = needs.into_iter().min_by(|a, b| {
        let counts = a.len().cmp(&b.len());
        counts.then(size(a).total_cmp(&size(b)))
    });
    fewest.map(Way::All)
}

/// What has to change to let a machine in; none where that is not known.
fn needed(contender: &Contender, limits: &Limits) -> Option<Vec<Ease>> {
    let mut needs: BTreeMap<Limit, Ease> = BTreeMap::new();
    for miss in limits.misses(contender) {
        let to = miss.needs.map(|own| miss.limit.loosened(own));
        if to.is_none_or(|to| to <= 0.0) && !miss.limit.has_no_value() {
            return None;
        }
        let from = match miss.limit {
            Limit::Budget => limits.budget,
            Limit::Watts => limits.max_watts,
            Limit::Noise => limits.max_noise,
            Limit::Decode => Some(limits.min_decode),
            Limit::Circuit | Limit::Cuda | Limit::Model => None,
        };
        let ease = Ease {
            limit: miss.limit,
            from,
            to,
            machine: contender.machine.id.clone(),
        };
        // A model and the whole basket may be too slow: the slower one decides.
        let known = needs.entry(ease.limit).or_insert_with(|| ease.clone());
        if ease.size() > known.size() {
            *known = ease;
        }
    }
    Some(needs.into_values().collect()).filter(|needs: &Vec<Ease>| !needs.is_empty())
}
