//! Every row of the built-in data loads.

use hwcmp::catalog::Catalog;
use hwcmp::units::Date;

#[test]
fn every_row_of_data_loads() {
    match Catalog::check(&[], None, Date::new(2026, 11, 21)) {
        Ok(counts) => assert!(counts.len() >= 12, "{counts:?}"),
        Err(faults) => panic!("{faults}"),
    }
}
