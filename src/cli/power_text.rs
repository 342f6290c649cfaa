//! The words of `hwcmp power`: the first two lines and the notes.

use super::offload_text::InHost;
use super::power::{At, CIRCUITS, Curve};
use crate::evidence::Evidence;
use crate::predict::circuit_limit;
use crate::report::{Report, Role, Styled};
use crate::units::{UsdPerKilowattHour, compact, group_thousands};

/// The first two lines: the sweet spot, the limit that keeps the speed.
pub(super) fn headline(
    report: &mut Report,
    title: &str,
    curve: &Curve<'_>,
    rate: UsdPerKilowattHour,
) {
    let machine = &curve.candidate.machine;
    let stock = curve.stock();
    let cards = match machine.count {
        1 => String::new(),
        _ => " a card".to_owned(),
    };
    let sweet = &curve.all[curve.sweet];
    let keeps = &curve.all[curve.keeps];
    let first = match sweet.per_joule() {
        Some(joule) => Styled::plain(format!(
            "{title} on {}: most tokens a joule at ",
            machine.id
        ))
        .and(Role::Strong, format!("{:.0} W{cards}", sweet.limit))
        .and(
            Role::Plain,
            format!(
                ", {} tok/J with {:.0}% of the stock speed (${} of electricity a million tokens).",
                compact(joule, 2),
                100.0 * sweet.decode / stock.decode,
                compact(rate.0 / joule / 3.6, 2)
            ),
        ),
        None => Styled::plain(format!(
            "{title} on {}: its watts at the wall are unknown.",
            machine.id
        )),
    };
    report.headline(first);
    let saved = match (keeps.estimate.watts, stock.estimate.watts) {
        (Some(low), Some(high)) if high.0 > low.0 => {
            format!(" and saves {:.0} of {} W", high.0 - low.0, watts(high.0))
        }
        _ => String::new(),
    };
    report.headline(
        Styled::of(Role::Strong, format!("{:.0} W{cards}", keeps.limit)).and(
            Role::Plain,
            format!(" keeps 95% of the speed at {:.0} W{saved}.", stock.limit),
        ),
    );
}

fn watts(value: f64) -> String {
    group_thousands(&format!("{value:.0}"))
}

/// The notes: supply, circuits, how well the curve is known.
pub(super) fn footnote(report: &mut Report, curve: &Curve<'_>, rate: &str, known: Evidence) {
    let machine = &curve.candidate.machine;
    let stock = curve.stock();
    let in_host = InHost::of(curve.candidate, &stock.estimate.plan);
    let on_host = in_host.is_some();
    let mut notes: Vec<String> = in_host.into_iter().map(|part| part.note).collect();
    if let (Some(full), Some(peak)) = (stock.full, stock.peak) {
        let range = if peak.0 > full.0 {
            format!("{}-{}", watts(full.0), watts(peak.0))
        } else {
            watts(full.0)
        };
        notes.push(format!("Flat out at stock {range} W at the wall"));
        for (name, volts, amperes) in CIRCUITS {
            notes.push(circuit_words(curve, name, volts, amperes));
        }
    }
    notes.push(match machine.supply_rating() {
        None => "rating of the power supply unknown".to_owned(),
        Some(supply) => match stock.supply_holds {
            Some(true) => format!(
                "the {} W supply holds it with a fifth to spare",
                watts(supply.0)
            ),
            Some(false) => {
                let low = |at: &&At| at.supply_holds == Some(true);
                let at = curve.all.iter().rev().find(low);
                let remedy = at.map_or("at no limit of these".to_owned(), |at| {
                    format!("to {:.0} W a card", at.limit)
                });
                format!(
                    "more than 80% of the {} W supply: limit {remedy}",
                    watts(supply.0)
                )
            }
            None => format!("the supply gives {} W", watts(supply.0)),
        },
    });
    notes.push(format!(
        "curve: {}; 80% intervals allow for card and cooler",
        known_words(known)
    ));
    notes.push("noise at a limit is not published".to_owned());
    notes.push(format!("electricity: {rate}"));
    report.footnote = Some(Styled::of(Role::Dim, sentences(&notes)));
    let joule = |at: &At| at.per_joule().unwrap_or(0.0);
    if curve.sweet + 1 == curve.all.len() {
        let waits = if on_host {
            ": the cards wait for the host's memory"
        } else {
            ""
        };
        report.turn = Some(Styled::plain(format!(
            "No limit gives more tokens a joule{waits}."
        )));
    } else if joule(stock) > 0.0 {
        let sweet = &curve.all[curve.sweet];
        let how = match machine.device.vendor.as_str() {
            "nvidia" => format!("`sudo nvidia-smi -pl {:.0}`", sweet.limit),
            "amd" => format!("`sudo rocm-smi --setpoweroverdrive {:.0}`", sweet.limit),
            _ => format!("{:.0} W in the driver's settings", sweet.limit),
        };
        report.turn = Some(Styled::plain(format!(
            "To set it: {how}, {:.0}% more tokens a joule than at stock.",
            100.0 * (joule(sweet) / joule(stock) - 1.0)
        )));
    }
}

/// Notes as sentences.
fn sentences(notes: &[String]) -> String {
    let each = notes.iter().map(|note| {
        let mut letters = note.chars();
        letters.next().map_or(String::new(), |first| {
            first.to_uppercase().chain(letters).collect()
        })
    });
    each.collect::<Vec<String>>().join(". ")
}

/// Whether a circuit bears the machine, and what would make it.
fn circuit_words(curve: &Curve<'_>, name: &str, volts: f64, amperes: f64) -> String {
    let bears = watts(circuit_limit(volts, amperes).0);
    let words = format!("{volts:.0} V/{amperes:.0} A circuit ({bears} W continuous)");
    match (
        curve.stock().fits_circuit(volts, amperes),
        curve.highest_on(volts, amperes),
    ) {
        (Some(true), _) => format!("within a {words}"),
        (Some(false), Some(at)) => {
            format!("over a {words}: limit to {:.0} W a card or below", at.limit)
        }
        (Some(false), None) => format!("over a {words} at every limit: split it over two"),
        (None, _) => format!("{name}: unknown"),
    }
}

/// How well the curve of the card is known, in words.
fn known_words(known: Evidence) -> &'static str {
    match known {
        Evidence::Measured => "this model was swept on this card",
        Evidence::Calibrated => "other models were swept on this card",
        Evidence::Extrapolated => "other cards of its family were swept",
        Evidence::Spec => "no card of its family was swept, a mean of others",
    }
}
