//! When a machine of one's own pays against an API, a rented GPU or a
//! subscription.

use crate::units::Watts;

use super::crossover_years::MOST_YEARS;
use super::holding::{MILLION, MONTHS};
use super::profile::mean_watts;
use super::{DAYS_PER_YEAR, Holding, Terms, Turns};

/// A machine at a workload: what it costs and what comes out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Use {
    /// What it costs to buy.
    pub price: f64,
    /// The share of it that comes back after three years.
    pub resale_3y: f64,
    /// The turns of its users.
    pub turns: Turns,
    /// Watts under load.
    pub load: Watts,
    /// Watts idle.
    pub idle: Watts,
    /// Watts in the hours away from work; 0 when it is switched off.
    pub rest: Watts,
}

/// API prices of a million tokens, US dollars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TokenPrices {
    /// Prompt tokens.
    pub input: f64,
    /// Prompt tokens found in the provider's cache; the full price where none is stated.
    pub cached: Option<f64>,
    /// Tokens generated.
    pub output: f64,
}

impl TokenPrices {
    /// What a million generated tokens cost with the prompts that go with
    /// them: turns of `prompt` new and `cached` known tokens, a share of them
    /// cold, where all of the prompt is new.
    pub fn per_million_output(&self, prompt: f64, cached: f64, output: f64, cold: f64) -> f64 {
        let known = self.cached.unwrap_or(self.input);
        let cached = cached * (cold * self.input + (1.0 - cold) * known);
        (prompt * self.input + cached + output * self.output) / output
    }
}

/// What the machine is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rival {
    /// US dollars a million generated tokens, prompts included.
    PerMillion(f64),
    /// US dollars an hour, rented while at work.
    PerHour(f64),
    /// US dollars a month.
    PerMonth(f64),
}

/// How a machine compares with a rival.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BreakEven {
    /// The rival's cost of a million generated tokens at this use.
    pub rival_per_million: f64,
    /// The rival's cost over the years.
    pub rival_total: f64,
    /// Generated tokens a day at which both cost the same over the years; none
    /// where the machine never gets there, or the rival does not charge by use.
    pub tokens_per_day: Option<f64>,
    /// Months until what is saved has paid the price, resale not counted;
    /// none where nothing is saved, or not within [`MOST_YEARS`].
    pub months: Option<f64>,
    /// Whether the machine, resold, costs less over the years at this use.
    pub pays: bool,
}

impl Use {
    /// The machine's cost curve.
    pub fn holding(&self) -> Holding {
        Holding {
            price: self.price,
            resale_3y: self.resale_3y,
            work: mean_watts(self.turns.share(), self.load, self.idle).0,
            rest: self.rest.0,
        }
    }

    /// Tokens generated in a day.
    pub fn tokens_per_day(&self, terms: &Terms) -> f64 {
        self.turns.output_per_hour() * terms.hours
    }

    /// Tokens generated in a day under load around the clock.
    pub fn most_tokens_per_day(&self) -> f64 {
        self.turns.output_per_hour() / self.turns.share().min(1.0) * 24.0
    }

    /// What a million generated tokens cost at this use.
    pub fn per_million(&self, terms: &Terms) -> f64 {
        self.holding()
            .per_million(self.turns.output_per_hour(), terms)
    }

    /// What a million generated tokens cost under load around the clock: the
    /// least it can be.
    pub fn least_per_million(&self, terms: &Terms) -> f64 {
        let days = DAYS_PER_YEAR * terms.years;
        let electricity = self.load.0 * 24.0 / 1000.0 * days * terms.rate.0;
        let net = self.holding().loss(terms.years) + electricity;
        net / (self.most_tokens_per_day() * days) * MILLION
    }

    /// The electricity of a million generated tokens, above idling.
    pub fn electricity_per_million(&self, terms: &Terms) -> f64 {
        let seconds = 24.0 * 3600.0 / self.most_tokens_per_day();
        (self.load.0 - self.idle.0) * seconds / 3.6e6 * terms.rate.0 * MILLION
    }

    /// The comparison with a rival.
    pub fn against(&self, rival: Rival, terms: &Terms) -> BreakEven {
        let days = DAYS_PER_YEAR * terms.years;
        let tokens = self.tokens_per_day(terms);
        let holding = self.holding();
        let rival_day = match rival {
            Rival::PerMillion(usd) => usd / MILLION * tokens,
            Rival::PerHour(usd) => usd * terms.hours,
            Rival::PerMonth(usd) => usd * MONTHS / DAYS_PER_YEAR,
        };
        let electricity_day = holding.daily_energy(terms.hours) * terms.rate.0;
        let saved_month = (rival_day - electricity_day) * DAYS_PER_YEAR / MONTHS;
        let months = self.price / saved_month;
        BreakEven {
            rival_per_million: rival_day / tokens * MILLION,
            rival_total: rival_day * days,
            tokens_per_day: self.tokens_to_break_even(rival, terms),
            months: (saved_month > 0.0 && months <= MOST_YEARS * MONTHS).then_some(months),
            pays: holding.net(terms) < rival_day * days,
        }
    }

    /// Against an API: `fixed / (365 x years x (price - electricity))` a token,
    /// with all but the electricity above idling in `fixed`, as many as the
    /// machine can generate. Against a rented GPU: the same by the hour.
    fn tokens_to_break_even(&self, rival: Rival, terms: &Terms) -> Option<f64> {
        let days = DAYS_PER_YEAR * terms.years;
        let holding = self.holding();
        match rival {
            Rival::PerMillion(usd) => {
                let idle = Holding {
                    work: self.idle.0,
                    ..holding
                };
                let margin = (usd - self.electricity_per_million(terms)) / MILLION;
                let tokens = idle.net(terms) / (days * margin);
                (margin > 0.0 && tokens <= self.most_tokens_per_day()).then_some(tokens)
            }
            Rival::PerHour(usd) => {
                let rest = holding.net(&Terms {
                    hours: 0.0,
                    ..*terms
                });
                let margin = usd - (holding.work - holding.rest) / 1000.0 * terms.rate.0;
                let hours = rest / (days * margin);
                (margin > 0.0 && hours <= 24.0).then(|| hours * self.turns.output_per_hour())
            }
            Rival::PerMonth(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Rival, TokenPrices, Use};
    use crate::money::{Terms, Turns};
    use crate::units::{UsdPerKilowattHour, Watts};

    /// A user whose turns load the machine for a quarter of the time: 36 turns
    /// x (5 s + 800 / 40 s) = 900 s, 28,800 tokens an hour.
    const USE: Use = Use {
        price: 4000.0,
        resale_3y: 0.5,
        turns: Turns {
            per_hour: 36.0,
            cold_per_hour: 0.0,
            users: 1.0,
            batch: 1.0,
            warm: 5.0,
            cold: 5.0,
            output: 800.0,
            decode: 40.0,
        },
        load: Watts(220.0),
        idle: Watts(20.0),
        rest: Watts(20.0),
    };
    const TERMS: Terms = Terms {
        hours: 8.0,
        years: 3.0,
        rate: UsdPerKilowattHour(0.2),
    };

    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 0.005, "{value} not {expected}");
    }

    #[test]
    fn a_million_tokens_by_hand() {
        // At work 0.25 x 220 + 0.75 x 20 = 70 W; 70 x 8 + 20 x 16 = 880 Wh a day; x 1,095 days
        // x $0.2 = $192.72; net 2,000 + 192.72 = $2,192.72. Tokens 28,800 x 8 x 1,095 =
        // 252,288,000: $8.69 a million.
        close(USE.per_million(&TERMS), 2192.72 / 252.288);
        // Around the clock: 28,800 / 0.25 x 24 = 2,764,800 a day; 220 W x 24 h x 1,095 x $0.2 =
        // $1,156.32; 3,156.32 / 3,027.456 million = $1.0426.
        close(USE.most_tokens_per_day(), 2_764_800.0);
        close(USE.least_per_million(&TERMS), 3156.32 / 3027.456);
        // Above idling: 200 W x 900 s / 28,800 tokens = 6.25 J a token, 1.7361 kWh a million: $0.347.
        close(USE.electricity_per_million(&TERMS), 0.3472);
    }

    #[test]
    fn against_an_api_by_hand() {
        // 2,000 new and 24,000 cached tokens at $0.3, 600 out at $3: (0.6 + 7.2 + 1.8) thousandths
        // of a dollar a turn = $0.0096; / 600 tokens = $16 a million generated.
        let prices = TokenPrices {
            input: 0.3,
            cached: None,
            output: 3.0,
        };
        close(
            prices.per_million_output(2000.0, 24_000.0, 600.0, 0.05),
            16.0,
        );
        // With cached input at $0.03 and one turn in twenty cold: cached tokens cost
        // 24,000 x (0.05 x 0.3 + 0.95 x 0.03) = 1,044 millionths: (600 + 1,044 + 1,800) / 600 = $5.74.
        let cached = TokenPrices {
            cached: Some(0.03),
            ..prices
        };
        close(
            cached.per_million_output(2000.0, 24_000.0, 600.0, 0.05),
            5.74,
        );

        let even = USE.against(Rival::PerMillion(16.0), &TERMS);
        // 0.2304 million a day x $16 = $3.6864; x 1,095 = $4,036.61 against $2,192.72.
        close(even.rival_total, 4036.608);
        assert!(even.pays);
        // Idle all day: 0.48 kWh x 1,095 x $0.2 = $105.12; (2,000 + 105.12) / (1,095 x (16 - 0.3472) /
        // 1e6) = 122,821 tokens a day.
        let tokens = even.tokens_per_day.expect("it breaks even");
        assert!((tokens - 2105.12 / (1095.0 * (16.0 - 0.347_222) / 1e6)).abs() < 1.0);
        // A month saves (3.6864 - 0.176) x 365 / 12 = $106.775: 4,000 / 106.775 = 37.46 months.
        close(even.months.expect("it saves"), 37.462);
    }

    #[test]
    fn at_the_break_even_both_cost_the_same() {
        // Twice the tokens to break even, from the turns an hour, cost the API's price exactly.
        let api = 16.0;
        let tokens = USE
            .against(Rival::PerMillion(api), &TERMS)
            .tokens_per_day
            .expect("it breaks even");
        let mut scaled = USE;
        scaled.turns.per_hour *= tokens / USE.tokens_per_day(&TERMS);
        assert!((scaled.per_million(&TERMS) - api).abs() < 1e-6);
    }

    #[test]
    fn it_never_pays() {
        // The API costs less than the electricity.
        let even = USE.against(Rival::PerMillion(0.3), &TERMS);
        assert_eq!(
            (even.tokens_per_day, even.months, even.pays),
            (None, None, false)
        );
        // Above the electricity, but the machine cannot generate so many tokens.
        let even = USE.against(Rival::PerMillion(1.0), &TERMS);
        assert_eq!(even.tokens_per_day, None);
        // A $5 subscription is less than the electricity of $5.35 a month.
        let even = USE.against(Rival::PerMonth(5.0), &TERMS);
        assert_eq!((even.months, even.pays), (None, false));
    }

    #[test]
    fn against_rent_and_a_subscription_by_hand() {
        // $100 a month saves 100 - 0.176 x 365 / 12 = $94.647: 42.26 months; $3,600 over three
        // years against $2,192.72.
        let even = USE.against(Rival::PerMonth(100.0), &TERMS);
        close(even.months.expect("it saves"), 42.262);
        close(even.rival_total, 3600.0);
        assert!(even.pays && even.tokens_per_day.is_none());
        // $0.50 an hour: 8 h x 1,095 x 0.5 = $4,380. At 0 h it costs 2,000 + 105.12; each hour
        // a day saves 0.5 - 0.05 kW x 0.2 = $0.49: 2,105.12 / (1,095 x 0.49) = 3.9234 h x 28,800.
        let even = USE.against(Rival::PerHour(0.5), &TERMS);
        close(even.rival_total, 4380.0);
        let tokens = even.tokens_per_day.expect("it breaks even");
        assert!((tokens - 2105.12 / (1095.0 * 0.49) * 28_800.0).abs() < 1.0);
    }
}
