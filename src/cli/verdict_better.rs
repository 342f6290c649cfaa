//! What the usual line-up leaves out: a machine of the catalogue that does the work better
//! within the same limits.

use anyhow::Result;

use super::money::Money;
use super::session::Session;
use super::setup::machines_limited;
use crate::catalog::Setup;
use crate::report::{Role, Styled, Value};
use crate::units::dollars;
use crate::verdict::{Contender, Limits, Ranked, rank};
use crate::workload::Workload;

/// The machines that were ranked.
#[derive(Clone, Copy)]
pub(super) struct Lineup<'a> {
    /// All of them.
    pub contenders: &'a [Contender],
    /// The first; none where all are ruled out.
    pub best: Option<&'a Ranked>,
    /// For what.
    pub workload: &'a Workload,
    /// What rules machines out.
    pub limits: &'a Limits,
}

/// A machine that beats them.
#[derive(Debug, Clone)]
pub(super) struct Better {
    contender: Contender,
    score: f64,
    /// Machines that were looked at.
    looked_at: usize,
}

impl Lineup<'_> {
    /// The best of the catalogue's other machines, where it scores more than these.
    ///
    /// # Errors
    /// If the data has faults.
    pub(super) fn better(
        &self,
        session: &Session,
        money: &Money,
        power_limit: Option<f64>,
    ) -> Result<Option<Better>> {
        let (machines, _) = machines_limited(session, &["all".to_owned()], power_limit)?;
        let known = |id: &str| self.contenders.iter().any(|known| known.machine.id == id);
        let mut others = Vec::new();
        for machine in machines {
            // What is announced, or quoted nowhere, cannot be bought.
            let offered = !known(&machine.id) && machine.status != "announced";
            let price = money.price(session, &machine)?.filter(|_| offered);
            if price.is_some() {
                others.push(Contender::assemble(
                    &session.catalog,
                    machine,
                    price,
                    self.workload,
                    &Setup::default(),
                    self.limits.min_decode,
                )?);
            }
        }
        let places = rank(&others, self.workload, &money.terms, self.limits);
        let looked_at = others.len();
        let least = self.best.map_or(f64::NEG_INFINITY, |best| best.score);
        Ok(places
            .into_iter()
            .find(|place| place.rank == Some(1) && place.score > least)
            .map(|place| Better {
                contender: others.swap_remove(place.index),
                score: place.score,
                looked_at,
            }))
    }
}

impl Better {
    /// What to buy, in a sentence.
    pub(super) fn words(&self, workload: &Workload) -> Styled {
        let machine = &self.contender.machine;
        let price = self.contender.price.as_ref();
        let price = price.map_or_else(String::new, |price| {
            format!(", {} ({})", dollars(price.usd.mid), price.short_basis())
        });
        let timed = if self.contender.is_timed() {
            ""
        } else {
            ", by estimated speeds"
        };
        Styled::plain(format!("For {}, buy: ", workload.name.to_lowercase()))
            .and(Role::Good, machine.name.clone())
            .and(
                Role::Plain,
                format!(
                    "{price}, score {:.0}{timed}, best of {} others (--machine {}).",
                    self.score, self.looked_at, machine.id
                ),
            )
    }

    /// For JSON.
    pub(super) fn value(&self) -> Value {
        let usd = self.contender.price.as_ref().map(|price| price.usd.mid);
        Value::object([
            ("machine", Value::from(self.contender.machine.id.clone())),
            ("score", Value::from(self.score)),
            ("hardware_usd", Value::from(usd)),
        ])
    }
}
