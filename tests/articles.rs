//! The published claims against the engine, and the articles' cost tables.
//!
//! Claims about memory, capacity and cost must turn out exactly as a careful reader
//! found them. Speeds rest on the calibration: most must, and the few on which a
//! purchase turns.

use hwcmp::catalog::claims::{Bounds, Check, Right};
use hwcmp::catalog::{Catalog, Finding};
use hwcmp::study::audit::{AuditRow, Computed, audit};
use hwcmp::units::Date;

fn catalog() -> Catalog {
    Catalog::open(None, Date::new(2026, 11, 21)).expect("the built-in data opens")
}

/// One line for a failed row.
fn describe(row: &AuditRow<'_>) -> String {
    format!(
        "{} `{}`: the engine finds {}, the reader {}; claimed {}, computed {} ({})",
        row.claim.id,
        row.claim.text,
        row.finding.name(),
        row.claim.finding.name(),
        row.claimed_words(),
        row.computed_words(),
        row.formula.as_deref().unwrap_or("no formula"),
    )
}

#[test]
fn memory_capacity_and_cost_turn_out_as_a_careful_reader_found() {
    let catalog = catalog();
    let rows = audit(&catalog).expect("audits");
    assert_eq!(rows.len(), 198);
    let checked: Vec<_> = rows
        .iter()
        .filter(|row| row.claim.check.is_some() && !row.is_estimate())
        .collect();
    assert!(checked.len() > 100, "{}", checked.len());
    let unanswered: Vec<_> = checked
        .iter()
        .filter(|row| row.computed.is_none())
        .collect();
    assert!(unanswered.is_empty(), "{unanswered:#?}");
    let differ: Vec<_> = checked
        .iter()
        .filter(|row| !row.agrees())
        .map(|row| describe(row))
        .collect();
    assert!(differ.is_empty(), "{differ:#?}");
}

#[test]
fn where_a_claim_is_wrong_the_engine_computes_the_right_value() {
    let catalog = catalog();
    let near = |a: f64, b: f64| (a - b).abs() <= 0.012 * b.abs();
    let mut compared = 0;
    for row in audit(&catalog).expect("audits") {
        let (Some(Right::Figure(right)), Some(computed)) = (&row.claim.right, row.computed) else {
            continue;
        };
        if row.is_estimate() || !row.is_wrong() {
            continue;
        }
        let sound = match (computed, right.single()) {
            (Computed::Span(span), _) => near(span.low, right.low) && near(span.high, right.high),
            (computed, Some(right)) => near(computed.middle(), right),
            (computed, None) => (right.low..=right.high).contains(&computed.middle()),
        };
        assert!(sound, "right is {right:?}: {}", describe(&row));
        compared += 1;
    }
    assert!(compared >= 16, "{compared}");
}

/// The wrong claims about memory, capacity and cost on which an answer turns, by hand.
/// Id, finding, and the bounds of the right figure.
const WRONG: [(&str, Finding, f64, f64); 16] = [
    // 4 x 350 W of cards + 50 W of host.
    ("A007", Finding::Off, 1450.0, 1450.0),
    // 35.6 TFLOPS is the shader rate, 71.2 the matrix rate.
    ("A017", Finding::Off, 71.2, 71.2),
    // 35 / 10.8 = 3.24.
    ("A035", Finding::Off, 3.24, 3.24),
    // 273.1 GB/s / 32.8 GB of 8-bit weights = 8.3 tok/s at most; 12 was claimed.
    ("A040", Finding::Impossible, 8.2, 8.5),
    // 41 / 95 = 0.43: the rig wins gpt-oss-120b, not the Spark.
    ("A050", Finding::Off, 0.43, 0.44),
    // 200e9 x 4 / 8 = 100 GB; x 4.5 / 8 = 112.5 GB in NVFP4. 50 GB would be two bits.
    ("A057", Finding::Off, 100.0, 112.5),
    // 120e9 x 8 / 8.
    ("A058", Finding::Off, 120.0, 120.0),
    // 100 and 150 W x 8 h x 365 d x $0.12 / 1000; the article has 360 days.
    ("A071", Finding::Off, 35.04, 52.56),
    // The same x 24 h.
    ("A072", Finding::Off, 105.12, 157.68),
    // 1,400 and 1,550 W x 8 h x 365 d x $0.12 / 1000.
    ("A075", Finding::Off, 490.56, 543.12),
    // The same x 24 h.
    ("A076", Finding::Off, 1471.68, 1629.36),
    // (1,450 - 930) / 1,450 = 35.9%.
    ("A083", Finding::Off, 35.8, 35.9),
    // 1,400 W x 8 h x 365 d x $0.12 / 1000.
    ("A110", Finding::Off, 490.56, 490.56),
    ("A116", Finding::Off, 490.56, 490.56),
    // 2,693.47 - 2,743.97: with idle hours the Spark is the cheaper one.
    ("A121", Finding::Off, -50.51, -50.49),
    // 283.8e9 x 8 / 8 = 283.8 GB > 2 x 128 GiB = 274.9 GB.
    ("B044", Finding::Impossible, 283.8, 283.8),
];

#[test]
fn the_wrong_claims_by_hand() {
    let catalog = catalog();
    let rows = audit(&catalog).expect("audits");
    for (id, finding, low, high) in WRONG {
        let row = rows.iter().find(|row| row.claim.id == id).expect(id);
        assert_eq!(row.finding, finding, "{}", describe(row));
        let computed = row.computed.expect(id);
        let bounds = computed
            .range()
            .map_or(Bounds::exact(computed.middle()), |range| Bounds {
                low: range.low,
                high: range.high,
            });
        let slack = 0.003;
        assert!(
            bounds.low >= low - slack * low.abs() && bounds.high <= high + slack * high.abs(),
            "{}",
            describe(row)
        );
    }
}

#[test]
fn what_is_said_not_to_fit_and_does() {
    // 200B and more on 96 GB of cards, 405B on a Spark, 70B on a 5090: all load at low bit widths.
    let catalog = catalog();
    for row in audit(&catalog).expect("audits") {
        let Some(Check::Fits { expected, .. }) = &row.claim.check else {
            continue;
        };
        let Some(Computed::Fits { fits, .. }) = row.computed else {
            panic!("{}", describe(&row))
        };
        let wrong = ["A052", "A060", "A064", "B039", "B044"].contains(&row.claim.id.as_str());
        assert_eq!(fits != *expected, wrong, "{}", describe(&row));
    }
}

#[test]
fn most_speeds_turn_out_as_found_and_none_is_called_impossible() {
    let catalog = catalog();
    let rows = audit(&catalog).expect("audits");
    let estimates: Vec<_> = rows.iter().filter(|row| row.is_estimate()).collect();
    let differ: Vec<_> = estimates
        .iter()
        .filter(|row| !row.agrees())
        .map(|row| describe(row))
        .collect();
    // 80% intervals: one published speed in five may lie outside; a third is too many.
    assert!(
        differ.len() * 3 <= estimates.len(),
        "{} of {}: {differ:#?}",
        differ.len(),
        estimates.len()
    );
    for row in &estimates {
        assert_ne!(row.finding, Finding::Impossible, "{}", describe(row));
    }
}

#[test]
fn the_speeds_on_which_a_purchase_turns() {
    // 4x 3090 on gpt-oss-120b: 95 tok/s were measured, 9.6 claimed. Qwen3.6-35B-A3B with
    // llama.cpp: 244 on a 5090 (160 claimed), 144 on a 3090 (50 claimed; Ollama 107). The
    // 3090 was limited to 220 W, which costs a mixture little.
    let catalog = catalog();
    let rows = audit(&catalog).expect("audits");
    for (id, measured) in [("A049", 95.0), ("B031", 244.0), ("B035", 144.0)] {
        let row = rows.iter().find(|row| row.claim.id == id).expect(id);
        assert_eq!(row.finding, Finding::Off, "{}", describe(row));
        let range = row.computed.and_then(Computed::range).expect(id);
        assert!(range.contains(measured), "{measured}: {}", describe(row));
    }
}
