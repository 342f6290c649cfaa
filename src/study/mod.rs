//! Calibration, back-test, the audit of published claims, and the search for what to buy.
//!
//! 1. [`corpus`]: from measured series to observations: terms of the estimator
//!    and a measured time, or the reason why not.
//! 2. [`priors`]: what is believed of each coefficient before the rows.
//! 3. [`fit`]: the fit of all coefficients to all observations together.
//! 4. [`backtest`]: fits that leave out a model, a source, a device, a family.
//! 5. [`calibrate`]: constants and intervals, and the text of `data/calibration.toml`.
//!    [`updated`]: the same moved by somebody's own rows.
//! 6. [`validate`]: what the back-test says, in plain structs.
//! 7. [`score`]: somebody else's rows against constants that have not seen them.
//! 8. [`audit`]: published claims, recomputed.
//! 9. [`search`]: every machine that could be composed, and the front of those worth buying.
//! 10. [`capacity`]: the requests that a machine serves at a quality; [`people`]: whose they are.
//! 11. [`speculation`]: the gain of speculative decoding against published pairs;
//!     [`speculation_fit`]: its constants and intervals; [`speculation_forecast`]: what it brings
//!     on a machine.

pub mod audit;
pub mod backtest;
pub mod calibrate;
mod capacity;
pub mod corpus;
pub mod fit;
mod frontier;
mod group;
mod pareto;
mod people;
pub mod priors;
mod reading;
pub mod score;
mod space;
pub mod speculation;
pub mod speculation_fit;
pub mod speculation_forecast;
mod subject;
mod synthetic;
mod update;
pub mod validate;
mod variants;
mod work;

pub use backtest::{Backtest, Errors, LeftOut};
pub use capacity::{Capacity, Limit, MOST_REQUESTS, Quality, Trust, capacity};
pub use corpus::{Corpus, Observation};
pub use frontier::{Found, Query, Tally, search};
pub use group::Group;
pub use pareto::{Offer, beyond, front, knee, per_dollar, steps, within};
pub use people::{CROWDED, people};
pub use score::{Scored, Summary, score, summary};
pub use space::{Build, House, MOST, PowerLimits, Refusal, builds, takes};
pub use update::updated;
pub use validate::{Coverage, Slice, Validation, Worst};
pub use variants::nominal_bits;
