//! A limit on what each device may draw: whether it can be set, and on what.

use crate::units::Watts;

use super::{Device, DeviceClass, Machine};

/// Share of its rating that a card draws before its cores do anything: memory at full clock
/// and leakage. Where the straight lines of clock against watts reach zero: 125 of 350 W on
/// an RTX 3090 (540 MHz at 190 W, 1,380 at 290 W) and 108 of 600 W on an RTX PRO 6000
/// (1,144 MHz at 300 W, 1,740 at 400 W); their mean. Sources: noonghunna/club-3090
/// `docs/img/power-cap-3090-qwen36.py`, Light-Heart-Labs vllm-power-sweep.
pub const BASE_SHARE: f64 = 0.27;

/// Why a limit cannot be set; the text says what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{machine}: {reason}")]
pub struct PowerLimitError {
    /// Id of the machine.
    pub machine: String,
    /// What is wrong and the next step.
    pub reason: String,
}

impl Device {
    /// The lowest limit that makes sense, in watts: what its driver takes, else what it
    /// draws without computing anything. None where its power cannot be limited.
    pub fn lowest_limit(&self) -> Option<Watts> {
        if self.class != DeviceClass::Gpu {
            return None;
        }
        let rated = self.power.limit?;
        Some(self.power.least_limit.unwrap_or(rated * BASE_SHARE))
    }
}

impl Machine {
    /// The machine with each device limited to so many watts.
    ///
    /// # Errors
    /// If the devices take no limit, or not this one.
    pub fn with_power_limit(mut self, limit: Watts) -> Result<Self, PowerLimitError> {
        let refuse = |machine: &Self, reason: String| PowerLimitError {
            machine: machine.id.clone(),
            reason,
        };
        let device = &self.device;
        let name = device.name.clone();
        let (Some(lowest), Some(rated)) = (device.lowest_limit(), device.power.limit) else {
            return Err(refuse(&self, no_limit(device)));
        };
        if limit.0 > rated.0 {
            return Err(refuse(
                &self,
                format!(
                    "{} W is above the {} W that {name} is rated at; write --power-limit {} or less, or leave it out",
                    limit.0, rated.0, rated.0
                ),
            ));
        }
        if limit.0 < lowest.0 {
            let why = match device.power.least_limit {
                Some(_) => "its driver takes",
                None => "its memory and idle cores alone draw",
            };
            let least = (lowest.0 / 5.0).ceil() * 5.0;
            return Err(refuse(
                &self,
                format!(
                    "{} W is too low for {name}: {why} about {:.0} W at least; write --power-limit {least:.0} or more",
                    limit.0, lowest.0
                ),
            ));
        }
        self.power_limit = Some(limit);
        Ok(self)
    }
}

/// Why a device takes no limit in watts, and what there is instead.
fn no_limit(device: &Device) -> String {
    let name = &device.name;
    match (device.class, device.vendor.as_str()) {
        (DeviceClass::Integrated, "apple") => format!(
            "macOS sets the power of {name} itself and takes no watts (there is only its Low Power Mode); ask `hwcmp speed` without a limit"
        ),
        (DeviceClass::Integrated, "nvidia") => format!(
            "{name} shares its power budget with the processor and its driver takes no limit in watts (only clocks can be locked: nvidia-smi -lgc); ask `hwcmp speed` without a limit"
        ),
        (DeviceClass::Integrated, _) => format!(
            "{name} draws what its firmware's power mode lets it, and no speeds by mode are in the data; ask `hwcmp speed` without a limit"
        ),
        (DeviceClass::Cpu, _) => {
            format!("{name} is a processor; ask `hwcmp speed` without a limit")
        }
        (DeviceClass::Gpu, _) => {
            format!("the rated power of {name} is unknown; ask `hwcmp speed` without a limit")
        }
    }
}
