//! Calibration, back-test, the audit of published claims, and the search for what to buy.

pub mod audit;
mod frontier;
mod pareto;
mod space;
mod variants;

pub use frontier::{Found, Query, Tally, search};
pub use pareto::{Offer, beyond, front, knee, steps, within};
pub use space::{Build, House, MOST, Refusal, builds, feeds, takes};
pub use variants::nominal_bits;
