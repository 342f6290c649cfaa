//! Where a number comes from, and how well it is known.

mod confidence;
mod draws;
mod measurement;
mod range;
mod source;

pub use confidence::Evidence;
pub use draws::Generator;
pub use measurement::{Metric, Point, Protocol, Series, Timing, gather};
pub use range::Range;
pub use source::{Citation, Sourced};
