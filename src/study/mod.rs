//! Calibration, back-test, and the audit of published claims.

pub mod audit;
