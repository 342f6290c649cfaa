//! Prices: dated quotes, and which of them counts on a given day.

use std::collections::BTreeMap;

use crate::evidence::{Citation, Range};
use crate::units::Date;

use super::Machine;

/// What kind of price a quote is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PriceKind {
    /// The maker's price.
    List,
    /// What shops ask for a new one.
    Street,
    /// What a used one sells for.
    Used,
}

impl PriceKind {
    /// The word used in data and output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Street => "street",
            Self::Used => "used",
        }
    }
}

/// One published price.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// List, street or used.
    pub kind: PriceKind,
    /// The lower end, US dollars.
    pub low_usd: f64,
    /// The upper end, US dollars.
    pub high_usd: f64,
    /// When and where.
    pub citation: Citation,
    /// Kept and shown, but never the default: rumours, single unverified reports.
    pub low_confidence: bool,
}

/// The price of a machine on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// US dollars, from the lowest to the highest quote that counts.
    pub usd: Range,
    /// Date of the newest quote in it.
    pub date: Date,
    /// What it is made of: `street 2026-09-23`, `4 x used + host`.
    pub basis: String,
    /// The sources, one a part.
    pub sources: Vec<String>,
}

/// All quotes, by machine, device or host id.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PriceBook {
    quotes: BTreeMap<String, Vec<Quote>>,
}

/// Quotes this much older than the newest of their kind no longer count.
const WINDOW_YEARS: f64 = 45.0 / 365.25;

/// The price that a host's own table states, for days without a quote.
fn host_price(machine: &Machine, item: &str) -> Option<Price> {
    let host = machine.host.as_ref().filter(|host| host.id == item)?;
    Some(Price {
        usd: host.price?,
        date: host.citation.date,
        basis: format!("estimate {}", host.citation.date),
        sources: vec![host.citation.source.clone()],
    })
}

impl PriceBook {
    /// A book of quotes by item id.
    pub const fn new(quotes: BTreeMap<String, Vec<Quote>>) -> Self {
        Self { quotes }
    }

    /// The quotes of an item, oldest first as entered.
    pub fn quotes(&self, item: &str) -> &[Quote] {
        self.quotes.get(item).map_or(&[], Vec::as_slice)
    }

    /// The ids that have quotes.
    pub fn items(&self) -> impl Iterator<Item = &str> {
        self.quotes.keys().map(String::as_str)
    }

    /// The price of a machine as of a day: its own quotes or the sum of its
    /// parts, whichever is newer. None if nothing is known by then.
    pub fn price(&self, machine: &Machine, as_of: Date) -> Option<Price> {
        let own = self.item_price(&machine.parts.whole, as_of);
        let parts = self.parts_price(machine, as_of);
        match (own, parts) {
            (Some(own), Some(parts)) if parts.date > own.date => Some(parts),
            (Some(own), _) => Some(own),
            (None, parts) => parts,
        }
    }

    /// The sum over the parts, if each part has a price.
    fn parts_price(&self, machine: &Machine, as_of: Date) -> Option<Price> {
        let mut total: Option<Price> = None;
        for (item, count) in &machine.parts.pieces {
            let price = self
                .item_price(item, as_of)
                .or_else(|| host_price(machine, item))?;
            let scaled = price.usd.scale(f64::from(*count));
            let basis = format!("{count} x {item} ({})", price.basis);
            total = Some(match total {
                None => Price {
                    usd: scaled,
                    date: price.date,
                    basis,
                    sources: price.sources,
                },
                Some(sum) => Price {
                    usd: sum.usd.plus(scaled),
                    date: sum.date.max(price.date),
                    basis: format!("{} + {basis}", sum.basis),
                    sources: sum.sources.into_iter().chain(price.sources).collect(),
                },
            });
        }
        total
    }

    /// The price of one item: the quotes of the newest season, street and used
    /// before list; from the lowest to the highest, with the middle between.
    fn item_price(&self, item: &str, as_of: Date) -> Option<Price> {
        let known: Vec<&Quote> = self
            .quotes(item)
            .iter()
            .filter(|quote| !quote.low_confidence && quote.citation.date <= as_of)
            .collect();
        let paid: Vec<&Quote> = known
            .iter()
            .copied()
            .filter(|quote| quote.kind != PriceKind::List)
            .collect();
        let pool = if paid.is_empty() { known } else { paid };
        let newest = pool.iter().map(|quote| quote.citation.date).max()?;
        let season: Vec<&Quote> = pool
            .into_iter()
            .filter(|quote| quote.citation.date.years_until(newest) <= WINDOW_YEARS)
            .collect();
        let low = season
            .iter()
            .map(|quote| quote.low_usd)
            .fold(f64::INFINITY, f64::min);
        let high = season
            .iter()
            .map(|quote| quote.high_usd)
            .fold(0.0, f64::max);
        let mut kinds: Vec<&str> = season.iter().map(|quote| quote.kind.name()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        Some(Price {
            usd: Range {
                low,
                mid: f64::midpoint(low, high),
                high,
            },
            date: newest,
            basis: format!("{} {newest}", kinds.join("/")),
            sources: season
                .iter()
                .map(|quote| quote.citation.source.clone())
                .collect(),
        })
    }
}
