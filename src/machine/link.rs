//! What joins the devices of a machine, or the machines of a cluster.

use crate::evidence::Citation;
use crate::units::{BytesPerSecond, Seconds};

/// A link between two devices.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Nominal rate in one direction.
    pub bandwidth: BytesPerSecond,
    /// Share of it that plain copies reach.
    pub efficiency: f64,
    /// Rate that all-reduces reach, where it is known to differ from plain copies.
    pub collective: Option<BytesPerSecond>,
    /// Time of one collective step beside its volume.
    pub latency: Seconds,
    /// Time of handing activations to the next device of a layer split, beside their volume.
    pub hop: Seconds,
    /// Source of its numbers.
    pub citation: Citation,
    /// Sources of single keys, with notes on contested values.
    pub evidence: Vec<(String, Citation)>,
}

impl Link {
    /// The rate that plain copies reach.
    pub fn copy_bandwidth(&self) -> BytesPerSecond {
        self.bandwidth * self.efficiency
    }

    /// The rate that all-reduces reach.
    pub fn collective_bandwidth(&self) -> BytesPerSecond {
        self.collective.unwrap_or_else(|| self.copy_bandwidth())
    }
}
