//! One value per answer, and its renderers.
//!
//! A command builds a [`Report`]; its columns are declared once, with key,
//! title, unit, priority and format. [`select()`] applies `--columns`, `--sort`
//! and `--top` to it, and each renderer is a small file over it.

pub mod bars;
mod build;
pub mod chart;
pub mod csv;
mod format;
pub mod json;
mod layout;
pub mod markdown;
mod select;
pub mod table;
mod text;
mod value;
mod wrap;

pub use select::{SelectError, Selection, select};
pub use text::{Role, Styled};
pub use value::{Align, Cell, Column, Format, Note, Report, Row, Value};
pub use wrap::wrap;

#[cfg(test)]
mod testing;
