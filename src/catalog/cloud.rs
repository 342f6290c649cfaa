//! `data/cloud.toml`: what the same work costs elsewhere.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::citation::{citation, positive};
use super::document::{Place, Row, Rules};
use super::fault::Fault;
use crate::evidence::Citation;
use crate::money::TokenPrices;
use crate::units::Date;

/// An offer as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawOffer {
    kind: RawKind,
    name: Option<String>,
    provider: Option<String>,
    input_usd_per_mtok: Option<f64>,
    cached_usd_per_mtok: Option<f64>,
    output_usd_per_mtok: Option<f64>,
    usd_per_hour: Option<f64>,
    spot: Option<bool>,
    usd_per_month: Option<f64>,
    date: Option<Date>,
    source: Option<String>,
    note: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawKind {
    Api,
    Rental,
    Subscription,
}

/// What is offered at which price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Offering {
    /// Tokens of the model that the row is keyed by.
    Api(TokenPrices),
    /// An hour of the device that the row is keyed by; `spot` may be taken away.
    Rental {
        /// US dollars an hour.
        usd_per_hour: f64,
        /// Whether the provider may take it away at any time.
        spot: bool,
    },
    /// A month of the plan that the row is keyed by, US dollars.
    Subscription(f64),
}

/// One published price of work done elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// What is offered.
    pub offering: Offering,
    /// The plan's or the provider's name.
    pub name: String,
    /// When and where.
    pub citation: Citation,
}

/// All offers, by model, device or plan id.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cloud {
    offers: BTreeMap<String, Vec<Offer>>,
}

impl Cloud {
    /// The offers of an item as of a day.
    pub fn offers(&self, item: &str, as_of: Date) -> impl Iterator<Item = &Offer> {
        self.offers
            .get(item)
            .into_iter()
            .flatten()
            .filter(move |offer| offer.citation.date <= as_of)
    }

    /// The ids that have offers.
    pub fn items(&self) -> impl Iterator<Item = &str> {
        self.offers.keys().map(String::as_str)
    }

    /// The API prices of a model as of a day, with their offers.
    pub fn api(&self, model: &str, as_of: Date) -> Vec<(TokenPrices, &Offer)> {
        self.offers(model, as_of)
            .filter_map(|offer| match offer.offering {
                Offering::Api(prices) => Some((prices, offer)),
                _ => None,
            })
            .collect()
    }

    /// The rental prices of a device as of a day, US dollars an hour, with
    /// their offers: `spot` ones or those that nobody takes away.
    pub fn rental(&self, device: &str, spot: bool, as_of: Date) -> Vec<(f64, &Offer)> {
        self.offers(device, as_of)
            .filter_map(|offer| match offer.offering {
                Offering::Rental {
                    usd_per_hour,
                    spot: taken,
                } if taken == spot => Some((usd_per_hour, offer)),
                _ => None,
            })
            .collect()
    }

    /// The plans as of a day, by id, with their price a month.
    pub fn subscriptions(&self, as_of: Date) -> Vec<(&str, f64, &Offer)> {
        self.offers
            .iter()
            .flat_map(|(id, offers)| offers.iter().map(move |offer| (id.as_str(), offer)))
            .filter(|(_, offer)| offer.citation.date <= as_of)
            .filter_map(|(id, offer)| match offer.offering {
                Offering::Subscription(usd) => Some((id, usd, offer)),
                _ => None,
            })
            .collect()
    }
}

/// The validated offers.
pub fn cloud(rows: Vec<Row<'_, RawOffer>>, rules: Rules, faults: &mut Vec<Fault>) -> Cloud {
    let mut offers: BTreeMap<String, Vec<Offer>> = BTreeMap::new();
    for Row { id, raw, place } in rows {
        positive(
            &[
                ("output_usd_per_mtok", raw.output_usd_per_mtok),
                ("usd_per_hour", raw.usd_per_hour),
                ("usd_per_month", raw.usd_per_month),
            ],
            &place,
            faults,
        );
        let Some(offering) = offering(&raw, &place, faults) else {
            continue;
        };
        let name = raw.name.or(raw.provider).unwrap_or_else(|| id.clone());
        let offer = Offer {
            offering,
            name,
            citation: citation(raw.source, raw.date, raw.note, &place, rules.today, faults),
        };
        offers.entry(id).or_default().push(offer);
    }
    Cloud { offers }
}

/// What a row offers; a fault where the price of its kind is missing.
fn offering(raw: &RawOffer, place: &Place<'_>, faults: &mut Vec<Fault>) -> Option<Offering> {
    let mut need = |key: &str, value: Option<f64>| {
        if value.is_none() {
            faults.push(place.fault(
                "kind",
                format!("an offer of this kind needs `{key}`"),
                format!("add `{key} = ...` in US dollars"),
            ));
        }
        value
    };
    match raw.kind {
        RawKind::Api => {
            let input = need("input_usd_per_mtok", raw.input_usd_per_mtok);
            let output = need("output_usd_per_mtok", raw.output_usd_per_mtok);
            Some(Offering::Api(TokenPrices {
                input: input?,
                cached: raw.cached_usd_per_mtok,
                output: output?,
            }))
        }
        RawKind::Rental => Some(Offering::Rental {
            usd_per_hour: need("usd_per_hour", raw.usd_per_hour)?,
            spot: raw.spot.unwrap_or(false),
        }),
        RawKind::Subscription => Some(Offering::Subscription(need(
            "usd_per_month",
            raw.usd_per_month,
        )?)),
    }
}
