//! Calibration and back-test.
