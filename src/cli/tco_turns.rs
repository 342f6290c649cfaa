//! Where the order of `hwcmp tco` turns: crossovers of each pair, as JSON
//! members and as one line.

use super::tco_answer::Answer;
use crate::money::{
    Crossing, Holding, MOST_YEARS, Terms, crossing_hours, crossing_rate, crossing_resale,
    crossing_years,
};
use crate::report::{Report, Styled, Value};
use crate::units::compact;

/// Prices of electricity beyond this are not worth telling, US dollars a kWh.
const DEAREST_RATE: f64 = 1.0;

/// Adds the crossovers of all pairs, one member for each input. In hours only
/// the pairs that cross; in the others a pair that never does is told too, with
/// the machine that is always cheaper on both sides and no value.
pub fn add_members(report: &mut Report, answers: &[Answer], terms: &Terms) {
    let pairs = || {
        answers
            .iter()
            .enumerate()
            .flat_map(|(index, a)| answers[index + 1..].iter().map(move |b| (a, b)))
    };
    let hours = pairs().filter_map(|(a, b)| {
        let cross = crossing_hours(&a.holding(), &b.holding(), terms)?;
        Some(crossing_object(a, b, cross, "hours_per_day"))
    });
    report.member("crossovers", Value::List(hours.collect()));
    let rates = pairs().map(|(a, b)| {
        crossing_rate(&a.holding(), &b.holding(), terms).map_or_else(
            || never(a, b, terms, "usd_per_kwh"),
            |cross| crossing_object(a, b, cross, "usd_per_kwh"),
        )
    });
    report.member("crossovers_usd_per_kwh", Value::List(rates.collect()));
    let years = pairs().flat_map(|(a, b)| {
        let found = crossing_years(&a.holding(), &b.holding(), terms);
        if found.is_empty() {
            vec![never(a, b, terms, "years")]
        } else {
            found
                .into_iter()
                .map(|cross| crossing_object(a, b, cross, "years"))
                .collect()
        }
    });
    report.member("crossovers_years", Value::List(years.collect()));
    let resale = pairs().flat_map(|(a, b)| [(a, b), (b, a)]).map(|(a, b)| {
        let object = crossing_resale(&a.holding(), &b.holding(), terms).map_or_else(
            || never(a, b, terms, "resale_share"),
            |cross| crossing_object(a, b, cross, "resale_share"),
        );
        let Value::Object(mut members) = object else {
            return object;
        };
        members.insert(0, ("resale_of".to_owned(), Value::from(a.id())));
        Value::Object(members)
    });
    report.member("crossovers_resale", Value::List(resale.collect()));
}

fn crossing_object(a: &Answer, b: &Answer, cross: Crossing, key: &str) -> Value {
    let (below, above) = sides(a, b, cross);
    Value::object([
        ("cheaper_below", Value::from(below)),
        ("cheaper_above", Value::from(above)),
        (key, Value::from(cross.value)),
    ])
}

/// A pair of which one is always the cheaper.
fn never(a: &Answer, b: &Answer, terms: &Terms, key: &str) -> Value {
    let net = |answer: &Answer| answer.holding().net(terms);
    let (cheaper, dearer) = if net(b) < net(a) { (b, a) } else { (a, b) };
    Value::object([
        ("cheaper_below", Value::from(cheaper.id())),
        ("cheaper_above", Value::from(cheaper.id())),
        ("never_cheaper", Value::from(dearer.id())),
        (key, Value::Null),
    ])
}

fn sides<'a>(a: &'a Answer, b: &'a Answer, cross: Crossing) -> (&'a str, &'a str) {
    if cross.first_below {
        (a.id(), b.id())
    } else {
        (b.id(), a.id())
    }
}

/// The nearest change of each input that puts another machine below the cheapest.
pub fn turn(answers: &[Answer], terms: &Terms) -> Option<Styled> {
    let (cheapest, rest) = answers.split_first()?;
    if rest.is_empty() {
        return None;
    }
    let mut changes: Vec<(&str, String)> = Vec::new();
    let mut tell = |found: Option<(&'_ str, Crossing)>, now: f64, words: &dyn Fn(f64) -> String| {
        let Some((id, cross)) = found else { return };
        let id = rest.iter().map(Answer::id).find(|known| *known == id);
        let side = if cross.value > now { "above" } else { "below" };
        changes.extend(id.map(|id| (id, format!("{side} {}", words(cross.value)))));
    };
    let hours = nearest(cheapest, rest, terms.hours, |a, b| {
        crossing_hours(a, b, terms).into_iter().collect()
    });
    tell(hours, terms.hours, &|hours| {
        format!("{} h a day", compact(hours, 3))
    });
    let rate = nearest(cheapest, rest, terms.rate.0, |a, b| {
        crossing_rate(a, b, terms)
            .into_iter()
            .filter(|cross| cross.value <= DEAREST_RATE)
            .collect()
    });
    tell(rate, terms.rate.0, &|rate| {
        format!("${}/kWh", compact(rate, 3))
    });
    let years = nearest(cheapest, rest, terms.years, |a, b| {
        crossing_years(a, b, terms)
    });
    tell(years, terms.years, &|years| {
        format!("{} years", compact(years, 3))
    });
    let resale = nearest(cheapest, rest, cheapest.resale.mid, |a, b| {
        crossing_resale(a, b, terms).into_iter().collect()
    });
    if let Some((id, cross)) = resale {
        let share = 100.0 * cross.value;
        changes.push((
            id,
            format!("if {} resells at under {share:.0}%", cheapest.id()),
        ));
    }
    Some(Styled::plain(if changes.is_empty() {
        format!(
            "Nothing turns it: {} is cheapest at any hours, price of electricity and resale, for up to {} years.",
            cheapest.id(),
            compact(MOST_YEARS, 2)
        )
    } else {
        format!("Cheaper instead: {}.", grouped(&changes))
    }))
}

/// `a above 3 h, below $0.1/kWh; b above 4 years`.
fn grouped(changes: &[(&str, String)]) -> String {
    let mut text = String::new();
    let mut last = "";
    for (id, change) in changes {
        if *id == last {
            text.push_str(if change.starts_with("if") {
                ", or "
            } else {
                ", "
            });
        } else {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(id);
            text.push(' ');
        }
        text.push_str(change);
        last = id;
    }
    text
}

/// The crossing with the cheapest that is nearest to the value now, and the other machine.
fn nearest<'a>(
    cheapest: &Answer,
    rest: &'a [Answer],
    now: f64,
    crossings: impl Fn(&Holding, &Holding) -> Vec<Crossing>,
) -> Option<(&'a str, Crossing)> {
    rest.iter()
        .flat_map(|other| {
            crossings(&cheapest.holding(), &other.holding())
                .into_iter()
                .map(|cross| (other.id(), cross))
        })
        .min_by(|a, b| {
            let distance = |cross: &Crossing| (cross.value - now).abs();
            distance(&a.1).total_cmp(&distance(&b.1)).then(a.0.cmp(b.0))
        })
}
