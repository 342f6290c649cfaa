//! A time as a sum of physical terms, each with its calibrated coefficients:
//! `t = sum over k of seconds_k x exp(sum of parameters_k)`, and under a power limit times
//! the slowdown that it brings. Where a kernel multiplies while it reads, the two times of a
//! step join as `(reading^2 + arithmetic^2)^1/2` instead.
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

/// Which of two times that overlap a term belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// What is read.
    Reading,
    /// What is multiplied meanwhile.
    Arithmetic,
}

/// Shortens the times that overlap so that their sum is `(reading^2 + arithmetic^2)^1/2`. Each
/// gets the share that is also the derivative of the sum by its logarithm, which is what the
/// calibration needs.
pub fn overlap(times: &mut [f64], side: impl Fn(usize) -> Option<Overlap>) {
    let of = |times: &[f64], which| -> f64 {
        let sides = times
            .iter()
            .enumerate()
            .filter(|(index, _)| side(*index) == Some(which));
        sides.map(|(_, time)| time).sum()
    };
    let (reading, arithmetic) = (of(times, Overlap::Reading), of(times, Overlap::Arithmetic));
    let together = reading.hypot(arithmetic);
    if together <= 0.0 {
        return;
    }
    for (index, time) in times.iter_mut().enumerate() {
        *time *= match side(index) {
            Some(Overlap::Reading) => reading / together,
            Some(Overlap::Arithmetic) => arithmetic / together,
            None => 1.0,
        };
    }
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
    /// Its side where it overlaps with others of the same step; none where it does not.
    pub overlap: Option<Overlap>,
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
        self.add_beside(name, seconds, parameters, bound, None);
    }

    /// The same of a term on one side of an overlap. A list holds one step that overlaps:
    /// those of two steps would all meet.
    pub(super) fn add_beside(
        &mut self,
        name: &'static str,
        seconds: f64,
        parameters: &[Parameter],
        bound: Bound,
        overlap: Option<Overlap>,
    ) {
        if seconds > 0.0 {
            self.0.push(Term {
                name,
                seconds,
                parameters: Parameters::of(parameters),
                power: None,
                overlap,
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
        let times = self.times(constants);
        let slope = |(term, time): (&Term, &f64)| {
            term.power.map_or(0.0, |limit| {
                slowdown_slope(limit.available, constants.get(limit.need).exp())
            }) * time
        };
        let slopes: f64 = self.0.iter().zip(&times).map(slope).sum();
        slopes / times.iter().sum::<f64>()
    }

    /// These terms and then those.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The whole time in seconds.
    pub fn seconds(&self, constants: &Resolved) -> f64 {
        let (mut alone, mut reading, mut arithmetic) = (0.0, 0.0, 0.0);
        for term in &self.0 {
            let side = match term.overlap {
                None => &mut alone,
                Some(Overlap::Reading) => &mut reading,
                Some(Overlap::Arithmetic) => &mut arithmetic,
            };
            *side += term.value(constants);
        }
        alone + f64::hypot(reading, arithmetic)
    }

    /// What each term takes of the whole time.
    fn times(&self, constants: &Resolved) -> Vec<f64> {
        let mut times: Vec<f64> = self.0.iter().map(|term| term.value(constants)).collect();
        overlap(&mut times, |index| self.0[index].overlap);
        times
    }

    /// What takes the largest share of the time.
    pub fn bound(&self, constants: &Resolved) -> Bound {
        let mut shares = [0.0; Bound::ALL.len()];
        for (term, time) in self.0.iter().zip(self.times(constants)) {
            shares[term.bound as usize] += time;
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
            .zip(self.times(constants))
            .map(|(term, time)| format!("{} {:.2} ms", term.name, time * 1e3))
            .collect();
        parts.join(" + ")
    }
}

impl Term {
    /// Its time in seconds by itself.
    fn value(&self, constants: &Resolved) -> f64 {
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

#[cfg(test)]
mod tests {
    use super::{Overlap, overlap};

    #[test]
    fn times_that_overlap_join_at_right_angles() {
        // Reading 2 + 1, arithmetic 4: (3^2 + 4^2)^1/2 = 5, of which reading has 9/5.
        let sides = [
            Some(Overlap::Reading),
            Some(Overlap::Reading),
            Some(Overlap::Arithmetic),
            None,
        ];
        let mut times = [2.0, 1.0, 4.0, 7.0];
        overlap(&mut times, |index| sides[index]);
        for (time, expected) in times.iter().zip([1.2, 0.6, 3.2, 7.0]) {
            assert!((time - expected).abs() < 1e-12, "{times:?}");
        }
        // Nothing to hide behind, nothing hidden.
        let mut times = [2.0, 1.0, 0.0, 7.0];
        overlap(&mut times, |index| sides[index]);
        assert!(
            times
                .iter()
                .zip([2.0, 1.0, 0.0, 7.0])
                .all(|(time, expected)| (time - expected).abs() < 1e-12)
        );
    }
}
