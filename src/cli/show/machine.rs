//! What is known of a machine: its own table, what follows from its parts,
//! prices, and the tables of its parts.

use anyhow::Result;

use super::fact::{Fact, money};
use super::{Shown, written};
use crate::catalog::{Catalog, TableKind};
use crate::evidence::{Citation, Range};
use crate::machine::Machine;
use crate::report::Value;
use crate::units::{compact, dollars};

/// The facts of a machine.
///
/// # Errors
/// If the data has faults.
pub fn facts(catalog: &Catalog, machine: &Machine) -> Result<Shown> {
    let mut facts = written(catalog, TableKind::Machines, &machine.id, "machine")?;
    derived(machine, &mut facts);
    let price = prices(catalog, machine, &mut facts)?;
    let mut parts = vec![(TableKind::Devices, "device", machine.device.id.as_str())];
    if let Some(host) = &machine.host {
        parts.push((TableKind::Hosts, "host", &host.id));
    }
    if let Some(link) = &machine.link {
        parts.push((TableKind::Links, "link", &link.id));
    }
    for (kind, word, id) in parts {
        facts.extend(written(catalog, kind, id, &format!("{word} {id}"))?);
    }
    Ok((facts, sum(machine, price)))
}

/// What follows from the parts and is not written.
fn derived(machine: &Machine, facts: &mut Vec<Fact>) {
    let date = machine.citation.date;
    let usable = machine.usable_memory();
    facts.push(Fact::derived(
        "machine",
        "usable_memory_bytes",
        usable,
        format!("{} GiB", compact(usable.gib(), 4)),
        "devices x what an engine can use of each, stock set-up",
        date,
    ));
    let watts = [
        ("idle_watts", machine.idle, machine.idle_watts()),
        ("load_watts", machine.load, machine.load_watts()),
    ];
    for (key, stated, reckoned) in watts {
        if let (None, Some(reckoned)) = (stated, reckoned) {
            facts.push(Fact::derived(
                "machine",
                key,
                reckoned,
                format!("{} W", compact(reckoned.0, 4)),
                "host + devices x the watts of each",
                date,
            ));
        }
    }
}

/// The price of today, and all quotes of the whole and of its pieces.
fn prices(catalog: &Catalog, machine: &Machine, facts: &mut Vec<Fact>) -> Result<Option<Range>> {
    let price = catalog.prices()?.price(machine, catalog.today());
    if let Some(price) = &price {
        let citation = Citation {
            source: price.sources.join("; "),
            date: price.date,
            note: Some(format!("from {}", price.basis)),
        };
        let fact = |key: &str, value: Value, shown: String| Fact {
            citation: citation.clone(),
            ..Fact::derived("price today", key, value, shown, "", price.date)
        };
        facts.push(fact(
            "price_usd",
            Value::from(price.usd.mid),
            dollars(price.usd.mid),
        ));
        facts.push(
            fact("price_usd_range", Value::from(price.usd), money(price.usd))
                .titled("price, range"),
        );
    }
    facts.extend(quotes(catalog, &machine.parts.whole)?);
    for (piece, _) in &machine.parts.pieces {
        facts.extend(quotes(catalog, piece)?);
    }
    Ok(price.map(|price| price.usd))
}

/// All quotes of an item, oldest first, those of low confidence marked.
///
/// # Errors
/// If the data has faults.
pub fn quotes(catalog: &Catalog, item: &str) -> Result<Vec<Fact>> {
    let mut quotes: Vec<_> = catalog.prices()?.quotes(item).iter().collect();
    quotes.sort_by_key(|quote| quote.citation.date);
    Ok(quotes
        .into_iter()
        .map(|quote| {
            let range = Range {
                low: quote.low_usd,
                mid: f64::midpoint(quote.low_usd, quote.high_usd),
                high: quote.high_usd,
            };
            Fact {
                of: format!("quotes of {item}"),
                key: format!("{}_price_usd_range", quote.kind.name()),
                title: format!("{} price", quote.kind.name()),
                value: Value::from(range),
                shown: money(range),
                citation: quote.citation.clone(),
                low_confidence: quote.low_confidence,
            }
        })
        .collect())
}

/// The second line.
fn sum(machine: &Machine, price: Option<Range>) -> String {
    let mut known = vec![format!(
        "{} GiB usable",
        compact(machine.usable_memory().gib(), 4)
    )];
    if let Some(rate) = machine.device.bandwidth {
        let each = if machine.count > 1 { " each" } else { "" };
        known.push(format!("{} GB/s{each}", compact(rate.gb(), 4)));
    }
    known.extend(
        machine
            .load_watts()
            .map(|watts| format!("{} W", compact(watts.0, 4))),
    );
    known.extend(price.map(|price| dollars(price.mid)));
    let name = if machine.id.contains(' ') {
        format!("'{}'", machine.id)
    } else {
        machine.id.clone()
    };
    format!("{}; name it with --machine {name}.", known.join(", "))
}
