//! What a person does with a machine.

use std::collections::BTreeMap;

use crate::evidence::Citation;

/// The criteria of a verdict: the articles' thirteen categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Criterion {
    /// Output tokens a second.
    Decode,
    /// Time to the first token.
    Prefill,
    /// Quality of the best model that runs fast enough.
    Capacity,
    /// Energy for a million tokens.
    Energy,
    /// Noise and size.
    Noise,
    /// Effort of setting up.
    Setup,
    /// What can be exchanged or added.
    Upgradeability,
    /// How much software runs as it is.
    Software,
    /// Tokens a second for many users.
    MultiUser,
    /// Training and fine-tuning.
    Training,
    /// What it brings when sold.
    Resale,
    /// Cost over the years.
    TotalCost,
    /// Price.
    Price,
}

impl Criterion {
    /// All of them, in the articles' order.
    pub const ALL: [Self; 13] = [
        Self::Decode,
        Self::Prefill,
        Self::Capacity,
        Self::Energy,
        Self::Noise,
        Self::Setup,
        Self::Upgradeability,
        Self::Software,
        Self::MultiUser,
        Self::Training,
        Self::Resale,
        Self::TotalCost,
        Self::Price,
    ];

    /// The word used in data, flags and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Prefill => "prefill",
            Self::Capacity => "capacity",
            Self::Energy => "energy",
            Self::Noise => "noise",
            Self::Setup => "setup",
            Self::Upgradeability => "upgradeability",
            Self::Software => "software",
            Self::MultiUser => "multi-user",
            Self::Training => "training",
            Self::Resale => "resale",
            Self::TotalCost => "total-cost",
            Self::Price => "price",
        }
    }

    /// The criterion of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|criterion| criterion.name() == name)
    }
}

/// A model of a workload's basket.
#[derive(Debug, Clone, PartialEq)]
pub struct BasketItem {
    /// Model id.
    pub model: String,
    /// Quant id; the engine's usual four bits (or the model's native ones) where none.
    pub quant: Option<String>,
    /// Weight among the basket's models.
    pub weight: f64,
}

/// A kind of use.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is, in a sentence.
    pub description: String,
    /// Tokens that memory is reserved for, of each user.
    pub context: u64,
    /// New prompt tokens of a turn.
    pub prompt: u64,
    /// Prompt tokens of a turn found in the cache.
    pub cached: u64,
    /// Tokens generated in a turn.
    pub output: u64,
    /// Turns of one user in an hour.
    pub turns_per_hour: f64,
    /// Turns an hour that find nothing in the cache.
    pub cold_starts_per_hour: f64,
    /// Users at the same time.
    pub users: u32,
    /// Hours a day; the command line's where none.
    pub hours: Option<f64>,
    /// The models it runs.
    pub basket: Vec<BasketItem>,
    /// Slowest decode that still serves, tokens a second of one user.
    pub min_decode: f64,
    /// Longest time to the first token with a warm cache, seconds.
    pub max_ttft_warm: f64,
    /// Longest time to the first token with a cold cache, seconds.
    pub max_ttft_cold: f64,
    /// Weights of the criteria; a criterion left out does not count.
    pub weights: BTreeMap<Criterion, f64>,
    /// Where its numbers come from.
    pub citation: Citation,
}
