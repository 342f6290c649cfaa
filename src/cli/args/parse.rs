//! Values as typed: numbers with their bounds.

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

/// A number of watts above zero.
pub fn watts(typed: &str) -> Result<f64, String> {
    match typed.trim_end_matches(['W', 'w']).trim().parse::<f64>() {
        Ok(watts) if watts.is_finite() && watts > 0.0 => Ok(watts),
        _ => Err("write a number of watts above zero, such as 250".to_owned()),
    }
}
