//! `hwcmp list devices`.

use anyhow::Result;

use super::{Session, citation, counted, hidden, text, words};
use crate::machine::{Backend, Device, DeviceClass, Machine};
use crate::predict::Constants;
use crate::report::{Cell, Column, Format, Report, Role, Styled};
use crate::units::{Bytes, FlopsPerSecond, compact};

const COLUMNS: [Column; 24] = [
    text("id", "id", 0),
    text("name", "name", 6),
    text("family", "family", 8),
    hidden("vendor", "vendor"),
    hidden("class", "class"),
    Column::new("memory_bytes", "memory", "GiB", Format::Gibibytes, 1),
    hidden("usable_memory_bytes", "usable"),
    Column::new(
        "bandwidth_bytes_per_second",
        "reads",
        "GB/s",
        Format::Gigabytes,
        0,
    ),
    Column::new("fp16_flops_per_second", "FP16", "TFLOPS", Format::Number, 2),
    hidden("fp8_flops_per_second", "FP8"),
    hidden("int8_ops_per_second", "INT8"),
    hidden("fp4_flops_per_second", "FP4"),
    Column::new("limit_watts", "limit", "W", Format::Count, 3),
    Column::new("price_usd", "price", "", Format::Dollars, 4),
    hidden("price_usd_range", "price range"),
    hidden("price_date", "price of"),
    Column::new(
        "measured_configurations",
        "measured set-ups",
        "",
        Format::Count,
        5,
    ),
    text("released", "released", 7),
    text("backends", "runs", 9),
    hidden("compute_capability", "compute capability"),
    hidden("aliases", "aliases"),
    hidden("source", "source"),
    hidden("date", "date"),
    hidden("note", "note"),
];

/// The devices by maker and name.
///
/// # Errors
/// If the data has faults.
pub fn report(session: &Session) -> Result<Report> {
    let catalog = &session.catalog;
    let constants = catalog.constants()?;
    let prices = catalog.prices()?;
    let mut devices: Vec<&Device> = catalog.devices()?.values().collect();
    devices.sort_by(|a, b| {
        let rank = |device: &Device| -device.bandwidth.map_or(0.0, |rate| rate.0);
        a.vendor.cmp(&b.vendor).then(rank(a).total_cmp(&rank(b)))
    });
    let mut report = Session::report("list", &COLUMNS);
    report.assume("prices_as_of", catalog.today());
    let mut measured = 0;
    for device in &devices {
        let bare = Machine::of_cards(1, device, None, None).ok();
        let price = bare.and_then(|bare| prices.price(&bare, catalog.today()));
        let support = configurations(constants, &device.id);
        measured += usize::from(support > 0);
        let mut row = vec![
            Cell::from(device.id.clone()),
            Cell::from(device.name.clone()),
            Cell::from(device.family.clone()),
            Cell::from(device.vendor.clone()),
            Cell::from(match device.class {
                DeviceClass::Gpu => "gpu",
                DeviceClass::Integrated => "integrated",
                DeviceClass::Cpu => "cpu",
            }),
            memory(device, |memory| memory.total),
            memory(device, |memory| memory.usable),
            match device.bandwidth {
                Some(rate) => Cell::from(rate.0.round()).shown(compact(rate.gb(), 4)),
                None => Cell::from(None::<f64>),
            },
            rate(device.rates.fp16),
            rate(device.rates.fp8),
            rate(device.rates.int8),
            rate(device.rates.fp4),
            Cell::from(device.power.limit),
            Cell::from(price.as_ref().map(|price| price.usd.mid)),
            Cell::from(price.as_ref().map(|price| price.usd)),
            Cell::from(price.as_ref().map(|price| price.date)),
            Cell::from(support),
            Cell::from(device.released),
            words(
                device
                    .backends
                    .iter()
                    .map(|backend| Backend::name(*backend)),
            ),
            Cell::from(device.compute_capability.clone()),
            words(device.aliases.clone()),
        ];
        row.extend(citation(&device.citation));
        report.row(row);
    }
    report.headline(counted(
        devices.len(),
        &format!("devices; speeds are calibrated on measurements of {measured} of them."),
    ));
    report.headline(Styled::plain(
        "Name one, or several of them, as a machine: --machine '4x rtx-3090'.",
    ));
    report.footnote = Some(Styled::of(
        Role::Dim,
        "FP16 dense, FP32 accumulation; price of the bare card today; memory '-' varies by machine (hwcmp list machines)",
    ));
    Ok(report)
}

/// Configurations that stand behind a device's own constants, over all engines.
fn configurations(constants: &Constants, device: &str) -> u32 {
    constants
        .support
        .iter()
        .filter(|(key, _)| key.split(' ').next() == Some(device))
        .map(|(_, support)| support.configurations)
        .sum()
}

fn memory(device: &Device, of: impl Fn(&crate::machine::MemoryPool) -> Bytes) -> Cell {
    Cell::from(device.memory.as_ref().map(of))
}

/// A rate in operations a second, shown in 1e12.
fn rate(rate: Option<FlopsPerSecond>) -> Cell {
    match rate {
        Some(rate) => Cell::from(rate.0).shown(compact(rate.tera(), 3)),
        None => Cell::from(None::<f64>),
    }
}
