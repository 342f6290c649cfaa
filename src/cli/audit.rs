//! `hwcmp audit`: published claims, recomputed.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::args::{AuditArguments, FindingArgument};
use super::session::Session;
use crate::catalog::claims::{Bounds, Right};
use crate::catalog::{ClaimSource, Finding};
use crate::evidence::Range;
use crate::report::{Cell, Column, Format, Report, Role, Styled, Value};
use crate::study::audit::{AuditRow, Computed, audit};

const COLUMNS: [Column; 17] = [
    Column::new("id", "id", "", Format::Text, 0),
    Column::new("claim", "claim", "", Format::Text, 0),
    Column::new("source", "source", "", Format::Text, Column::HIDDEN),
    Column::new("claimed", "claimed", "", Format::Text, 3),
    Column::new("computed", "computed", "", Format::Text, 0),
    Column::new("unit", "unit", "", Format::Text, Column::HIDDEN),
    Column::new("finding", "finding", "", Format::Text, 0),
    Column::new("reason", "why", "", Format::Text, 5),
    Column::new(
        "claimed_range",
        "claimed range",
        "",
        Format::Number,
        Column::HIDDEN,
    ),
    Column::new(
        "computed_range",
        "computed range",
        "",
        Format::Number,
        Column::HIDDEN,
    ),
    Column::new("right", "right", "", Format::Text, Column::HIDDEN),
    Column::new(
        "right_text",
        "right, in words",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
    Column::new("formula", "formula", "", Format::Text, Column::HIDDEN),
    Column::new("subject", "subject", "", Format::Text, Column::HIDDEN),
    Column::new("section", "section", "", Format::Text, Column::HIDDEN),
    Column::new("estimated", "estimated", "", Format::Text, Column::HIDDEN),
    Column::new(
        "reader_finding",
        "a reader found",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
];

/// Runs the command.
///
/// # Errors
/// If a name is unknown, the data has faults, or the answer cannot be written.
pub fn run(session: &Session, arguments: &AuditArguments) -> Result<ExitCode> {
    let sources = session.catalog.claim_sources()?;
    let mut rows = audit(&session.catalog)?;
    for typed in &arguments.claim {
        if !rows
            .iter()
            .any(|row| row.claim.id.eq_ignore_ascii_case(typed))
        {
            bail!("there is no claim `{typed}`: `hwcmp audit --columns id,claim` lists them");
        }
    }
    if let Some(typed) = &arguments.source
        && !sources.keys().any(|id| id.starts_with(typed.as_str()))
    {
        let known: Vec<&str> = sources.keys().map(String::as_str).collect();
        bail!(
            "no claims come from `{typed}`: write one of {}",
            known.join(", ")
        );
    }
    let wanted = arguments.finding.map(Finding::from);
    rows.retain(|row| {
        (arguments.claim.is_empty()
            || arguments
                .claim
                .iter()
                .any(|id| row.claim.id.eq_ignore_ascii_case(id)))
            && arguments
                .source
                .as_ref()
                .is_none_or(|source| row.claim.source.starts_with(source.as_str()))
            && wanted.is_none_or(|finding| row.finding == finding)
    });
    if rows.is_empty() {
        bail!("no claim is left: loosen --claim, --source or --finding");
    }
    // The worst first; within a finding by id.
    rows.sort_by(|a, b| (a.finding, &a.claim.id).cmp(&(b.finding, &b.claim.id)));

    let mut report = Session::report("audit", &COLUMNS);
    for row in &rows {
        report.row(cells(row));
        if let Some(formula) = &row.formula {
            report.detail(row.claim.id.clone(), formula.clone());
        }
    }
    report.member("summary", summary(&rows));
    match rows.as_slice() {
        [only] => single(&mut report, only, sources.get(&only.claim.source)),
        rows => headline(&mut report, rows),
    }
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

impl From<FindingArgument> for Finding {
    fn from(typed: FindingArgument) -> Self {
        match typed {
            FindingArgument::Reproduced => Self::Reproduced,
            FindingArgument::Off => Self::Off,
            FindingArgument::Impossible => Self::Impossible,
            FindingArgument::Unchecked => Self::Unchecked,
        }
    }
}

fn cells(row: &AuditRow<'_>) -> Vec<Cell> {
    let claim = row.claim;
    let right = match &claim.right {
        Some(Right::Figure(bounds)) => Some(*bounds),
        _ => None,
    };
    vec![
        Cell::from(claim.id.clone()),
        Cell::from(claim.text.clone()),
        Cell::from(claim.source.clone()),
        Cell::from(claim.claimed.map(Bounds::middle)).shown(row.claimed_words()),
        computed(row),
        Cell::from((!row.unit.is_empty()).then(|| row.unit.clone())),
        Cell::from(row.finding.name()).role(role(row.finding)),
        Cell::from(row.reason.clone()),
        Cell::from(claim.claimed.and_then(range)),
        Cell::from(row.computed.and_then(Computed::range)),
        Cell::from(right.map(Bounds::middle)).shown(row.right_words()),
        Cell::from((!row.right_words().is_empty()).then(|| row.right_words())),
        Cell::from(row.formula.clone()),
        Cell::from(claim.subject.clone()),
        Cell::from(claim.section.clone()),
        Cell::from(row.is_estimate()),
        Cell::from(claim.finding.name()),
    ]
}

/// The engine's figure; in tables what a reader found right where there is none.
fn computed(row: &AuditRow<'_>) -> Cell {
    let cell = Cell::from(row.computed.map(Computed::middle));
    match (row.computed, row.is_wrong()) {
        (Some(_), _) => cell.shown(row.computed_words()).role(Role::Strong),
        (None, true) => cell.shown(format!("right: {}", row.right_words())),
        (None, false) => cell,
    }
}

/// Both ends, where the claim is not a single figure.
fn range(bounds: Bounds) -> Option<Range> {
    let ends = Range {
        low: bounds.low,
        mid: bounds.middle(),
        high: bounds.high,
    };
    bounds.single().is_none().then_some(ends)
}

const fn role(finding: Finding) -> Role {
    match finding {
        Finding::Impossible => Role::Bad,
        Finding::Off => Role::Caution,
        Finding::Reproduced => Role::Good,
        Finding::Unchecked => Role::Dim,
    }
}

fn count(rows: &[AuditRow<'_>], finding: Finding) -> usize {
    rows.iter().filter(|row| row.finding == finding).count()
}

fn summary(rows: &[AuditRow<'_>]) -> Value {
    let findings = Finding::ALL
        .into_iter()
        .map(|finding| (finding.name(), Value::from(count(rows, finding))));
    let recomputed = rows.iter().filter(|row| row.computed.is_some()).count();
    let decisive = rows
        .iter()
        .filter(|row| row.claim.decides.is_some())
        .map(|row| row.claim.id.clone())
        .collect::<Vec<_>>();
    let rest = [
        ("n", Value::from(rows.len())),
        ("recomputed", Value::from(recomputed)),
        ("decisive", Value::from(decisive)),
    ];
    Value::object(findings.chain(rest))
}

/// The first two lines of a list: how many, and which change what to buy.
fn headline(report: &mut Report, rows: &[AuditRow<'_>]) {
    let mut line = Styled::plain(format!("{} published claims: ", rows.len()));
    let mut sign = "";
    for finding in [
        Finding::Reproduced,
        Finding::Off,
        Finding::Impossible,
        Finding::Unchecked,
    ] {
        let found = count(rows, finding);
        if found > 0 {
            line = line
                .and(Role::Plain, format!("{sign}{found} "))
                .and(role(finding), finding.name());
            sign = ", ";
        }
    }
    report.headline(line.and(Role::Plain, "."));
    let decisive: Vec<String> = rows.iter().filter_map(decisive).collect();
    report.headline(Styled::plain(if decisive.is_empty() {
        "None of them is wrong and changes what to buy.".to_owned()
    } else {
        format!("What changes a purchase: {}.", decisive.join("; "))
    }));
    report.footnote = Some(Styled::of(
        Role::Dim,
        "reproduced: within 1%, or inside the 80% interval of an estimated speed. \
         impossible: above the bandwidth ceiling, or larger than the memory. \
         Why: --claim ID, --explain or --width 140",
    ));
}

/// `gpt-oss-120b on 4x 3090: 95 tok/s, not 9.6 (A049)`, for a wrong claim that matters.
fn decisive(row: &AuditRow<'_>) -> Option<String> {
    let label = row.claim.decides.as_ref().filter(|_| row.is_wrong())?;
    let most = if row.finding == Finding::Impossible {
        "at most "
    } else {
        ""
    };
    let claimed = row.claimed_words();
    let claimed = claimed.trim_end_matches(row.unit.as_str()).trim_end();
    Some(format!(
        "{label}: {most}{}, not {claimed} ({})",
        row.right_words(),
        row.claim.id
    ))
}

/// The first two lines for a single claim, and its arithmetic.
fn single(report: &mut Report, row: &AuditRow<'_>, source: Option<&ClaimSource>) {
    let publisher = source.map_or(row.claim.source.as_str(), |source| {
        source.publisher.as_str()
    });
    let mut line = Styled::plain(format!("{} ({publisher}): ", row.claim.id))
        .and(role(row.finding), row.finding.name());
    if row.computed.is_some() {
        line = line.and(
            Role::Plain,
            format!(
                "; claimed {}, computed {}",
                row.claimed_words(),
                row.computed_words()
            ),
        );
    }
    report.headline(line.and(Role::Plain, "."));
    report.headline(Styled::plain(row.reason.clone()));
    if let Some(formula) = &row.formula {
        report.footnote = Some(Styled::of(Role::Dim, format!("Computed from: {formula}")));
    }
}
