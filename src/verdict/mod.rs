//! The decision: which machine wins for a workload, why, how surely, and what
//! would flip it.
//!
//! Each criterion becomes a utility from 0 to 1 on a fixed, absolute scale
//! ([`criteria`]), so that adding a machine moves nobody else. The score is
//! their weighted geometric mean, so that one hopeless criterion cannot be
//! bought back. Hard constraints disqualify with a reason.

mod assemble;
mod backing;
mod budgets;
mod compare;
mod contender;
mod criteria;
mod ease;
mod flips;
mod limits;
mod measure;
mod reasons;
mod score;
mod simulate;

pub use backing::Backing;
pub use budgets::{Step, budgets};
pub use compare::{Comparison, compare, scores, wins};
pub use contender::{Best, Contender, Run, Terms};
pub use criteria::Utilities;
pub use ease::{Ease, Limit, Way, way_in};
pub use flips::{Flip, flips};
pub use limits::{Limits, Miss};
pub use measure::Measure;
pub use score::{Ranked, rank};
