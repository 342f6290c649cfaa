//! Numbers as text: three significant digits and thousands in groups.

/// Rounds to `digits` significant digits and writes without exponent, with
/// thousands grouped: `1234.5` at 3 digits is `1,230`, `0.0123` is `0.0123`.
pub fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "-".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor() as i32;
    let decimals = digits as i32 - 1 - magnitude;
    let scale = 10f64.powi(decimals);
    let rounded = (value * scale).round() / scale;
    if decimals > 0 {
        // Rounding up may add a digit (9.995 -> 10.0): then one decimal less says the same.
        let grown = rounded.abs().log10().floor() as i32 > magnitude;
        let decimals = (decimals - i32::from(grown)).max(0) as usize;
        group_thousands(&format!("{rounded:.decimals$}"))
    } else {
        group_thousands(&format!("{rounded:.0}"))
    }
}

/// As [`significant`], without zeros at the end of a fraction: `24.0` is `24`.
pub fn compact(value: f64, digits: usize) -> String {
    let text = significant(value, digits);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Whole US dollars with a sign: `$4,699`.
pub fn dollars(value: f64) -> String {
    let whole = group_thousands(&format!("{value:.0}"));
    whole
        .strip_prefix('-')
        .map_or_else(|| format!("${whole}"), |positive| format!("-${positive}"))
}

/// Puts commas into the integer part of a plain decimal number.
pub fn group_thousands(number: &str) -> String {
    let (sign, rest) = number
        .strip_prefix('-')
        .map_or(("", number), |rest| ("-", rest));
    let (integer, fraction) = rest.split_once('.').map_or((rest, ""), |(i, f)| (i, f));
    let mut grouped = String::with_capacity(number.len() + 4);
    for (index, digit) in integer.chars().enumerate() {
        if index > 0 && (integer.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if fraction.is_empty() {
        format!("{sign}{grouped}")
    } else {
        format!("{sign}{grouped}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::{compact, dollars, group_thousands, significant};

    #[test]
    fn three_digits() {
        assert_eq!(significant(1234.5, 3), "1,230");
        assert_eq!(significant(38.04, 3), "38.0");
        assert_eq!(significant(4.44, 3), "4.44");
        assert_eq!(significant(9.996, 3), "10.0");
        assert_eq!(significant(0.012_34, 3), "0.0123");
        assert_eq!(significant(0.0, 3), "0");
        assert_eq!(significant(-5.0, 2), "-5.0");
        assert_eq!(significant(f64::NAN, 3), "-");
    }

    #[test]
    fn compact_drops_idle_zeros() {
        assert_eq!(compact(24.0, 3), "24");
        assert_eq!(compact(7.50, 3), "7.5");
        assert_eq!(compact(1200.0, 2), "1,200");
        assert_eq!(dollars(4699.4), "$4,699");
        assert_eq!(dollars(-12.0), "-$12");
    }

    #[test]
    fn thousands() {
        assert_eq!(group_thousands("1234567.89"), "1,234,567.89");
        assert_eq!(group_thousands("-999"), "-999");
    }
}
