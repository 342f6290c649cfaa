//! `data/calibration.toml` is what the measurements give.

use std::collections::BTreeSet;

use hwcmp::catalog::Catalog;
use hwcmp::study::Corpus;
use hwcmp::study::calibrate::fitted;
use hwcmp::units::Date;

/// Offsets below half a percent are not written down.
const UNWRITTEN: f64 = 0.0052;

#[test]
fn the_shipped_constants_are_the_fitted_ones() -> Result<(), Box<dyn std::error::Error>> {
    let catalog =
        Catalog::open(None, Date::new(2026, 11, 21)).map_err(|faults| faults.to_string())?;
    let shipped = catalog.constants().map_err(|faults| faults.to_string())?;
    let series = catalog.all_series().map_err(|faults| faults.to_string())?;
    let corpus = Corpus::of(&catalog, series).map_err(|faults| faults.to_string())?;
    let fitted = fitted(&corpus);
    assert_eq!(fitted.support, shipped.support);
    let parameters: BTreeSet<_> = fitted
        .coefficients
        .keys()
        .chain(shipped.coefficients.keys())
        .copied()
        .collect();
    for parameter in parameters {
        let (new, old) = (
            fitted.coefficients.get(&parameter),
            shipped.coefficients.get(&parameter),
        );
        let levels: BTreeSet<_> = new
            .iter()
            .chain(&old)
            .flat_map(|offsets| offsets.keys())
            .collect();
        for level in levels {
            let value = |offsets: Option<&std::collections::BTreeMap<String, f64>>| {
                offsets.and_then(|offsets| offsets.get(level)).copied()
            };
            let (new, old) = (value(new), value(old));
            let (a, b) = (new.unwrap_or(0.0), old.unwrap_or(0.0));
            let close = if new.is_some() && old.is_some() {
                1e-3
            } else {
                UNWRITTEN
            };
            assert!(
                (a - b).abs() <= close,
                "{} {level}: fitted {a:.4}, shipped {b:.4}",
                parameter.name()
            );
        }
    }
    Ok(())
}
