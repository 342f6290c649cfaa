//! Text as meaning: pieces with a role; colour is decided at one edge.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Ordinary text.
    #[default]
    Plain,
    /// The answer.
    Strong,
    /// It fits, it wins.
    Good,
    /// It works with a caveat.
    Caution,
    /// It does not work.
    Bad,
    /// Secondary: sources, footnotes.
    Dim,
}

impl Role {
    /// All roles.
    pub(super) const ALL: [Self; 6] = [
        Self::Plain,
        Self::Strong,
        Self::Good,
        Self::Caution,
        Self::Bad,
        Self::Dim,
    ];

    /// How a role looks: the only place that knows colours.
    const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Caution => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Dim => Style::new().dimmed(),
        }
    }
}

/// A line of pieces with roles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Styled(pub Vec<(Role, String)>);

impl Styled {
    /// A line of one plain piece.
    pub fn plain(text: impl Into<String>) -> Self {
        Self(vec![(Role::Plain, text.into())])
    }

    /// A line of one piece with a role.
    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self(vec![(role, text.into())])
    }

    /// The line with one more piece.
    #[must_use]
    pub fn and(mut self, role: Role, text: impl Into<String>) -> Self {
        self.push(role, &text.into());
        self
    }

    /// Adds a piece, joined to the last one where that has the same role.
    pub fn push(&mut self, role: Role, text: &str) {
        match self.0.last_mut() {
            Some((last, end)) if *last == role => end.push_str(text),
            _ if text.is_empty() => {}
            _ => self.0.push((role, text.to_owned())),
        }
    }

    /// The text without its roles.
    pub fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// How many terminal cells the text takes.
    pub fn width(&self) -> usize {
        self.text().width()
    }

    /// The text for a terminal: with ANSI codes, or without any. Control
    /// characters in the text itself become spaces, so that a name from a file
    /// cannot steer the terminal.
    pub fn render(&self, color: bool) -> String {
        let mut line = String::new();
        for (role, text) in &self.0 {
            let text = text.replace(char::is_control, " ");
            let style = role.style();
            if !color || style.is_plain() || text.is_empty() {
                line.push_str(&text);
            } else {
                // Writing into a string does not fail.
                let _ = write!(line, "{style}{text}{style:#}");
            }
        }
        line
    }

    /// The line without the spaces at its end.
    #[must_use]
    pub(super) fn trim_end(mut self) -> Self {
        while let Some((_, text)) = self.0.last_mut() {
            text.truncate(text.trim_end().len());
            if !text.is_empty() {
                break;
            }
            self.0.pop();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, Styled};

    #[test]
    fn colour_is_a_choice_of_the_edge() {
        let line = Styled::of(Role::Good, "yes").and(Role::Plain, ", it fits");
        assert_eq!(line.render(false), "yes, it fits");
        assert_eq!(line.render(true), "\u{1b}[32myes\u{1b}[0m, it fits");
    }

    #[test]
    fn text_cannot_steer_the_terminal() {
        assert_eq!(Styled::plain("a\u{1b}[2Jb").render(true), "a [2Jb");
    }

    #[test]
    fn pieces_of_one_role_join() {
        let line = Styled::plain("a").and(Role::Plain, "b").and(Role::Dim, "");
        assert_eq!(line, Styled::plain("ab"));
        assert_eq!(Styled::plain("日本").width(), 4);
    }

    #[test]
    fn the_end_is_trimmed_over_pieces() {
        let line = Styled::of(Role::Good, "yes ").and(Role::Plain, "   ");
        assert_eq!(line.trim_end(), Styled::of(Role::Good, "yes"));
    }
}
