//! Money: what a machine costs over the years, and where the order turns.
//!
//! `net = hardware + electricity - resale`; a year has 365 days.

mod breakeven;
mod crossover;
mod crossover_years;
mod holding;
mod profile;
mod tco;
mod terms;
mod uncertainty;

pub use breakeven::{BreakEven, Rival, TokenPrices, Use};
pub use crossover::{Crossing, crossing_hours, crossing_rate, crossing_resale};
pub use crossover_years::{MOST_YEARS, crossing_years};
pub use holding::Holding;
pub use profile::{Turns, mean_watts};
pub use tco::{DAYS_PER_YEAR, Duty, Ownership, ownership};
pub use terms::{Terms, resale_3y, resale_share};
pub use uncertainty::{DRAWS, Input, Swing, Uncertain, cheapest_shares, tornado};
