//! The rest of a PC around its cards.

use crate::evidence::{Citation, Range};
use crate::units::{Bytes, BytesPerSecond, Decibels, Watts};

/// Board, processor, memory, supply and case.
#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Cards it takes.
    pub slots: u32,
    /// Positions for cards side by side in its case; none in an open frame, where risers
    /// take cards of any width.
    pub expansion_slots: Option<u32>,
    /// Id of the link between its cards.
    pub link: String,
    /// Id of the link of a card that is alone, where that is another.
    pub link_alone: Option<String>,
    /// Its memory, to which layers or experts can be offloaded.
    pub ram: Bytes,
    /// Bandwidth of that memory.
    pub ram_bandwidth: BytesPerSecond,
    /// At the wall, idle, without cards.
    pub idle: Watts,
    /// At the wall, busy, without cards.
    pub load: Watts,
    /// Rating of its power supply.
    pub supply: Option<Watts>,
    /// Noise with its cards under load, where known.
    pub noise: Option<Decibels>,
    /// What it costs, US dollars, where no quote of the day is known.
    pub price: Option<Range>,
    /// Source of its numbers.
    pub citation: Citation,
    /// Sources of single keys, with notes on contested values.
    pub evidence: Vec<(String, Citation)>,
}
