//! What each stack's kernels make of verifying several rows, fitted to published pairs,
//! and the interval of a predicted gain on a device that the fit has not seen.

use std::collections::{BTreeMap, BTreeSet};

use super::backtest::quantile;
use super::speculation::{Compared, compare};
use crate::catalog::{Catalog, SelectError};
use crate::evidence::Evidence;
use crate::predict::Constants;

/// A fit is taken only where it lowers the error on devices left out to this share of
/// the unfitted one: a smaller saving is what chance brings.
const WORTHWHILE: f64 = 0.9;
/// Devices that a stack's own interval needs; others take that of all stacks.
const DEVICES_FOR_INTERVAL: usize = 4;

/// What the pairs say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GainFit {
    /// What each further row costs beside the formula, as a share of a plain step, by
    /// `engine/backend`; a stack without an entry follows the formula alone.
    pub row_shares: BTreeMap<String, f64>,
    /// Log of measured over predicted gain: the 10th and 90th percentile of devices
    /// left out, by stack and, under the empty name, of all.
    pub residuals: BTreeMap<String, (f64, f64)>,
    /// Each pair's |predicted / measured - 1|, its device left out of the fit.
    pub errors: Vec<f64>,
    /// `device stack` with the models that have pairs there.
    pub measured: BTreeMap<String, BTreeSet<String>>,
}

impl GainFit {
    /// Fits to all pairs of the catalogue.
    ///
    /// # Errors
    /// If a table has faults.
    pub fn of(catalog: &Catalog, constants: &Constants) -> Result<Self, SelectError> {
        let compared = compare(catalog, constants)?.rows;
        let mut fit = Self::to(&compared);
        let pairs = catalog.speculation_pairs()?;
        for row in &compared {
            let models = fit
                .measured
                .entry(format!("{} {}", row.device, row.stack))
                .or_default();
            models.insert(pairs[row.entry].model.clone());
        }
        Ok(fit)
    }

    /// Fits to compared pairs.
    pub fn to(compared: &[Compared]) -> Self {
        let mut stacks: BTreeMap<&str, Vec<&Compared>> = BTreeMap::new();
        for row in compared {
            stacks.entry(&row.stack).or_default().push(row);
        }
        let mut fit = Self::default();
        let (mut order, mut all) = (Vec::new(), Vec::new());
        for (stack, rows) in stacks {
            let plain: Vec<f64> = rows.iter().map(|row| residual(row, 0.0)).collect();
            let left_out: Vec<f64> = rows
                .iter()
                .map(|row| {
                    let others = rows.iter().filter(|other| other.device != row.device);
                    residual(row, share(others.copied()).unwrap_or(0.0))
                })
                .collect();
            let whole = share(rows.iter().copied()).unwrap_or(0.0);
            let helps = typical(&rows, &left_out) < WORTHWHILE * typical(&rows, &plain);
            let taken = if helps && whole > 0.0 {
                fit.row_shares.insert(stack.to_owned(), whole);
                left_out
            } else {
                plain
            };
            let devices: BTreeSet<&str> = rows.iter().map(|row| row.device.as_str()).collect();
            if devices.len() >= DEVICES_FOR_INTERVAL {
                fit.residuals
                    .insert(stack.to_owned(), bounds(&rows, &taken));
            }
            order.extend(rows);
            all.extend(taken);
        }
        fit.residuals.insert(String::new(), bounds(&order, &all));
        fit.errors = all.iter().map(|log| ((-log).exp() - 1.0).abs()).collect();
        fit
    }

    /// The interval of a stack's gain on the log scale, below and above.
    pub fn interval(&self, stack: &str) -> (f64, f64) {
        let all = || self.residuals.get("");
        let bounds = self.residuals.get(stack).or_else(all);
        bounds.copied().unwrap_or((0.0, 0.0))
    }

    /// How well the gain is known: measured with the model itself on the device and
    /// stack, calibrated with another, from the data sheet otherwise.
    pub fn evidence(&self, device: &str, stack: &str, model: &str) -> Evidence {
        match self.measured.get(&format!("{device} {stack}")) {
            Some(models) if models.contains(model) => Evidence::Measured,
            Some(_) => Evidence::Calibrated,
            None => Evidence::Spec,
        }
    }
}

/// Log of measured over predicted gain.
fn residual(row: &Compared, row_share: f64) -> f64 {
    (row.gain / row.predicted(row_share)).ln()
}

/// The share of a stack: each device has one vote, the median of its rows; a row cannot
/// cost less than nothing. None without rows.
fn share<'a>(rows: impl Iterator<Item = &'a Compared>) -> Option<f64> {
    let mut devices: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for row in rows {
        devices
            .entry(&row.device)
            .or_default()
            .push(row.row_share());
    }
    let votes: Vec<f64> = devices
        .into_values()
        .map(|shares| quantile(&shares, 0.5))
        .collect();
    (!votes.is_empty()).then(|| quantile(&votes, 0.5).max(0.0))
}

/// The typical error: each device's median, and their mean.
fn typical(rows: &[&Compared], residuals: &[f64]) -> f64 {
    let mut devices: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (row, residual) in rows.iter().zip(residuals) {
        devices.entry(&row.device).or_default().push(residual.abs());
    }
    let count = devices.len().max(1) as f64;
    let medians = devices.values().map(|errors| quantile(errors, 0.5));
    medians.sum::<f64>() / count
}

/// The middle 80%, around zero. Each device of a stack weighs the same, however many
/// rows it has: a buyer's is one more device.
fn bounds(rows: &[&Compared], residuals: &[f64]) -> (f64, f64) {
    let mut devices: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for (row, residual) in rows.iter().zip(residuals) {
        let key = (row.stack.as_str(), row.device.as_str());
        devices.entry(key).or_default().push(*residual);
    }
    let total = devices.len() as f64;
    let mut weighed: Vec<(f64, f64)> = devices
        .values()
        .flat_map(|own| {
            let weight = 1.0 / (total * own.len() as f64);
            own.iter().map(move |residual| (*residual, weight))
        })
        .collect();
    weighed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let at = |share: f64| {
        let mut passed = 0.0;
        let found = weighed.iter().find(|(_, weight)| {
            passed += weight;
            passed >= share
        });
        found.map_or(0.0, |(residual, _)| *residual)
    };
    (at(0.1).min(0.0), at(0.9).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::{Compared, GainFit};

    /// A pair on a device whose further rows cost `share` of a step, without a draft.
    fn pair(device: &str, share: f64, drafted: u32) -> Compared {
        let yielded = 1.0 + 0.8 * f64::from(drafted);
        Compared {
            entry: 0,
            device: device.to_owned(),
            stack: "engine/backend".to_owned(),
            drafted,
            yielded,
            exact: true,
            gain: yielded / (1.1 + share * f64::from(drafted)),
            times: [1.0, 0.1, 0.0],
        }
    }

    #[test]
    fn a_cost_that_devices_agree_on_is_fitted() {
        let rows = [pair("a", 0.3, 2), pair("b", 0.3, 3), pair("c", 0.3, 1)];
        let fit = GainFit::to(&rows);
        assert!((fit.row_shares["engine/backend"] - 0.3).abs() < 1e-9);
        assert!(fit.errors.iter().all(|error| *error < 1e-9));
    }

    #[test]
    fn a_cost_that_one_device_has_is_not() {
        let rows = [pair("a", 0.6, 2), pair("b", 0.0, 3)];
        assert!(GainFit::to(&rows).row_shares.is_empty());
        assert!(GainFit::to(&rows[..1]).row_shares.is_empty());
    }
}
