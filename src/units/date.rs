//! A calendar date of the precision that sources give: a year, a month or a day.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

/// A date. Sources often give only a year or a month; such a date stands for
/// the first day of it, so that "2026-02" does not include a price change of
/// 25 February.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    /// 0 where the source gives no month.
    month: u8,
    /// 0 where the source gives no day.
    day: u8,
}

/// Why a text is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a date: write YYYY, YYYY-MM or YYYY-MM-DD, from 1990 to 2100")]
pub struct DateError {
    /// What was given.
    text: String,
}

impl Date {
    /// A date of day precision. Not validated beyond what [`FromStr`] does; for
    /// constants in code and tests.
    pub const fn new(year: u16, month: u8, day: u8) -> Self {
        Self { year, month, day }
    }

    /// The same without its day.
    #[must_use]
    pub const fn month(self) -> Self {
        Self { day: 0, ..self }
    }

    /// Days since 0000-03-01 in the proleptic Gregorian calendar; unknown month
    /// or day count as the first. Source: Howard Hinnant, "chrono-compatible
    /// low-level date algorithms", `days_from_civil`.
    pub fn days(self) -> i64 {
        let month = i64::from(self.month.max(1));
        let day = i64::from(self.day.max(1));
        let year = i64::from(self.year) - i64::from(month <= 2);
        let month_from_march = (month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
        year * 365 + year / 4 - year / 100 + year / 400 + day_of_year
    }

    /// The UTC day of a Unix time. Source: Hinnant, `civil_from_days`.
    pub fn from_unix_seconds(seconds: u64) -> Self {
        let days = (seconds / 86_400) as i64 + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 {
            month_from_march + 3
        } else {
            month_from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self::new(year as u16, month as u8, day as u8)
    }

    /// Years from this date to a later one (negative if earlier).
    pub fn years_until(self, later: Self) -> f64 {
        (later.days() - self.days()) as f64 / 365.25
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let error = || DateError {
            text: text.to_owned(),
        };
        let mut parts = text.split('-');
        let mut number = |width: usize, low: u16, high: u16| match parts.next() {
            None => Ok(0),
            Some(part) if part.len() == width => {
                let value = part.parse::<u16>().map_err(|_| error())?;
                if (low..=high).contains(&value) {
                    Ok(value)
                } else {
                    Err(error())
                }
            }
            Some(_) => Err(error()),
        };
        let year = number(4, 1990, 2100)?;
        let month = number(2, 1, 12)? as u8;
        let day = number(2, 1, 31)? as u8;
        if year == 0 || parts.next().is_some() || day > days_in_month(year, month) {
            return Err(error());
        }
        Ok(Self { year, month, day })
    }
}

/// The days of a month; 0 for the unknown month.
fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        0 => 0,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.month, self.day) {
            (0, _) => write!(f, "{:04}", self.year),
            (month, 0) => write!(f, "{:04}-{month:02}", self.year),
            (month, day) => write!(f, "{:04}-{month:02}-{day:02}", self.year),
        }
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn round_trips_at_each_precision() {
        for text in ["2026", "2026-02", "2026-02-28", "2024-02-29"] {
            let date: Date = text.parse().expect(text);
            assert_eq!(date.to_string(), text);
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "26-02",
            "2026-13",
            "2026-02-29",
            "2026-2-1",
            "2026-02-01-01",
            "yesterday",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn unix_times_have_days() {
        assert_eq!(Date::from_unix_seconds(0).to_string(), "1970-01-01");
        // 2024-02-29 12:00 UTC
        assert_eq!(
            Date::from_unix_seconds(1_709_208_000).to_string(),
            "2024-02-29"
        );
    }

    #[test]
    fn a_month_stands_for_its_first_day() {
        let month: Date = "2026-02".parse().expect("month");
        let change: Date = "2026-02-25".parse().expect("day");
        assert!(month < change);
        assert_eq!(change.days() - month.days(), 24);
    }
}
