//! `data/workloads.toml`: kinds of use.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::citation::{citation, positive};
use super::document::{Row, Rules};
use super::fault::Fault;
use crate::units::Date;
use crate::workload::{BasketItem, Criterion, Workload};

/// A workload as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawWorkload {
    name: String,
    description: String,
    context_tokens: u64,
    prompt_tokens: u64,
    cached_tokens: u64,
    output_tokens: u64,
    turns_per_hour: f64,
    cold_starts_per_hour: f64,
    users: u32,
    hours_per_day: Option<f64>,
    min_decode_tokens_per_second: f64,
    max_ttft_warm_seconds: f64,
    max_ttft_cold_seconds: f64,
    basket: Vec<RawBasketItem>,
    weights: BTreeMap<String, f64>,
    source: Option<String>,
    date: Option<Date>,
    note: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBasketItem {
    model: String,
    quant: Option<String>,
    weight: f64,
}

/// A validated workload. Whether the basket's models exist is the caller's to check.
pub fn workload(row: Row<'_, RawWorkload>, rules: Rules, faults: &mut Vec<Fault>) -> Workload {
    let Row { id, raw, place } = row;
    positive(
        &[
            ("context_tokens", Some(raw.context_tokens as f64)),
            ("output_tokens", Some(raw.output_tokens as f64)),
            ("prompt_tokens", Some(raw.prompt_tokens as f64)),
            ("users", Some(f64::from(raw.users))),
            ("turns_per_hour", Some(raw.turns_per_hour)),
            (
                "min_decode_tokens_per_second",
                Some(raw.min_decode_tokens_per_second),
            ),
            ("max_ttft_warm_seconds", Some(raw.max_ttft_warm_seconds)),
            ("max_ttft_cold_seconds", Some(raw.max_ttft_cold_seconds)),
        ],
        &place,
        faults,
    );
    if raw.prompt_tokens + raw.cached_tokens + raw.output_tokens > raw.context_tokens {
        faults.push(place.fault(
            "context_tokens",
            "prompt, cached and output tokens together exceed `context_tokens`",
            "raise `context_tokens` or lower the others",
        ));
    }
    if raw.hours_per_day.is_some_and(|hours| hours > 24.0) {
        faults.push(place.fault("hours_per_day", "a day has 24 hours", "give 0 to 24"));
    }
    if raw.basket.is_empty() {
        faults.push(place.fault("basket", "the basket is empty", "name at least one model"));
    }
    let mut weights = BTreeMap::new();
    for (name, weight) in raw.weights {
        if let Some(criterion) = Criterion::from_name(&name) {
            weights.insert(criterion, weight);
        } else {
            let known: Vec<&str> = Criterion::ALL.into_iter().map(Criterion::name).collect();
            faults.push(place.fault(
                &format!("weights.{name}"),
                format!("there is no criterion `{name}`"),
                format!("write one of {}", known.join(", ")),
            ));
        }
    }
    if weights.values().sum::<f64>() <= 0.0 {
        faults.push(place.fault(
            "weights",
            "no criterion has a weight",
            "give at least one above zero",
        ));
    }
    Workload {
        id,
        name: raw.name,
        description: raw.description,
        context: raw.context_tokens,
        prompt: raw.prompt_tokens,
        cached: raw.cached_tokens,
        output: raw.output_tokens,
        turns_per_hour: raw.turns_per_hour,
        cold_starts_per_hour: raw.cold_starts_per_hour,
        users: raw.users,
        hours: raw.hours_per_day,
        basket: raw
            .basket
            .into_iter()
            .map(|item| BasketItem {
                model: item.model,
                quant: item.quant,
                weight: item.weight,
            })
            .collect(),
        min_decode: raw.min_decode_tokens_per_second,
        max_ttft_warm: raw.max_ttft_warm_seconds,
        max_ttft_cold: raw.max_ttft_cold_seconds,
        weights,
        citation: citation(raw.source, raw.date, raw.note, &place, rules.today, faults),
    }
}
