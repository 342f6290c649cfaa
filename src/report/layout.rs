//! Which columns fit a width, and how wide each becomes.
//!
//! Words are never broken: a table that is too wide first puts its headings on
//! two lines, then wraps its long texts, then drops columns by priority.

use unicode_width::UnicodeWidthStr;

use super::wrap::longest_word;
use super::{Align, Column};

/// The space between two columns.
pub(super) const GAP: usize = 2;
/// Texts up to this width are not wrapped.
const SHORT_TEXT: usize = 24;
/// Below this width a table has at most [`FEW`] columns, however narrow they are.
const NARROW: usize = 100;
/// The most columns of a narrow table.
const FEW: usize = 8;

/// The columns to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// Index and width of the columns that stay.
    pub(super) kept: Vec<(usize, usize)>,
    /// The columns that do not fit.
    pub(super) dropped: Vec<usize>,
    /// The least width at which none is dropped.
    pub(super) enough: usize,
}

/// What a column needs.
#[derive(Debug, Clone, Copy)]
struct Need {
    index: usize,
    priority: u8,
    /// The longest text, unwrapped.
    content: usize,
    /// With the heading on one line.
    natural: usize,
    /// With heading and long texts wrapped.
    least: usize,
}

impl Need {
    fn of(index: usize, column: &Column, texts: &[String]) -> Self {
        let longest = |measure: fn(&str) -> usize| {
            texts
                .iter()
                .flat_map(|text| text.split('\n'))
                .map(measure)
                .max()
                .unwrap_or(0)
        };
        let heading = column.heading();
        let content = longest(UnicodeWidthStr::width);
        let short = column.least.max(SHORT_TEXT);
        let wraps = column.align() == Align::Left && content > short;
        let body = if wraps {
            longest(longest_word).max(short)
        } else {
            content
        };
        Self {
            index,
            priority: column.priority,
            content,
            natural: content.max(heading.width()),
            least: body.max(longest_word(&heading)),
        }
    }
}

/// The width of columns with these widths.
fn total(widths: impl ExactSizeIterator<Item = usize>) -> usize {
    let gaps = GAP * widths.len().saturating_sub(1);
    widths.sum::<usize>() + gaps
}

/// Lays out the columns that tables show, given the texts of all columns.
pub(super) fn fit(columns: &[Column], texts: &[Vec<String>], width: usize) -> Layout {
    let mut needs: Vec<Need> = columns
        .iter()
        .zip(texts)
        .enumerate()
        .filter(|(_, (column, _))| column.priority != Column::HIDDEN)
        .map(|(index, (column, texts))| Need::of(index, column, texts))
        .collect();
    let all = total(needs.iter().map(|need| need.least));
    let enough = if needs.len() > FEW {
        all.max(NARROW)
    } else {
        all
    };
    let mut dropped = Vec::new();
    while total(needs.iter().map(|need| need.least)) > width
        || (width < NARROW && needs.len() > FEW)
    {
        let last = needs
            .iter()
            .enumerate()
            .max_by_key(|(_, need)| need.priority);
        let Some((position, _)) = last.filter(|(_, need)| need.priority > 0) else {
            break;
        };
        dropped.push(needs.remove(position).index);
    }
    dropped.sort_unstable();
    let widths = share(&needs, width);
    Layout {
        kept: needs.iter().map(|need| need.index).zip(widths).collect(),
        dropped,
        enough,
    }
}

/// The widths of the columns: natural where all have room, else what is left
/// over goes to the texts that lack most.
fn share(needs: &[Need], width: usize) -> Vec<usize> {
    if total(needs.iter().map(|need| need.natural)) <= width {
        return needs.iter().map(|need| need.natural).collect();
    }
    let mut widths: Vec<usize> = needs.iter().map(|need| need.least).collect();
    let spare = width.saturating_sub(total(widths.iter().copied()));
    for _ in 0..spare {
        let lack = |(need, width): &(&Need, &mut usize)| need.content.saturating_sub(**width);
        match needs.iter().zip(widths.iter_mut()).max_by_key(lack) {
            Some((need, width)) if *width < need.content => *width += 1,
            _ => break,
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::{Layout, fit};
    use crate::report::{Column, Format};

    /// Columns of texts with the given priorities and widths of their one cell.
    fn laid_out(cells: &[(u8, usize)], width: usize) -> Layout {
        let column =
            |(priority, _): &(u8, usize)| Column::new("k", "t", "", Format::Text, *priority);
        let columns: Vec<Column> = cells.iter().map(column).collect();
        let texts: Vec<Vec<String>> = cells
            .iter()
            .map(|(_, width)| vec!["ab ".repeat(width.div_ceil(3))[..*width].to_owned()])
            .collect();
        fit(&columns, &texts, width)
    }

    #[test]
    fn all_stay_where_they_fit() {
        let layout = laid_out(&[(0, 10), (1, 20)], 32);
        assert_eq!(layout.kept, [(0, 10), (1, 20)]);
        assert!(layout.dropped.is_empty());
    }

    #[test]
    fn the_highest_number_goes_first_and_of_equals_the_last() {
        let layout = laid_out(&[(0, 20), (2, 20), (1, 20), (2, 20)], 64);
        assert_eq!(layout.dropped, [3]);
        assert_eq!(layout.enough, 86);
        assert!(
            laid_out(&[(0, 20), (2, 20), (1, 20), (2, 20)], 86)
                .dropped
                .is_empty()
        );
        assert_eq!(
            laid_out(&[(0, 20), (2, 20), (1, 20), (2, 20)], 63).dropped,
            [1, 3]
        );
    }

    #[test]
    fn zero_never_goes_and_hidden_never_shows() {
        let layout = laid_out(&[(0, 20), (0, 20), (Column::HIDDEN, 5)], 30);
        assert_eq!(layout.kept, [(0, 20), (1, 20)]);
        assert!(layout.dropped.is_empty());
    }

    #[test]
    fn long_texts_wrap_before_columns_go() {
        let layout = laid_out(&[(0, 10), (1, 90)], 60);
        assert_eq!(layout.kept, [(0, 10), (1, 48)]);
    }

    #[test]
    fn a_column_may_ask_for_more_than_the_usual_least() {
        let texts = [vec!["ab ".repeat(20)], vec!["ab ".repeat(10)]];
        let column = |priority| Column::new("k", "t", "", Format::Text, priority);
        let kept = |wide: usize| {
            let columns = [column(0).at_least(wide), column(1)];
            fit(&columns, &texts, 56).kept
        };
        assert_eq!(kept(0), [(0, 30), (1, 24)]);
        assert_eq!(kept(40), [(0, 56)]);
    }

    #[test]
    fn eight_columns_at_eighty() {
        let many: Vec<(u8, usize)> = (0..10).map(|priority| (priority, 3)).collect();
        assert_eq!(laid_out(&many, 80).dropped, [8, 9]);
        assert_eq!(laid_out(&many, 80).enough, 100);
        assert!(laid_out(&many, 100).dropped.is_empty());
        assert_eq!(laid_out(&[], 80).enough, 0);
    }
}
