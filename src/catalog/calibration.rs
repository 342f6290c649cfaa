//! `data/calibration.toml`: the fitted constants, computed by `hwcmp calibrate`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::document::SourceFile;
use super::fault::Fault;
use crate::evidence::Evidence;
use crate::predict::constants::LogInterval;
use crate::predict::{Constants, Exponents, Parameter, Support};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCalibration {
    source: String,
    expert_popularity: f64,
    expert_batch_power: f64,
    #[serde(default)]
    coefficients: BTreeMap<String, BTreeMap<String, f64>>,
    #[serde(default)]
    support: BTreeMap<String, RawSupport>,
    #[serde(default)]
    intervals: BTreeMap<String, BTreeMap<String, RawInterval>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSupport {
    configurations: u32,
    sources: u32,
    #[serde(default)]
    models: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInterval {
    low: f64,
    high: f64,
}

/// The constants of a calibration file; none with a fault if it does not read.
pub fn constants(file: &SourceFile, faults: &mut Vec<Fault>) -> Option<Constants> {
    let raw: RawCalibration = match toml::from_str(&file.text) {
        Ok(raw) => raw,
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start);
            let action = "write the file anew with `hwcmp calibrate`".to_owned();
            let problem = error.message().replace('\n', " ");
            faults.push(Fault::at(&file.name, &file.text, offset, problem, action));
            return None;
        }
    };
    let mut fault = |name: &str, problem: String| {
        let offset = file.text.find(name).unwrap_or(0);
        let action = "write the file anew with `hwcmp calibrate`".to_owned();
        faults.push(Fault::at(&file.name, &file.text, offset, problem, action));
    };
    if !raw.expert_popularity.is_finite() || raw.expert_popularity <= 0.0 {
        let problem = format!("{} is no shape: it is above zero", raw.expert_popularity);
        fault("expert_popularity", problem);
    }
    let mut unknown = |what: &str, name: &str| fault(name, format!("there is no {what} `{name}`"));
    let mut constants = Constants {
        source: raw.source,
        exponents: Exponents {
            expert_popularity: raw.expert_popularity,
            expert_batch_power: raw.expert_batch_power,
        },
        ..Constants::default()
    };
    for (name, offsets) in raw.coefficients {
        match Parameter::from_name(&name) {
            Some(parameter) => {
                constants.coefficients.insert(parameter, offsets);
            }
            None => unknown("parameter", &name),
        }
    }
    for (key, raw) in raw.support {
        let support = Support {
            configurations: raw.configurations,
            sources: raw.sources,
            models: raw.models,
        };
        constants.support.insert(key, support);
    }
    for (metric, levels) in raw.intervals {
        let mut known = BTreeMap::new();
        for (name, interval) in levels {
            match Evidence::ALL
                .into_iter()
                .find(|evidence| evidence.name() == name)
            {
                Some(evidence) => {
                    known.insert(
                        evidence,
                        LogInterval {
                            low: interval.low,
                            high: interval.high,
                        },
                    );
                }
                None => unknown("level of evidence", &name),
            }
        }
        constants.intervals.insert(metric, known);
    }
    Some(constants)
}
