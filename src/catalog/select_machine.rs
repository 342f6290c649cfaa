//! From what a person types to machines: `dgx-spark`, `4x rtx-3090`, `2x dgx-spark`.

use std::collections::BTreeMap;

use super::select::SelectError;
use super::{Catalog, Unknown, nearest};
use crate::machine::{Device, DeviceClass, Host, Machine, slot_link};

impl Catalog {
    /// The default machines in their order.
    ///
    /// # Errors
    /// If the data has faults.
    pub fn default_machines(&self) -> Result<Vec<Machine>, SelectError> {
        let mut machines: Vec<&Machine> = self
            .machines()?
            .values()
            .filter(|machine| machine.default.is_some())
            .collect();
        machines.sort_by_key(|machine| machine.default);
        Ok(machines.into_iter().cloned().collect())
    }

    /// The machine of a typed name: an id, an alias, a device, or a count of
    /// any of them (`4x rtx-3090`, `2x dgx-spark`), cards also in a named host
    /// (`4x rtx-3090@epyc-rome-rack`), machines over a named link (`2x dgx-spark@ethernet-10g`).
    ///
    /// # Errors
    /// If the name is unknown or cannot be composed.
    pub fn select_machine(&self, typed: &str) -> Result<Machine, SelectError> {
        let lower = typed.trim().to_lowercase();
        let machines = self.machines()?;
        if let Some(machine) = machine_named(machines, &lower) {
            return Ok(machine.clone());
        }
        let (count, name) = counted(&lower);
        if let Some(machine) = machine_named(machines, name) {
            return self.cluster(count, machine);
        }
        let devices = self.devices()?;
        if let Some((name, host)) = name.split_once('@') {
            if let Some(machine) = machine_named(machines, name.trim_end()) {
                return self.joined(count, machine, host.trim());
            }
            let device = device_named(devices, name.trim_end())
                .ok_or_else(|| Unknown::new("device", name, devices.keys().map(String::as_str)))?;
            return self.cards_in(count, device, host.trim());
        }
        if let Some(device) = device_named(devices, name) {
            return self.cards(count, device);
        }
        let known = machines
            .values()
            .flat_map(|machine| std::iter::once(&machine.id).chain(&machine.aliases))
            .chain(devices.keys())
            .map(String::as_str);
        let nearest = nearest(name, known).map(|near| match count {
            1 => near.to_owned(),
            count => format!("{count}x {near}"),
        });
        Err(Unknown {
            what: "machine",
            typed: typed.to_owned(),
            nearest,
        }
        .into())
    }

    /// Cards in a host of that id.
    fn cards_in(&self, count: u32, device: &Device, host: &str) -> Result<Machine, SelectError> {
        let hosts = self.hosts()?;
        let host = hosts
            .get(host)
            .ok_or_else(|| none_of("host", host, hosts))?;
        self.rig(count, device, host)
    }

    /// Cards in the smallest host that takes them.
    fn cards(&self, count: u32, device: &Device) -> Result<Machine, SelectError> {
        if device.class != DeviceClass::Gpu {
            let holder = self
                .machines()?
                .values()
                .find(|machine| machine.device.id == device.id);
            if let Some(machine) = holder {
                return self.cluster(count, machine);
            }
        }
        let order = ["desktop", "workstation", "epyc-rome-rack"];
        let hosts = self.hosts()?;
        let host = order
            .iter()
            .filter_map(|id| hosts.get(*id))
            .find(|host| host.slots >= count)
            .or_else(|| hosts.values().max_by_key(|host| host.slots))
            .filter(|_| device.class == DeviceClass::Gpu);
        let links = self.links()?;
        let link = host.and_then(|host| slot_link(count, device, host, links));
        Ok(Machine::of_cards(count, device, host, link)?)
    }
}

pub(super) fn machine_named<'a>(
    machines: &'a BTreeMap<String, Machine>,
    name: &str,
) -> Option<&'a Machine> {
    machines.get(name).or_else(|| {
        machines
            .values()
            .find(|machine| machine.aliases.iter().any(|alias| alias == name))
    })
}

pub(super) fn device_named<'a>(
    devices: &'a BTreeMap<String, Device>,
    name: &str,
) -> Option<&'a Device> {
    devices.get(name).or_else(|| {
        devices
            .values()
            .find(|device| device.aliases.iter().any(|alias| alias == name))
    })
}

/// Splits `4x rtx-3090` into a count and a name; no count is one. A count beyond counting is the
/// largest there is, so that it is refused as a count and not as a name.
pub(super) fn counted(typed: &str) -> (u32, &str) {
    let parts = typed.split_once(['x', '*', ' ']).and_then(|(count, name)| {
        let count = count.trim();
        let digits = !count.is_empty() && count.chars().all(|c| c.is_ascii_digit());
        let name = name.trim_start_matches(['x', '-', ' ']).trim();
        digits.then(|| (count.parse().unwrap_or(u32::MAX), name))
    });
    parts.unwrap_or((1, typed))
}

impl Catalog {
    /// So many machines of a kind joined by what joins them best.
    ///
    /// # Errors
    /// If the data has faults or the count is out of range.
    pub fn cluster(&self, count: u32, machine: &Machine) -> Result<Machine, SelectError> {
        let link = self.links()?.get(cluster_link(machine));
        Ok(Machine::cluster(count, machine, link)?)
    }

    /// So many machines of a kind joined by a link of that id, named
    /// `2x dgx-spark@ethernet-10g`.
    ///
    /// # Errors
    /// If the link is unknown, the data has faults, or the count is out of range.
    pub fn joined(&self, count: u32, one: &Machine, link: &str) -> Result<Machine, SelectError> {
        let links = self.links()?;
        let link = links
            .get(link)
            .ok_or_else(|| none_of("link", link, links))?;
        let mut machine = Machine::cluster(count, one, Some(link))?;
        machine.id = format!("{}@{}", machine.id, link.id);
        Ok(machine)
    }

    /// So many cards in a host, named `4x rtx-3090@epyc-rome-rack`.
    ///
    /// # Errors
    /// If the data has faults, or the host does not take them.
    pub fn rig(&self, count: u32, device: &Device, host: &Host) -> Result<Machine, SelectError> {
        let link = slot_link(count, device, host, self.links()?);
        let mut machine = Machine::of_cards(count, device, Some(host), link)?;
        machine.id = rig_id(count, &device.id, &host.id);
        Ok(machine)
    }
}

/// Hosts and links are few and have no list of their own: the error names them all.
fn none_of<T>(what: &str, typed: &str, known: &BTreeMap<String, T>) -> SelectError {
    let ids: Vec<&str> = known.keys().map(String::as_str).collect();
    SelectError::Unsupported(format!(
        "there is no {what} `{typed}`: write one of {}",
        ids.join(", ")
    ))
}

/// The id of cards in a host; [`Catalog::select_machine`] reads it.
pub fn rig_id(count: u32, device: &str, host: &str) -> String {
    let count = if count > 1 {
        format!("{count}x ")
    } else {
        String::new()
    };
    format!("{count}{device}@{host}")
}

/// What joins two machines of a kind: the Spark's own network, Thunderbolt
/// between Macs, the network otherwise.
fn cluster_link(machine: &Machine) -> &'static str {
    match (machine.device.id.as_str(), machine.device.vendor.as_str()) {
        ("gb10", _) => "connectx-7",
        (_, "apple") => "thunderbolt-5",
        _ => "ethernet-10g",
    }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn counts_and_names() {
        assert_eq!(counted("4x rtx-3090"), (4, "rtx-3090"));
        assert_eq!(counted("2xdgx-spark"), (2, "dgx-spark"));
        assert_eq!(counted("rtx-3090"), (1, "rtx-3090"));
        assert_eq!(counted("4 x rtx-3090"), (4, "rtx-3090"));
        assert_eq!(counted("4x-rtx-3090"), (4, "rtx-3090"));
        assert_eq!(counted("99999999999x rtx-3090"), (u32::MAX, "rtx-3090"));
        assert_eq!(counted("x rtx-3090"), (1, "x rtx-3090"));
    }
}
