//! `data/machines/*.toml`, `hosts.toml` and `links.toml`: what one can buy and
//! what it is made of.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::citation::{RawEvidences, citation, evidences, ordered, positive, share};
use super::devices::MemoryKeys;
use super::document::{Place, Row, Rules};
use super::fault::Fault;
use crate::evidence::{Citation, Range};
use crate::machine::{
    Device, Host, Link, MOST_DEVICES, Machine, Parts, Rating, Ratings, Resale, slot_link,
};
use crate::units::{Bytes, BytesPerSecond, Date, Decibels, Seconds, Watts};

/// A link as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawLink {
    name: String,
    bandwidth_gb_s: f64,
    efficiency: Option<f64>,
    latency_us: Option<f64>,
    hop_us: Option<f64>,
    collective_gb_s: Option<f64>,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
    #[serde(default)]
    evidence: RawEvidences,
}

/// A validated link.
pub fn link(row: Row<'_, RawLink>, rules: Rules, faults: &mut Vec<Fault>) -> Link {
    let Row { id, raw, place } = row;
    let citation = citation(raw.source, raw.date, raw.note, &place, rules.today, faults);
    positive(
        &[("bandwidth_gb_s", Some(raw.bandwidth_gb_s))],
        &place,
        faults,
    );
    let efficiency = raw.efficiency.unwrap_or(1.0);
    share("efficiency", efficiency, &place, faults);
    Link {
        id,
        name: raw.name,
        bandwidth: BytesPerSecond::from_gb(raw.bandwidth_gb_s),
        efficiency,
        collective: raw.collective_gb_s.map(BytesPerSecond::from_gb),
        latency: Seconds(raw.latency_us.unwrap_or(0.0) * 1e-6),
        hop: Seconds(raw.hop_us.unwrap_or(0.0) * 1e-6),
        evidence: evidences(raw.evidence, &citation),
        citation,
    }
}

/// A host as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawHost {
    name: String,
    slots: u32,
    expansion_slots: Option<u32>,
    link: String,
    link_alone: Option<String>,
    ram_gib: f64,
    ram_bandwidth_gb_s: f64,
    idle_w: f64,
    load_w: f64,
    psu_w: Option<f64>,
    noise_dba: Option<f64>,
    price_usd: Option<f64>,
    price_low_usd: Option<f64>,
    price_high_usd: Option<f64>,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
    #[serde(default)]
    evidence: RawEvidences,
}

/// A validated host.
pub fn host(
    row: Row<'_, RawHost>,
    links: &BTreeMap<String, Link>,
    rules: Rules,
    faults: &mut Vec<Fault>,
) -> Host {
    let Row { id, raw, place } = row;
    let citation = citation(raw.source, raw.date, raw.note, &place, rules.today, faults);
    positive(
        &[("ram_bandwidth_gb_s", Some(raw.ram_bandwidth_gb_s))],
        &place,
        faults,
    );
    known("link", &raw.link, links, &place, faults);
    if let Some(alone) = &raw.link_alone {
        known("link_alone", alone, links, &place, faults);
    }
    let price = raw.price_usd.map(|mid| {
        let (low, high) = (
            raw.price_low_usd.unwrap_or(mid),
            raw.price_high_usd.unwrap_or(mid),
        );
        ordered("price_usd", low, mid, high, &place, faults);
        Range { low, mid, high }
    });
    Host {
        id,
        name: raw.name,
        slots: raw.slots,
        expansion_slots: raw.expansion_slots,
        link: raw.link,
        link_alone: raw.link_alone,
        ram: Bytes::from_gib(raw.ram_gib),
        ram_bandwidth: BytesPerSecond::from_gb(raw.ram_bandwidth_gb_s),
        idle: Watts(raw.idle_w),
        load: Watts(raw.load_w),
        supply: raw.psu_w.map(Watts),
        noise: raw.noise_dba.map(Decibels),
        price,
        evidence: evidences(raw.evidence, &citation),
        citation,
    }
}

/// A machine as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMachine {
    name: String,
    device: String,
    #[serde(default = "one")]
    count: u32,
    default: Option<u32>,
    #[serde(default)]
    aliases: Vec<String>,
    memory_gib: Option<f64>,
    usable_gib: Option<f64>,
    tuned_usable_gib: Option<f64>,
    tuned_how: Option<String>,
    host: Option<String>,
    engine: Option<String>,
    link: Option<String>,
    idle_w: Option<f64>,
    load_w: Option<f64>,
    adapter_w: Option<f64>,
    noise_dba: Option<f64>,
    noise_range_dba: Option<[f64; 2]>,
    volume_l: Option<f64>,
    dimensions_mm: Option<[f64; 3]>,
    setup_hours: Option<f64>,
    network: Option<String>,
    resale_3y: Option<RawResale>,
    status: Option<RawStatus>,
    released: Option<Date>,
    #[serde(default)]
    ratings: RawRatings,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
    #[serde(default)]
    evidence: RawEvidences,
}

const fn one() -> u32 {
    1
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawStatus {
    OnSale,
    Announced,
    Discontinued,
    UsedOnly,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawResale {
    low: f64,
    mid: f64,
    high: f64,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRatings {
    setup: Option<RawRating>,
    upgradeability: Option<RawRating>,
    software: Option<RawRating>,
    training: Option<RawRating>,
    resale_market: Option<RawRating>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRating {
    score: f64,
    reason: String,
    source: Option<String>,
    date: Option<Date>,
}

/// What machines refer to.
#[derive(Debug, Clone, Copy)]
pub struct MachineParts<'a> {
    /// Devices by id.
    pub devices: &'a BTreeMap<String, Device>,
    /// Hosts by id.
    pub hosts: &'a BTreeMap<String, Host>,
    /// Links by id.
    pub links: &'a BTreeMap<String, Link>,
}

/// A validated machine; none if it refers to a device that is not there or has
/// no memory.
pub fn machine(
    row: Row<'_, RawMachine>,
    parts: MachineParts<'_>,
    rules: Rules,
    faults: &mut Vec<Fault>,
) -> Option<Machine> {
    let Row { id, raw, place } = row;
    let citation = citation(raw.source, raw.date, raw.note, &place, rules.today, faults);
    positive(&[("memory_gib", raw.memory_gib)], &place, faults);
    if !(1..=MOST_DEVICES).contains(&raw.count) {
        faults.push(place.fault(
            "count",
            format!("a machine has no {} devices", raw.count),
            format!("write a count from 1 to {MOST_DEVICES}"),
        ));
        return None;
    }
    let device = known("device", &raw.device, parts.devices, &place, faults)?.clone();
    let host = match &raw.host {
        Some(host) => Some(known("host", host, parts.hosts, &place, faults)?),
        None => None,
    };
    let link_id = raw.link.as_ref().or(host.map(|host| &host.link));
    let link = match link_id {
        Some(link) => Some(known("link", link, parts.links, &place, faults)?),
        None => None,
    };
    let host_link = host.and_then(|host| match &raw.link {
        Some(own) => parts.links.get(own),
        None => slot_link(raw.count, &device, host, parts.links),
    });
    let memory = match (raw.memory_gib, &device.memory) {
        (Some(total), _) => MemoryKeys {
            total,
            usable: raw.usable_gib,
            tuned: raw.tuned_usable_gib,
            how: raw.tuned_how,
            unified: host.is_none(),
        }
        .validated(&place, faults),
        (None, Some(memory)) => memory.clone(),
        (None, None) => {
            faults.push(place.fault(
                "device",
                format!("the memory of `{}` varies by machine", raw.device),
                "add `memory_gib` and `usable_gib` to this table",
            ));
            return None;
        }
    };
    if let Some([low, high]) = raw.noise_range_dba {
        ordered("noise_range_dba", low, low, high, &place, faults);
    }
    let mut pieces = vec![(raw.device, raw.count)];
    pieces.extend(raw.host.map(|host| (host, 1)));
    let pieces = if host.is_some() { pieces } else { Vec::new() };
    let resale = raw
        .resale_3y
        .map(|resale| resale.validated(&citation, &place, faults));
    Some(Machine {
        name: raw.name,
        count: raw.count,
        memory,
        supply: raw
            .adapter_w
            .map(Watts)
            .or(host.and_then(|host| host.supply)),
        host: host.cloned(),
        usual_engine: raw.engine,
        power_limit: None,
        link: link.filter(|_| raw.count > 1 || host.is_some()).cloned(),
        host_link: host_link.cloned(),
        idle: raw.idle_w.map(Watts),
        load: raw.load_w.map(Watts),
        noise: raw
            .noise_dba
            .or(raw.noise_range_dba.map(|[_, high]| high))
            .map(Decibels),
        volume_l: raw
            .volume_l
            .or(raw.dimensions_mm.map(|[a, b, c]| a * b * c / 1e6)),
        setup_hours: raw.setup_hours,
        network: raw.network,
        resale,
        ratings: raw.ratings.validated(&citation, &place, faults),
        status: match raw.status {
            Some(RawStatus::OnSale) | None => "on-sale",
            Some(RawStatus::Announced) => "announced",
            Some(RawStatus::Discontinued) => "discontinued",
            Some(RawStatus::UsedOnly) => "used-only",
        }
        .to_owned(),
        released: raw.released,
        parts: Parts {
            whole: id.clone(),
            pieces,
        },
        default: raw.default,
        aliases: raw.aliases,
        evidence: evidences(raw.evidence, &citation),
        citation,
        device,
        id,
    })
}

impl RawResale {
    fn validated(self, row: &Citation, place: &Place<'_>, faults: &mut Vec<Fault>) -> Resale {
        ordered("resale_3y", self.low, self.mid, self.high, place, faults);
        Resale {
            share: Range {
                low: self.low,
                mid: self.mid,
                high: self.high,
            },
            citation: Citation {
                source: self.source.unwrap_or_else(|| row.source.clone()),
                date: self.date.unwrap_or(row.date),
                note: self.note,
            },
        }
    }
}

impl RawRatings {
    fn validated(self, row: &Citation, place: &Place<'_>, faults: &mut Vec<Fault>) -> Ratings {
        let mut rating = |key: &str, raw: Option<RawRating>| {
            raw.map(|raw| {
                share(&format!("ratings.{key}.score"), raw.score, place, faults);
                Rating {
                    score: raw.score,
                    reason: raw.reason,
                    citation: Citation {
                        source: raw.source.unwrap_or_else(|| row.source.clone()),
                        date: raw.date.unwrap_or(row.date),
                        note: None,
                    },
                }
            })
        };
        Ratings {
            setup: rating("setup", self.setup),
            upgradeability: rating("upgradeability", self.upgradeability),
            software: rating("software", self.software),
            training: rating("training", self.training),
            resale_market: rating("resale_market", self.resale_market),
        }
    }
}

/// Looks up what a row refers to.
fn known<'a, T>(
    key: &str,
    id: &str,
    table: &'a BTreeMap<String, T>,
    place: &Place<'_>,
    faults: &mut Vec<Fault>,
) -> Option<&'a T> {
    let found = table.get(id);
    if found.is_none() {
        let hint = super::lookup::nearest(id, table.keys().map(String::as_str));
        let action = hint.map_or_else(
            || format!("add a {key} of that id, or name an existing one"),
            |near| format!("did you mean `{near}`?"),
        );
        faults.push(place.fault(key, format!("there is no {key} `{id}`"), action));
    }
    found
}
