//! One machine's figures for `hwcmp tco`.

use anyhow::Result;

use super::money::Money;
use super::session::Session;
use super::work::{Job, Work};
use crate::evidence::Range;
use crate::machine::{Machine, Price};
use crate::money::{
    Duty, Holding, Ownership, Uncertain, mean_watts, ownership, resale_3y, resale_share,
};
use crate::units::Watts;

/// One machine's figures.
#[derive(Debug)]
pub struct Answer {
    /// The machine.
    pub machine: Machine,
    /// What is paid.
    pub price: Price,
    /// The share that comes back.
    pub resale: Range,
    /// What it does at work.
    pub work: Work,
    /// Watts idle.
    pub idle: Watts,
    /// Watts away from work: idle, or none when it is switched off.
    pub rest: Option<Watts>,
    /// Watts with every device flat out.
    pub full_load: Watts,
    /// The cost.
    pub cost: Ownership,
    /// The cost with every device flat out all the time at work.
    pub flat_out: Ownership,
    /// Its inputs with their ranges.
    pub uncertain: Uncertain,
}

impl Answer {
    /// The cost as a curve.
    pub fn holding(&self) -> Holding {
        self.uncertain.middle()
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.machine.id
    }
}

/// The figures of a machine, or what is unknown of it or keeps it from what is asked.
///
/// # Errors
/// If the data has faults.
pub fn answer(
    session: &Session,
    machine: Machine,
    job: &Job<'_>,
    money: &Money,
    off: bool,
) -> Result<std::result::Result<Answer, String>> {
    let Some(price) = money.price(session, &machine)? else {
        let reason = "no price is known: give its price with --price MACHINE=USD";
        return Ok(Err(reason.to_owned()));
    };
    let (Some(idle), Some(full_load)) = (machine.idle_watts(), machine.load_watts()) else {
        return Ok(Err("its watts are unknown".to_owned()));
    };
    let work = match job.on(session, &machine)? {
        Ok(work) => work,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let work = work.unwrap_or_else(|| Work {
        load: full_load,
        share: Range::exact(1.0),
        overloaded: false,
        runs: false,
        basis: match job.parts.as_slice() {
            [one] => format!("{} does not run: flat out", one.model.id),
            _ => "no model of the basket runs: flat out".to_owned(),
        },
        in_host: None,
    });
    let terms = &money.terms;
    let resale = resale_share(&machine, terms.years);
    let rest = (!off).then_some(idle);
    let own = |busy: Watts| {
        let duty = Duty {
            hours: terms.hours,
            busy,
            idle: rest,
        };
        ownership(price.usd, &duty, terms.rate, terms.years, resale)
    };
    let cost = own(mean_watts(work.share.mid, work.load, idle));
    let flat_out = own(full_load);
    let uncertain = Uncertain {
        id: machine.id.clone(),
        market: machine.device.id.clone(),
        price: price.usd,
        resale_3y: resale_3y(&machine),
        load: work.load,
        load_share: work.share,
        idle,
        rest: rest.unwrap_or(Watts(0.0)),
    };
    Ok(Ok(Answer {
        machine,
        price,
        resale,
        work,
        idle,
        rest,
        full_load,
        cost,
        flat_out,
        uncertain,
    }))
}
