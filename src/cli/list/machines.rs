//! `hwcmp list machines`.

use anyhow::Result;

use super::{Session, citation, counted, hidden, text, words};
use crate::report::{Cell, Column, Format, Report, Role, Styled};
use crate::units::{Bytes, compact};

const COLUMNS: [Column; 25] = [
    text("id", "id", 0),
    text("name", "name", 8),
    text("devices", "devices", 5),
    hidden("device", "device"),
    hidden("count", "count"),
    Column::new("memory_bytes", "memory", "GiB", Format::Gibibytes, 9),
    Column::new("usable_memory_bytes", "usable", "GiB", Format::Gibibytes, 1),
    hidden("tuned_usable_memory_bytes", "usable when tuned"),
    Column::new(
        "bandwidth_bytes_per_second",
        "reads",
        "GB/s",
        Format::Gigabytes,
        2,
    ),
    Column::new("idle_watts", "idle", "W", Format::Count, 7),
    Column::new("load_watts", "load", "W", Format::Count, 4),
    Column::new("noise_dba", "noise", "dB(A)", Format::Count, 9),
    Column::new("price_usd", "price", "", Format::Dollars, 0),
    hidden("price_usd_range", "price range"),
    hidden("price_date", "price of"),
    hidden("price_basis", "price from"),
    text("status", "status", 6),
    text("released", "released", 10),
    hidden("volume_litres", "volume"),
    hidden("default_position", "default"),
    hidden("link", "link"),
    hidden("aliases", "aliases"),
    hidden("source", "source"),
    hidden("date", "date"),
    hidden("note", "note"),
];

/// The machines, those of the default line-up first, then by price.
///
/// # Errors
/// If the data has faults.
pub fn report(session: &Session) -> Result<Report> {
    let catalog = &session.catalog;
    let prices = catalog.prices()?;
    let mut machines: Vec<_> = catalog
        .machines()?
        .values()
        .map(|machine| (machine, prices.price(machine, catalog.today())))
        .collect();
    machines.sort_by(|(a, price_a), (b, price_b)| {
        let usd = |price: &Option<crate::machine::Price>| {
            price.as_ref().map_or(f64::INFINITY, |price| price.usd.mid)
        };
        let place = |position: Option<u32>| position.unwrap_or(u32::MAX);
        place(a.default)
            .cmp(&place(b.default))
            .then(usd(price_a).total_cmp(&usd(price_b)))
    });
    let mut report = Session::report("list", &COLUMNS);
    report.assume("prices_as_of", catalog.today());
    for (machine, price) in &machines {
        let count = u64::from(machine.count);
        let each = machine.device.bandwidth;
        let devices = match machine.count {
            1 => machine.device.id.clone(),
            many => format!("{many}x {}", machine.device.id),
        };
        let tuned: Option<Bytes> = machine
            .memory
            .tuned
            .as_ref()
            .map(|tuned| tuned.usable * count);
        let default = machine.default.is_some();
        let mut row = vec![
            Cell::from(machine.id.clone()).role(if default { Role::Strong } else { Role::Plain }),
            Cell::from(machine.name.clone()),
            Cell::from(devices),
            Cell::from(machine.device.id.clone()),
            Cell::from(machine.count),
            Cell::from(machine.memory.total * count),
            Cell::from(machine.usable_memory()),
            Cell::from(tuned),
            each.map_or(Cell::from(None::<f64>), |rate| {
                let each = compact(rate.gb(), 4);
                Cell::from(rate.0.round()).shown(match machine.count {
                    1 => each,
                    many => format!("{many}x {each}"),
                })
            }),
            Cell::from(machine.idle_watts()),
            Cell::from(machine.load_watts()),
            Cell::from(machine.noise.map(|noise| noise.0)),
            Cell::from(price.as_ref().map(|price| price.usd.mid)),
            Cell::from(price.as_ref().map(|price| price.usd)),
            Cell::from(price.as_ref().map(|price| price.date)),
            Cell::from(price.as_ref().map(|price| price.basis.clone())),
            Cell::from(machine.status.clone()),
            Cell::from(machine.released),
            Cell::from(machine.volume_l),
            Cell::from(machine.default),
            Cell::from(machine.link.as_ref().map(|link| link.id.clone())),
            words(machine.aliases.clone()),
        ];
        row.extend(citation(&machine.citation));
        report.row(row);
    }
    let defaults = machines
        .iter()
        .filter(|(machine, _)| machine.default.is_some());
    report.headline(counted(
        machines.len(),
        &format!(
            "machines; the first {} are compared when none is named.",
            defaults.count()
        ),
    ));
    report.headline(Styled::plain(
        "Name one, or a count of machines or cards: --machine '2x rtx-5090'.",
    ));
    report.footnote = Some(Styled::of(
        Role::Dim,
        "usable = what an engine gets of all devices in the stock set-up; reads = bandwidth of each device; prices of today, US dollars",
    ));
    Ok(report)
}
