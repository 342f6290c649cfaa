//! The quantities and the few relations between them that the estimator needs.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Sub};

/// Bytes in a gibibyte.
const GIB: f64 = 1_073_741_824.0;
/// Hours in a day.
const SECONDS_PER_HOUR: f64 = 3600.0;

/// An exact number of bytes. Sums and products stop at the largest number there is, so
/// that absurd input comes out absurdly large and never wraps round to something that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bytes(pub u64);

impl Bytes {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From gibibytes (2^30 bytes), rounded to a byte. Negative input gives zero.
    pub fn from_gib(gib: f64) -> Self {
        Self((gib * GIB).round() as u64)
    }

    /// In gibibytes (2^30 bytes).
    pub fn gib(self) -> f64 {
        self.0 as f64 / GIB
    }

    /// In gigabytes (1e9 bytes).
    pub fn gb(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// As a floating-point number of bytes.
    pub fn as_f64(self) -> f64 {
        self.0 as f64
    }

    /// This minus the other, or zero where the other is larger.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Signed difference `self - other` in bytes, at most `i64::MAX` either way.
    pub fn minus(self, other: Self) -> i64 {
        let difference = i128::from(self.0) - i128::from(other.0);
        difference.clamp(-i128::from(i64::MAX), i128::from(i64::MAX)) as i64
    }
}

impl Add for Bytes {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Bytes {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Mul<u64> for Bytes {
    type Output = Self;
    fn mul(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
        values.fold(Self::ZERO, Add::add)
    }
}

/// Declares a floating-point quantity with addition, scaling and a ratio.
macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
        pub struct $name(pub f64);

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }

        impl Mul<f64> for $name {
            type Output = Self;
            fn mul(self, factor: f64) -> Self {
                Self(self.0 * factor)
            }
        }

        /// The ratio of two quantities of one kind.
        impl Div for $name {
            type Output = f64;
            fn div(self, other: Self) -> f64 {
                self.0 / other.0
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
                values.fold(Self(0.0), Add::add)
            }
        }
    };
}

quantity!(
    /// Bytes a second.
    BytesPerSecond
);
quantity!(
    /// Floating-point (or integer) operations; a multiply-add counts two.
    Flops
);
quantity!(
    /// Operations a second.
    FlopsPerSecond
);
quantity!(
    /// Seconds.
    Seconds
);
quantity!(
    /// Tokens a second.
    TokensPerSecond
);
quantity!(
    /// Watts.
    Watts
);
quantity!(
    /// Kilowatt-hours.
    KilowattHours
);
quantity!(
    /// US dollars of a date that stands beside them.
    Usd
);
quantity!(
    /// US dollars for a kilowatt-hour.
    UsdPerKilowattHour
);
quantity!(
    /// A-weighted sound pressure at about one metre, dB(A).
    Decibels
);

impl BytesPerSecond {
    /// From GB/s (1e9 bytes a second).
    pub fn from_gb(gb: f64) -> Self {
        Self(gb * 1e9)
    }

    /// In GB/s.
    pub fn gb(self) -> f64 {
        self.0 / 1e9
    }
}

impl FlopsPerSecond {
    /// From TFLOPS (1e12 a second).
    pub fn from_tera(tera: f64) -> Self {
        Self(tera * 1e12)
    }

    /// In TFLOPS.
    pub fn tera(self) -> f64 {
        self.0 / 1e12
    }
}

impl Watts {
    /// The energy drawn over a time.
    pub fn over(self, time: Seconds) -> KilowattHours {
        KilowattHours(self.0 / 1000.0 * time.0 / SECONDS_PER_HOUR)
    }
}

impl Mul<UsdPerKilowattHour> for KilowattHours {
    type Output = Usd;
    fn mul(self, price: UsdPerKilowattHour) -> Usd {
        Usd(self.0 * price.0)
    }
}

impl Seconds {
    /// From hours.
    pub fn from_hours(hours: f64) -> Self {
        Self(hours * SECONDS_PER_HOUR)
    }
}

impl Div<BytesPerSecond> for Bytes {
    type Output = Seconds;
    fn div(self, rate: BytesPerSecond) -> Seconds {
        Seconds(self.as_f64() / rate.0)
    }
}

impl Div<FlopsPerSecond> for Flops {
    type Output = Seconds;
    fn div(self, rate: FlopsPerSecond) -> Seconds {
        Seconds(self.0 / rate.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, BytesPerSecond, Seconds, UsdPerKilowattHour, Watts};

    #[test]
    fn gib_and_gb_differ() {
        let card = Bytes::from_gib(24.0);
        assert_eq!(card, Bytes(25_769_803_776));
        assert!((card.gb() - 25.769_803_776).abs() < 1e-12);
    }

    #[test]
    fn absurd_sizes_never_wrap_round() {
        let most = Bytes(u64::MAX);
        assert_eq!(most + Bytes(1), most);
        assert_eq!(most * 3, most);
        assert_eq!([most, most].into_iter().sum::<Bytes>(), most);
        assert_eq!(Bytes(1).minus(most), -i64::MAX);
        assert_eq!(most.minus(Bytes(1)), i64::MAX);
        assert_eq!(Bytes(5).minus(Bytes(7)), -2);
    }

    #[test]
    fn reading_takes_bytes_over_bandwidth() {
        // 4.92 GB at 273 GB/s: 18.02 ms, the ceiling of 55.5 tok/s for an 8B at q4_k_m on GB10.
        let time = Bytes(4_920_000_000) / BytesPerSecond::from_gb(273.0);
        assert!((time.0 - 0.018_021_978).abs() < 1e-9);
    }

    #[test]
    fn a_year_of_watts_costs() {
        // 1,400 W x 8 h x 365 = 4,088 kWh; at $0.12 that is $490.56.
        let energy = Watts(1400.0).over(Seconds::from_hours(8.0 * 365.0));
        assert!((energy.0 - 4088.0).abs() < 1e-9);
        assert!(((energy * UsdPerKilowattHour(0.12)).0 - 490.56).abs() < 1e-9);
    }
}
