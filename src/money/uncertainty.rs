//! How sure the order is: uncertain inputs drawn many times, and which of them
//! matters most.

use std::collections::BTreeMap;

use crate::evidence::{Generator, Range};
use crate::units::{UsdPerKilowattHour, Watts};

use super::profile::mean_watts;
use super::{Holding, Terms};

/// Draws; a share of wins is then known to about one point.
pub const DRAWS: u32 = 2000;

/// An input that moves the net cost by less is as good as exact, US dollars.
const LEAST_SWING: f64 = 1.0;

/// A machine with the ranges of its inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncertain {
    /// Its id.
    pub id: String,
    /// What its price and resale hang on: machines of the same parts are dear
    /// or cheap together.
    pub market: String,
    /// What it costs to buy.
    pub price: Range,
    /// The share of the price that comes back after three years.
    pub resale_3y: Range,
    /// Watts under load, with the share of the time at work that it is under
    /// load; a range where that hangs on how fast it is.
    pub load: Watts,
    /// Share of the time at work under load.
    pub load_share: Range,
    /// Watts idle.
    pub idle: Watts,
    /// Watts in the hours away from work; 0 when it is switched off.
    pub rest: Watts,
}

/// An input whose range is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// What it costs to buy.
    Price,
    /// What it sells for.
    Resale,
    /// The price of electricity.
    Rate,
    /// How fast it works, as the share of time under load.
    Speed,
}

impl Input {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Price, Self::Resale, Self::Rate, Self::Speed];

    /// The word used in tables and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Resale => "resale",
            Self::Rate => "electricity price",
            Self::Speed => "speed",
        }
    }
}

/// Positions of the inputs within their ranges: 0 low, 0.5 middle, 1 high.
#[derive(Debug, Clone, Copy)]
struct Positions {
    price: f64,
    resale: f64,
    rate: f64,
    speed: f64,
}

const MIDDLE: Positions = Positions {
    price: 0.5,
    resale: 0.5,
    rate: 0.5,
    speed: 0.5,
};

impl Uncertain {
    /// The machine with every input at its middle.
    pub fn middle(&self) -> Holding {
        self.holding(MIDDLE)
    }

    fn holding(&self, at: Positions) -> Holding {
        Holding {
            price: self.price.at(at.price),
            resale_3y: self.resale_3y.at(at.resale),
            work: mean_watts(self.load_share.at(at.speed), self.load, self.idle).0,
            rest: self.rest.0,
        }
    }

    fn net(&self, terms: &Terms, rate: Range, at: Positions) -> f64 {
        let rate = UsdPerKilowattHour(rate.at(at.rate));
        self.holding(at).net(&Terms { rate, ..*terms })
    }

    /// The range of one input in its own unit.
    fn range(&self, input: Input, rate: Range) -> Range {
        match input {
            Input::Price => self.price,
            Input::Resale => self.resale_3y,
            Input::Rate => rate,
            Input::Speed => self.load_share,
        }
    }
}

/// How often each machine is the cheapest, by id; the shares add up to one.
/// Electricity is drawn once for all, price and resale once for each market,
/// speed for each machine, each from a generator seeded by its name: the
/// shares do not depend on the order of the machines and repeat on each run.
pub fn cheapest_shares(
    machines: &[Uncertain],
    terms: &Terms,
    rate: Range,
) -> BTreeMap<String, f64> {
    let mut wins: BTreeMap<&str, u32> = machines.iter().map(|one| (one.id.as_str(), 0)).collect();
    let mut electricity = Generator::seeded("electricity");
    let mut markets: BTreeMap<&str, Generator> = machines
        .iter()
        .map(|one| (one.market.as_str(), Generator::seeded(&one.market)))
        .collect();
    let mut speeds: BTreeMap<&str, Generator> = machines
        .iter()
        .map(|one| (one.id.as_str(), Generator::seeded(&one.id)))
        .collect();
    for _ in 0..DRAWS {
        let rate_at = electricity.draw();
        let market: BTreeMap<&str, (f64, f64)> = markets
            .iter_mut()
            .map(|(name, generator)| (*name, (generator.draw(), generator.draw())))
            .collect();
        let speed: BTreeMap<&str, f64> = speeds
            .iter_mut()
            .map(|(name, generator)| (*name, generator.draw()))
            .collect();
        let cheapest = machines
            .iter()
            .map(|one| {
                let (price, resale) = market[one.market.as_str()];
                let at = Positions {
                    price,
                    resale,
                    rate: rate_at,
                    speed: speed[one.id.as_str()],
                };
                (one.net(terms, rate, at), one.id.as_str())
            })
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
        if let Some((_, id)) = cheapest {
            *wins.entry(id).or_default() += 1;
        }
    }
    wins.into_iter()
        .map(|(id, count)| (id.to_owned(), f64::from(count) / f64::from(DRAWS)))
        .collect()
}

/// What one input does to a machine's net cost, all others at their middles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Swing {
    /// The input.
    pub input: Input,
    /// Its range, in its own unit.
    pub range: Range,
    /// Net cost with the input at its lower end.
    pub at_low: f64,
    /// Net cost with the input at its upper end.
    pub at_high: f64,
}

impl Swing {
    /// How far apart the ends are, US dollars.
    pub fn width(&self) -> f64 {
        (self.at_high - self.at_low).abs()
    }
}

/// The swings of a machine's inputs, the widest first; inputs without a range are left out.
pub fn tornado(machine: &Uncertain, terms: &Terms, rate: Range) -> Vec<Swing> {
    let at = |input: Input, position: f64| {
        let mut positions = MIDDLE;
        match input {
            Input::Price => positions.price = position,
            Input::Resale => positions.resale = position,
            Input::Rate => positions.rate = position,
            Input::Speed => positions.speed = position,
        }
        machine.net(terms, rate, positions)
    };
    let mut swings: Vec<Swing> = Input::ALL
        .into_iter()
        .map(|input| Swing {
            input,
            range: machine.range(input, rate),
            at_low: at(input, 0.0),
            at_high: at(input, 1.0),
        })
        .filter(|swing| swing.width() > LEAST_SWING)
        .collect();
    swings.sort_by(|a, b| b.width().total_cmp(&a.width()));
    swings
}

#[cfg(test)]
mod tests {
    use super::{Input, Uncertain, cheapest_shares, tornado};
    use crate::evidence::Range;
    use crate::money::Terms;
    use crate::units::{UsdPerKilowattHour, Watts};

    const TERMS: Terms = Terms {
        hours: 8.0,
        years: 3.0,
        rate: UsdPerKilowattHour(0.2),
    };

    const fn range(low: f64, mid: f64, high: f64) -> Range {
        Range { low, mid, high }
    }

    fn machine(id: &str, price: Range) -> Uncertain {
        Uncertain {
            id: id.to_owned(),
            market: id.to_owned(),
            price,
            resale_3y: range(0.25, 0.5, 0.75),
            load: Watts(500.0),
            load_share: Range::exact(1.0),
            idle: Watts(50.0),
            rest: Watts(50.0),
        }
    }

    #[test]
    fn a_tornado_by_hand() {
        let one = machine("a", range(3000.0, 4000.0, 6000.0));
        let swings = tornado(&one, &TERMS, range(0.1, 0.2, 0.3));
        // 500 W x 8 h + 50 W x 16 h = 4.8 kWh a day = 5,256 kWh in three years, $1,051.20.
        // Resale 25% to 75% of $4,000: 4,000 - 1,000 + 1,051.20 = $4,051.20 to $2,051.20: $2,000.
        // Price $3,000 to $6,000 at half: 1,500 + 1,051.20 = $2,551.20 to $4,051.20: $1,500.
        // Electricity $0.1 to $0.3: 2,000 + 525.60 = $2,525.60 to $3,576.80: $1,051.20.
        let told: Vec<(Input, f64, f64)> = swings
            .iter()
            .map(|swing| (swing.input, swing.at_low, swing.at_high))
            .collect();
        let expected = [
            (Input::Resale, 4051.20, 2051.20),
            (Input::Price, 2551.20, 4051.20),
            (Input::Rate, 2525.60, 3576.80),
        ];
        assert_eq!(told.len(), 3);
        for (told, expected) in told.iter().zip(expected) {
            assert_eq!(told.0, expected.0);
            assert!((told.1 - expected.1).abs() < 0.005, "{told:?}");
            assert!((told.2 - expected.2).abs() < 0.005, "{told:?}");
        }
    }

    #[test]
    fn a_fast_machine_is_under_load_for_less_time() {
        let one = Uncertain {
            load_share: range(0.2, 0.3, 0.4),
            ..machine("a", Range::exact(4000.0))
        };
        let swings = tornado(&one, &TERMS, Range::exact(0.2));
        let speed = swings
            .iter()
            .find(|swing| swing.input == Input::Speed)
            .expect("a swing of speed");
        // Slow 40%: 0.4 x 500 + 0.6 x 50 = 230 W; fast 20%: 140 W; 90 W x 8 h x 1,095 x $0.2 = $157.68.
        assert!((speed.at_high - speed.at_low - 157.68).abs() < 0.005);
    }

    #[test]
    fn shares_add_up_and_repeat_and_know_no_order() {
        let machines = [
            machine("a", range(3000.0, 4000.0, 6000.0)),
            machine("b", range(3500.0, 4100.0, 5000.0)),
            machine("c", range(9000.0, 9500.0, 9900.0)),
        ];
        let rate = range(0.15, 0.2, 0.25);
        let shares = cheapest_shares(&machines, &TERMS, rate);
        assert!((shares.values().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(shares["a"] > 0.3 && shares["b"] > 0.3 && shares["c"] < 0.02);
        assert_eq!(shares, cheapest_shares(&machines, &TERMS, rate));
        let turned: Vec<Uncertain> = machines.iter().rev().cloned().collect();
        assert_eq!(shares, cheapest_shares(&turned, &TERMS, rate));
    }

    #[test]
    fn machines_of_one_market_are_dear_together() {
        // The same parts, one always $100 more: it never wins.
        let dear = Uncertain {
            market: "a".to_owned(),
            ..machine("b", range(3100.0, 4100.0, 6100.0))
        };
        let machines = [machine("a", range(3000.0, 4000.0, 6000.0)), dear];
        let shares = cheapest_shares(&machines, &TERMS, Range::exact(0.2));
        assert!((shares["a"] - 1.0).abs() < 1e-12);
    }
}
