//! What one can buy: devices, the links between them, the host around them,
//! what it all draws and what it costs.

mod compose;
mod device;
mod host;
mod link;
mod power_limit;
mod price;

use crate::evidence::{Citation, Range};
use crate::units::{Bytes, Date, Decibels, Watts};

pub use compose::{ComposeError, MOST_DEVICES, Parts, slot_link};
pub use device::{Backend, Device, DeviceClass, DevicePower, MemoryPool, Rates, TunedMemory};
pub use host::Host;
pub use link::Link;
pub use power_limit::{BASE_SHARE, PowerLimitError};
pub use price::{Price, PriceBook, PriceKind, Quote};

/// Share of its rating that a supply gives continuously, by the makers' usual advice.
const SUPPLY_SHARE: f64 = 0.8;

/// A share of the price paid that a resale brings, after three years.
#[derive(Debug, Clone, PartialEq)]
pub struct Resale {
    /// The share after [`Resale::YEARS`] years.
    pub share: Range,
    /// Where it comes from.
    pub citation: Citation,
}

impl Resale {
    /// Age at which the stated share holds.
    pub const YEARS: f64 = 3.0;

    /// The share after other lengths of time: a constant yearly loss through
    /// the stated point, `share^(years / 3)`. A share above one (prices rose)
    /// keeps rising by the same rule.
    pub fn after(&self, years: f64) -> Range {
        self.share.map(|share| share.powf(years / Self::YEARS))
    }
}

/// A rating from 0 to 1 of something that cannot be computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Rating {
    /// From 0 (worst) to 1 (best).
    pub score: f64,
    /// Why.
    pub reason: String,
    /// Where it comes from.
    pub citation: Citation,
}

/// The qualitative criteria that the data rates.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ratings {
    /// Effort of setting up.
    pub setup: Option<Rating>,
    /// What can be exchanged or added later.
    pub upgradeability: Option<Rating>,
    /// How much software runs as it is.
    pub software: Option<Rating>,
    /// Use for training and fine-tuning.
    pub training: Option<Rating>,
    /// How readily it sells again.
    pub resale_market: Option<Rating>,
}

/// A machine: devices, host, link, and what is known of it as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its id, or the text it was composed from.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The accelerator.
    pub device: Device,
    /// How many of them.
    pub count: u32,
    /// Memory of each device, in this machine.
    pub memory: MemoryPool,
    /// The rest of the PC; none when the machine is whole in itself.
    pub host: Option<Host>,
    /// Id of the engine that its users run, where that is not its maker's default.
    pub usual_engine: Option<String>,
    /// The limit that its owner sets on what each device draws; none at the rating.
    pub power_limit: Option<Watts>,
    /// What joins the devices; none for a single one.
    pub link: Option<Link>,
    /// What joins each card to the host; none for a machine without one.
    pub host_link: Option<Link>,
    /// The whole machine idle, at the wall; unknown is none.
    pub idle: Option<Watts>,
    /// The whole machine flat out on this kind of work, at the wall.
    pub load: Option<Watts>,
    /// Rating of its power supply.
    pub supply: Option<Watts>,
    /// Noise under load at about a metre.
    pub noise: Option<Decibels>,
    /// Volume in litres.
    pub volume_l: Option<f64>,
    /// Hours from the box to the first token.
    pub setup_hours: Option<f64>,
    /// Network ports, as its maker states them.
    pub network: Option<String>,
    /// What it brings after some years.
    pub resale: Option<Resale>,
    /// Qualitative ratings.
    pub ratings: Ratings,
    /// `on-sale`, `announced`, `discontinued` or `used-only`.
    pub status: String,
    /// When it came out.
    pub released: Option<Date>,
    /// What one pays for.
    pub parts: Parts,
    /// Position in the default line-up, from 1.
    pub default: Option<u32>,
    /// Further names.
    pub aliases: Vec<String>,
    /// Source of its numbers.
    pub citation: Citation,
    /// Sources of single keys, with notes on contested values.
    pub evidence: Vec<(String, Citation)>,
}

impl Machine {
    /// Usable memory of all devices in the stock set-up. Not what a model may
    /// need in one piece: see `predict::memory`.
    pub fn usable_memory(&self) -> Bytes {
        self.memory.usable * u64::from(self.count)
    }

    /// Watts at the wall with the devices idle but on.
    pub fn idle_watts(&self) -> Option<Watts> {
        self.idle.or_else(|| {
            let host = self.host.as_ref()?;
            Some(host.idle + self.device.power.idle? * f64::from(self.count))
        })
    }

    /// Watts at the wall with every device flat out, at most at its limit.
    pub fn load_watts(&self) -> Option<Watts> {
        let stock = self.stock_load_watts()?;
        let power = &self.device.power;
        let (Some(limit), Some(load)) = (self.power_limit, power.load.or(power.limit)) else {
            return Some(stock);
        };
        let saved = (load.0 - limit.0).max(0.0) * f64::from(self.count);
        Some(Watts(stock.0 - saved))
    }

    /// Watts that its supply and circuit must bear: as stated for the whole, or the sum of
    /// its parts where that is more.
    pub fn peak_watts(&self) -> Option<Watts> {
        let stated = self.load_watts();
        let power = &self.device.power;
        let device = power.load.or(power.limit).map(|load| {
            let limit = self.power_limit.unwrap_or(load);
            load.0.min(limit.0) * f64::from(self.count)
        });
        let parts = self.host.as_ref().zip(device);
        let parts = parts.map(|(host, devices)| Watts(host.load.0 + devices));
        match (stated, parts) {
            (Some(stated), Some(parts)) => Some(Watts(stated.0.max(parts.0))),
            (one, other) => one.or(other),
        }
    }

    /// Rating of its power supply: its own, or its host's.
    pub fn supply_rating(&self) -> Option<Watts> {
        let host = self.host.as_ref();
        self.supply.or_else(|| host.and_then(|host| host.supply))
    }

    /// Whether its supply bears [`Machine::peak_watts`] with a fifth to spare; none where
    /// either is unknown.
    pub fn supply_holds(&self) -> Option<bool> {
        Some(self.peak_watts()?.0 <= self.supply_rating()?.0 * SUPPLY_SHARE)
    }

    /// Watts at the wall with every device flat out, without a limit set.
    pub fn stock_load_watts(&self) -> Option<Watts> {
        self.load.or_else(|| {
            let host = self.host.as_ref()?;
            let device = self.device.power.load.or(self.device.power.limit)?;
            Some(host.load + device * f64::from(self.count))
        })
    }

    /// Whether the processor and the accelerator share one memory.
    pub fn is_unified(&self) -> bool {
        self.memory.unified
    }
}

#[cfg(test)]
impl Machine {
    /// A made-up machine of `count` devices with `gib` of memory each, for unit tests.
    pub(crate) fn example(count: u32, gib: f64) -> Self {
        let citation = Citation {
            source: "test".to_owned(),
            date: Date::new(2026, 1, 1),
            note: None,
        };
        let pool = MemoryPool {
            total: Bytes::from_gib(gib),
            usable: Bytes::from_gib(gib),
            tuned: None,
            unified: true,
        };
        let device = Device {
            id: "example".to_owned(),
            name: "Example".to_owned(),
            vendor: "nvidia".to_owned(),
            family: "example".to_owned(),
            class: DeviceClass::Integrated,
            memory: Some(pool),
            memory_type: None,
            bandwidth: Some(crate::units::BytesPerSecond::from_gb(1000.0)),
            cache: None,
            rates: Rates::default(),
            native_formats: Vec::new(),
            compute_capability: None,
            backends: vec![Backend::Cuda],
            power: DevicePower::default(),
            pcie: None,
            slot_width: None,
            released: None,
            aliases: Vec::new(),
            citation: citation.clone(),
            evidence: Vec::new(),
        };
        match Self::of_cards(count, &device, None, None) {
            Ok(machine) => machine,
            Err(error) => panic!("{error}"),
        }
    }
}
