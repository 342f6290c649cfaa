//! Tables at several widths, with and without colour.

use proptest::prelude::{any, proptest};
use snapbox::{assert_data_eq, str};

use super::{Options, render};
use crate::report::testing::{sample, single};
use crate::report::{Cell, Report, Role};

/// Without colour and details.
fn plain(report: &Report, width: usize) -> String {
    render(
        report,
        &Options {
            width,
            ..Options::default()
        },
    )
}

/// A text without its ANSI codes.
fn stripped(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn at_80_columns_go_and_texts_wrap() {
    let mut report = sample();
    report.columns[7].priority = 4;
    assert_data_eq!(
        plain(&report, 80),
        str![[r#"
2 of 3 machines run it; the Spark has room.
The 5090 needs a smaller quant.

machine        fits             decode tok/s   price  reasons
───────────────────────────────────────────────────────────────────────────────
dgx-spark      yes             4.6 (4.1-5.2)  $4,699  109 GiB usable; slow
                                                      memory: 273 GB/s; the
                                                      lowest power of the three
4x3090-budget  yes          14.6 (12.0-17.8)  $4,100  4 x 24 GiB; fastest |
                                                      loudest
rtx-5090       no, 9 short                 -       -
Hidden at this width: required, longest context, quant (--columns all, --width
105)

dgx-spark |##
4x3090    |######

Intervals hold for 8 of 10 machines; prices of 2026-11.
At q3_k_m the 5090 would fit and be the fastest.

"#]]
    );
}

#[test]
fn at_140_all_stays() {
    let options = Options {
        width: 140,
        details: true,
        ..Options::default()
    };
    assert_data_eq!(
        render(&sample(), &options),
        str![[r#"
2 of 3 machines run it; the Spark has room.
The 5090 needs a smaller quant.

                                              required          longest
machine        fits             decode tok/s        GB   price  context  reasons
───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
dgx-spark      yes             4.6 (4.1-5.2)      42.5  $4,699     128k  109 GiB usable; slow memory: 273 GB/s; the lowest power of the
                                                                         three
4x3090-budget  yes          14.6 (12.0-17.8)      43.1  $4,100  100,000  4 x 24 GiB; fastest | loudest
rtx-5090       no, 9 short                 -      42.5       -        0

dgx-spark |##
4x3090    |######

Intervals hold for 8 of 10 machines; prices of 2026-11.
At q3_k_m the 5090 would fit and be the fastest.

decode: 42.52 GB read for each token at 273 GB/s and an efficiency of 0.74, plus 80 layers of 12 microseconds each
Sources: a data sheet.

"#]]
    );
}

#[test]
fn colour_changes_no_character() {
    let options = Options {
        color: true,
        details: true,
        width: 80,
    };
    let coloured = render(&sample(), &options);
    assert!(coloured.contains("\u{1b}[32myes\u{1b}[0m"));
    assert!(coloured.contains("\u{1b}[31mno, 9 short\u{1b}[0m"));
    assert!(!coloured.contains('\u{206a}'));
    let without = render(
        &sample(),
        &Options {
            color: false,
            ..options
        },
    );
    assert!(!without.contains('\u{1b}'));
    assert_eq!(stripped(&coloured), without);
}

#[test]
fn no_rows_and_no_columns() {
    let mut report = sample();
    report.rows.clear();
    assert!(plain(&report, 80).contains("\n\n(no rows)\n\n"));
    assert_eq!(plain(&Report::new("test", "2026", &[]), 80), "");
}

#[test]
fn wide_characters_are_aligned() {
    let mut report = sample();
    report.columns.truncate(2);
    report.headline.clear();
    report.rows.truncate(1);
    report.rows[0][0] = Cell::from("日本のmachine").role(Role::Good);
    report.row([Cell::from("é\u{206b}"), Cell::from("no\u{7}")]);
    report.footnote = None;
    report.turn = None;
    report.figures.clear();
    assert_data_eq!(
        plain(&report, 80),
        str![[r#"
machine        fits
───────────────────
日本のmachine  yes
é              no

"#]]
    );
}

#[test]
fn a_short_row_is_filled() {
    let mut report = sample();
    report.rows[0].truncate(1);
    assert!(plain(&report, 140).contains("dgx-spark      -"));
}

proptest! {
    #[test]
    fn any_text_at_any_width(text in any::<String>(), width in 0usize..300) {
        let report = single(text.as_str().into());
        let coloured = render(&report, &Options { width, color: true, details: true });
        assert!(!coloured.is_empty());
    }
}
