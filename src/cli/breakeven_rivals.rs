//! What a machine of one's own is compared with: the API of the same model (or
//! the nearest in size), the cheapest GPU to rent that runs it, a subscription.

use anyhow::Result;

use super::session::Session;
use super::work::{Part, Ran, turns};
use crate::catalog::{Cloud, Model, Offer, Setup, Shape, Unknown};
use crate::evidence::{Citation, Range};
use crate::money::{Rival, TokenPrices};
use crate::predict::memory::Fits;
use crate::units::{Date, compact};
use crate::workload::Workload;

/// How many times larger or smaller a model of the same class may be.
const SAME_CLASS: f64 = 2.0;

/// Something to compare with.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    /// `api`, `rental` or `subscription`.
    pub kind: &'static str,
    /// What and by whom.
    pub name: String,
    /// What it charges: the cheapest offer.
    pub rival: Rival,
    /// The same charge over all offers known. An API's low end has cached
    /// prompts free where it states no price for them.
    pub offers: Range,
    /// Where the price comes from.
    pub citation: Citation,
}

/// The model whose API price stands for a model: itself, the one it is the same
/// as, or the nearest in size within a factor of two. None where no API price is known.
///
/// # Errors
/// If the data has faults.
pub fn priced_model<'a>(
    session: &'a Session,
    cloud: &Cloud,
    model: &Model,
    day: Date,
) -> Result<Option<&'a Model>> {
    let models = session.catalog.models()?;
    let priced = |id: &str| !cloud.api(id, day).is_empty();
    let own = std::iter::once(&model.id).chain(&model.table.same_as);
    if let Some(found) = own.filter(|id| priced(id)).find_map(|id| models.get(id)) {
        return Ok(Some(found));
    }
    let Some(size) = model.table.total_params else {
        return Ok(None);
    };
    let distance = |other: &Model| {
        let other = other.table.total_params? as f64;
        Some((other / size as f64).ln().abs())
    };
    Ok(models
        .values()
        .filter(|other| priced(&other.id))
        .filter_map(|other| Some((distance(other)?, other)))
        .filter(|(distance, _)| *distance <= SAME_CLASS.ln())
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, other)| other))
}

/// The API of a model, for a workload's turns.
pub fn api(cloud: &Cloud, model: &Model, workload: &Workload, day: Date) -> Option<Against> {
    let cold = (workload.cold_starts_per_hour / workload.turns_per_hour).min(1.0);
    let per_million = |prices: TokenPrices| {
        prices.per_million_output(
            workload.prompt as f64,
            workload.cached as f64,
            workload.output as f64,
            cold,
        )
    };
    let priced: Vec<(f64, &Offer)> = cloud
        .api(&model.id, day)
        .into_iter()
        .map(|(prices, offer)| (per_million(prices), offer))
        .collect();
    let (usd, offer) = cheapest(&priced)?;
    // What a provider takes for cached tokens is rarely stated: between nothing and the full price.
    let least = cloud.api(&model.id, day).into_iter().map(|(prices, _)| {
        let free = TokenPrices {
            cached: prices.cached.or(Some(0.0)),
            ..prices
        };
        per_million(free)
    });
    let mut offers = spread(&priced, 1.0);
    offers.mid = usd;
    offers.low = least.fold(offers.low, f64::min);
    Some(Against {
        kind: "api",
        name: format!("{}, {}", model.id, offer.name),
        rival: Rival::PerMillion(usd),
        offers,
        citation: offer.citation.clone(),
    })
}

/// The cheapest devices to rent, by the hour and not to be taken away, that
/// hold the model and decode at the workload's pace; up to eight of a kind.
///
/// # Errors
/// If the data has faults.
pub fn rental(
    session: &Session,
    cloud: &Cloud,
    part: &Part<'_>,
    workload: &Workload,
    users: u32,
    day: Date,
) -> Result<Option<Against>> {
    let mut best: Option<(f64, Against)> = None;
    for device in cloud.items() {
        let firm = cloud.rental(device, false, day);
        let Some((usd, offer)) = cheapest(&firm) else {
            continue;
        };
        let all: Vec<(f64, &Offer)> = cloud
            .rental(device, true, day)
            .into_iter()
            .chain(firm.iter().copied())
            .collect();
        for count in [1, 2, 4, 8] {
            let Ok(machine) = session
                .catalog
                .select_machine(&format!("{count}x {device}"))
            else {
                continue;
            };
            let shape = Shape::of(workload, users);
            let usual = Setup::default();
            let ran = part.on(session, &machine, &usual, &shape)?;
            let Ok(Some(Ran { estimate, .. })) = ran else {
                continue;
            };
            let quick = estimate.plan.fits == Fits::Yes
                && turns(workload, users, &estimate).is_some_and(|turns| {
                    turns.mid.decode >= workload.min_decode && turns.mid.share() <= 1.0
                });
            if !quick {
                continue;
            }
            let hour = usd * f64::from(count);
            if best.as_ref().is_none_or(|(least, _)| hour < *least) {
                let against = Against {
                    kind: "rental",
                    name: format!("{count}x {device}, {}", offer.name),
                    rival: Rival::PerHour(hour),
                    offers: spread(&all, f64::from(count)),
                    citation: offer.citation.clone(),
                };
                best = Some((hour, against));
            }
            break;
        }
    }
    Ok(best.map(|(_, against)| against))
}

/// A subscription by id; none where its price is not known by that day.
///
/// # Errors
/// If there is none.
pub fn subscription(cloud: &Cloud, id: &str, day: Date) -> Result<Option<Against>> {
    let plans = cloud.subscriptions(day);
    let lower = id.to_lowercase();
    let Some((_, usd, offer)) = plans.iter().find(|plan| plan.0 == lower) else {
        let all = cloud.subscriptions(Date::new(9999, 1, 1));
        if all.iter().any(|plan| plan.0 == lower) {
            return Ok(None);
        }
        let known = all.iter().map(|plan| plan.0);
        return Err(Unknown::new("subscription", &lower, known).into());
    };
    Ok(Some(Against {
        kind: "subscription",
        name: offer.name.clone(),
        rival: Rival::PerMonth(*usd),
        offers: Range::exact(*usd),
        citation: offer.citation.clone(),
    }))
}

impl Against {
    /// What it charges, in words.
    pub fn charge(&self) -> String {
        match self.rival {
            Rival::PerMillion(usd) => format!("${} a million tokens", compact(usd, 3)),
            Rival::PerHour(usd) => format!("${} an hour", compact(usd, 3)),
            Rival::PerMonth(usd) => format!("${} a month", compact(usd, 3)),
        }
    }
}

fn cheapest<'a>(offers: &[(f64, &'a Offer)]) -> Option<(f64, &'a Offer)> {
    offers
        .iter()
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.name.cmp(&b.1.name)))
        .copied()
}

/// From the cheapest offer to the dearest, with the median.
fn spread(offers: &[(f64, &Offer)], factor: f64) -> Range {
    let mut prices: Vec<f64> = offers.iter().map(|offer| offer.0 * factor).collect();
    prices.sort_by(f64::total_cmp);
    Range {
        low: prices.first().copied().unwrap_or(0.0),
        mid: prices.get(prices.len() / 2).copied().unwrap_or(0.0),
        high: prices.last().copied().unwrap_or(0.0),
    }
}
