//! What is known of a device: its table, its quotes, what stands behind its
//! calibrated constants, and what was measured on it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::fact::Fact;
use super::machine::quotes;
use super::{Shown, written};
use crate::catalog::{Catalog, DATA_DATE, TableKind};
use crate::evidence::{Citation, Metric, Series};
use crate::machine::{Backend, Device};
use crate::model::StorageClass;
use crate::predict::Setting;
use crate::predict::{Constants, Parameter};
use crate::report::{Report, Value};
use crate::units::{Date, compact, group_thousands};

/// The facts of a device; the constants themselves go into the details.
///
/// # Errors
/// If the data has faults.
pub fn facts(catalog: &Catalog, id: &str, report: &mut Report) -> Result<Shown> {
    let mut facts = written(catalog, TableKind::Devices, id, "device")?;
    facts.extend(quotes(catalog, id)?);
    let constants = catalog.constants()?;
    let series = catalog.series(id)?;
    let mut known = Vec::new();
    if let Some(device) = catalog.devices()?.get(id) {
        let memory = device.memory.as_ref();
        known.extend(memory.map(|memory| format!("{} GiB", compact(memory.total.gib(), 4))));
        known.extend(
            device
                .bandwidth
                .map(|rate| format!("{} GB/s", compact(rate.gb(), 4))),
        );
        support(constants, device, &mut facts);
        detail_constants(constants, device, report);
    }
    measured(&series, id, &mut facts);
    let points: usize = series.iter().map(|series| series.points.len()).sum();
    known.push(if points == 0 {
        "nothing measured on it".to_owned()
    } else {
        format!("{} measured points", group_thousands(&points.to_string()))
    });
    let sum = format!("{}; name it with --machine {id}.", known.join(", "));
    Ok((facts, sum))
}

/// The engines and backends with support for a device or its family.
fn stacks<'a>(constants: &'a Constants, device: &Device) -> BTreeSet<&'a str> {
    constants
        .support
        .keys()
        .filter_map(|key| key.split_once(' '))
        .filter(|(owner, _)| *owner == device.id || *owner == device.family)
        .map(|(_, stack)| stack)
        .collect()
}

/// From how many configurations and people the constants come, by engine, for
/// the device itself and for its die family.
fn support(constants: &Constants, device: &Device, facts: &mut Vec<Fact>) {
    let citation = Citation {
        source: constants.source.clone(),
        date: DATA_DATE,
        note: None,
    };
    let levels = [("device", &device.id), ("family", &device.family)];
    for stack in stacks(constants, device) {
        for (level, owner) in levels {
            let support = constants.support.get(&format!("{owner} {stack}"));
            let (configurations, sources) =
                support.map_or((0, 0), |support| (support.configurations, support.sources));
            let counts = [("configurations", configurations), ("sources", sources)];
            for (what, count) in counts {
                let key = format!("{level}_{what}");
                facts.push(Fact {
                    citation: citation.clone(),
                    ..Fact::derived(
                        &format!("constants, {stack}"),
                        &key,
                        count,
                        count.to_string(),
                        "",
                        DATA_DATE,
                    )
                });
            }
        }
    }
}

/// The constants by engine as sums over their levels, for `--explain`.
fn detail_constants(constants: &Constants, device: &Device, report: &mut Report) {
    for stack in stacks(constants, device) {
        let Some((engine, backend)) = stack
            .split_once('/')
            .and_then(|(engine, name)| Some((engine, Backend::from_name(name)?)))
        else {
            continue;
        };
        let setting = Setting::of_device(device, engine, backend, StorageClass::Q4K, "");
        let resolved = constants.resolve(&setting);
        for parameter in Parameter::ALL {
            let Some(offsets) = constants.coefficients.get(&parameter) else {
                continue;
            };
            let terms: Vec<String> = setting
                .levels()
                .into_iter()
                .filter_map(|(_, level, _)| Some(format!("{level} {:+.3}", offsets.get(&level)?)))
                .collect();
            report.detail(
                format!("{stack} {}", parameter.name()),
                format!("{:+.3} = {}", resolved.get(parameter), terms.join(", ")),
            );
        }
    }
}

/// How much was measured, by metric, and what is left out of fits and why.
fn measured(series: &[Series], id: &str, facts: &mut Vec<Fact>) {
    let Some(newest) = series.iter().map(|series| series.citation.date).max() else {
        return;
    };
    let how = format!("counted over data/measured/{id}.toml and the user's own");
    let counted = |of: &str, key: &str, count: usize, title: String| {
        let shown = group_thousands(&count.to_string());
        Fact::derived(of, key, count, shown, &how, newest).titled(title)
    };
    let people: BTreeSet<&str> = series
        .iter()
        .map(|series| series.measured_by.as_str())
        .collect();
    let models: BTreeSet<&str> = series.iter().map(|series| series.model.as_str()).collect();
    for (key, count, title) in [
        ("measured_by_people", people.len(), "by people"),
        ("measured_models", models.len(), "models"),
    ] {
        facts.push(counted("measured", key, count, title.to_owned()));
    }
    let metrics = [
        (Metric::Decode, "decode"),
        (Metric::Prefill, "prefill"),
        (Metric::Aggregate, "aggregate"),
        (Metric::Ttft, "ttft"),
    ];
    for (metric, name) in metrics {
        let (used, left): (Vec<&Series>, Vec<&Series>) = series
            .iter()
            .filter(|series| series.metric == metric)
            .partition(|series| series.excluded.is_none());
        for (group, which) in [(used, ""), (left, "excluded_")] {
            if group.is_empty() {
                continue;
            }
            let points = group.iter().map(|series| series.points.len()).sum();
            let words = which.replace('_', " ");
            let parts = [("series", group.len()), ("points", points)];
            for (what, count) in parts {
                facts.push(counted(
                    "measured",
                    &format!("{which}{name}_{what}"),
                    count,
                    format!("{words}{name} {what}"),
                ));
            }
        }
    }
    excluded(series, facts);
}

/// Each reason for leaving series out of fits, with how many.
fn excluded(series: &[Series], facts: &mut Vec<Fact>) {
    let mut reasons: BTreeMap<&str, (usize, Date)> = BTreeMap::new();
    let mut sources: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for series in series {
        let Some(reason) = &series.excluded else {
            continue;
        };
        let count = reasons.entry(reason).or_insert((0, series.citation.date));
        count.0 += series.points.len();
        count.1 = count.1.max(series.citation.date);
        let named = sources.entry(reason).or_default();
        named.insert(series.citation.source.as_str());
    }
    for (reason, (points, date)) in reasons {
        let from = sources.remove(reason).unwrap_or_default();
        facts.push(Fact {
            of: "left out of fits".to_owned(),
            key: "excluded_points".to_owned(),
            title: match points {
                1 => "1 point".to_owned(),
                many => format!("{many} points"),
            },
            value: Value::from(points),
            shown: reason.to_owned(),
            citation: Citation {
                source: from.into_iter().collect::<Vec<_>>().join("; "),
                date,
                note: None,
            },
            low_confidence: false,
        });
    }
}
