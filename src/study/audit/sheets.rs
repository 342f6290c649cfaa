//! Figures that the catalogue states: prices, data sheets of devices, machines.

use std::fmt;

use super::Computed;
use super::recompute::{Answer, Recomputed, times};
use super::words::figure as words;
use crate::catalog::Catalog;
use crate::catalog::claims::{DeviceField, MachineField};
use crate::machine::{Device, Machine};
use crate::units::{BytesPerSecond, Date, FlopsPerSecond};

/// A machine's price, or that of a device without a host, on a day.
pub(super) fn price(catalog: &Catalog, item: &str, as_of: Date) -> Answer {
    let fault = |error: &dyn fmt::Display| error.to_string();
    let machines = catalog.machines().map_err(|error| fault(&error))?;
    let devices = catalog.devices().map_err(|error| fault(&error))?;
    let machine = match (machines.get(item), devices.get(item)) {
        (Some(machine), _) => machine.clone(),
        (None, Some(device)) => {
            Machine::of_cards(1, device, None, None).map_err(|error| fault(&error))?
        }
        (None, None) => catalog
            .select_machine(item)
            .map_err(|error| fault(&error))?,
    };
    let book = catalog.prices().map_err(|error| fault(&error))?;
    let price = book
        .price(&machine, as_of)
        .ok_or_else(|| format!("no price of {item} is known by {as_of}"))?;
    let formula = format!("{}; {}", price.basis, price.sources.join("; "));
    let single = price.usd.low.to_bits() == price.usd.high.to_bits();
    let computed = if single {
        Computed::Exact(price.usd.mid)
    } else {
        Computed::Uncertain(price.usd)
    };
    Ok(Recomputed::new(computed, formula))
}

/// A figure of a device.
pub(super) fn device_figure(catalog: &Catalog, id: &str, field: DeviceField, scale: f64) -> Answer {
    let devices = catalog.devices().map_err(|error| error.to_string())?;
    let device = devices
        .get(id)
        .ok_or_else(|| format!("there is no device `{id}`"))?;
    let (name, value) = sheet(device, field);
    let value = value.ok_or_else(|| format!("the {name} of {id} is unknown"))?;
    let source = &device.citation;
    let formula = format!(
        "{} of {id}: {}{} ({}, {})",
        name,
        words(value),
        times(scale),
        source.source,
        source.date
    );
    Ok(Recomputed::new(Computed::Exact(value * scale), formula))
}

/// A figure of a data sheet, with its name.
fn sheet(device: &Device, field: DeviceField) -> (&'static str, Option<f64>) {
    let memory = device.memory.as_ref();
    match field {
        DeviceField::MemoryGib => ("memory, GiB,", memory.map(|pool| pool.total.gib())),
        DeviceField::UsableGib => ("usable memory, GiB,", memory.map(|pool| pool.usable.gib())),
        DeviceField::BandwidthGbS => ("bandwidth, GB/s,", device.bandwidth.map(BytesPerSecond::gb)),
        DeviceField::Fp16Tflops => (
            "dense FP16 rate, TFLOPS,",
            device.rates.fp16.map(FlopsPerSecond::tera),
        ),
        DeviceField::Fp4Tflops => (
            "dense FP4 rate, TFLOPS,",
            device.rates.fp4.map(FlopsPerSecond::tera),
        ),
        DeviceField::TdpW => ("board power, W,", device.power.limit.map(|watts| watts.0)),
        DeviceField::ComputeCapability => (
            "compute capability",
            device
                .compute_capability
                .as_ref()
                .and_then(|text| text.parse().ok()),
        ),
    }
}

/// A figure of a machine.
pub(super) fn machine_figure(
    catalog: &Catalog,
    id: &str,
    field: MachineField,
    scale: f64,
) -> Answer {
    let machine = catalog
        .select_machine(id)
        .map_err(|error| error.to_string())?;
    let (name, value) = match field {
        MachineField::MemoryGib => ("memory, GiB,", Some(machine.memory.total.gib())),
        MachineField::IdleW => (
            "idle, W at the wall,",
            machine.idle_watts().map(|watts| watts.0),
        ),
        MachineField::LoadW => (
            "load, W at the wall,",
            machine.load_watts().map(|watts| watts.0),
        ),
        MachineField::VolumeL => ("volume, litres,", machine.volume_l),
    };
    let value = value.ok_or_else(|| format!("the {name} of {id} is unknown"))?;
    let source = &machine.citation;
    let formula = format!(
        "{name} of {id}: {}{} ({}, {})",
        words(value),
        times(scale),
        source.source,
        source.date
    );
    Ok(Recomputed::new(Computed::Exact(value * scale), formula))
}
