//! Machines side by side: each criterion's figure, who is ahead in it, and by how much.

use std::collections::BTreeMap;

use super::contender::{Contender, Terms};
use super::criteria::{Draw, utilities};
use super::measure::{Measure, measure};
use super::score::score;
use crate::workload::{Criterion, Workload};

/// Figures closer than this are even: sources differ by more.
const EVEN: f64 = 0.03;

/// One criterion over all machines.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The criterion.
    pub criterion: Criterion,
    /// Its weight in the workload.
    pub weight: f64,
    /// What is known of each machine, in their order.
    pub measures: Vec<Option<Measure>>,
    /// Position of the machine that is ahead; none where they are even or nothing is known.
    pub winner: Option<usize>,
    /// How far ahead it is of the next: a ratio above one, or the difference of ratings.
    pub lead: Option<f64>,
    /// Why, in numbers.
    pub why: String,
}

/// Compares machines over the thirteen criteria, in the articles' order.
pub fn compare(contenders: &[Contender], workload: &Workload, terms: &Terms) -> Vec<Comparison> {
    Criterion::ALL
        .into_iter()
        .map(|criterion| {
            let measures: Vec<Option<Measure>> = contenders
                .iter()
                .map(|contender| measure(contender, criterion, workload, terms))
                .collect();
            let Decision { winner, lead, why } = decide(&measures, contenders);
            Comparison {
                criterion,
                weight: workload.weights.get(&criterion).copied().unwrap_or(0.0),
                measures,
                winner,
                lead,
                why,
            }
        })
        .collect()
}

/// The score of each machine for the workload, as in a verdict.
pub fn scores(contenders: &[Contender], workload: &Workload, terms: &Terms) -> Vec<f64> {
    contenders
        .iter()
        .map(|contender| {
            score(
                &utilities(contender, workload, terms, Draw::MIDDLE),
                workload,
            )
        })
        .collect()
}

/// How many criteria each machine is ahead in.
pub fn wins(comparisons: &[Comparison]) -> BTreeMap<usize, usize> {
    let mut wins = BTreeMap::new();
    for winner in comparisons.iter().filter_map(|row| row.winner) {
        *wins.entry(winner).or_default() += 1;
    }
    wins
}

/// What was decided of a criterion.
struct Decision {
    winner: Option<usize>,
    lead: Option<f64>,
    why: String,
}

impl Decision {
    /// Nobody is ahead.
    fn none(why: String) -> Self {
        Self {
            winner: None,
            lead: None,
            why,
        }
    }
}

/// Who is ahead, and why.
fn decide(measures: &[Option<Measure>], contenders: &[Contender]) -> Decision {
    let id = |index: usize| contenders[index].machine.id.as_str();
    let mut known: Vec<(usize, &Measure)> = measures
        .iter()
        .enumerate()
        .filter_map(|(index, measure)| Some((index, measure.as_ref()?)))
        .collect();
    known.sort_by(|a, b| b.1.lead.total_cmp(&a.1.lead).then(a.0.cmp(&b.0)));
    let missing: Vec<&str> = (0..measures.len())
        .filter(|index| measures[*index].is_none())
        .map(id)
        .collect();
    let unknown = if missing.is_empty() {
        String::new()
    } else {
        format!("; unknown of {}", missing.join(", "))
    };
    let [(best, first), (second, next), ..] = known.as_slice() else {
        return Decision::none(format!("too little is known{unknown}"));
    };
    let difference = first.lead - next.lead;
    let (margin, lead) = if first.ratio {
        (EVEN.ln_1p(), difference.exp())
    } else {
        (EVEN, difference)
    };
    if difference < margin {
        return Decision::none(format!("{} and {}{unknown}", first.text, next.text));
    }
    let against = if contenders.len() > 2 {
        format!("{} of {}", next.text, id(*second))
    } else {
        next.text.clone()
    };
    let reason = match (&first.reason, &next.reason) {
        (Some(own), Some(other)) => format!(": {own}, against {other}"),
        (Some(own), None) => format!(": {own}"),
        _ => String::new(),
    };
    Decision {
        winner: Some(*best),
        lead: Some(lead),
        why: format!("{} against {against}{reason}{unknown}", first.text),
    }
}

#[cfg(test)]
mod tests {
    use super::decide;
    use crate::machine::Machine;
    use crate::verdict::{Contender, Measure};

    fn contenders() -> Vec<Contender> {
        ["first", "second", "third"]
            .into_iter()
            .map(|id| {
                let mut machine = Machine::example(1, 24.0);
                id.clone_into(&mut machine.id);
                Contender {
                    machine,
                    price: None,
                    runs: Vec::new(),
                    best: None,
                    many_users: None,
                }
            })
            .collect()
    }

    fn figure(value: f64, text: &str) -> Measure {
        Measure {
            value,
            unit: "tokens_per_second",
            text: text.to_owned(),
            lead: value.ln(),
            ratio: true,
            reason: None,
            source: None,
        }
    }

    #[test]
    fn the_lead_is_over_the_next() {
        let measures = [
            Some(figure(10.0, "10")),
            Some(figure(30.0, "30")),
            Some(figure(20.0, "20")),
        ];
        let decision = decide(&measures, &contenders());
        assert_eq!(decision.winner, Some(1));
        // 30 / 20, not 30 / 10.
        assert!(decision.lead.is_some_and(|lead| (lead - 1.5).abs() < 1e-12));
        assert_eq!(decision.why, "30 against 20 of third");
    }

    #[test]
    fn three_percent_is_even_and_the_unknown_loses() {
        let measures = [Some(figure(100.0, "100")), Some(figure(102.9, "103")), None];
        let decision = decide(&measures, &contenders());
        assert_eq!(decision.winner, None);
        assert_eq!(decision.why, "103 and 100; unknown of third");
        let measures = [Some(figure(100.0, "100")), None, None];
        assert_eq!(decide(&measures, &contenders()).winner, None);
    }

    #[test]
    fn ratings_lead_by_their_difference() {
        let rated = |score: f64| {
            Some(Measure {
                lead: score,
                ratio: false,
                reason: Some("so".to_owned()),
                ..figure(score, "r")
            })
        };
        let decision = decide(&[rated(0.9), rated(0.4)], &contenders()[..2]);
        assert_eq!(decision.winner, Some(0));
        assert!(decision.lead.is_some_and(|lead| (lead - 0.5).abs() < 1e-12));
        assert_eq!(decision.why, "r against r: so, against so");
    }
}
