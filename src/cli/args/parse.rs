//! Values as typed: numbers with their bounds.

use crate::study::MOST_REQUESTS;

/// Most years of ownership that the figures make sense for.
const MOST_YEARS: f64 = 20.0;
/// Largest number that a flag takes: beyond every price, wattage and weight there is.
const MOST: f64 = 1e9;

fn number(text: &str) -> Result<f64, String> {
    match text.trim_start_matches('$').replace(',', "").parse::<f64>() {
        Ok(value) if value.abs() <= MOST => Ok(value),
        Ok(value) if value.is_finite() => Err(format!("write a number up to {MOST}")),
        _ => Err("write a number, such as 4000".to_owned()),
    }
}

pub(super) fn non_negative(text: &str) -> Result<f64, String> {
    let value = number(text)?;
    if value < 0.0 {
        Err("write a number of zero or more".to_owned())
    } else {
        Ok(value)
    }
}

pub(super) fn chance(text: &str) -> Result<f64, String> {
    match number(text) {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("write a share from 0 to 1, such as 0.75".to_owned()),
    }
}

pub(super) fn hours(text: &str) -> Result<f64, String> {
    let value = number(text)?;
    if (0.0..=24.0).contains(&value) {
        Ok(value)
    } else {
        Err("a day has 0 to 24 hours".to_owned())
    }
}

pub(super) fn years(text: &str) -> Result<f64, String> {
    let value = number(text)?;
    if value > 0.0 && value <= MOST_YEARS {
        Ok(value)
    } else {
        Err(format!("write more than 0 and at most {MOST_YEARS} years"))
    }
}

/// Continuous watts of a circuit written as volts x amperes; `none` bears anything.
pub(super) fn circuit(text: &str) -> Result<f64, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(f64::INFINITY);
    }
    let (volts, amperes) = text
        .split_once(['x', 'X'])
        .ok_or("write volts x amperes, such as 120x15, or none")?;
    let limit = crate::predict::circuit_limit(non_negative(volts)?, non_negative(amperes)?);
    Ok(limit.0)
}

pub(super) fn rows(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("write how many rows, such as 3".to_owned()),
        Ok(rows) => Ok(rows),
    }
}

fn assignment(text: &str, example: &str) -> Result<(String, f64), String> {
    let (name, value) = text
        .split_once('=')
        .filter(|(name, _)| !name.trim().is_empty())
        .ok_or_else(|| format!("write `{example}`"))?;
    Ok((name.trim().to_lowercase(), non_negative(value.trim())?))
}

pub(super) fn price(text: &str) -> Result<(String, f64), String> {
    assignment(text, "dgx-spark=3999")
}

pub(super) fn weight(text: &str) -> Result<(String, f64), String> {
    assignment(text, "noise=3")
}

/// Numbers of requests at the same time, rising.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concurrency(Vec<u32>);

impl Concurrency {
    /// All of them.
    pub fn all(&self) -> &[u32] {
        &self.0
    }
}

/// One number, or several with commas between them.
pub(super) fn concurrency(text: &str) -> Result<Concurrency, String> {
    let mut numbers: Vec<u32> = Vec::new();
    for part in text.split(',') {
        let Ok(number @ 1..=MOST_REQUESTS) = part.trim().parse() else {
            return Err(format!(
                "write whole numbers from 1 to {MOST_REQUESTS}, such as 4, or 1,2,4,8 for a curve"
            ));
        };
        match numbers.last() {
            Some(last) if *last == number => {
                return Err(format!("{number} is there twice: write each number once"));
            }
            Some(last) if *last > number => {
                return Err(format!(
                    "{number} comes after {last}: write the numbers in rising order"
                ));
            }
            _ => numbers.push(number),
        }
    }
    Ok(Concurrency(numbers))
}

/// Tokens a second that somebody waits for: zero would ask for nothing.
pub(super) fn positive(text: &str) -> Result<f64, String> {
    match number(text)? {
        value if value > 0.0 => Ok(value),
        _ => Err("write a number above zero, such as 10".to_owned()),
    }
}

/// Seconds above zero from `5s`, `800ms`, `2m` or `5`.
pub(super) fn seconds(text: &str) -> Result<f64, String> {
    match crate::units::parse_seconds(text) {
        Ok(seconds) if seconds.0 > 0.0 => Ok(seconds.0),
        Ok(_) => Err("write a time above zero, such as 5s".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// A share above zero from `0.2` or `20%`.
pub(super) fn positive_share(text: &str) -> Result<f64, String> {
    match crate::units::parse_share(text) {
        Ok(share) if share > 0.0 => Ok(share),
        Ok(_) => Err("write a share above zero, such as 20%".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// A number of watts above zero.
pub fn watts(typed: &str) -> Result<f64, String> {
    match typed.trim_end_matches(['W', 'w']).trim().parse::<f64>() {
        Ok(watts) if watts.is_finite() && watts > 0.0 => Ok(watts),
        _ => Err("write a number of watts above zero, such as 250".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{concurrency, positive_share, seconds};

    #[test]
    fn users_rise() {
        let list = concurrency("1, 2,4").expect("a list");
        assert_eq!(list.all(), [1, 2, 4]);
        assert_eq!(concurrency("8").expect("one").all(), [8]);
        for (text, why) in [
            ("1,1", "twice"),
            ("4,2", "rising order"),
            ("1,2,1", "rising order"),
            ("0,1", "whole numbers"),
            ("1,,2", "whole numbers"),
            ("4097", "whole numbers"),
            ("2.5", "whole numbers"),
            ("", "whole numbers"),
        ] {
            let error = concurrency(text).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn limits_are_above_zero() {
        assert_eq!(seconds("800ms"), Ok(0.8));
        assert!(seconds("0s").is_err() && seconds("-1").is_err());
        assert_eq!(positive_share("20%"), Ok(0.2));
        assert!(positive_share("0").is_err() && positive_share("2").is_err());
    }
}
