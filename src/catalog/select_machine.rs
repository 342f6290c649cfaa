//! From what a person types to machines: `dgx-spark`, `4x rtx-3090`, `2x dgx-spark`.

use std::collections::BTreeMap;

use super::select::SelectError;
use super::{Catalog, Unknown};
use crate::machine::{Device, DeviceClass, Machine};

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
    /// any of them (`4x rtx-3090`, `2x dgx-spark`).
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
            let link = self.links()?.get(cluster_link(machine));
            return Ok(Machine::cluster(count, machine, link)?);
        }
        let devices = self.devices()?;
        if let Some(device) = device_named(devices, name) {
            return self.cards(count, device);
        }
        let known = machines
            .values()
            .flat_map(|machine| std::iter::once(&machine.id).chain(&machine.aliases))
            .chain(devices.keys())
            .map(String::as_str);
        Err(Unknown::new("machine", typed, known).into())
    }

    /// Cards in the smallest host that takes them.
    fn cards(&self, count: u32, device: &Device) -> Result<Machine, SelectError> {
        if device.class != DeviceClass::Gpu {
            let holder = self
                .machines()?
                .values()
                .find(|machine| machine.device.id == device.id);
            if let Some(machine) = holder {
                let link = self.links()?.get(cluster_link(machine));
                return Ok(Machine::cluster(count, machine, link)?);
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
        let link = host.and_then(|host| self.links().ok()?.get(&host.link));
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

/// Splits `4x rtx-3090` into a count and a name; no count is one.
pub(super) fn counted(typed: &str) -> (u32, &str) {
    typed
        .split_once(['x', '*', ' '])
        .and_then(|(count, name)| {
            Some((
                count.trim().parse::<u32>().ok()?,
                name.trim_start_matches(['x', ' ']).trim(),
            ))
        })
        .unwrap_or((1, typed))
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
    }
}
