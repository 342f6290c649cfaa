//! The estimator: everything goes through [`estimate`], pure and traceable.
//!
//! Memory first (what does each device hold), then decode and prefill as sums
//! of physical terms whose few coefficients come from the calibration. Nothing
//! here sees a file, a clock, the environment or a terminal.

mod ceiling;
mod confidence;
pub mod constants;
mod decode;
mod engine;
mod estimate;
mod link;
pub mod memory;
mod power;
mod prefill;
mod scenario;
mod terms;
mod trace;
mod tuning;

pub use ceiling::decode_ceiling;
pub use constants::{Constants, Level, Parameter, Setting, Support};
pub use decode::{Decoding, decode_terms};
pub use engine::{Batching, Engine, EngineMemory, MemoryRules};
pub use estimate::{Bound, Estimate, Ttft, estimate, estimate_tuned};
pub use power::{circuit_limit, machine_watts};
pub use prefill::{Prefilling, prefill_terms};
pub use scenario::{Scenario, Split, SplitChoice};
pub use terms::{Term, Terms};
pub use trace::{Step, Trace};
pub use tuning::Tuning;
