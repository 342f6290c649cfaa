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
    /// Date of its oldest part's newest quote.
    pub oldest: Date,
    /// The kinds of its quotes, each once; none where it is owned, given or estimated.
    pub kinds: Vec<PriceKind>,
    /// What it is made of: `street 2026-09-23`, `4 x used + host`.
    pub basis: String,
    /// The sources, each once.
    pub sources: Vec<String>,
}

impl Price {
    /// What it rests on in a word or two and the months of its parts: `used 2026-09`,
    /// `used/street 2026-02 to 2026-09`; [`Price::basis`] has each part.
    pub fn short_basis(&self) -> String {
        if self.kinds.is_empty() {
            return self.basis.clone();
        }
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.name()).collect();
        let (from, to) = (self.oldest.month(), self.date.month());
        let span = if from == to {
            String::new()
        } else {
            format!("{from} to ")
        };
        format!("{} {span}{to}", kinds.join("/"))
    }
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
        oldest: host.citation.date,
        kinds: Vec::new(),
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
        let parts = self.parts_price(machine, &machine.parts.pieces, as_of);
        match (own, parts) {
            (Some(own), Some(parts)) if parts.date > own.date => Some(parts),
            (Some(own), _) => Some(own),
            (None, parts) => parts,
        }
    }

    /// What has to be added to parts that are owned already, by item id and
    /// count: the price of the other parts. The whole price where nothing of
    /// the machine is owned, zero where all of it is.
    pub fn addition(
        &self,
        machine: &Machine,
        owned: &BTreeMap<String, u32>,
        as_of: Date,
    ) -> Option<Price> {
        let has = |item: &str| owned.get(item).copied().unwrap_or(0);
        let mut missing = machine.parts.pieces.clone();
        for (item, count) in &mut missing {
            *count = count.saturating_sub(has(item));
        }
        missing.retain(|(_, count)| *count > 0);
        let all = missing.is_empty() && !machine.parts.pieces.is_empty();
        if all || has(&machine.parts.whole) > 0 {
            return Some(Price {
                usd: Range::exact(0.0),
                date: as_of,
                oldest: as_of,
                kinds: Vec::new(),
                basis: "owned".to_owned(),
                sources: vec!["--own".to_owned()],
            });
        }
        if missing == machine.parts.pieces {
            return self.price(machine, as_of);
        }
        let mut price = self.parts_price(machine, &missing, as_of)?;
        price.basis = format!("{}, the rest owned", price.basis);
        Some(price)
    }

    /// The sum over the parts, if each part has a price.
    fn parts_price(
        &self,
        machine: &Machine,
        pieces: &[(String, u32)],
        as_of: Date,
    ) -> Option<Price> {
        let mut total: Option<Price> = None;
        for (item, count) in pieces {
            let price = self
                .item_price(item, as_of)
                .or_else(|| host_price(machine, item))?;
            let scaled = price.usd.scale(f64::from(*count));
            let basis = format!("{count} x {item} ({})", price.basis);
            total = Some(match total {
                None => Price {
                    usd: scaled,
                    date: price.date,
                    oldest: price.oldest,
                    kinds: price.kinds,
                    basis,
                    sources: price.sources,
                },
                Some(sum) => Price {
                    usd: sum.usd.plus(scaled),
                    date: sum.date.max(price.date),
                    oldest: sum.oldest.min(price.oldest),
                    kinds: each_once(sum.kinds.into_iter().chain(price.kinds)),
                    basis: format!("{} + {basis}", sum.basis),
                    sources: each_once(sum.sources.into_iter().chain(price.sources)),
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
        let mut kinds: Vec<PriceKind> = season.iter().map(|quote| quote.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        Some(Price {
            usd: Range {
                low,
                mid: f64::midpoint(low, high),
                high,
            },
            date: newest,
            oldest: newest,
            basis: format!("{} {newest}", names.join("/")),
            kinds,
            sources: each_once(season.iter().map(|quote| quote.citation.source.clone())),
        })
    }
}

/// Each item once, in the order of their first appearance.
fn each_once<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut known = Vec::new();
    for item in items {
        if !known.contains(&item) {
            known.push(item);
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{PriceBook, PriceKind, Quote};
    use crate::evidence::Citation;
    use crate::machine::Machine;
    use crate::units::Date;

    const DAY: Date = Date::new(2026, 11, 1);

    fn quote(usd: f64) -> Vec<Quote> {
        vec![Quote {
            kind: PriceKind::Used,
            low_usd: usd,
            high_usd: usd,
            citation: Citation {
                source: "test".to_owned(),
                date: Date::new(2026, 10, 1),
                note: None,
            },
            low_confidence: false,
        }]
    }

    /// Four cards at $800 in a host at $700, $3,900 in all.
    fn rig() -> (PriceBook, Machine) {
        let book = PriceBook::new(BTreeMap::from([
            ("card".to_owned(), quote(800.0)),
            ("host".to_owned(), quote(700.0)),
        ]));
        let mut rig = Machine::example(4, 24.0);
        rig.parts.whole = "rig".to_owned();
        rig.parts.pieces = vec![("card".to_owned(), 4), ("host".to_owned(), 1)];
        (book, rig)
    }

    fn paid(owned: &[(&str, u32)]) -> f64 {
        let (book, rig) = rig();
        let owned = owned
            .iter()
            .map(|(item, count)| ((*item).to_owned(), *count))
            .collect();
        let price = book.addition(&rig, &owned, DAY);
        price.expect("all parts have a price").usd.mid
    }

    #[test]
    fn a_basis_in_short_has_kinds_and_months() {
        let (mut book, rig) = rig();
        let basis = |book: &PriceBook| book.price(&rig, DAY).expect("a price").short_basis();
        assert_eq!(basis(&book), "used 2026-10");
        let mut host = quote(700.0);
        host[0].kind = PriceKind::Street;
        host[0].citation.date = Date::new(2026, 2, 0);
        book.quotes.insert("host".to_owned(), host);
        assert_eq!(basis(&book), "used/street 2026-02 to 2026-10");
    }

    #[test]
    fn only_what_is_added_is_paid() {
        // 4 x 800 + 700.
        assert!((paid(&[]) - 3900.0).abs() < 1e-9);
        // Three cards and the host: 2,400 + 700.
        assert!((paid(&[("card", 1)]) - 3100.0).abs() < 1e-9);
        assert!((paid(&[("host", 1)]) - 3200.0).abs() < 1e-9);
        assert!((paid(&[("card", 9)]) - 700.0).abs() < 1e-9);
        assert!(paid(&[("card", 4), ("host", 1)]).abs() < 1e-9);
        assert!(paid(&[("rig", 1)]).abs() < 1e-9);
        assert!((paid(&[("something else", 1)]) - 3900.0).abs() < 1e-9);
    }
}
