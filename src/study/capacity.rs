//! How many requests at a time a machine serves well enough.

use crate::predict::memory::{Buffers, Fits, last_true, open_splits};
use crate::predict::{
    Batching, Constants, Estimate, Offload, Scenario, Split, SplitChoice, Trace, Tuning,
    estimate_tuned,
};

/// Most requests looked at: more than any engine schedules.
pub const MOST_REQUESTS: u32 = 4096;

/// What serving somebody well enough means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// The slowest decode of each, tokens a second.
    pub min_decode: f64,
    /// The longest time to the first token with a warm cache, seconds, all asking at once.
    pub max_ttft: f64,
}

/// Which end of the estimates has to keep to the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The middle: as likely better as worse.
    Middle,
    /// The low end of decode and the high end of the wait: nine in ten machines do better
    /// in each.
    Cautious,
}

/// Why a machine serves no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Each would decode too slowly.
    Decode,
    /// The first token would come too late.
    FirstToken,
    /// The memory holds no more.
    Memory,
    /// The engine's slots are taken.
    Slots,
    /// The engine answers one request after another.
    OneByOne,
    /// No rate is known there.
    Unknown,
}

impl Limit {
    /// The word used in tables and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::FirstToken => "first token",
            Self::Memory => "memory",
            Self::Slots => "slots",
            Self::OneByOne => "one by one",
            Self::Unknown => "unknown",
        }
    }
}

/// What a machine serves.
#[derive(Debug, Clone, PartialEq)]
pub struct Capacity {
    /// The largest number of requests at a time; 0 where not even one is served.
    pub requests: u32,
    /// The estimate at that load, or of one request where none is served.
    pub estimate: Estimate,
    /// Why it serves no more; none where [`MOST_REQUESTS`] are served.
    pub limit: Option<Limit>,
}

/// The largest number of requests at a time that a machine serves with a quality, as does
/// every smaller number: all of them decoded together, each fast enough, the first token
/// of each in time. A server keeps one split, so each is searched by itself and the one
/// that serves most is taken; of equal ones that with more tokens for all. Where the
/// devices hold no more, some of the model in the host's memory may make room for more
/// requests: that is taken where they are still served well enough.
///
/// The scenario's concurrency does not count.
pub fn capacity(
    scenario: &Scenario<'_>,
    constants: &Constants,
    quality: Quality,
    trust: Trust,
) -> Capacity {
    let tuning = Tuning::of(&scenario.setting(), scenario.model, constants);
    let buffers = Buffers::of(scenario.architecture);
    let with = |split: Split, offload: Offload| {
        let search = Search {
            scenario: Scenario {
                split: SplitChoice::Only(split),
                offload,
                buffers: Some(scenario.buffers.unwrap_or(&buffers)),
                ..*scenario
            },
            constants,
            tuning: &tuning,
            quality,
            trust,
        };
        search.capacity(split)
    };
    let in_split = |split: Split| {
        let found = with(split, scenario.offload);
        if scenario.offload != Offload::Auto || found.limit != Some(Limit::Memory) {
            return found;
        }
        let roomier = with(split, Offload::ForAll);
        if roomier.requests > found.requests {
            roomier
        } else {
            found
        }
    };
    let splits = open_splits(scenario);
    let (first, others) = match &splits[..] {
        [first, others @ ..] => (*first, others),
        [] => (Split::None, &[][..]),
    };
    others
        .iter()
        .map(|split| in_split(*split))
        .fold(in_split(first), |best, next| {
            if serves_more(&next, &best) {
                next
            } else {
                best
            }
        })
}

/// More requests; of equal numbers the one that fits better, then that with more tokens.
fn serves_more(one: &Capacity, other: &Capacity) -> bool {
    let rate = |capacity: &Capacity| {
        let estimate = &capacity.estimate;
        estimate
            .wall
            .or(estimate.aggregate)
            .map_or(0.0, |rate| rate.mid)
    };
    one.requests
        .cmp(&other.requests)
        .then(other.estimate.plan.fits.cmp(&one.estimate.plan.fits))
        .then(rate(one).total_cmp(&rate(other)))
        .is_gt()
}

/// The search in one split.
struct Search<'a> {
    scenario: Scenario<'a>,
    constants: &'a Constants,
    tuning: &'a Tuning,
    quality: Quality,
    trust: Trust,
}

impl Search<'_> {
    /// Decode of each falls with the requests, and so does what memory and engine hold, and
    /// the wait rises, but for steps: where other kernels take over, and where the prompts no
    /// longer fit one micro-batch and end one after another. What lies between two steps is
    /// halved by itself.
    fn capacity(&self, split: Split) -> Capacity {
        let held = self.held();
        let served = |n: u32| self.refusal(n, &self.at(n)).is_none();
        let mut ends = self.last_of_kernels(split).to_vec();
        ends.extend([self.last_in_one_batch(split), held]);
        ends.retain(|end| *end <= held);
        ends.sort_unstable();
        let mut requests = 0;
        for end in ends {
            let more = u64::from(end.saturating_sub(requests));
            requests += last_true(more, |more| served(requests + more as u32)) as u32;
            if requests < end {
                break;
            }
        }
        let limit = (requests < MOST_REQUESTS)
            .then(|| self.refusal(requests + 1, &self.at(requests + 1)))
            .flatten();
        Capacity {
            requests,
            estimate: self.at(requests.max(1)),
            limit,
        }
    }

    /// The most requests that run at once: what of the most that are asked for does not
    /// queue. Weights in host memory leave no queue: there it is the most that fit.
    fn held(&self) -> u32 {
        match self.at(MOST_REQUESTS).batch {
            0 => {
                let fits = |requests: u64| self.at(requests as u32).batch > 0;
                last_true(u64::from(MOST_REQUESTS), fits) as u32
            }
            held => held,
        }
    }

    fn at(&self, concurrency: u32) -> Estimate {
        let scenario = Scenario {
            concurrency,
            ..self.scenario
        };
        estimate_tuned(&scenario, self.constants, self.tuning, &mut Trace::off())
    }

    /// The most requests whose prompts fit one micro-batch together.
    fn last_in_one_batch(&self, split: Split) -> u32 {
        let prompt = self.scenario.prompt.max(1);
        let each = u64::from(self.scenario.micro_batch()) / prompt;
        (each * u64::from(self.copies(split))).min(u64::from(MOST_REQUESTS)) as u32
    }

    /// The most requests decoded before other kernels take over.
    fn last_of_kernels(&self, split: Split) -> [u32; 2] {
        let scenario = &self.scenario;
        let kernels = scenario.row_kernels();
        let used = scenario.architecture.experts().map(|experts| experts.used);
        let parts = split.parts_at_once(scenario.engine.batching, scenario.machine.count);
        kernels
            .last_tokens(used)
            .map(|tokens| (tokens as u32).saturating_mul(parts))
    }

    /// Copies of the model that work beside each other.
    fn copies(&self, split: Split) -> u32 {
        split.copies(self.scenario.machine.count)
    }

    /// Why so many requests are not served; none where they are.
    fn refusal(&self, requests: u32, estimate: &Estimate) -> Option<Limit> {
        if estimate.plan.fits == Fits::No {
            return Some(Limit::Memory);
        }
        let (Some(decode), Some(ttft)) = (estimate.decode, estimate.ttft) else {
            return Some(Limit::Unknown);
        };
        if estimate.batch < requests {
            let copies = self.copies(estimate.plan.split);
            return Some(match self.scenario.engine.batching {
                Batching::Sequential => Limit::OneByOne,
                Batching::Slots(slots) if estimate.batch >= slots.saturating_mul(copies) => {
                    Limit::Slots
                }
                Batching::Slots(_) | Batching::Continuous => Limit::Memory,
            });
        }
        let (decode, wait) = match self.trust {
            Trust::Middle => (decode.mid, ttft.warm.mid),
            Trust::Cautious => (decode.low, ttft.warm.high),
        };
        if decode < self.quality.min_decode {
            Some(Limit::Decode)
        } else if wait > self.quality.max_ttft {
            Some(Limit::FirstToken)
        } else {
            None
        }
    }
}
