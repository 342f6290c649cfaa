//! The table below `check`, with what it refers to looked up.

use super::raw::{RawCheck, RawElectricity, RawOwnership, RawRun};
use super::validate::{References, absent};
use super::{Bounds, Check, Figure, OwnershipCase, Run, Size, Term};
use crate::catalog::citation::ordered;
use crate::catalog::document::{Place, Rules};
use crate::catalog::fault::Fault;
use crate::catalog::{SelectError, nearest};
use crate::model::Quant;
use crate::predict::Split;

/// Reads the table below `check`.
pub(super) struct CheckReader<'a, 'b> {
    pub(super) known: &'a References<'a>,
    pub(super) rules: Rules,
    /// The path of its keys: `check.fits`.
    pub(super) below: String,
    pub(super) place: &'a Place<'b>,
    pub(super) faults: &'a mut Vec<Fault>,
}

impl CheckReader<'_, '_> {
    /// The check; none where it does not say enough.
    pub(super) fn read(&mut self, raw: RawCheck) -> Option<Check> {
        Some(match raw {
            RawCheck::Price(raw) => {
                if raw.as_of > self.rules.today {
                    self.fault(
                        "as_of",
                        format!("the date {} lies in the future", raw.as_of),
                        "give a day in the past",
                    );
                }
                self.machine("item", &raw.item);
                Check::Price {
                    item: raw.item,
                    as_of: raw.as_of,
                }
            }
            RawCheck::Device(raw) => {
                let devices = self.known.catalog.devices().ok()?;
                if !devices.contains_key(&raw.id) {
                    let near = nearest(&raw.id, devices.keys().map(String::as_str));
                    self.absent("id", "device", &raw.id, near);
                }
                Check::Device {
                    id: raw.id,
                    field: raw.field,
                }
            }
            RawCheck::Machine(raw) => {
                self.machine("id", &raw.id);
                Check::Machine {
                    id: raw.id,
                    field: raw.field,
                }
            }
            RawCheck::Weights(raw) => {
                let bits = (raw.bits_per_weight, raw.bits_per_weight_high);
                Check::Weights(self.size(raw.params_b, bits, raw.model, raw.quant)?)
            }
            RawCheck::Fits(raw) => {
                self.machine("machine", &raw.machine);
                let size = self.size(
                    raw.params_b,
                    (raw.bits_per_weight, None),
                    raw.model,
                    raw.quant,
                )?;
                Check::Fits {
                    machine: raw.machine,
                    size,
                    context: raw.context,
                    expected: raw.expected,
                }
            }
            RawCheck::Decode(raw) => self.speed(Figure::Decode, raw),
            RawCheck::Prefill(raw) => self.speed(Figure::Prefill, raw),
            RawCheck::Ttft(raw) => self.speed(Figure::Ttft, raw),
            RawCheck::Aggregate(raw) => self.speed(Figure::Aggregate, raw),
            RawCheck::Electricity(raw) => self.electricity(&raw)?,
            RawCheck::Tco(raw) => Check::Ownership(self.ownership(&raw)),
            RawCheck::TcoDifference(raw) => {
                Check::OwnershipDifference(self.ownership(&raw.of), self.ownership(&raw.minus))
            }
            RawCheck::Ratio(raw) => {
                self.terms("numerator", std::slice::from_ref(&raw.numerator));
                self.terms("denominator", std::slice::from_ref(&raw.denominator));
                Check::Ratio(raw.numerator, raw.denominator)
            }
            RawCheck::Sum(raw) => {
                self.terms("terms", &raw.terms);
                Check::Sum(raw.terms)
            }
            RawCheck::Product(raw) => {
                self.terms("terms", &raw.terms);
                Check::Product(raw.terms)
            }
        })
    }

    fn fault(&mut self, key: &str, problem: impl Into<String>, action: impl Into<String>) {
        let path = if key.is_empty() {
            self.below.clone()
        } else {
            format!("{}.{key}", self.below)
        };
        self.faults.push(self.place.fault(&path, problem, action));
    }

    fn absent(&mut self, key: &str, what: &str, id: &str, near: Option<&str>) {
        let key = format!("{}.{key}", self.below);
        let action = format!("name a {what} of the catalogue");
        self.faults
            .push(absent(self.place, &key, what, id, near, &action));
    }

    fn machine(&mut self, key: &str, typed: &str) {
        match self.known.catalog.select_machine(typed) {
            Ok(_) => {}
            Err(SelectError::Unknown(unknown)) => {
                self.absent(key, "machine", typed, unknown.nearest.as_deref());
            }
            Err(error) => self.fault(key, error.to_string(), "name a machine of the catalogue"),
        }
    }

    fn model(&mut self, id: &str) {
        if !self.known.models.contains_key(id) {
            let near = nearest(id, self.known.models.keys().map(String::as_str));
            self.absent("model", "model", id, near);
        }
    }

    fn quant(&mut self, id: &str) {
        if Quant::from_id(id).is_none() {
            self.absent("quant", "quant", id, None);
        }
    }

    /// Parameters and bits, or a model and its quant.
    fn size(
        &mut self,
        params: Option<f64>,
        (low, high): (Option<f64>, Option<f64>),
        model: Option<String>,
        quant: Option<String>,
    ) -> Option<Size> {
        match (params, low, model, quant) {
            (Some(billions), Some(low), None, None) => {
                let bits = Bounds {
                    low,
                    high: high.unwrap_or(low),
                };
                let key = format!("{}.bits_per_weight", self.below);
                ordered(&key, low, low, bits.high, self.place, self.faults);
                Some(Size::Parameters { billions, bits })
            }
            (None, None, Some(model), Some(quant)) => {
                self.model(&model);
                self.quant(&quant);
                Some(Size::Model { model, quant })
            }
            _ => {
                let action = "give `params_b` and `bits_per_weight`, or `model` and `quant`";
                self.fault("", "the check does not say what is stored", action);
                None
            }
        }
    }

    fn speed(&mut self, figure: Figure, raw: RawRun) -> Check {
        self.machine("machine", &raw.machine);
        self.model(&raw.model);
        self.quant(&raw.quant);
        if let Some(engine) = &raw.engine
            && let Err(error) = self.known.catalog.select_engine(engine)
        {
            self.fault(
                "engine",
                error.to_string(),
                "name an engine of `hwcmp list engines`",
            );
        }
        let split = raw.split.as_deref().and_then(Split::from_name);
        if let (Some(word), None) = (&raw.split, split) {
            self.fault(
                "split",
                format!("there is no split `{word}`"),
                "write layer, tensor or replicas",
            );
        }
        let run = Run {
            machine: raw.machine,
            model: raw.model,
            quant: raw.quant,
            engine: raw.engine,
            split,
            prompt: raw.prompt,
            concurrency: raw.concurrency.unwrap_or(1),
        };
        Check::Speed {
            figure,
            run,
            ceiling_only: raw.ceiling,
        }
    }

    fn electricity(&mut self, raw: &RawElectricity) -> Option<Check> {
        let watts = match (raw.watts, raw.watts_low, raw.watts_high) {
            (Some(watts), None, None) => Bounds::exact(watts),
            (None, Some(low), Some(high)) => Bounds { low, high },
            _ => {
                self.fault(
                    "",
                    "the check does not say what is drawn",
                    "give `watts`, or `watts_low` and `watts_high`",
                );
                return None;
            }
        };
        self.hours("hours_per_day", raw.hours_per_day);
        Some(Check::Electricity {
            watts,
            hours_per_day: raw.hours_per_day,
            usd_per_kwh: raw.usd_per_kwh,
            days: raw.days,
        })
    }

    fn hours(&mut self, key: &str, hours: f64) {
        if !(0.0..=24.0).contains(&hours) {
            self.fault(key, "a day has 24 hours", "give 0 to 24");
        }
    }

    fn ownership(&mut self, raw: &RawOwnership) -> OwnershipCase {
        self.hours("hours_per_day", raw.hours_per_day);
        if raw.hardware_usd <= 0.0 {
            self.fault(
                "hardware_usd",
                "`hardware_usd` cannot be zero",
                "give what was paid",
            );
        }
        OwnershipCase {
            hardware_usd: raw.hardware_usd,
            years: raw.years,
            hours_per_day: raw.hours_per_day,
            usd_per_kwh: raw.usd_per_kwh,
            watts: raw.watts,
            idle_watts: raw.idle_watts,
            resale_usd: raw.resale_usd,
            total: raw.quantity,
        }
    }

    /// Terms must be numbers, or claims that print a single figure.
    fn terms(&mut self, key: &str, terms: &[Term]) {
        for term in terms {
            let Term::Claim(id) = term else { continue };
            match self.known.figures.get(id) {
                Some(true) => {}
                Some(false) => self.fault(
                    key,
                    format!("the claim `{id}` prints no single figure"),
                    "write the number",
                ),
                None => {
                    let near = nearest(id, self.known.figures.keys().map(String::as_str));
                    self.absent(key, "claim", id, near);
                }
            }
        }
    }
}
