//! Charts and the tornado of `hwcmp tco`.

use super::session::Session;
use super::tco_answer::Answer;
use crate::evidence::Range;
use crate::money::{Input, Swing, Terms, tornado};
use crate::report::bars::{Bar, Group};
use crate::report::chart::{Line, LineChart};
use crate::report::{Report, Value, bars};
use crate::units::{compact, dollars};

/// Machines beyond these are left out of charts: more lines are not read.
const MOST_LINES: usize = 8;

/// Net cost over the hours of a day, and over the years.
pub fn add_charts(report: &mut Report, session: &Session, answers: &[Answer], terms: &Terms) {
    let shown = &answers[..answers.len().min(MOST_LINES)];
    let chart = |title: String, to: f64, x_text, at: fn(f64, &Terms) -> Terms| {
        LineChart {
            title,
            from: 0.0,
            to,
            x_text,
            y_text: dollars,
            lines: shown
                .iter()
                .map(|answer| Line {
                    name: answer.id().to_owned(),
                    at: Box::new(move |x| answer.holding().net(&at(x, terms))),
                })
                .collect(),
        }
        .render(session.width, session.unicode)
    };
    let hours = chart(
        format!(
            "Net cost after {} years, by hours a day at work",
            compact(terms.years, 2)
        ),
        24.0,
        |hours| format!("{} h", compact(hours, 3)),
        |hours, terms| Terms { hours, ..*terms },
    );
    let years = chart(
        format!(
            "Net cost at {} h a day, by years until it is sold",
            compact(terms.hours, 3)
        ),
        terms.years,
        |years| format!("{} y", compact(years, 3)),
        |years, terms| Terms { years, ..*terms },
    );
    report.figures.extend([hours, years]);
}

/// The tornado as a JSON member and, where asked for, as bars.
pub fn add_tornado(
    report: &mut Report,
    session: &Session,
    answers: &[Answer],
    terms: &Terms,
    rate: Range,
    drawn: bool,
) {
    let swings: Vec<(&Answer, Vec<Swing>)> = answers
        .iter()
        .map(|answer| (answer, tornado(&answer.uncertain, terms, rate)))
        .collect();
    let objects = swings.iter().flat_map(|(answer, swings)| {
        swings.iter().map(|swing| {
            Value::object([
                ("machine", Value::from(answer.id())),
                ("input", Value::from(swing.input.name())),
                ("unit", Value::from(unit(swing.input))),
                ("input_range", Value::from(swing.range)),
                ("net_cost_usd_at_low", Value::from(swing.at_low)),
                ("net_cost_usd_at_high", Value::from(swing.at_high)),
                ("swing_usd", Value::from(swing.width())),
            ])
        })
    });
    report.member("tornado", Value::List(objects.collect()));
    if !drawn {
        return;
    }
    let groups: Vec<Group> = swings
        .iter()
        .filter(|(_, swings)| !swings.is_empty())
        .map(|(answer, swings)| Group {
            title: format!("{}, {} net", answer.id(), dollars(answer.cost.net.mid)),
            mark: answer.cost.net.mid,
            bars: swings.iter().map(bar).collect(),
        })
        .collect();
    let figure = bars::render(&groups, session.width, session.unicode);
    report.figures.push(format!(
        "Net cost with one input at its ends, the others in the middle\n{figure}"
    ));
}

fn bar(swing: &Swing) -> Bar {
    let (low, high) = (
        swing.at_low.min(swing.at_high),
        swing.at_low.max(swing.at_high),
    );
    Bar {
        label: swing.input.name().to_owned(),
        low,
        high,
        text: format!("{} to {}", dollars(low), dollars(high)),
    }
}

/// The unit of an input's range.
const fn unit(input: Input) -> &'static str {
    match input {
        Input::Price => "usd",
        Input::Resale => "share_after_3_years",
        Input::Rate => "usd_per_kwh",
        Input::Speed => "share_of_time_under_load",
    }
}
