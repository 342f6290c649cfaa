//! Composing machines on the fly: `4x rtx-3090`, `2x dgx-spark`.

use std::collections::BTreeMap;

use super::{Device, DeviceClass, Host, Link, Machine, Ratings};
use crate::units::{Bytes, Decibels};

/// What one pays for: the machine as a whole where it has a price of its own,
/// and the pieces whose prices add up otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Item id of the whole.
    pub whole: String,
    /// Item ids and counts.
    pub pieces: Vec<(String, u32)>,
}

/// What joins each of so many cards to a host: the host's link between them, or for a card
/// that is alone a slot with all its lanes, as far as the card's own connector goes.
pub fn slot_link<'a>(
    count: u32,
    device: &Device,
    host: &Host,
    links: &'a BTreeMap<String, Link>,
) -> Option<&'a Link> {
    let alone = host.link_alone.as_ref().filter(|_| count == 1);
    let slot = links.get(alone.unwrap_or(&host.link))?;
    let own = device.pcie.as_ref().and_then(|id| links.get(id));
    let slower = own.filter(|own| alone.is_some() && own.bandwidth < slot.bandwidth);
    Some(slower.unwrap_or(slot))
}

/// Why a machine cannot be composed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// A count of zero or beyond any rig.
    #[error("`{0}` devices are out of range: write a count from 1 to 16, such as `4x rtx-3090`")]
    Count(u32),
    /// More cards than the host takes.
    #[error(
        "{count}x {device} does not fit: the largest host takes {slots} cards, so write `{slots}x {device}` or fewer"
    )]
    Slots {
        /// Cards wanted.
        count: u32,
        /// The card.
        device: String,
        /// Cards the host takes.
        slots: u32,
    },
    /// A device whose memory varies by machine.
    #[error("`{0}` is not sold alone: name a machine that holds it (`hwcmp list machines`)")]
    NoMemory(String),
}

/// Most devices that a machine may have.
pub const MOST_DEVICES: u32 = 16;

impl Machine {
    /// `count` cards in a host; `link` joins each to it, and through it to the others.
    ///
    /// # Errors
    /// If the count is zero or large, the host has too few slots, or the
    /// device has no memory of its own.
    pub fn of_cards(
        count: u32,
        device: &Device,
        host: Option<&Host>,
        link: Option<&Link>,
    ) -> Result<Self, ComposeError> {
        if !(1..=MOST_DEVICES).contains(&count) {
            return Err(ComposeError::Count(count));
        }
        if let Some(host) = host
            && count > host.slots
        {
            return Err(ComposeError::Slots {
                count,
                device: device.id.clone(),
                slots: host.slots,
            });
        }
        let memory = device
            .memory
            .clone()
            .ok_or_else(|| ComposeError::NoMemory(device.id.clone()))?;
        let mut pieces = vec![(device.id.clone(), count)];
        if let Some(host) = host {
            pieces.push((host.id.clone(), 1));
        }
        let id = format!("{count}x {}", device.id);
        Ok(Self {
            name: match host {
                Some(host) => format!("{count}x {} in a {}", device.name, host.name),
                None => format!("{count}x {}", device.name),
            },
            parts: Parts {
                whole: id.clone(),
                pieces,
            },
            id,
            device: device.clone(),
            count,
            memory,
            host: host.cloned(),
            usual_engine: None,
            power_limit: None,
            link: link.filter(|_| count > 1).cloned(),
            host_link: link.filter(|_| host.is_some()).cloned(),
            idle: None,
            load: None,
            supply: host.and_then(|host| host.supply),
            noise: host.and_then(|host| host.noise),
            volume_l: None,
            setup_hours: None,
            network: None,
            resale: None,
            ratings: Ratings::default(),
            status: "composed".to_owned(),
            released: None,
            default: None,
            aliases: Vec::new(),
            citation: device.citation.clone(),
            evidence: device.evidence.clone(),
        })
    }

    /// `count` whole machines joined by a link.
    ///
    /// # Errors
    /// If the count is zero or large.
    pub fn cluster(count: u32, one: &Self, link: Option<&Link>) -> Result<Self, ComposeError> {
        if !(1..=MOST_DEVICES).contains(&count) {
            return Err(ComposeError::Count(count));
        }
        if count == 1 {
            return Ok(one.clone());
        }
        let factor = f64::from(count);
        let mut cluster = one.clone();
        cluster.id = format!("{count}x {}", one.id);
        cluster.name = format!("{count}x {}", one.name);
        cluster.count = one.count * count;
        cluster.link = link.cloned();
        cluster.idle = one.idle_watts().map(|watts| watts * factor);
        cluster.load = one.load_watts().map(|watts| watts * factor);
        cluster.supply = one.supply.map(|watts| watts * factor);
        // Equal incoherent sources add 10 log10(n) decibels.
        cluster.noise = one
            .noise
            .map(|noise| Decibels(noise.0 + 10.0 * factor.log10()));
        cluster.volume_l = one.volume_l.map(|litres| litres * factor);
        cluster.default = None;
        cluster.aliases = Vec::new();
        cluster.parts = Parts {
            whole: cluster.id.clone(),
            pieces: vec![(one.parts.whole.clone(), count)],
        };
        Ok(cluster)
    }

    /// Memory of the host that layers or experts can be offloaded to; none for
    /// a machine whose devices share the processor's memory.
    pub fn offload_memory(&self) -> Option<Bytes> {
        if self.device.class == DeviceClass::Gpu {
            self.host.as_ref().map(|host| host.ram)
        } else {
            None
        }
    }
}
