//! What the speeds of a machine rest on where models were not timed on it.

use super::contender::Contender;
use crate::catalog::{Catalog, Faults};
use crate::evidence::Evidence;

/// Why the speeds of a machine are estimates only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backing {
    /// There are timings of such a machine, but none that the estimate could go by.
    Few,
    /// Its device was timed, so many of them joined by its link were not.
    Parts(u32),
    /// Only other devices of the family were timed.
    Relatives,
    /// Nothing near it was timed.
    DataSheet,
}

impl Backing {
    /// What a machine's speeds rest on; none where they are measured or nothing runs.
    ///
    /// # Errors
    /// If the measurements have faults.
    pub fn of(contender: &Contender, catalog: &Catalog) -> Result<Option<Self>, Faults> {
        let Some(evidence) = contender.evidence().filter(|_| !contender.is_timed()) else {
            return Ok(None);
        };
        let machine = &contender.machine;
        let series = catalog.series(&machine.device.id)?;
        let mut timed = series
            .iter()
            .filter(|series| series.excluded.is_none())
            .peekable();
        let device = timed.peek().is_some();
        let link = machine.link.as_ref().map(|link| link.id.as_str());
        let alike = timed.any(|series| {
            series.devices == machine.count
                && (machine.count == 1 || series.link.as_deref() == link)
        });
        Ok(Some(if alike {
            Self::Few
        } else if device && machine.count > 1 {
            Self::Parts(machine.count)
        } else if evidence == Evidence::Extrapolated {
            Self::Relatives
        } else {
            Self::DataSheet
        }))
    }

    /// In a sentence about the machine, without its end.
    pub fn words(self) -> String {
        match self {
            Self::Few => {
                "Its speeds are estimates: too few timings of such a machine are known".to_owned()
            }
            Self::Parts(count) => format!(
                "Its speeds are estimates: one such card was timed, {count} joined like this were not"
            ),
            Self::Relatives => {
                "Its speeds are estimated from related chips: nobody in our tables has timed it"
                    .to_owned()
            }
            Self::DataSheet => {
                "Its speeds are estimated from the data sheet: nobody in our tables has timed it"
                    .to_owned()
            }
        }
    }
}
