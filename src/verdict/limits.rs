//! Hard constraints: what rules a machine out, with the reason.

use super::contender::Contender;
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

impl Limits {
    /// Why a machine is out; empty when it is in the running. What is unknown
    /// of it does not pass a limit that is asked for.
    pub fn reasons(&self, contender: &Contender) -> Vec<String> {
        let mut reasons = Vec::new();
        if let Some(budget) = self.budget {
            match &contender.price {
                Some(price) if price.usd.mid <= budget => {}
                Some(price) => reasons.push(format!(
                    "costs {}, over {}",
                    dollars(price.usd.mid),
                    dollars(budget)
                )),
                None => reasons.push("its price is unknown".to_owned()),
            }
        }
        if let Some(most) = self.max_watts {
            match contender.machine.load_watts() {
                Some(watts) if watts.0 <= most => {}
                Some(watts) => reasons.push(format!("draws {:.0} W, over {most:.0} W", watts.0)),
                None => reasons.push("its watts are unknown".to_owned()),
            }
        }
        if let Some(most) = self.max_noise {
            match contender.machine.noise {
                Some(noise) if noise.0 <= most => {}
                Some(noise) => reasons.push(format!("{:.0} dB(A), over {most:.0}", noise.0)),
                None => reasons.push("its noise is unknown".to_owned()),
            }
        }
        if self.require_cuda && !contender.machine.device.has_cuda() {
            reasons.push("does not run CUDA".to_owned());
        }
        if let Some(model) = &self.model {
            reasons.extend(self.misses_model(contender, model));
        }
        let fastest = contender
            .running()
            .filter_map(|(_, estimate)| Some(estimate.decode?.mid))
            .fold(0.0, f64::max);
        if fastest < self.min_decode {
            reasons.push(if fastest > 0.0 {
                format!(
                    "decodes {} tok/s at best, under {}",
                    compact(fastest, 2),
                    compact(self.min_decode, 2)
                )
            } else {
                "runs no model of the basket".to_owned()
            });
        }
        reasons
    }

    /// Why the required model does not run on it.
    fn misses_model(&self, contender: &Contender, model: &str) -> Option<String> {
        let run = contender.runs.iter().find(|run| run.model == model)?;
        let Some(estimate) = &run.estimate else {
            return Some(format!("no engine runs {} there", run.name));
        };
        match estimate.decode {
            _ if estimate.plan.fits == Fits::No => {
                let short = -(estimate.plan.headroom() as f64) / 1e9;
                Some(format!(
                    "{} does not fit, {} GB short",
                    run.name,
                    compact(short, 2)
                ))
            }
            Some(rate) if rate.mid < self.min_decode => Some(format!(
                "{} decodes {} tok/s only",
                run.name,
                compact(rate.mid, 2)
            )),
            _ => None,
        }
    }
}
