//! The estimator: everything goes through [`estimate`], pure and traceable.
//!
//! Memory first (what does each device hold), then decode and prefill as sums
//! of physical terms whose few coefficients come from the calibration. Nothing
//! here sees a file, a clock, the environment or a terminal.

mod bound;
mod ceiling;
mod confidence;
pub mod constants;
mod decode;
mod engine;
mod estimate;
mod explain;
mod host_part;
mod host_side;
mod instance;
mod link;
pub mod memory;
mod power;
mod prefill;
mod rates;
mod row_kernels;
mod scenario;
mod serving;
mod setting;
mod speculation;
mod terms;
mod trace;
mod tuning;

pub use bound::Bound;
pub use ceiling::decode_ceiling;
pub use confidence::joined;
pub use constants::{Constants, Exponents, Parameter, Resolved, Support};
pub use engine::{Batching, Division, Engine, EngineMemory, MemoryRules, Offloading};
pub use estimate::{Estimate, Ttft, Weighed, estimate, estimate_tuned};
pub use host_part::{HostPart, Offload};
pub use host_side::HostSide;
pub use instance::{Instance, Power};
pub use power::{available_power, circuit_limit, machine_watts, slowdown, slowdown_slope};
pub use rates::{format_gain, matrix_rate, vector_rate};
pub use row_kernels::{OwnExperts, RowKernels, row_kernels, row_kernels_on};
pub use scenario::{Scenario, Split, SplitChoice};
pub use setting::{Level, LevelKind, Setting};
pub use speculation::{Drafted, Speculation, acceptance_per_token, expected_tokens, speculate};
pub use terms::{Overlap, Parameters, PowerLimit, Term, Terms, overlap};
pub use trace::{Step, Trace};
pub use tuning::Tuning;
