//! What is wrong with a data file: where, what, and what to do about it.

use std::fmt;

/// One fault of a data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file as the user knows it.
    pub file: String,
    /// Line, from 1; 0 where the fault has no place in the text.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// The offending line of text.
    pub text: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub action: String,
}

impl Fault {
    /// A fault at a byte offset of a text.
    pub fn at(file: &str, source: &str, offset: usize, problem: String, action: String) -> Self {
        let offset = offset.min(source.len());
        let before = source.get(..offset).unwrap_or(source);
        let start = before.rfind('\n').map_or(0, |index| index + 1);
        let line = before.matches('\n').count() + 1;
        let column = before[start..].chars().count() + 1;
        let text = source[start..]
            .lines()
            .next()
            .unwrap_or("")
            .trim_end()
            .to_owned();
        Self {
            file: file.to_owned(),
            line,
            column,
            text,
            problem,
            action,
        }
    }

    /// A fault of a whole file.
    pub fn of_file(file: &str, problem: String, action: String) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            column: 0,
            text: String::new(),
            problem,
            action,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {}", self.file, self.problem)?;
        } else {
            write!(
                f,
                "{}:{}:{}: {}",
                self.file, self.line, self.column, self.problem
            )?;
            let shown: String = self.text.chars().take(100).collect();
            write!(f, "\n  | {shown}")?;
            if self.column <= 100 {
                write!(f, "\n  | {:>width$}", "^", width = self.column)?;
            }
        }
        write!(f, "\n  = {}", self.action)
    }
}

/// All faults found in one go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ordered: Vec<&Fault> = self.0.iter().collect();
        ordered.sort_by_key(|fault| (&fault.file, fault.line, fault.column));
        for fault in ordered {
            writeln!(f, "{fault}")?;
        }
        let count = self.0.len();
        write!(
            f,
            "{count} fault{} in the data",
            if count == 1 { "" } else { "s" }
        )
    }
}

impl std::error::Error for Faults {}
