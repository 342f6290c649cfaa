//! What machines serve of what is asked in `hwcmp users`: requests, people, cost.

use anyhow::Result;

use super::money::Money;
use super::session::Session;
use crate::catalog::{Candidate, Shape};
use crate::evidence::{Evidence, Range};
use crate::money::{Holding, mean_watts, resale_3y};
use crate::predict::memory::{Buffers, Fits};
use crate::predict::{Constants, Scenario, SplitChoice, Trace, estimate};
use crate::study::{Capacity, Quality, Trust, capacity, people};
use crate::workload::Workload;

/// What the machines are to serve.
#[derive(Debug, Clone)]
pub(super) struct Asked<'a> {
    /// The use: its lengths and turns are those asked for.
    pub workload: Workload,
    /// The shape of a request.
    pub shape: Shape,
    /// The limits.
    pub quality: Quality,
    /// Share of the time that a person has a request running; that of the turns where none.
    pub share: Option<f64>,
    /// The model's compute buffers: the same for all machines and limits.
    pub buffers: &'a Buffers<'a>,
}

/// What a machine serves.
pub(super) struct Served {
    /// At the middle of the estimates.
    pub capacity: Capacity,
    /// At the low end of them.
    pub cautious: Capacity,
    /// People at the middle, and what they do.
    pub crowd: Crowd,
    /// The same at the low end.
    pub cautious_crowd: Crowd,
}

/// Whose requests a load is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Crowd {
    /// Seconds from a request to its last token, cold starts among them.
    pub seconds: f64,
    /// Share of the time that a person has a request running.
    pub share: f64,
    /// People.
    pub people: u32,
}

impl Crowd {
    /// Output tokens a second while so many requests run all the time.
    fn rate(&self, requests: u32, output: u64) -> f64 {
        f64::from(requests) * output as f64 / self.seconds
    }
}

/// What it costs at that load.
pub(super) struct Cost {
    /// US dollars a million output tokens.
    pub per_million: Option<f64>,
    /// US dollars a person and month.
    pub per_person: Option<f64>,
    /// US dollars for the hardware.
    pub hardware: f64,
    /// What price that is.
    pub basis: String,
}

/// A machine's answer.
pub(super) struct Answer<'a> {
    /// The machine, ready.
    pub candidate: &'a Candidate<'a>,
    /// What it serves.
    pub served: Served,
    /// What that costs; none where the price is unknown.
    pub cost: Option<Cost>,
}

impl Asked<'_> {
    /// The scenario of a shape on a machine.
    fn scenario<'b>(&'b self, candidate: &'b Candidate<'_>, shape: &Shape) -> Scenario<'b> {
        Scenario {
            buffers: Some(self.buffers),
            ..candidate.scenario(shape)
        }
    }

    /// What a machine serves of it.
    pub(super) fn served(&self, candidate: &Candidate<'_>, constants: &Constants) -> Served {
        let scenario = self.scenario(candidate, &self.shape);
        let at = |trust| capacity(&scenario, constants, self.quality, trust);
        let (capacity, cautious) = (at(Trust::Middle), at(Trust::Cautious));
        Served {
            crowd: self.crowd(candidate, constants, &capacity),
            cautious_crowd: self.crowd(candidate, constants, &cautious),
            capacity,
            cautious,
        }
    }

    /// How many people a machine serves at the middle of the estimates, and how well the
    /// rates are known.
    pub(super) fn people(
        &self,
        candidate: &Candidate<'_>,
        constants: &Constants,
    ) -> (u32, Evidence) {
        let scenario = self.scenario(candidate, &self.shape);
        let capacity = capacity(&scenario, constants, self.quality, Trust::Middle);
        let crowd = self.crowd(candidate, constants, &capacity);
        (crowd.people, capacity.estimate.evidence)
    }

    /// The people behind a load. While `n` requests run all the time, each takes
    /// `n x output / (output tokens a second over whole requests)`: the prefills of the
    /// others are in that rate, which the decode of one leaves out. Cold turns, which read
    /// all of the prompt, count as often as the workload has them.
    fn crowd(&self, candidate: &Candidate<'_>, constants: &Constants, load: &Capacity) -> Crowd {
        let workload = &self.workload;
        let requests = load.requests.max(1);
        let answer = f64::from(requests) * workload.output as f64;
        let plan = &load.estimate.plan;
        let offload = if plan.fits == Fits::Offload {
            plan.host.asked(&candidate.model.architecture)
        } else {
            self.shape.offload
        };
        let cold = Shape {
            concurrency: requests,
            prompt: workload.prompt + workload.cached,
            cached: 0,
            split: SplitChoice::Only(plan.split),
            offload,
            ..self.shape
        };
        let cold = self.scenario(candidate, &cold);
        let cold = estimate(&cold, constants, &mut Trace::off());
        let takes = |rate: Option<Range>| rate.map_or(f64::INFINITY, |rate| answer / rate.mid);
        let often = (workload.cold_starts_per_hour / workload.turns_per_hour).min(1.0);
        let (warm, cold) = (takes(load.estimate.wall), takes(cold.wall));
        let seconds = if cold.is_finite() {
            often * cold + (1.0 - often) * warm
        } else {
            warm
        };
        let of_turns = workload.turns_per_hour * seconds / 3600.0;
        let share = self.share.unwrap_or(of_turns).min(1.0);
        Crowd {
            seconds,
            share,
            people: people(load.requests, share),
        }
    }

    /// Electricity and depreciation: of the tokens while all requests run through the hours
    /// at work, of a person while as many run as the people have on average.
    ///
    /// # Errors
    /// If the price table has faults.
    pub(super) fn cost(
        &self,
        session: &Session,
        candidate: &Candidate<'_>,
        served: &Served,
        money: &Money,
    ) -> Result<Option<Cost>> {
        let machine = &candidate.machine;
        let Some(price) = money.price(session, machine)? else {
            return Ok(None);
        };
        let crowd = served.crowd;
        let requests = served.capacity.requests;
        let people = f64::from(crowd.people);
        let watts = machine.idle_watts().zip(served.capacity.estimate.watts);
        let held = |share: f64| {
            let (idle, load) = watts.filter(|_| crowd.people > 0)?;
            Some(Holding {
                price: price.usd.mid,
                resale_3y: resale_3y(machine).mid,
                work: mean_watts(share, load, idle).0,
                rest: idle.0,
            })
        };
        let hourly = crowd.rate(requests, self.workload.output) * 3600.0;
        let running = people * crowd.share / f64::from(requests.max(1));
        Ok(Some(Cost {
            per_million: held(1.0).map(|holding| holding.per_million(hourly, &money.terms)),
            per_person: held(running).map(|holding| holding.per_person_month(people, &money.terms)),
            hardware: price.usd.mid,
            basis: price.basis,
        }))
    }
}
