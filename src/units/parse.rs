//! Reading quantities as people type them: `24 GiB`, `32k`, `60%`.

/// Why a text is no quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct ParseQuantityError {
    /// What was given.
    text: String,
    /// What would have been right, with an example.
    expected: &'static str,
}

/// Splits a number from the unit behind it.
fn split(text: &str, expected: &'static str) -> Result<(f64, String), ParseQuantityError> {
    let error = || ParseQuantityError {
        text: text.to_owned(),
        expected,
    };
    let trimmed = text.trim().replace(['_', ','], "");
    let end = trimmed
        .find(|c: char| c != '.' && !c.is_ascii_digit())
        .unwrap_or(trimmed.len());
    let number = trimmed[..end].parse::<f64>().map_err(|_| error())?;
    Ok((number, trimmed[end..].trim().to_ascii_lowercase()))
}

/// Bytes from `24 GiB`, `512MiB`, `40 GB`; a unit is required, because a bare
/// number would leave open which gigabyte is meant.
///
/// # Errors
/// If the text is no non-negative number with one of B, kB, MB, GB, TB, KiB, MiB, GiB, TiB.
pub fn parse_bytes(text: &str) -> Result<super::Bytes, ParseQuantityError> {
    let expected = "a size: write a number and a unit, such as `24 GiB` or `40 GB`";
    let (number, unit) = split(text, expected)?;
    let factor = match unit.as_str() {
        "b" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "tb" => 1e12,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        "tib" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => {
            return Err(ParseQuantityError {
                text: text.to_owned(),
                expected,
            });
        }
    };
    Ok(super::Bytes((number * factor).round() as u64))
}

/// Most tokens that a flag takes: a hundred times the longest context there is.
const MOST_TOKENS: f64 = 1e9;

/// A count of tokens from `32768`, `32k` (= 32,768) or `1m` (= 1,048,576), the
/// way context lengths are written.
///
/// # Errors
/// If the text is no non-negative number with an optional `k` or `m`, or too large.
pub fn parse_count(text: &str) -> Result<u64, ParseQuantityError> {
    let expected = "a number of tokens up to 1000 million: write `32768` or `32k`";
    let (number, unit) = split(text, expected)?;
    let factor = match unit.as_str() {
        "" => 1.0,
        "k" | "ki" => 1024.0,
        "m" | "mi" => 1024.0 * 1024.0,
        _ => {
            return Err(ParseQuantityError {
                text: text.to_owned(),
                expected,
            });
        }
    };
    let count = number * factor;
    if count.fract() != 0.0 || count > MOST_TOKENS {
        return Err(ParseQuantityError {
            text: text.to_owned(),
            expected,
        });
    }
    Ok(count as u64)
}

/// A share from `0.6` or `60%`.
///
/// # Errors
/// If the text is no number from 0 to 1 (or 0% to 100%).
pub fn parse_share(text: &str) -> Result<f64, ParseQuantityError> {
    let expected = "a share: write `0.6` or `60%`";
    let (number, unit) = split(text, expected)?;
    let share = match unit.as_str() {
        "" => number,
        "%" => number / 100.0,
        _ => {
            return Err(ParseQuantityError {
                text: text.to_owned(),
                expected,
            });
        }
    };
    if share > 1.0 {
        return Err(ParseQuantityError {
            text: text.to_owned(),
            expected,
        });
    }
    Ok(share)
}

/// Longest time that a flag takes: a day.
const MOST_SECONDS: f64 = 86_400.0;

/// A time from `5s`, `800ms`, `2m` or a bare number of seconds.
///
/// # Errors
/// If the text is no non-negative number with one of ms, s, m, h, or longer than a day.
pub fn parse_seconds(text: &str) -> Result<super::Seconds, ParseQuantityError> {
    let expected = "a time up to a day: write `5s` or `800ms`";
    let (number, unit) = split(text, expected)?;
    let factor = match unit.as_str() {
        "" | "s" | "sec" => Some(1.0),
        "ms" => Some(1e-3),
        "m" | "min" => Some(60.0),
        "h" => Some(3600.0),
        _ => None,
    };
    factor
        .map(|factor| number * factor)
        .filter(|seconds| *seconds <= MOST_SECONDS)
        .map(super::Seconds)
        .ok_or_else(|| ParseQuantityError {
            text: text.to_owned(),
            expected,
        })
}

#[cfg(test)]
mod tests {
    use super::{parse_bytes, parse_count, parse_seconds, parse_share};
    use crate::units::{Bytes, Seconds};

    #[test]
    fn sizes_need_their_unit() {
        assert_eq!(parse_bytes("24 GiB"), Ok(Bytes(25_769_803_776)));
        assert_eq!(parse_bytes("40GB"), Ok(Bytes(40_000_000_000)));
        assert!(parse_bytes("24").is_err());
        assert!(parse_bytes("-1 GB").is_err());
    }

    #[test]
    fn contexts_count_in_1024s() {
        assert_eq!(parse_count("32k"), Ok(32_768));
        assert_eq!(parse_count("131072"), Ok(131_072));
        assert_eq!(parse_count("1m"), Ok(1_048_576));
        assert!(parse_count("1.5").is_err());
        assert!(parse_count("many").is_err());
    }

    #[test]
    fn shares_stay_within_one() {
        assert_eq!(parse_share("60%"), Ok(0.6));
        assert!(parse_share("1.2").is_err());
    }

    #[test]
    fn times_have_units() {
        assert_eq!(parse_seconds("5s"), Ok(Seconds(5.0)));
        assert_eq!(parse_seconds("800 ms"), Ok(Seconds(0.8)));
        assert_eq!(parse_seconds("1.5"), Ok(Seconds(1.5)));
        assert_eq!(parse_seconds("2m"), Ok(Seconds(120.0)));
        for text in ["5 parsecs", "-5s", "s", "25h", ""] {
            assert!(parse_seconds(text).is_err(), "{text}");
        }
    }
}
