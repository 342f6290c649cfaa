//! A value that is known within bounds.

/// Low, middle and high of an uncertain value, `low <= mid <= high`. Estimated
/// rates state the 80% interval; prices and resale state the range seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The lower bound.
    pub low: f64,
    /// The best single value.
    pub mid: f64,
    /// The upper bound.
    pub high: f64,
}

impl Range {
    /// A value known exactly.
    pub const fn exact(value: f64) -> Self {
        Self {
            low: value,
            mid: value,
            high: value,
        }
    }

    /// `mid` within a factor `exp(±half_width)` on the log scale.
    pub fn around(mid: f64, half_width: f64) -> Self {
        let factor = half_width.exp();
        Self {
            low: mid / factor,
            mid,
            high: mid * factor,
        }
    }

    /// The same range in another unit; a negative factor turns it round.
    #[must_use]
    pub fn scale(self, factor: f64) -> Self {
        let (low, high) = (self.low * factor, self.high * factor);
        Self {
            low: low.min(high),
            mid: self.mid * factor,
            high: low.max(high),
        }
    }

    /// Each bound through a monotone function, put back in order if it falls.
    #[must_use]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        let (low, high) = (f(self.low), f(self.high));
        Self {
            low: low.min(high),
            mid: f(self.mid),
            high: low.max(high),
        }
    }

    /// The sum of two ranges, bound by bound (the widest, as if they moved together).
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            low: self.low + other.low,
            mid: self.mid + other.mid,
            high: self.high + other.high,
        }
    }

    /// Whether a value lies inside, bounds included.
    pub fn contains(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}
