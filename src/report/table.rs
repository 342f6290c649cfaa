//! The answer for people: headline, table, footnote, what would turn it.

use comfy_table::{
    Cell as TableCell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle,
};

use super::format::column_texts;
use super::layout::{GAP, Layout, fit};
use super::wrap::wrap_text;
use super::{Align, Note, Report, Role, Styled, wrap};

/// No table is laid out for less than this.
pub const MIN_WIDTH: usize = 60;
/// A rule under the heading and no other line.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));
/// Characters of no width that stand for the roles during the layout, which
/// then measures cells as they will look.
const MARKS: [char; 6] = [
    '\u{206a}', '\u{206b}', '\u{206c}', '\u{206d}', '\u{206e}', '\u{206f}',
];
/// The longest label that the text of a detail is aligned behind.
const LONGEST_LABEL: usize = 20;

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The width of the terminal in characters.
    pub width: usize,
    /// Whether to colour.
    pub color: bool,
    /// Whether the details follow (`--explain`).
    pub details: bool,
}

impl Default for Options {
    /// As for a pipe: 100 characters, no colour, no details.
    fn default() -> Self {
        Self {
            width: 100,
            color: false,
            details: false,
        }
    }
}

/// The whole answer as text; each line ends with a line break.
pub fn render(report: &Report, options: &Options) -> String {
    let lines = lines(report, options);
    lines
        .iter()
        .map(|line| line.render(options.color) + "\n")
        .collect()
}

/// The whole answer as lines.
pub fn lines(report: &Report, options: &Options) -> Vec<Styled> {
    let width = options.width.max(MIN_WIDTH);
    let mut blocks: Vec<Vec<Styled>> = Vec::new();
    blocks.push(
        report
            .headline
            .iter()
            .flat_map(|line| wrap(line, width, 0))
            .collect(),
    );
    blocks.push(table(report, width));
    for figure in &report.figures {
        blocks.push(
            figure
                .trim_end_matches('\n')
                .lines()
                .map(Styled::plain)
                .collect(),
        );
    }
    let notes = report.footnote.iter().chain(&report.turn);
    blocks.push(notes.flat_map(|line| wrap(line, width, 0)).collect());
    if options.details {
        blocks.push(
            report
                .details
                .iter()
                .flat_map(|note| detail(note, width))
                .collect(),
        );
    }
    blocks.retain(|block| !block.is_empty());
    blocks.join(&Styled::default())
}

/// The table, and which columns had no room in it.
fn table(report: &Report, width: usize) -> Vec<Styled> {
    if report.columns.is_empty() {
        return Vec::new();
    }
    if report.rows.is_empty() {
        return vec![Styled::of(Role::Dim, "(no rows)")];
    }
    let texts: Vec<Vec<String>> = (0..report.columns.len())
        .map(|index| column_texts(report, index))
        .collect();
    let layout = fit(&report.columns, &texts, width);
    let table = draw(report, &texts, &layout);
    let mut lines: Vec<Styled> = table.lines().map(|line| unmark(&line).trim_end()).collect();
    if !layout.dropped.is_empty() {
        let titles: Vec<&str> = layout
            .dropped
            .iter()
            .filter_map(|index| report.columns.get(*index))
            .map(|column| column.title)
            .collect();
        let note = format!(
            "Hidden at this width: {} (--columns all, --width {})",
            titles.join(", "),
            layout.enough
        );
        lines.extend(wrap(&Styled::of(Role::Dim, note), width, 0));
    }
    lines
}

/// Fills the library's table. All texts are wrapped already, so that it has
/// no reason to break a word.
fn draw(report: &Report, texts: &[Vec<String>], layout: &Layout) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Disabled);
    let kept = || {
        layout.kept.iter().filter_map(|(index, width)| {
            Some((
                *index,
                *width,
                report.columns.get(*index)?,
                texts.get(*index)?,
            ))
        })
    };
    let headings: Vec<Vec<String>> = kept()
        .map(|(_, width, column, _)| wrap_text(&column.heading(), width))
        .collect();
    let height = headings.iter().map(Vec::len).max().unwrap_or(0);
    table.set_header(headings.into_iter().map(|heading| {
        let above = vec![String::new(); height - heading.len()];
        marked(&[above, heading].concat(), Role::Strong)
    }));
    for (row, cells) in report.rows.iter().enumerate() {
        table.add_row(kept().map(|(index, width, _, texts)| {
            let text = texts.get(row).map_or("", String::as_str);
            marked(
                &wrap_text(text, width),
                cells.get(index).map_or(Role::Plain, |cell| cell.role),
            )
        }));
    }
    let last = layout.kept.len().saturating_sub(1);
    for (position, (_, _, column, _)) in kept().enumerate() {
        if let Some(drawn) = table.column_mut(position) {
            drawn.set_padding((0, if position == last { 0 } else { GAP as u16 }));
            drawn.set_cell_alignment(match column.align() {
                Align::Left => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            });
        }
    }
    table
}

/// A cell of these lines, each between the marks of its role.
fn marked(lines: &[String], role: Role) -> TableCell {
    let mark = Role::ALL
        .iter()
        .zip(MARKS)
        .find(|(known, _)| **known == role);
    let mark = mark.map_or(MARKS[0], |(_, mark)| mark);
    let line = |line: &String| {
        let text: String = line.chars().filter(|char| !MARKS.contains(char)).collect();
        format!("{mark}{}{}", text.replace(char::is_control, " "), MARKS[0])
    };
    TableCell::new(lines.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// A line of the drawn table with its marks turned back into roles.
fn unmark(line: &str) -> Styled {
    let is_line = line.starts_with('─');
    let mut role = if is_line { Role::Dim } else { Role::Plain };
    let mut styled = Styled::default();
    let mut text = String::new();
    for char in line.chars() {
        match Role::ALL.iter().zip(MARKS).find(|(_, mark)| *mark == char) {
            Some((next, _)) => {
                styled.push(role, &std::mem::take(&mut text));
                role = *next;
            }
            None => text.push(char),
        }
    }
    styled.push(role, &text);
    styled
}

/// `label: text`, wrapped behind the label.
fn detail(note: &Note, width: usize) -> Vec<Styled> {
    if note.label.is_empty() {
        return wrap(&Styled::plain(note.text.as_str()), width, 0);
    }
    let label = Styled::of(Role::Strong, format!("{}:", note.label));
    let behind = label.width() + 1;
    let indent = if behind > LONGEST_LABEL { 4 } else { behind };
    wrap(
        &label.and(Role::Plain, format!(" {}", note.text)),
        width,
        indent,
    )
}

#[cfg(test)]
mod tests;
