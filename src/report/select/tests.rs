//! The three flags on the sample report.

use super::{SelectError, Selection, select};
use crate::report::Report;
use crate::report::testing::sample;

/// A selection from its three flags.
fn selection(columns: Option<&str>, sort: Option<&str>, top: Option<usize>) -> Selection {
    Selection {
        columns: columns.map(str::to_owned),
        sort: sort.map(str::to_owned),
        top,
    }
}

/// The keys left by `--columns`.
fn keys(given: &str) -> Result<Vec<&'static str>, SelectError> {
    let mut report = sample();
    select(&mut report, &selection(Some(given), None, None))?;
    assert!(
        report
            .rows
            .iter()
            .all(|row| row.len() == report.columns.len())
    );
    Ok(report.columns.iter().map(|column| column.key).collect())
}

/// The machines in their order after `--sort` and `--top`.
fn machines(sort: &str, top: Option<usize>) -> Vec<String> {
    let mut report = sample();
    select(&mut report, &selection(None, Some(sort), top)).expect("a column");
    first_texts(&report)
}

/// The texts of the first column.
fn first_texts(report: &Report) -> Vec<String> {
    crate::report::format::column_texts(report, 0)
}

#[test]
fn columns_by_name_in_that_order() {
    assert_eq!(keys("quant, machine"), Ok(vec!["quant", "machine"]));
    assert_eq!(
        keys("Longest-Context,machine,machine"),
        Ok(vec!["max_context_tokens", "machine"])
    );
}

#[test]
fn all_shows_what_is_hidden() {
    let mut report = sample();
    select(&mut report, &selection(Some("all"), None, None)).expect("all");
    assert_eq!(report.columns.len(), 8);
    assert!(report.columns.iter().all(|column| column.priority == 0));
    assert_eq!(keys("all,-reasons").expect("seven").len(), 7);
}

#[test]
fn signs_change_the_usual_columns() {
    let mut report = sample();
    select(
        &mut report,
        &selection(Some("+quant,-price_usd"), None, None),
    )
    .expect("columns");
    let left: Vec<(&str, u8)> = report
        .columns
        .iter()
        .map(|column| (column.key, column.priority))
        .collect();
    assert_eq!(left.len(), 7);
    assert_eq!(left[6], ("quant", 0));
    assert_eq!(left[3], ("required_bytes", 2));
}

#[test]
fn unknown_columns_are_named_with_the_nearest() {
    let message = |given: &str| keys(given).expect_err("unknown").to_string();
    let all = "The columns are machine, fits, decode_tokens_per_second, required_bytes, \
               price_usd, max_context_tokens, reasons, quant";
    assert_eq!(
        message("machin"),
        format!("there is no column `machin`; did you mean `machine`? {all}")
    );
    assert_eq!(message("+zzz"), format!("there is no column `zzz`. {all}"));
    assert!(matches!(
        keys("-machine,-zzz"),
        Err(SelectError::UnknownColumn { .. })
    ));
    assert!(matches!(
        keys("machine,-machine"),
        Err(SelectError::NoColumns { .. })
    ));
}

#[test]
fn sorting_puts_the_unknown_last() {
    let rate = "decode_tokens_per_second";
    assert_eq!(
        machines(rate, None),
        ["dgx-spark", "4x3090-budget", "rtx-5090"]
    );
    assert_eq!(
        machines(&format!("{rate}-desc"), None),
        ["4x3090-budget", "dgx-spark", "rtx-5090"]
    );
    assert_eq!(machines("machine-asc", Some(1)), ["4x3090-budget"]);
    assert_eq!(
        machines("reasons-desc", Some(2)),
        ["dgx-spark", "4x3090-budget"]
    );
}

#[test]
fn a_failed_selection_changes_nothing() {
    let mut report = sample();
    let wrong = selection(Some("machine"), Some("nothing"), Some(1));
    assert!(select(&mut report, &wrong).is_err());
    assert_eq!(report, sample());
}
