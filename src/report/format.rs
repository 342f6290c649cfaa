//! Values as people read them: one unit and one precision for a column.

use super::{Column, Format, Report, Value};
use crate::evidence::Range;
use crate::units::{group_thousands, significant};

/// What stands for an unknown value.
const UNKNOWN: &str = "-";
/// Bytes in a gibibyte.
const GIB: f64 = 1_073_741_824.0;

/// How many digits the numbers of a column get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Precision {
    /// So many decimals for all of them.
    Decimals(i32),
    /// Their size differs too much for that: each has its own.
    Each,
}

/// The texts of a column's cells, in the order of the rows.
pub(super) fn column_texts(report: &Report, index: usize) -> Vec<String> {
    let Some(column) = report.columns.get(index) else {
        return Vec::new();
    };
    let precision = precision(column.format, report, index);
    report
        .column_cells(index)
        .map(|cell| match cell {
            None => UNKNOWN.to_owned(),
            Some(cell) => {
                let written = || show(&cell.value, column, precision);
                cell.shown.clone().unwrap_or_else(written)
            }
        })
        .collect()
}

/// A value in a column's format.
fn show(value: &Value, column: &Column, precision: Precision) -> String {
    match value {
        Value::Null => UNKNOWN.to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Text(text) => text.clone(),
        Value::List(values) => joined(values.iter().map(|value| show(value, column, precision))),
        Value::Object(members) => joined(
            members
                .iter()
                .map(|(key, value)| format!("{key}: {}", show(value, column, precision))),
        ),
        Value::Integer(whole) if matches!(column.format, Format::Text | Format::Number) => {
            group_thousands(&whole.to_string())
        }
        Value::Interval(range) => interval(range, column, precision),
        Value::Integer(_) | Value::Number(_) => match value.number() {
            None => UNKNOWN.to_owned(),
            Some(number) if column.format == Format::Tokens => tokens(number),
            Some(number) => {
                let scaled = scaled(number, column.format);
                with_unit(&digits(scaled, column.format, precision), column)
            }
        },
    }
}

/// Texts of a list; semicolons, because the texts may hold commas.
fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join("; ")
}

/// `38 (32-44)`: the bounds with the precision of the middle.
fn interval(range: &Range, column: &Column, precision: Precision) -> String {
    let [low, mid, high] =
        [range.low, range.mid, range.high].map(|bound| scaled(bound, column.format));
    if !mid.is_finite() {
        return UNKNOWN.to_owned();
    }
    let decimals = match precision {
        Precision::Decimals(decimals) => decimals,
        Precision::Each => decimals_for(mid, 2).max(0),
    };
    let step = if exact(column.format) {
        0
    } else {
        decimals_for(mid, 3).min(0)
    };
    let write = |bound: f64| fixed(bound, if decimals > 0 { decimals } else { step });
    let middle = with_unit(&write(mid), column);
    let (low_text, high_text) = (write(low), write(high));
    if low_text == high_text {
        middle
    } else if low < 0.0 {
        format!("{middle} ({low_text} to {high_text})")
    } else {
        format!("{middle} ({low_text}-{high_text})")
    }
}

/// A number in the unit in which its format is written.
fn scaled(number: f64, format: Format) -> f64 {
    match format {
        Format::Gigabytes => number / 1e9,
        Format::Gibibytes => number / GIB,
        Format::Percent => number * 100.0,
        _ => number,
    }
}

/// Whether all digits before the point are shown, however many they are.
fn exact(format: Format) -> bool {
    !matches!(format, Format::Number | Format::Seconds | Format::Text)
}

/// The decimals that a column's numbers share.
fn precision(format: Format, report: &Report, index: usize) -> Precision {
    let values = || report.column_cells(index).flatten().map(|cell| &cell.value);
    let sizes = || {
        let number = |value: &Value| value.number().map(|number| scaled(number, format).abs());
        values().filter_map(number).filter(|size| *size > 0.0)
    };
    let (least, most) = sizes().fold((f64::INFINITY, 0.0), |(low, high), size| {
        (size.min(low), size.max(high))
    });
    match format {
        Format::Text => Precision::Each,
        Format::Dollars | Format::Count | Format::Tokens => Precision::Decimals(0),
        Format::Gigabytes | Format::Gibibytes => Precision::Decimals(1),
        Format::Percent => Precision::Decimals(i32::from(most < 9.95)),
        Format::Number | Format::Seconds => {
            let intervals = values().any(|value| matches!(value, Value::Interval(_)));
            if !intervals && sizes().all(|size| size.fract() == 0.0) {
                return Precision::Decimals(0);
            }
            // Two digits for the smallest and not more than three for the largest.
            let (fewest, finest) = (decimals_for(least, 2).max(0), decimals_for(most, 3).max(0));
            match (fewest <= finest, intervals) {
                (false, _) => Precision::Each,
                (true, true) => Precision::Decimals(fewest),
                (true, false) => Precision::Decimals(finest),
            }
        }
    }
}

/// The decimals that give a number so many digits; negative for large numbers.
fn decimals_for(number: f64, digits: i32) -> i32 {
    if number == 0.0 || !number.is_finite() {
        return 0;
    }
    (digits - 1 - number.abs().log10().floor() as i32).clamp(-300, 12)
}

/// The digits of a scaled number.
fn digits(number: f64, format: Format, precision: Precision) -> String {
    match precision {
        Precision::Decimals(0) if !exact(format) && number.abs() >= 1000.0 => {
            significant(number, 3)
        }
        Precision::Decimals(decimals) => fixed(number, decimals),
        Precision::Each => significant(number, 3),
    }
}

/// A number with so many decimals; -1 rounds to tens.
fn fixed(number: f64, decimals: i32) -> String {
    if !number.is_finite() {
        return UNKNOWN.to_owned();
    }
    let places = decimals.max(0) as usize;
    let step = 10f64.powi((-decimals).max(0));
    let rounded = if decimals < 0 {
        (number / step).round() * step
    } else {
        number
    };
    let text = group_thousands(&format!("{rounded:.places$}"));
    match text.strip_prefix('-') {
        Some(rest) if !rest.contains(|digit: char| ('1'..='9').contains(&digit)) => rest.to_owned(),
        _ => text,
    }
}

/// A token count as `32k` or `1M` where it divides.
fn tokens(count: f64) -> String {
    const K: f64 = 1024.0;
    if count != 0.0 && count % (K * K) == 0.0 {
        format!("{}M", group_thousands(&format!("{:.0}", count / (K * K))))
    } else if count != 0.0 && count % K == 0.0 {
        format!("{}k", group_thousands(&format!("{:.0}", count / K)))
    } else {
        fixed(count, 0)
    }
}

/// The number with its unit, unless the heading names the unit.
fn with_unit(number: &str, column: &Column) -> String {
    let unit = match column.format {
        Format::Dollars => {
            return match number.strip_prefix('-') {
                Some(amount) => format!("-${amount}"),
                None => format!("${number}"),
            };
        }
        Format::Gigabytes => " GB",
        Format::Gibibytes => " GiB",
        Format::Percent => "%",
        Format::Seconds => " s",
        _ => "",
    };
    if column.unit.is_empty() {
        format!("{number}{unit}")
    } else {
        number.to_owned()
    }
}

#[cfg(test)]
mod tests;
