//! `hwcmp`: which machine to buy for running language models at home.
//!
//! The modules in the order in which they may use each other (a module uses
//! those before it, never those after it; `tests/architecture.rs` checks the
//! `use crate::` lines):
//!
//! 1. [`units`]: quantities with their unit in the type, parsing and formatting.
//! 2. [`evidence`]: where a number comes from, and how well it is known.
//! 3. [`model`] and [`machine`]: what is run, and what one can buy.
//! 4. [`workload`]: what a person does with it.
//! 5. [`predict`]: the estimator. Pure; everything goes through [`predict::estimate`].
//! 6. [`money`]: cost of ownership, crossovers, break-even.
//! 7. [`catalog`] (data files to validated values), [`import`] (files of other
//!    tools), [`study`] (calibration and back-test), [`verdict`] (the decision).
//! 8. [`report`]: one value per answer, and its renderers.
//! 9. [`cli`]: arguments as typed, then as meant; one file per subcommand.
//!
//! Data flows from the command line through the catalogue into scenarios,
//! from scenarios through `predict::estimate` into estimates, and from there
//! through `money` and `verdict` into a `Report`. Only `report` and `cli` write.

pub mod catalog;
pub mod cli;
pub mod evidence;
pub mod import;
pub mod machine;
pub mod model;
pub mod money;
pub mod predict;
pub mod report;
pub mod study;
pub mod units;
pub mod verdict;
pub mod workload;
