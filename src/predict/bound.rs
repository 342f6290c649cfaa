//! What limits a rate.

/// What limits a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Reading weights and cache.
    Memory,
    /// Arithmetic.
    Compute,
    /// Time that comes with each layer and step.
    Overhead,
    /// The link between devices.
    Link,
}

impl Bound {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Memory, Self::Compute, Self::Overhead, Self::Link];

    /// The word used in tables and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Compute => "compute",
            Self::Overhead => "overhead",
            Self::Link => "link",
        }
    }
}
