//! The money side of arguments: prices of the day, electricity, terms.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use super::args::MoneyArguments;
use super::session::Session;
use crate::catalog::Unknown;
use crate::evidence::Range;
use crate::machine::{Machine, Price};
use crate::money::{Duty, Ownership, Terms, ownership, resale_share};
use crate::report::Report;
use crate::units::{Date, UsdPerKilowattHour, Watts};

/// Hours a day at work where nothing says otherwise.
const USUAL_HOURS: f64 = 8.0;

/// Prices and terms as meant.
#[derive(Debug)]
pub struct Money {
    /// Hours, years, electricity.
    pub terms: Terms,
    /// Where the electricity price comes from.
    pub rate_basis: String,
    /// The day of the prices, where one was asked for; else the newest known count.
    pub as_of: Option<Date>,
    /// The last day whose prices count.
    day: Date,
    overrides: Vec<(String, f64)>,
    /// Parts that are owned already, by item id and count.
    owned: BTreeMap<String, u32>,
}

/// The price of electricity: as given, or a country's, and where it comes from.
///
/// # Errors
/// If the country is unknown.
pub fn electricity(
    session: &Session,
    rate: Option<f64>,
    country: &str,
) -> Result<(UsdPerKilowattHour, String)> {
    if let Some(rate) = rate {
        return Ok((UsdPerKilowattHour(rate), "--rate".to_owned()));
    }
    let tariffs = session.catalog.tariffs()?;
    let id = country.to_lowercase();
    let Some(tariff) = tariffs.get(&id) else {
        return Err(Unknown::new("country", &id, tariffs.keys().map(String::as_str)).into());
    };
    let basis = format!("{}, {}", tariff.name, tariff.citation.date);
    Ok((tariff.price, basis))
}

impl Money {
    /// Resolves the arguments; `hours` is the workload's own where the command line has none.
    ///
    /// # Errors
    /// If the country is unknown or `--price` names no machine.
    pub fn resolve(
        session: &Session,
        arguments: &MoneyArguments,
        hours: Option<f64>,
    ) -> Result<Self> {
        let (rate, rate_basis) = electricity(session, arguments.rate, &arguments.country)?;
        let mut overrides = Vec::new();
        for (name, usd) in &arguments.price {
            overrides.push((session.catalog.select_machine(name)?.id, *usd));
        }
        let mut owned = BTreeMap::new();
        for part in &arguments.own {
            for (item, count) in session.catalog.select_part(part)? {
                *owned.entry(item).or_default() += count;
            }
        }
        let day = arguments.as_of.unwrap_or(session.catalog.today());
        if day > session.catalog.today() {
            bail!("--as-of {day} lies in the future: prices are known up to today");
        }
        Ok(Self {
            terms: Terms {
                hours: arguments.hours.or(hours).unwrap_or(USUAL_HOURS),
                years: arguments.years,
                rate,
            },
            rate_basis,
            as_of: arguments.as_of,
            day,
            overrides,
            owned,
        })
    }

    /// The day whose prices count.
    pub const fn day(&self) -> Date {
        self.day
    }

    /// What is paid for a machine: as overridden, or the price of the day of the
    /// parts that are not owned.
    ///
    /// # Errors
    /// If the price table has faults.
    pub fn price(&self, session: &Session, machine: &Machine) -> Result<Option<Price>> {
        if let Some((_, usd)) = self
            .overrides
            .iter()
            .rev()
            .find(|(id, _)| *id == machine.id)
        {
            return Ok(Some(Price {
                usd: Range::exact(*usd),
                date: self.day,
                oldest: self.day,
                kinds: Vec::new(),
                basis: "--price".to_owned(),
                sources: vec!["user".to_owned()],
            }));
        }
        Ok(session
            .catalog
            .prices()?
            .addition(machine, &self.owned, self.day))
    }

    /// States the terms, the price of electricity and the prices' day in a report.
    pub fn assume<'r>(&self, report: &'r mut Report) -> &'r mut Report {
        report
            .assume("hours_per_day", self.terms.hours)
            .assume("years", self.terms.years)
            .assume("usd_per_kwh", self.terms.rate.0)
            .assume("usd_per_kwh_basis", self.rate_basis.clone())
            .assume("prices_as_of", self.as_of)
            .assume("owned", self.owned())
    }

    /// Parts that are owned already, as `2x rtx-3090`.
    pub fn owned(&self) -> Vec<String> {
        self.owned
            .iter()
            .map(|(item, count)| match count {
                1 => item.clone(),
                count => format!("{count}x {item}"),
            })
            .collect()
    }

    /// What it costs to own a machine that draws so much at work; none where its idle
    /// watts are unknown.
    pub fn ownership(&self, machine: &Machine, price: &Price, busy: Watts) -> Option<Ownership> {
        let duty = Duty {
            hours: self.terms.hours,
            busy,
            idle: Some(machine.idle_watts()?),
        };
        Some(ownership(
            price.usd,
            &duty,
            self.terms.rate,
            self.terms.years,
            resale_share(machine, self.terms.years),
        ))
    }

    /// Which prices count, in words.
    pub fn basis(&self) -> String {
        let prices = self.as_of.map_or_else(
            || "newest prices known".to_owned(),
            |day| format!("prices as of {day}"),
        );
        if self.owned.is_empty() {
            prices
        } else {
            format!("{prices}, not paid: {}", self.owned().join(", "))
        }
    }
}
