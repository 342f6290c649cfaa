//! Texts of single columns.

use super::{Format, Value, column_texts};
use crate::evidence::Range;
use crate::report::{Cell, Column, Report};

/// The texts of one column of these values.
fn texts(format: Format, unit: &'static str, values: &[Value]) -> Vec<String> {
    let column = Column::new("key", "title", unit, format, 0);
    let mut report = Report::new("test", "2026", &[column]);
    for value in values {
        report.row([Cell::from(value.clone())]);
    }
    column_texts(&report, 0)
}

/// An interval.
fn range(low: f64, mid: f64, high: f64) -> Value {
    Value::Interval(Range { low, mid, high })
}

#[test]
fn intervals_share_their_precision() {
    let rates = [
        range(32.1, 38.04, 44.4),
        range(180.0, 212.3, 240.9),
        Value::Null,
    ];
    assert_eq!(
        texts(Format::Number, "tok/s", &rates),
        ["38 (32-44)", "212 (180-241)", "-"]
    );
    let slow = [range(3.4, 4.12, 5.0), range(32.1, 38.04, 44.4)];
    assert_eq!(
        texts(Format::Number, "tok/s", &slow),
        ["4.1 (3.4-5.0)", "38.0 (32.1-44.4)"]
    );
    let wide = [range(3.4, 4.12, 5.0), range(1402.0, 1673.0, 1987.0)];
    assert_eq!(
        texts(Format::Number, "tok/s", &wide),
        ["4.1 (3.4-5.0)", "1,670 (1,400-1,990)"]
    );
}

#[test]
fn intervals_of_money_and_shares() {
    let price = [
        range(1799.0, 1999.0, 2199.0),
        range(-5.0, 10.0, 20.0),
        range(7.0, 7.0, 7.0),
    ];
    assert_eq!(
        texts(Format::Dollars, "", &price),
        ["$1,999 (1,799-2,199)", "$10 (-5 to 20)", "$7"]
    );
    assert_eq!(
        texts(Format::Percent, "", &[range(0.5, 0.62, 0.71)]),
        ["62% (50-71)"]
    );
    assert_eq!(
        texts(Format::Number, "", &[range(0.0, f64::NAN, 1.0)]),
        ["-"]
    );
}

#[test]
fn numbers_share_decimals_where_sensible() {
    assert_eq!(
        texts(Format::Number, "", &[4.123.into(), 38.21.into()]),
        ["4.1", "38.2"]
    );
    assert_eq!(
        texts(Format::Number, "", &[0.0123.into(), 381.2.into()]),
        ["0.0123", "381"]
    );
    assert_eq!(
        texts(Format::Number, "", &[96.0.into(), 128.0.into()]),
        ["96", "128"]
    );
    assert_eq!(texts(Format::Number, "", &[123_456.7.into()]), ["123,000"]);
    assert_eq!(
        texts(Format::Number, "", &[Value::Integer(123_456)]),
        ["123,456"]
    );
    assert_eq!(texts(Format::Number, "", &[f64::INFINITY.into()]), ["-"]);
}

#[test]
fn units_stand_in_the_heading_or_with_the_value() {
    let bytes = [Value::Integer(25_769_803_776)];
    assert_eq!(texts(Format::Gibibytes, "GiB", &bytes), ["24.0"]);
    assert_eq!(texts(Format::Gigabytes, "", &bytes), ["25.8 GB"]);
    assert_eq!(texts(Format::Percent, "%", &[0.076.into()]), ["7.6"]);
    assert_eq!(texts(Format::Seconds, "", &[1.234.into()]), ["1.23 s"]);
    assert_eq!(texts(Format::Dollars, "", &[(-1234.4).into()]), ["-$1,234"]);
    assert_eq!(texts(Format::Dollars, "", &[(-0.2).into()]), ["$0"]);
}

#[test]
fn counts_lists_and_words() {
    let counts = [
        32_768u64.into(),
        1_048_576u64.into(),
        1000u64.into(),
        0u64.into(),
    ];
    assert_eq!(
        texts(Format::Tokens, "", &counts),
        ["32k", "1M", "1,000", "0"]
    );
    assert_eq!(
        texts(Format::Count, "", &[1_234_567u64.into()]),
        ["1,234,567"]
    );
    let words = [
        vec!["a", "b"].into(),
        true.into(),
        Value::object([("n", 1i64.into())]),
    ];
    assert_eq!(texts(Format::Text, "", &words), ["a; b", "yes", "n: 1"]);
}
