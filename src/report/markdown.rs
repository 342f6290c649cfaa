//! The answer for documents: a Markdown table.

use super::format::column_texts;
use super::{Align, Column, Report, Styled};

/// The Markdown text: headline, table, figures, notes, and the details if asked for.
pub fn render(report: &Report, details: bool) -> String {
    let mut blocks: Vec<String> = report.headline.iter().map(line).collect();
    blocks.push(table(report));
    blocks.extend(report.figures.iter().map(|figure| fenced(figure)));
    blocks.extend(report.footnote.iter().chain(&report.turn).map(line));
    if details {
        let detail = |note: &super::Note| match note.label.as_str() {
            "" => format!("- {}", one_line(&note.text)),
            label => format!("- **{}**: {}", one_line(label), one_line(&note.text)),
        };
        blocks.push(
            report
                .details
                .iter()
                .map(detail)
                .collect::<Vec<_>>()
                .join("\n"),
        );
    }
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n\n") + "\n"
}

/// A styled line without its styles.
fn line(styled: &Styled) -> String {
    one_line(&styled.text())
}

/// Header, alignment and rows.
fn table(report: &Report) -> String {
    let columns: Vec<(&Column, Vec<String>)> = report
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.priority != Column::HIDDEN)
        .map(|(index, column)| (column, column_texts(report, index)))
        .collect();
    if columns.is_empty() {
        return String::new();
    }
    let header = columns.iter().map(|(column, _)| escaped(&column.heading()));
    let sides = columns.iter().map(|(column, _)| match column.align() {
        Align::Left => ":---".to_owned(),
        Align::Right => "---:".to_owned(),
    });
    let mut lines = vec![bars(header), bars(sides)];
    for row in 0..report.rows.len() {
        let cell = |(_, texts): &(_, Vec<String>)| {
            texts.get(row).map_or(String::new(), |text| escaped(text))
        };
        lines.push(bars(columns.iter().map(cell)));
    }
    lines.join("\n")
}

/// `| a | b |`
fn bars(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
}

/// A text that can neither end its cell nor its row.
fn escaped(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('|', "\\|")
}

/// A text without line breaks and control characters.
fn one_line(text: &str) -> String {
    text.trim().replace(char::is_control, " ")
}

/// A figure, drawn as it is. The fence is longer than any run of backquotes inside.
fn fenced(figure: &str) -> String {
    let mut fence = "```".to_owned();
    while figure.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}\n{}\n{fence}", figure.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests {
    use snapbox::IntoData as _;

    use super::{fenced, render};
    use crate::report::testing::{sample, single};

    #[test]
    fn a_report() {
        snapbox::assert_data_eq!(
            render(&sample(), true),
            snapbox::str![[r#"
2 of 3 machines run it; the Spark has room.

The 5090 needs a smaller quant.

| machine | fits | decode tok/s | required GB | price | longest context | reasons |
| :--- | :--- | ---: | ---: | ---: | ---: | :--- |
| dgx-spark | yes | 4.6 (4.1-5.2) | 42.5 | $4,699 | 128k | 109 GiB usable; slow memory: 273 GB/s; the lowest power of the three |
| 4x3090-budget | yes | 14.6 (12.0-17.8) | 43.1 | $4,100 | 100,000 | 4 x 24 GiB; fastest \| loudest |
| rtx-5090 | no, 9 short | - | 42.5 | - | 0 |  |

```
dgx-spark |##
4x3090    |######
```

Intervals hold for 8 of 10 machines; prices of 2026-11.

At q3_k_m the 5090 would fit and be the fastest.

- **decode**: 42.52 GB read for each token at 273 GB/s and an efficiency of 0.74, plus 80 layers of 12 microseconds each
- Sources: a data sheet.

"#]]
            .raw()
        );
    }

    #[test]
    fn cells_cannot_break_the_table() {
        assert_eq!(
            render(&single("a|b\\c\nd".into()), false),
            "| title |\n| :--- |\n| a\\|b\\\\c d |\n"
        );
    }

    #[test]
    fn figures_stay_inside_their_fence() {
        assert_eq!(fenced("a```b\n"), "````\na```b\n````");
    }
}
