//! Quantities: the unit is part of the type, so bytes cannot be taken for
//! seconds nor gigabytes for gibibytes.
//!
//! GB is 1e9 bytes, GiB is 2^30 bytes. Memory sizes are GiB, bandwidths and
//! file sizes GB.

mod date;
mod format;
mod parse;
mod quantity;

pub use date::{Date, DateError};
pub use format::{compact, dollars, group_thousands, significant};
pub use parse::{ParseQuantityError, parse_bytes, parse_count, parse_seconds, parse_share};
pub use quantity::{
    Bytes, BytesPerSecond, Decibels, Flops, FlopsPerSecond, KilowattHours, Seconds,
    TokensPerSecond, Usd, UsdPerKilowattHour, Watts,
};
