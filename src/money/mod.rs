//! Money: what a machine costs over the years, and where the order turns.
//!
//! `net = hardware + electricity - resale`; a year has 365 days.

mod crossover;
mod tco;

pub use crossover::{Crossover, crossover_hours};
pub use tco::{DAYS_PER_YEAR, Duty, Ownership, ownership};
