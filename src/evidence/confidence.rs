//! How well an estimated figure is known.

/// The levels of evidence, best first. Each has its own left-out test and so
/// its own width of interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// The same model was measured on this device and engine.
    Measured,
    /// Other models were measured on this device and engine.
    Calibrated,
    /// Other devices of the family were measured.
    Extrapolated,
    /// Known from the data sheet alone.
    Spec,
}

impl Evidence {
    /// All levels, best first.
    pub const ALL: [Self; 4] = [
        Self::Measured,
        Self::Calibrated,
        Self::Extrapolated,
        Self::Spec,
    ];

    /// The word used in tables and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Calibrated => "calibrated",
            Self::Extrapolated => "extrapolated",
            Self::Spec => "spec",
        }
    }
}
