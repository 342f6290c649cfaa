//! How a workload's turns load a machine while its user is at work.

use crate::units::Watts;

/// The turns of a workload on a machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turns {
    /// Turns of one user in an hour.
    pub per_hour: f64,
    /// Turns an hour of one user that find nothing in the cache.
    pub cold_per_hour: f64,
    /// Users at the same time.
    pub users: f64,
    /// Sequences that the machine really decodes together.
    pub batch: f64,
    /// Seconds to the first token with a warm cache.
    pub warm: f64,
    /// Seconds to the first token with a cold cache.
    pub cold: f64,
    /// Tokens generated in a turn.
    pub output: f64,
    /// Tokens a second of one sequence.
    pub decode: f64,
}

impl Turns {
    /// The share of an hour that the work takes:
    /// `turns x (users x TTFT + users / batch x output / decode) / 3600`.
    /// Prompts are read one after another; answers are decoded `batch` at a
    /// time. Above one where the machine cannot keep up.
    pub fn share(&self) -> f64 {
        let cold = self.cold_per_hour.min(self.per_hour);
        let first = cold * self.cold + (self.per_hour - cold) * self.warm;
        let rounds = self.users / self.batch.min(self.users).max(1.0);
        let decode = self.per_hour * rounds * self.output / self.decode;
        (self.users * first + decode) / 3600.0
    }

    /// Tokens of all users generated in an hour of work, as many as the
    /// machine can.
    pub fn output_per_hour(&self) -> f64 {
        let asked = self.users * self.per_hour * self.output;
        asked / self.share().max(1.0)
    }
}

/// Watts on average while at work: at load for a share of the time, idle for
/// the rest of it.
pub fn mean_watts(share: f64, load: Watts, idle: Watts) -> Watts {
    let share = share.clamp(0.0, 1.0);
    Watts(share * load.0 + (1.0 - share) * idle.0)
}

#[cfg(test)]
mod tests {
    use super::{Turns, mean_watts};
    use crate::units::Watts;

    fn coding() -> Turns {
        Turns {
            per_hour: 40.0,
            cold_per_hour: 2.0,
            users: 1.0,
            batch: 1.0,
            warm: 3.0,
            cold: 30.0,
            output: 600.0,
            decode: 40.0,
        }
    }

    #[test]
    fn an_hour_of_coding_by_hand() {
        // 38 warm x 3 s + 2 cold x 30 s = 174 s; 40 x 600 / 40 = 600 s of decode;
        // 774 s of 3,600 = 21.5%.
        assert!((coding().share() - 0.215).abs() < 1e-12);
        // 40 x 600 = 24,000 tokens an hour.
        assert!((coding().output_per_hour() - 24_000.0).abs() < 1e-9);
        // 21.5% of 140 W + 78.5% of 25 W = 30.1 + 19.625 = 49.725 W.
        let watts = mean_watts(0.215, Watts(140.0), Watts(25.0));
        assert!((watts.0 - 49.725).abs() < 1e-9);
    }

    #[test]
    fn a_machine_that_cannot_keep_up_is_busy_all_the_time() {
        let slow = Turns {
            decode: 4.0,
            ..coding()
        };
        // 174 + 6,000 s = 171.5% of an hour: 24,000 / 1.715 tokens come out.
        assert!((slow.share() - 1.715).abs() < 1e-12);
        assert!((slow.output_per_hour() - 24_000.0 / 1.715).abs() < 1e-9);
        let watts = mean_watts(slow.share(), Watts(140.0), Watts(25.0));
        assert!((watts.0 - 140.0).abs() < 1e-12);
    }

    #[test]
    fn users_wait_for_a_place_in_the_batch() {
        let team = Turns {
            users: 8.0,
            batch: 4.0,
            ..coding()
        };
        // 8 x 174 s of prompts + 2 rounds x 600 s = 2,592 s = 72%.
        assert!((team.share() - 0.72).abs() < 1e-12);
    }
}
