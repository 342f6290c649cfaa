//! The machines that a search looks at: those of the catalogue, several of them joined,
//! and any count of any card in any host; with what speaks against each before a model
//! is loaded.

use std::collections::BTreeSet;

use crate::catalog::{Catalog, SelectError, rig_id};
use crate::machine::{Device, DeviceClass, Host, Machine, Price, Resale};
use crate::units::Watts;

/// Most devices or machines of a kind.
pub const MOST: u32 = 8;
/// What joins machines that have nothing better; tried beside what they have.
const COMMON_LINK: &str = "ethernet-10g";
/// Share of its rating that a supply gives continuously, by the makers' usual advice.
const SUPPLY_SHARE: f64 = 0.8;

/// Why a composition is left out before anything is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// The host has too few slots for so many cards, or its case too few positions.
    Slots,
    /// The cards' limits and the host are more than 80% of the supply.
    Supply,
    /// It draws more than the circuit bears.
    Circuit,
    /// Nobody quotes a price, or it cannot be bought yet.
    Price,
    /// More watts, more noise or another maker than asked for.
    Wishes,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Slots,
        Self::Supply,
        Self::Circuit,
        Self::Price,
        Self::Wishes,
    ];

    /// The key in JSON.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Slots => "slots",
            Self::Supply => "supply",
            Self::Circuit => "circuit",
            Self::Price => "no_price",
            Self::Wishes => "wishes",
        }
    }

    /// The word used in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slots => "slots",
            Self::Supply => "power supply",
            Self::Circuit => "circuit",
            Self::Price => "no price",
            Self::Wishes => "watts, noise or CUDA",
        }
    }
}

/// What a machine must keep to, whatever it runs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct House {
    /// Continuous watts of the circuit.
    pub circuit: Option<Watts>,
    /// Most watts at the wall, flat out.
    pub max_watts: Option<f64>,
    /// Most noise, dB(A).
    pub max_noise: Option<f64>,
    /// Only machines that run CUDA.
    pub require_cuda: bool,
}

/// A machine in the search.
#[derive(Debug, Clone)]
pub struct Build {
    /// The machine.
    pub machine: Machine,
    /// Its price; none where it was refused or nobody quotes one.
    pub price: Option<Price>,
    /// What speaks against it.
    pub refusal: Option<Refusal>,
}

/// All machines that the catalogue can make up, by id.
///
/// # Errors
/// If the data, or the prices, have faults.
pub fn builds<E: From<SelectError>>(
    catalog: &Catalog,
    house: &House,
    price: impl Fn(&Machine) -> Result<Option<Price>, E>,
) -> Result<Vec<Build>, E> {
    let mut found = Vec::new();
    let machines = catalog.machines().map_err(SelectError::from)?;
    let mut known = BTreeSet::new();
    for machine in machines.values() {
        if let Some(host) = &machine.host {
            known.insert((&machine.device.id, machine.count, &host.id));
        }
        let most = if machine.host.is_some() { 1 } else { MOST };
        for count in 1..=most {
            let cluster = catalog.cluster(count, machine)?;
            let own = cluster.link.as_ref().map(|link| link.id.clone());
            let named = count > 1 && machines.values().any(|other| is_same(other, &cluster));
            if !named {
                found.push(judged(cluster, house, &price)?);
            }
            if count > 1 && own.is_some_and(|own| own != COMMON_LINK) {
                let common = catalog.joined(count, machine, COMMON_LINK)?;
                found.push(judged(common, house, &price)?);
            }
        }
    }
    let hosts = catalog.hosts().map_err(SelectError::from)?;
    for device in catalog.devices().map_err(SelectError::from)?.values() {
        // What has no known width goes into no slot: server modules.
        if device.class != DeviceClass::Gpu || device.slot_width.is_none() {
            continue;
        }
        for host in hosts.values() {
            let resale = resale_of(machines.values(), device, host);
            for count in 1..=MOST {
                if known.contains(&(&device.id, count, &host.id)) {
                    continue;
                }
                found.push(rig(catalog, count, device, host, resale, house, &price)?);
            }
        }
    }
    Ok(found)
}

/// Whether a machine of the catalogue is what a cluster would be.
fn is_same(machine: &Machine, cluster: &Machine) -> bool {
    let link = |machine: &Machine| machine.link.as_ref().map(|link| link.id.clone());
    machine.host.is_none()
        && machine.device.id == cluster.device.id
        && machine.count == cluster.count
        && machine.memory == cluster.memory
        && link(machine) == link(cluster)
}

/// Cards in a host, with what speaks against them.
fn rig<E: From<SelectError>>(
    catalog: &Catalog,
    count: u32,
    device: &Device,
    host: &Host,
    resale: Option<&Resale>,
    house: &House,
    price: &impl Fn(&Machine) -> Result<Option<Price>, E>,
) -> Result<Build, E> {
    if !takes(host, device, count) {
        // A machine that cannot be put together is told by its single card.
        let mut machine = catalog.rig(1, device, host)?;
        machine.id = rig_id(count, &device.id, &host.id);
        return Ok(Build {
            machine,
            price: None,
            refusal: Some(Refusal::Slots),
        });
    }
    let mut machine = catalog.rig(count, device, host)?;
    machine.resale = resale.cloned();
    if !feeds(host, device, count) {
        return Ok(Build {
            machine,
            price: None,
            refusal: Some(Refusal::Supply),
        });
    }
    judged(machine, house, price)
}

/// Whether a host has slots, and its case positions, for so many cards.
pub fn takes(host: &Host, device: &Device, count: u32) -> bool {
    let wide = device.slot_width.unwrap_or(1) * count;
    count <= host.slots && host.expansion_slots.is_none_or(|slots| wide <= slots)
}

/// Whether a host's supply bears so many cards at their limits with a fifth to spare.
pub fn feeds(host: &Host, device: &Device, count: u32) -> bool {
    let limit = device.power.limit.or(device.power.load);
    host.supply.zip(limit).is_some_and(|(supply, limit)| {
        host.load.0 + limit.0 * f64::from(count) <= supply.0 * SUPPLY_SHARE
    })
}

/// The resale of a rig of the same cards: in the same host, else in any.
fn resale_of<'a>(
    machines: impl Iterator<Item = &'a Machine>,
    device: &Device,
    host: &Host,
) -> Option<&'a Resale> {
    let in_host = |machine: &Machine| machine.host.as_ref().map(|host| host.id.clone());
    machines
        .filter(|machine| machine.device.id == device.id && machine.host.is_some())
        .min_by_key(|machine| (in_host(machine).as_ref() != Some(&host.id), &machine.id))
        .and_then(|machine| machine.resale.as_ref())
}

/// A machine with its price and what speaks against it. What is unknown of it does not
/// pass a limit that is asked for.
fn judged<E>(
    machine: Machine,
    house: &House,
    price: &impl Fn(&Machine) -> Result<Option<Price>, E>,
) -> Result<Build, E> {
    let within = |most: Option<f64>, value: Option<f64>| {
        most.is_none_or(|most| value.is_some_and(|value| value <= most))
    };
    let watts = machine.load_watts().map(|watts| watts.0);
    let wishes = within(house.max_watts, watts)
        && within(house.max_noise, machine.noise.map(|noise| noise.0))
        && (!house.require_cuda || machine.device.has_cuda());
    let refusal = if !within(house.circuit.map(|watts| watts.0), watts) {
        Some(Refusal::Circuit)
    } else if !wishes {
        Some(Refusal::Wishes)
    } else {
        None
    };
    let price = match refusal {
        None if machine.status != "announced" => price(&machine)?,
        _ => None,
    };
    Ok(Build {
        refusal: refusal.or_else(|| price.is_none().then_some(Refusal::Price)),
        machine,
        price,
    })
}
