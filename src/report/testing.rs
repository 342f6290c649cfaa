//! Reports for the tests of the renderers.

use super::{Cell, Column, Format, Report, Role, Styled, Value};
use crate::evidence::Range;

/// The columns of [`sample`], as `fit` may have them.
const COLUMNS: [Column; 8] = [
    Column::new("machine", "machine", "", Format::Text, 0),
    Column::new("fits", "fits", "", Format::Text, 0),
    Column::new(
        "decode_tokens_per_second",
        "decode",
        "tok/s",
        Format::Number,
        0,
    ),
    Column::new("required_bytes", "required", "GB", Format::Gigabytes, 2),
    Column::new("price_usd", "price", "", Format::Dollars, 1),
    Column::new(
        "max_context_tokens",
        "longest context",
        "",
        Format::Tokens,
        3,
    ),
    Column::new("reasons", "reasons", "", Format::Text, 1),
    Column::new("quant", "quant", "", Format::Text, Column::HIDDEN),
];

/// A report with every kind of part.
pub fn sample() -> Report {
    let mut report = Report::new("fit", "2026-11-20", &COLUMNS);
    report
        .assume("context_tokens", 32_768u64)
        .assume("note", Value::Null);
    report.headline(
        Styled::of(Role::Strong, "2 of 3 machines run it")
            .and(Role::Plain, "; the Spark has room."),
    );
    report.headline(Styled::plain("The 5090 needs a smaller quant."));
    let rate = |low, mid, high| Value::Interval(Range { low, mid, high });
    report.row([
        Cell::from("dgx-spark"),
        Cell::from("yes").role(Role::Good),
        rate(4.1, 4.63, 5.2).into(),
        42_520_000_000u64.into(),
        4699.0.into(),
        131_072u64.into(),
        vec![
            "109 GiB usable",
            "slow memory: 273 GB/s",
            "the lowest power of the three",
        ]
        .into(),
        "q4_k_m".into(),
    ]);
    report.row([
        Cell::from("4x3090-budget"),
        Cell::from("yes").role(Role::Good),
        rate(12.0, 14.6, 17.8).into(),
        43_100_000_000u64.into(),
        4100.5.into(),
        100_000u64.into(),
        vec!["4 x 24 GiB", "fastest | loudest"].into(),
        "q4_k_m".into(),
    ]);
    report.row([
        Cell::from("rtx-5090"),
        Cell::from("no").shown("no, 9 short").role(Role::Bad),
        Value::Null.into(),
        42_520_000_000u64.into(),
        Value::Null.into(),
        0u64.into(),
        Vec::<&str>::new().into(),
        "q4_k_m".into(),
    ]);
    report.footnote = Some(Styled::of(
        Role::Dim,
        "Intervals hold for 8 of 10 machines; prices of 2026-11.",
    ));
    report.turn = Some(Styled::plain(
        "At q3_k_m the 5090 would fit and be the fastest.",
    ));
    report.member(
        "summary",
        Value::object([("n", 3i64.into()), ("share", 0.5.into())]),
    );
    report
        .figures
        .push("dgx-spark |##\n4x3090    |######\n".to_owned());
    report.detail("decode", "42.52 GB read for each token at 273 GB/s and an efficiency of 0.74, plus 80 layers of 12 microseconds each");
    report.detail("", "Sources: a data sheet.");
    report
}

/// A report of one cell.
pub fn single(value: Value) -> Report {
    let mut report = Report::new(
        "test",
        "2026",
        &[Column::new("key", "title", "", Format::Text, 0)],
    );
    report.row([Cell::from(value)]);
    report
}
