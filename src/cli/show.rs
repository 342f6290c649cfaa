//! `hwcmp show`: all that is known of one thing, each value with its source,
//! date and note.

mod device;
mod fact;
mod find;
mod machine;
mod model;
mod quant;
mod unit;

use std::process::ExitCode;

use anyhow::Result;

use super::args::ShowArguments;
use super::session::Session;
use crate::catalog::{Catalog, TableKind};
use crate::machine::Machine;
use crate::report::{Report, Role, Styled};
use fact::{COLUMNS, Fact, Subject, fill};
use find::{Found, find};

/// Facts of a thing, and the line that sums them up.
type Shown = (Vec<Fact>, String);

/// Runs the command.
///
/// # Errors
/// If nothing goes by the name, the data has faults or the answer cannot be written.
pub fn run(session: &Session, arguments: &ShowArguments) -> Result<ExitCode> {
    let mut found = find(&session.catalog, &arguments.id)?.into_iter();
    let mut report = Session::report("show", &COLUMNS);
    let (subject, (facts, sum)) = match found.next() {
        Some(Found::Row(kind, subject)) => {
            let shown = shown(session, kind, &subject, &mut report)?;
            (subject, shown)
        }
        Some(Found::Composed(machine)) => (
            composed(&machine),
            machine::facts(&session.catalog, &machine)?,
        ),
        None => anyhow::bail!("nothing is called `{}`", arguments.id),
    };
    report.headline(Styled::of(Role::Strong, subject.name.clone()).and(
        Role::Plain,
        format!(": the {} {}.", subject.kind, subject.id),
    ));
    report.headline(Styled::plain(sum));
    fill(&mut report, &subject, &facts, session.width);
    let others: Vec<String> = found.filter_map(|other| named(&other)).collect();
    if !others.is_empty() {
        report.turn = Some(Styled::plain(format!(
            "`{}` is also {}",
            arguments.id,
            others.join(", ")
        )));
    }
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

/// The words for another thing of the same name.
fn named(found: &Found) -> Option<String> {
    match found {
        Found::Row(_, other) => Some(format!(
            "the {} {}: hwcmp show {}",
            other.kind, other.id, other.id
        )),
        Found::Composed(_) => None,
    }
}

fn composed(machine: &Machine) -> Subject {
    Subject {
        kind: "composed machine",
        id: machine.id.clone(),
        name: machine.name.clone(),
    }
}

/// The facts of a row.
fn shown(
    session: &Session,
    kind: TableKind,
    subject: &Subject,
    report: &mut Report,
) -> Result<Shown> {
    let catalog = &session.catalog;
    let id = subject.id.as_str();
    let written = || written(catalog, kind, id, subject.kind);
    Ok(match kind {
        TableKind::Machines => machine::facts(catalog, &catalog.select_machine(id)?)?,
        TableKind::Devices => device::facts(catalog, id, report)?,
        TableKind::Models => model::facts(catalog, id)?,
        TableKind::Quants => quant::facts(catalog, id)?,
        TableKind::Engines => (
            written()?,
            format!("Run it with --engine {id}; hwcmp list engines compares them."),
        ),
        TableKind::Workloads => (
            written()?,
            format!("Which machine is best for it: hwcmp verdict --workload {id}"),
        ),
        TableKind::Energy => (
            written()?,
            format!("What machines cost there: hwcmp tco --country {id}"),
        ),
        TableKind::Hosts => {
            let mut facts = written()?;
            facts.extend(machine::quotes(catalog, id)?);
            (facts, users(catalog, "host", id)?)
        }
        _ => (written()?, users(catalog, "link", id)?),
    })
}

/// The keys that a file states for a row.
fn written(catalog: &Catalog, kind: TableKind, id: &str, of: &str) -> Result<Vec<Fact>> {
    let written = catalog.written(kind, id)?;
    Ok(written
        .into_iter()
        .map(|entry| Fact::written(of, entry))
        .collect())
}

/// Which machines a host or link is part of.
fn users(catalog: &Catalog, word: &str, id: &str) -> Result<String> {
    let part = |machine: &&Machine| {
        let host = machine.host.as_ref().map(|host| host.id.as_str());
        let link = machine.link.as_ref().map(|link| link.id.as_str());
        host == Some(id) || link == Some(id)
    };
    let machines = catalog.machines()?;
    let ids: Vec<&str> = machines
        .values()
        .filter(part)
        .map(|machine| machine.id.as_str())
        .collect();
    Ok(if ids.is_empty() {
        format!("No machine of the list has this {word}; composed ones may.")
    } else {
        format!("Part of {}.", ids.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::find::{TABLES, find};
    use crate::catalog::{Catalog, DATA_DATE};

    #[test]
    fn each_table_has_a_word_of_its_own() {
        let mut words: Vec<&str> = TABLES.iter().map(|(_, word)| *word).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), TABLES.len());
    }

    #[test]
    fn names_of_all_kinds_are_found() {
        let catalog = Catalog::open(None, DATA_DATE).expect("built-in data");
        for name in [
            "dgx-spark",
            "spark",
            "gb10",
            "llama-70b-q4",
            "llama.cpp",
            "coding",
            "q4_k_m",
            "Q8",
            "exl3-3.55bpw",
            "de",
            "germany",
            "desktop",
            "pcie-3-x1",
            "4x rtx-3090",
        ] {
            assert!(find(&catalog, name).is_ok(), "{name}");
        }
        let Err(error) = find(&catalog, "dgx-sprak") else {
            panic!("a typo is found");
        };
        assert!(error.to_string().contains("did you mean `dgx-spark`?"));
    }
}
