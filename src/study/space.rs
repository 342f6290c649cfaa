//! The machines that a search looks at: those of the catalogue, several of them joined,
//! and any count of any card in any host, at their ratings and at power limits; with what
//! speaks against each before a model is loaded.

use std::collections::BTreeSet;

use crate::catalog::{Catalog, SelectError, rig_id};
use crate::machine::{Device, DeviceClass, Host, Machine, Price, Resale};
use crate::units::Watts;

/// Most devices or machines of a kind.
pub const MOST: u32 = 8;
/// What joins machines that have nothing better; tried beside what they have.
const COMMON_LINK: &str = "ethernet-10g";
/// Limits that are tried below the rating, as shares of it, the highest first. Published
/// sweeps of speed over power reach down to about the last one.
const LIMIT_SHARES: [f64; 3] = [0.8, 0.65, 0.5];
/// Limits are set in steps of so many watts.
const LIMIT_STEP: f64 = 5.0;

/// Why a composition is left out before anything is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// The host has too few slots for so many cards, or its case too few positions.
    Slots,
    /// All at work, it draws more than 80% of the supply.
    Supply,
    /// It draws more than the circuit bears.
    Circuit,
    /// Nobody quotes a price, or it cannot be bought yet.
    Price,
    /// More watts, more noise or another maker than asked for.
    Wishes,
    /// A lower power limit than it needs: it costs as much and is never faster.
    Throttled,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Slots,
        Self::Supply,
        Self::Circuit,
        Self::Price,
        Self::Wishes,
        Self::Throttled,
    ];

    /// The key in JSON.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Slots => "slots",
            Self::Supply => "supply",
            Self::Circuit => "circuit",
            Self::Price => "no_price",
            Self::Wishes => "wishes",
            Self::Throttled => "throttled",
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
            Self::Throttled => "a lower power limit than needed",
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
    /// The power limits to try.
    pub limits: PowerLimits,
}

/// Which power limits a search tries on each machine.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum PowerLimits {
    /// The rating, or the highest step below it that supply, circuit and wishes take: a
    /// lower one costs as much and is never faster.
    #[default]
    Highest,
    /// Every step that they take, to see how little a machine can draw.
    Every,
    /// This one on whatever is rated higher.
    Fixed(Watts),
}

impl PowerLimits {
    /// Every one that these leave open.
    #[must_use]
    pub const fn every(self) -> Self {
        match self {
            Self::Highest | Self::Every => Self::Every,
            Self::Fixed(limit) => Self::Fixed(limit),
        }
    }
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
                found.extend(judged(cluster, Origin::Catalogue, house, &price)?);
            }
            if count > 1 && own.is_some_and(|own| own != COMMON_LINK) {
                let common = catalog.joined(count, machine, COMMON_LINK)?;
                found.extend(judged(common, Origin::Catalogue, house, &price)?);
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
                if takes(host, device, count) {
                    let mut machine = catalog.rig(count, device, host)?;
                    machine.resale = resale.cloned();
                    found.extend(judged(machine, Origin::Composed, house, &price)?);
                } else {
                    // A machine that cannot be put together is told by its single card.
                    let mut machine = catalog.rig(1, device, host)?;
                    machine.id = rig_id(count, &device.id, &host.id);
                    found.push(Build {
                        machine,
                        price: None,
                        refusal: Some(Refusal::Slots),
                    });
                }
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

/// Whether a host has slots, and its case positions, for so many cards.
pub fn takes(host: &Host, device: &Device, count: u32) -> bool {
    let wide = device.slot_width.unwrap_or(1) * count;
    count <= host.slots && host.expansion_slots.is_none_or(|slots| wide <= slots)
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

/// Who put a machine together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// Somebody sells or runs it so, with the supply that it has.
    Catalogue,
    /// The search, which has to see to the supply.
    Composed,
}

/// A machine at each power limit that is tried, the highest first, with its price and what
/// speaks against it.
fn judged<E>(
    machine: Machine,
    origin: Origin,
    house: &House,
    price: &impl Fn(&Machine) -> Result<Option<Price>, E>,
) -> Result<Vec<Build>, E> {
    let mut usd = None;
    let mut builds = Vec::new();
    let mut passed = false;
    for machine in at_limits(machine, house.limits) {
        let refusal = if passed && house.limits == PowerLimits::Highest {
            Some(Refusal::Throttled)
        } else {
            refusal(&machine, origin, house)
        };
        if refusal.is_none() && usd.is_none() && machine.status != "announced" {
            usd = Some(price(&machine)?);
        }
        let price = usd.clone().flatten().filter(|_| refusal.is_none());
        passed |= refusal.is_none();
        builds.push(Build {
            refusal: refusal.or_else(|| price.is_none().then_some(Refusal::Price)),
            machine,
            price,
        });
    }
    Ok(builds)
}

/// The machine at the limits that are tried and that its devices take, the highest first.
fn at_limits(machine: Machine, limits: PowerLimits) -> Vec<Machine> {
    let rated = machine
        .device
        .lowest_limit()
        .and(machine.device.power.limit);
    let Some(rated) = rated else {
        return vec![machine];
    };
    match limits {
        PowerLimits::Fixed(limit) if limit.0 >= rated.0 => vec![machine],
        // A limit that the devices do not take is kept, and speaks against them.
        PowerLimits::Fixed(limit) => vec![Machine {
            power_limit: Some(limit),
            ..machine
        }],
        PowerLimits::Highest | PowerLimits::Every => {
            let steps = LIMIT_SHARES
                .iter()
                .map(|share| Watts((rated.0 * share / LIMIT_STEP).floor() * LIMIT_STEP))
                .filter_map(|limit| machine.clone().with_power_limit(limit).ok());
            std::iter::once(machine.clone()).chain(steps).collect()
        }
    }
}

/// What speaks against a machine at its power limit. What is unknown of it does not pass a
/// limit that is asked for; its noise is that at the rating.
fn refusal(machine: &Machine, origin: Origin, house: &House) -> Option<Refusal> {
    let within = |most: Option<f64>, value: Option<f64>| {
        most.is_none_or(|most| value.is_some_and(|value| value <= most))
    };
    let value = |watts: Option<Watts>| watts.map(|watts| watts.0);
    let takes_limit = machine
        .power_limit
        .zip(machine.device.lowest_limit())
        .is_none_or(|(limit, lowest)| limit.0 >= lowest.0);
    let wishes = within(house.max_watts, value(machine.load_watts()))
        && within(house.max_noise, machine.noise.map(|noise| noise.0))
        && (!house.require_cuda || machine.device.has_cuda())
        && takes_limit;
    if origin == Origin::Composed && machine.supply_holds() != Some(true) {
        Some(Refusal::Supply)
    } else if !within(value(house.circuit), value(machine.peak_watts())) {
        Some(Refusal::Circuit)
    } else if wishes {
        None
    } else {
        Some(Refusal::Wishes)
    }
}
