//! Citations: the public place and the date behind a number.

use crate::units::Date;

/// Where a number was published, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// A page, or `owner/repo path@commit`, or `derived: formula`, or `user`.
    pub source: String,
    /// The date of the source, or of reading where it has none.
    pub date: Date,
    /// What to know about it: contested, derived how, recalled.
    pub note: Option<String>,
}

/// A value together with its citation.
#[derive(Debug, Clone, PartialEq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub citation: Citation,
}
