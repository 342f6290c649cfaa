//! Breaking lines between words, with the roles kept.

use unicode_width::UnicodeWidthStr;

use super::{Role, Styled};

/// Breaks a line between words so that each line takes at most `width` terminal
/// cells; the second and later lines begin with `indent` spaces. A line break
/// in the text is kept. A word that is longer than the width stays whole.
pub fn wrap(line: &Styled, width: usize, indent: usize) -> Vec<Styled> {
    let mut lines = Vec::new();
    for part in split_lines(line) {
        let start = if lines.is_empty() { 0 } else { indent };
        if start == 0 && part.width() <= width {
            lines.push(part);
        } else {
            fill(&part, width, indent, &mut lines);
        }
    }
    lines
}

/// Breaks plain text between words into lines of at most `width` terminal cells.
pub(super) fn wrap_text(text: &str, width: usize) -> Vec<String> {
    wrap(&Styled::plain(text), width, 0)
        .iter()
        .map(Styled::text)
        .collect()
}

/// The width of the longest word.
pub(super) fn longest_word(text: &str) -> usize {
    text.split_whitespace()
        .map(UnicodeWidthStr::width)
        .max()
        .unwrap_or(0)
}

/// The parts between the line breaks.
fn split_lines(line: &Styled) -> Vec<Styled> {
    let mut parts = vec![Styled::default()];
    for (role, text) in &line.0 {
        for (index, part) in text.split('\n').enumerate() {
            if index > 0 {
                parts.push(Styled::default());
            }
            if let Some(last) = parts.last_mut() {
                last.push(*role, part);
            }
        }
    }
    parts
}

/// Puts the words of a line into as few lines as they need.
fn fill(line: &Styled, width: usize, indent: usize, lines: &mut Vec<Styled>) {
    let pad = " ".repeat(indent);
    let begin = |first: bool| {
        if first {
            Styled::default()
        } else {
            Styled::plain(pad.as_str())
        }
    };
    let mut current = begin(lines.is_empty());
    let mut taken = current.width();
    let mut fresh = true;
    for word in words(line) {
        let needed = word.width();
        if !fresh && taken + 1 + needed > width {
            lines.push(std::mem::replace(&mut current, begin(false)));
            taken = indent;
            fresh = true;
        }
        if !fresh {
            let before = current.0.last().map_or(Role::Plain, |(role, _)| *role);
            let after = word.0.first().map_or(Role::Plain, |(role, _)| *role);
            current.push(if before == after { before } else { Role::Plain }, " ");
            taken += 1;
        }
        for (role, text) in &word.0 {
            current.push(*role, text);
        }
        taken += needed;
        fresh = false;
    }
    lines.push(current);
}

/// The words of a line; a word may run over pieces of several roles.
fn words(line: &Styled) -> Vec<Styled> {
    let mut words = vec![Styled::default()];
    for (role, text) in &line.0 {
        for (index, part) in text.split(char::is_whitespace).enumerate() {
            if index > 0 {
                words.push(Styled::default());
            }
            if let Some(last) = words.last_mut() {
                last.push(*role, part);
            }
        }
    }
    words.retain(|word| !word.0.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::{longest_word, wrap, wrap_text};
    use crate::report::{Role, Styled};

    #[test]
    fn breaks_between_words_only() {
        assert_eq!(wrap_text("one two three", 7), ["one two", "three"]);
        assert_eq!(
            wrap_text("incomprehensible it is", 7),
            ["incomprehensible", "it is"]
        );
        assert_eq!(wrap_text("", 7), [""]);
        assert_eq!(wrap_text("a\nb", 7), ["a", "b"]);
        assert_eq!(longest_word("one three"), 5);
    }

    #[test]
    fn later_lines_hang() {
        let line = Styled::of(Role::Strong, "decode:").and(Role::Plain, " bytes over bandwidth");
        let lines: Vec<String> = wrap(&line, 16, 2).iter().map(Styled::text).collect();
        assert_eq!(lines, ["decode: bytes", "  over bandwidth"]);
    }

    #[test]
    fn a_word_may_change_its_role() {
        let line = Styled::of(Role::Good, "it fits").and(Role::Plain, ", with room");
        let lines = wrap(&line, 8, 0);
        assert_eq!(
            lines[0],
            Styled::of(Role::Good, "it fits").and(Role::Plain, ",")
        );
        assert_eq!(lines[1], Styled::plain("with"));
        assert_eq!(lines[2], Styled::plain("room"));
    }

    #[test]
    fn wide_characters_take_two_cells() {
        assert_eq!(wrap_text("日本 日本", 7), ["日本", "日本"]);
    }
}
