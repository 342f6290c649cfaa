//! A time as a sum of physical terms, each with its calibrated coefficients:
//! `t = sum over k of seconds_k x exp(sum of parameters_k)`, and under a power limit times
//! the slowdown that it brings.
//!
//! The estimator evaluates the sum; the calibration differentiates the same
//! sum, so the two cannot drift apart.

use super::bound::Bound;
use super::constants::{Parameter, Resolved};
use super::power::{slowdown, slowdown_slope};

/// A set of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parameters(u64);

impl Parameters {
    /// The set of those.
    pub fn of(list: &[Parameter]) -> Self {
        Self(
            list.iter()
                .fold(0, |set, parameter| set | 1 << *parameter as u64),
        )
    }

    /// Whether one is in it.
    pub fn contains(self, parameter: Parameter) -> bool {
        self.0 >> parameter as u64 & 1 == 1
    }

    /// Those in it, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = Parameter> {
        Parameter::ALL
            .into_iter()
            .filter(move |parameter| self.contains(*parameter))
    }

    /// Both sets together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A limit on the power that a term's work may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerLimit {
    /// Share of the rated power that it leaves, see [`super::available_power`].
    pub available: f64,
    /// The coefficient of what the work needs: the logarithm of its share of the rated power.
    pub need: Parameter,
}

/// One term.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// What it is, for `--explain`.
    pub name: &'static str,
    /// Its time at peak rate, or the count of what takes a fitted time each, in seconds.
    pub seconds: f64,
    /// Coefficients whose sum is its exponent.
    pub parameters: Parameters,
    /// The limit on its power; none where there is power enough.
    pub power: Option<PowerLimit>,
    /// What limits while it runs.
    pub bound: Bound,
}

/// The terms of one time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Terms(pub Vec<Term>);

impl Terms {
    /// Adds a term, unless it takes no time.
    pub fn add(
        &mut self,
        name: &'static str,
        seconds: f64,
        parameters: &[Parameter],
        bound: Bound,
    ) {
        if seconds > 0.0 {
            self.0.push(Term {
                name,
                seconds,
                parameters: Parameters::of(parameters),
                power: None,
                bound,
            });
        }
    }

    /// Every term so many times.
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Self {
        for term in &mut self.0 {
            term.seconds *= factor;
        }
        self
    }

    /// Every term with further coefficients.
    #[must_use]
    pub fn with(mut self, parameters: &[Parameter]) -> Self {
        let further = Parameters::of(parameters);
        for term in &mut self.0 {
            term.parameters = term.parameters.and(further);
        }
        self
    }

    /// Every term with so much power; no change where there is enough.
    #[must_use]
    pub fn powered(mut self, available: Option<f64>, need: Parameter) -> Self {
        for term in &mut self.0 {
            term.power = available.map(|available| PowerLimit { available, need });
        }
        self
    }

    /// Whether a power limit binds any of them.
    pub fn is_limited(&self) -> bool {
        self.0.iter().any(|term| term.power.is_some())
    }

    /// The derivative of the logarithm of the time by that of the power needed: how much
    /// an error of the one is an error of the other.
    pub fn power_slope(&self, constants: &Resolved) -> f64 {
        let total = self.seconds(constants);
        let slope = |term: &Term| {
            term.power.map_or(0.0, |limit| {
                slowdown_slope(limit.available, constants.get(limit.need).exp())
            }) * term.value(constants)
        };
        self.0.iter().map(slope).sum::<f64>() / total
    }

    /// These terms and then those.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The whole time in seconds.
    pub fn seconds(&self, constants: &Resolved) -> f64 {
        self.0.iter().map(|term| term.value(constants)).sum()
    }

    /// What takes the largest share of the time.
    pub fn bound(&self, constants: &Resolved) -> Bound {
        let mut shares = [0.0; Bound::ALL.len()];
        for term in &self.0 {
            shares[term.bound as usize] += term.value(constants);
        }
        Bound::ALL
            .into_iter()
            .max_by(|a, b| shares[*a as usize].total_cmp(&shares[*b as usize]))
            .unwrap_or(Bound::Memory)
    }

    /// The terms with their times, for `--explain`.
    pub fn describe(&self, constants: &Resolved) -> String {
        let parts: Vec<String> = self
            .0
            .iter()
            .map(|term| format!("{} {:.2} ms", term.name, term.value(constants) * 1e3))
            .collect();
        parts.join(" + ")
    }
}

impl Term {
    /// Its time in seconds.
    pub fn value(&self, constants: &Resolved) -> f64 {
        let exponent: f64 = self
            .parameters
            .iter()
            .map(|parameter| constants.get(parameter))
            .sum();
        let slower = self.power.map_or(1.0, |limit| {
            slowdown(limit.available, constants.get(limit.need).exp())
        });
        self.seconds * exponent.exp() * slower
    }
}
