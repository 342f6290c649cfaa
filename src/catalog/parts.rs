//! Parts that somebody owns already.

use super::select_machine::{counted, device_named, machine_named};
use super::{Catalog, SelectError, Unknown};

impl Catalog {
    /// The item ids and counts of a typed part: a device, a host, a machine,
    /// or a count of them (`rtx-3090`, `2x rtx-3090`, `desktop`, `2x3090-pc`).
    /// A machine stands for itself and for its parts.
    ///
    /// # Errors
    /// If the name is unknown.
    pub fn select_part(&self, typed: &str) -> Result<Vec<(String, u32)>, SelectError> {
        let lower = typed.trim().to_lowercase();
        let machines = self.machines()?;
        let devices = self.devices()?;
        let hosts = self.hosts()?;
        for (count, name) in [(1, lower.as_str()), counted(&lower)] {
            if let Some(machine) = machine_named(machines, name) {
                let mut parts = vec![(machine.parts.whole.clone(), count)];
                let pieces = machine.parts.pieces.iter();
                parts.extend(pieces.map(|(item, pieces)| (item.clone(), pieces * count)));
                return Ok(parts);
            }
            if let Some(device) = device_named(devices, name) {
                return Ok(vec![(device.id.clone(), count)]);
            }
            if hosts.contains_key(name) {
                return Ok(vec![(name.to_owned(), count)]);
            }
        }
        let known = machines
            .values()
            .flat_map(|machine| std::iter::once(&machine.id).chain(&machine.aliases))
            .chain(devices.keys())
            .chain(hosts.keys())
            .map(String::as_str);
        Err(Unknown::new("part", counted(&lower).1, known).into())
    }
}
