//! `hwcmp compare A B [C]`: side by side over the thirteen criteria.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::args::CompareArguments;
use super::money::Money;
use super::offload_text;
use super::session::Session;
use super::setup::{
    assume_run, left_out_note, limit_note_with_noise, machines_limited, none_left, setup_of,
    workload,
};
use crate::catalog::{SelectError, Setup};
use crate::report::{Cell, Column, Format, Report, Role, Styled, Value};
use crate::units::{compact, dollars};
use crate::verdict::{Comparison, Contender, compare, scores, wins};
use crate::workload::Workload;

/// Columns before those of the machines.
const BEFORE: [Column; 2] = [
    Column::new("criterion", "criterion", "", Format::Text, 0),
    Column::new("weight", "weight", "", Format::Number, Column::HIDDEN),
];
/// Columns after them.
const AFTER: [Column; 8] = [
    Column::new("winner", "winner", "", Format::Text, 0),
    Column::new("lead", "by", "", Format::Number, 1),
    Column::new("why", "why", "", Format::Text, 2),
    Column::new("unit", "unit", "", Format::Text, Column::HIDDEN),
    Column::new("values", "values", "", Format::Text, Column::HIDDEN),
    Column::new("texts", "in words", "", Format::Text, Column::HIDDEN),
    Column::new("reasons", "reasons", "", Format::Text, Column::HIDDEN),
    Column::new("sources", "sources", "", Format::Text, Column::HIDDEN),
];

/// Runs the command.
///
/// # Errors
/// If a name is unknown or the answer cannot be written.
pub fn run(session: &Session, arguments: &CompareArguments) -> Result<ExitCode> {
    let workload = workload(session, &arguments.workload, &arguments.weight)?;
    let money = Money::resolve(session, &arguments.money, workload.hours)?;
    let setup = setup_of(session, &arguments.run)?;
    let mut contenders = Vec::new();
    let mut refused = Vec::new();
    let (machines, stay) = machines_limited(session, &arguments.machines, arguments.power.limit)?;
    for machine in machines {
        let price = money.price(session, &machine)?;
        let id = machine.id.clone();
        let least = workload.min_decode;
        match Contender::assemble(&session.catalog, machine, price, &workload, &setup, least) {
            Ok(contender) => contenders.push(contender),
            Err(SelectError::Unsupported(reason)) => refused.push((id, reason)),
            Err(error) => return Err(error.into()),
        }
    }
    if contenders.len() < 2 && !refused.is_empty() {
        return Err(none_left(&refused));
    }
    if contenders.len() < 2 {
        bail!("name at least two different machines, such as `dgx-spark 4x3090-budget`");
    }
    let rows = compare(&contenders, &workload, &money.terms);
    let scores = scores(&contenders, &workload, &money.terms);

    let mut report = Session::report("compare", &columns(&contenders));
    money
        .assume(&mut report)
        .assume("workload", workload.id.clone())
        .assume("power_limit_watts", arguments.power.limit);
    assume_run(&mut report, &arguments.run);
    for row in &rows {
        report.row(cells(row, &contenders));
        explain(&mut report, row, &contenders);
    }
    let wins = wins(&rows);
    let of_each = |value: &dyn Fn(usize) -> Value| {
        Value::object(
            contenders
                .iter()
                .enumerate()
                .map(|(index, contender)| (contender.machine.id.clone(), value(index))),
        )
    };
    report.member(
        "summary",
        Value::object([
            (
                "wins",
                of_each(&|index| Value::from(wins.get(&index).copied().unwrap_or(0))),
            ),
            ("scores", of_each(&|index| Value::from(scores[index]))),
            (
                "overall",
                Value::from(overall(&scores).map(|index| contenders[index].machine.id.clone())),
            ),
        ]),
    );
    headline(&mut report, &rows, &scores, &contenders, &workload);
    report.footnote = Some(Styled::of(
        Role::Dim,
        format!(
            "decode and first token: weighted geometric mean over the basket of `{}`; ratings run from 0 to 1 (sources: --explain); within 3% is even; {}{}",
            workload.id,
            money.basis(),
            limit_note_with_noise(arguments.power.limit, &stay)
        ) + &offload_text::of_basket(setup.offload)
            + &left_out_note(&refused),
    ));
    // `verdict` weighs them as they are usually run.
    let further = if setup == Setup::default() {
        "; what would turn it: hwcmp verdict"
    } else {
        ""
    };
    report.turn = Some(turn(&rows, &scores, &contenders, further));
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

/// A column for each machine between the fixed ones.
fn columns(contenders: &[Contender]) -> Vec<Column> {
    let machines = contenders.iter().enumerate().map(|(index, contender)| {
        // A report's columns name themselves for the life of the program, which ends with it.
        let id: &'static str = Box::leak(contender.machine.id.clone().into_boxed_str());
        Column::new(id, id, "", Format::Text, if index < 2 { 0 } else { 3 })
    });
    BEFORE.into_iter().chain(machines).chain(AFTER).collect()
}

fn cells(row: &Comparison, contenders: &[Contender]) -> Vec<Cell> {
    let id = |index: usize| contenders[index].machine.id.clone();
    let keyed = |value: &dyn Fn(&crate::verdict::Measure) -> Value| {
        Value::object(
            row.measures
                .iter()
                .enumerate()
                .map(|(index, measure)| (id(index), measure.as_ref().map_or(Value::Null, value))),
        )
    };
    let unit = row
        .measures
        .iter()
        .flatten()
        .map(|measure| measure.unit)
        .next();
    let mut cells = vec![
        Cell::from(row.criterion.name()).role(Role::Strong),
        Cell::from(row.weight),
    ];
    for (index, measure) in row.measures.iter().enumerate() {
        let role = if row.winner == Some(index) {
            Role::Good
        } else {
            Role::Plain
        };
        let cell = measure.as_ref().map_or(Cell::from(Value::Null), |measure| {
            Cell::from(measure.value).shown(measure.text.clone())
        });
        cells.push(cell.role(role));
    }
    let winner = row.winner.map(id);
    let shown = winner.clone().unwrap_or_else(|| "even".to_owned());
    cells.push(Cell::from(winner).shown(shown));
    cells.push(lead(row));
    cells.push(Cell::from(row.why.clone()));
    cells.push(Cell::from(unit));
    cells.push(Cell::from(keyed(&|measure| Value::from(measure.value))));
    cells.push(Cell::from(keyed(&|measure| {
        Value::from(measure.text.clone())
    })));
    cells.push(Cell::from(keyed(&|measure| {
        Value::from(measure.reason.clone())
    })));
    cells.push(Cell::from(keyed(&|measure| {
        Value::from(measure.source.clone())
    })));
    cells
}

/// How far the winner is ahead: `2.4x`, or the difference of ratings.
fn lead(row: &Comparison) -> Cell {
    let ratio = row.measures.iter().flatten().any(|measure| measure.ratio);
    let shown = row.lead.map_or_else(String::new, |lead| {
        if ratio {
            format!("{}x", compact(lead, 2))
        } else {
            format!("+{lead:.2}")
        }
    });
    Cell::from(row.lead).shown(shown)
}

/// The sources of ratings, for `--explain`.
fn explain(report: &mut Report, row: &Comparison, contenders: &[Contender]) {
    for (measure, contender) in row.measures.iter().zip(contenders) {
        let Some(measure) = measure else { continue };
        let reason = measure
            .reason
            .as_ref()
            .map_or_else(String::new, |reason| format!(": {reason}"));
        let source = measure
            .source
            .as_ref()
            .map_or_else(String::new, |source| format!(" ({source})"));
        report.detail(
            contender.machine.id.clone(),
            format!("{} {}{reason}{source}", row.criterion.name(), measure.text),
        );
    }
}

/// The best score; none where the best two are equal.
fn overall(scores: &[f64]) -> Option<usize> {
    let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]))?;
    let alone = scores
        .iter()
        .enumerate()
        .all(|(index, score)| index == best || scores[best] - score > 1e-9);
    alone.then_some(best)
}

/// The first two lines: who wins how many, and who wins overall.
fn headline(
    report: &mut Report,
    rows: &[Comparison],
    scores: &[f64],
    contenders: &[Contender],
    workload: &Workload,
) {
    let wins = wins(rows);
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    order.sort_by_key(|index| {
        (
            std::cmp::Reverse(wins.get(index).copied().unwrap_or(0)),
            *index,
        )
    });
    let counts: Vec<String> = order
        .iter()
        .map(|index| {
            let machine = &contenders[*index].machine;
            format!("{} {}", machine.id, wins.get(index).copied().unwrap_or(0))
        })
        .collect();
    let even = rows.iter().filter(|row| row.winner.is_none()).count();
    let even = if even > 0 {
        format!(", even {even}")
    } else {
        String::new()
    };
    report.headline(Styled::plain(format!(
        "Of {} criteria: {}{even}.",
        rows.len(),
        counts.join(", ")
    )));
    let title = workload.name.to_lowercase();
    let Some(best) = overall(scores) else {
        report.headline(Styled::plain(format!("For {title} they are even.")));
        return;
    };
    let mut others: Vec<usize> = (0..scores.len()).filter(|index| *index != best).collect();
    others.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let others: Vec<String> = others
        .iter()
        .map(|index| {
            format!(
                "{:.0} for {}",
                scores[*index], contenders[*index].machine.id
            )
        })
        .collect();
    let price = contenders[best].price.as_ref().map_or_else(
        || "price unknown".to_owned(),
        |price| dollars(price.usd.mid),
    );
    report.headline(
        Styled::plain(format!("Weighed for {title}: "))
            .and(Role::Good, contenders[best].machine.name.clone())
            .and(
                Role::Plain,
                format!(
                    ", {price}, score {:.0} against {}.",
                    scores[best],
                    others.join(", ")
                ),
            ),
    );
}

/// The last line: the weightiest criteria that the overall winner loses.
fn turn(rows: &[Comparison], scores: &[f64], contenders: &[Contender], further: &str) -> Styled {
    let Some(best) = overall(scores) else {
        return Styled::plain("Any weight turns it.");
    };
    let mut lost: Vec<&Comparison> = rows
        .iter()
        .filter(|row| row.winner.is_some_and(|winner| winner != best) && row.weight > 0.0)
        .collect();
    lost.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let name = &contenders[best].machine.id;
    if lost.is_empty() {
        return Styled::plain(format!("{name} loses no criterion that counts."));
    }
    let words: Vec<String> = lost
        .iter()
        .take(3)
        .map(|row| {
            format!(
                "{} (weight {})",
                row.criterion.name(),
                compact(row.weight, 2)
            )
        })
        .collect();
    Styled::plain(format!("{name} loses {}{further}.", words.join(", ")))
}
