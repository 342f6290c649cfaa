//! Hard constraints: what rules a machine out, with the reason.

use super::contender::Contender;
use super::ease::Limit;
use crate::predict::memory::Fits;
use crate::units::{compact, dollars};

/// What rules a machine out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Limits {
    /// Most to pay, US dollars.
    pub budget: Option<f64>,
    /// Most watts at the wall, flat out.
    pub max_watts: Option<f64>,
    /// Most noise, dB(A).
    pub max_noise: Option<f64>,
    /// Slowest decode, tokens a second of one user, on at least one model of the basket.
    pub min_decode: f64,
    /// Only machines that run CUDA.
    pub require_cuda: bool,
    /// A model (by id) that must run at the minimum speed.
    pub model: Option<String>,
}

/// One thing in which a machine does not keep to the limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Miss {
    /// The limit.
    pub limit: Limit,
    /// The value of the limit that the machine would keep to; none where that is not
    /// known, or where the limit has no value.
    pub needs: Option<f64>,
    /// In words.
    pub words: String,
}

impl Miss {
    fn new(limit: Limit, needs: Option<f64>, words: String) -> Self {
        Self {
            limit,
            needs,
            words,
        }
    }
}

impl Limits {
    /// Why a machine is out; empty when it is in the running.
    pub fn reasons(&self, contender: &Contender) -> Vec<String> {
        self.misses(contender)
            .into_iter()
            .map(|miss| miss.words)
            .collect()
    }

    /// What speaks against a machine; empty when it is in the running. What is unknown
    /// of it does not pass a limit that is asked for.
    pub fn misses(&self, contender: &Contender) -> Vec<Miss> {
        let mut misses = Vec::new();
        let mut most =
            |limit, value: Option<f64>, most: Option<f64>, unknown: &str, words: Words| match (
                value, most,
            ) {
                (_, None) => {}
                (Some(value), Some(most)) if value <= most => {}
                (Some(value), Some(most)) => {
                    misses.push(Miss::new(limit, Some(value), words(value, most)));
                }
                (None, Some(_)) => {
                    misses.push(Miss::new(limit, None, format!("its {unknown} unknown")));
                }
            };
        let price = contender.price.as_ref().map(|price| price.usd.mid);
        most(
            Limit::Budget,
            price,
            self.budget,
            "price is",
            |usd, most| format!("costs {}, over {}", dollars(usd), dollars(most)),
        );
        let watts = contender.machine.load_watts().map(|watts| watts.0);
        most(
            Limit::Watts,
            watts,
            self.max_watts,
            "watts are",
            |watts, most| format!("draws {watts:.0} W, over {most:.0} W"),
        );
        let noise = contender.machine.noise.map(|noise| noise.0);
        most(
            Limit::Noise,
            noise,
            self.max_noise,
            "noise is",
            |noise, most| format!("{noise:.0} dB(A), over {most:.0}"),
        );
        if self.require_cuda && !contender.machine.device.has_cuda() {
            misses.push(Miss::new(Limit::Cuda, None, "does not run CUDA".to_owned()));
        }
        if let Some(model) = &self.model {
            misses.extend(self.misses_model(contender, model));
        }
        let fastest = contender
            .running()
            .filter_map(|(_, estimate)| Some(estimate.decode?.mid))
            .fold(0.0, f64::max);
        if fastest < self.min_decode {
            misses.push(if fastest > 0.0 {
                let words = format!(
                    "decodes {} tok/s at best, under {}",
                    compact(fastest, 2),
                    compact(self.min_decode, 2)
                );
                Miss::new(Limit::Decode, Some(fastest), words)
            } else {
                Miss::new(
                    Limit::Decode,
                    None,
                    "runs no model of the basket".to_owned(),
                )
            });
        }
        misses
    }

    /// Why the required model does not run on it.
    fn misses_model(&self, contender: &Contender, model: &str) -> Option<Miss> {
        let run = contender.runs.iter().find(|run| run.model == model)?;
        let Some(estimate) = &run.estimate else {
            let words = format!("no engine runs {} there", run.name);
            return Some(Miss::new(Limit::Model, None, words));
        };
        match estimate.decode {
            _ if estimate.plan.fits == Fits::No => {
                let short = -(estimate.plan.headroom() as f64) / 1e9;
                let words = format!("{} does not fit, {} GB short", run.name, compact(short, 2));
                Some(Miss::new(Limit::Model, None, words))
            }
            Some(rate) if rate.mid < self.min_decode => {
                let words = format!("{} decodes {} tok/s only", run.name, compact(rate.mid, 2));
                Some(Miss::new(Limit::Decode, Some(rate.mid), words))
            }
            _ => None,
        }
    }
}

/// A value over a limit, in words.
type Words = fn(f64, f64) -> String;
