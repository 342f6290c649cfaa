//! `hwcmp speed --speculate`: what speculative decoding brings on each machine.

use anyhow::{Result, bail};

use super::args::SpeculationArguments;
use super::fit_text::rate_words;
use super::session::Session;
use super::speculate_text as words;
use super::subject::Subject;
use crate::catalog::{Acceptance, Candidate, Drafter, Method, QuantChoice, Work};
use crate::evidence::Range;
use crate::model::Architecture;
use crate::predict::{Constants, Estimate, Scenario};
use crate::report::{Cell, Column, Format, Report, Role, Styled, Value};
use crate::study::speculation::draft_of;
use crate::study::speculation_fit::GainFit;
use crate::study::speculation_forecast::{Drafting, Forecast, forecast};

const COLUMNS: [Column; 9] = [
    Column::new(
        "speculative_tokens_per_second",
        "speculative",
        "tok/s",
        Format::Number,
        0,
    ),
    Column::new(
        "speculative_aggregate_tokens_per_second",
        "speculative, all",
        "tok/s",
        Format::Number,
        Column::HIDDEN,
    ),
    Column::new("speculative_gain", "gain", "x", Format::Number, 0),
    Column::new("acceptance", "kept", "", Format::Percent, 4),
    Column::new("draft_tokens", "drafted", "", Format::Count, 4),
    Column::new("speculative_evidence", "gain by", "", Format::Text, 3),
    Column::new("speculation", "speculation", "", Format::Text, 7),
    Column::new(
        "draft_bytes",
        "draft",
        "GiB",
        Format::Gibibytes,
        Column::HIDDEN,
    ),
    Column::new(
        "acceptance_range",
        "kept of all",
        "",
        Format::Number,
        Column::HIDDEN,
    ),
];

/// The columns of a report, with those of speculation where it was asked for.
pub(super) fn columns(plain: &[Column], asked: bool) -> Vec<Column> {
    let further = COLUMNS.iter().filter(|_| asked);
    plain.iter().chain(further).copied().collect()
}

/// What was asked for, as meant.
pub(super) struct Asked<'a> {
    method: &'a Method,
    drafting: Option<(String, QuantChoice)>,
    drafted: Option<u32>,
    acceptance: Range,
    /// What the acceptance rests on.
    entries: Vec<&'a Acceptance>,
    /// Nobody stated the size of the head that drafts.
    assumed_head: bool,
    fit: GainFit,
}

/// What speculation brings on one machine, or why nothing is said.
pub(super) type Answer = Result<Forecast, String>;

/// What is to be told of one machine with so many users.
pub(super) struct Told<'a> {
    /// The machine.
    pub machine: &'a str,
    /// Requests at the same time.
    pub users: u32,
    /// What speculation brings there.
    pub answer: &'a Answer,
}

/// What was asked for; none where nothing was.
///
/// # Errors
/// If the method or the drafting model is unknown, or the model has no such draft.
pub(super) fn asked<'a>(
    session: &'a Session,
    subject: &Subject<'_>,
    arguments: &SpeculationArguments,
) -> Result<Option<Asked<'a>>> {
    let Some(typed) = arguments.speculate.as_deref() else {
        return Ok(None);
    };
    let (name, drafting) = match typed.split_once('=') {
        Some((name, model)) => (name, Some(model)),
        None => (typed, None),
    };
    let methods = session.catalog.speculation()?;
    let id = name.to_lowercase();
    let Some(method) = methods.get(&id) else {
        let known: Vec<&str> = methods.keys().map(String::as_str).collect();
        bail!(
            "there is no way `{name}` to speculate: write --speculate with one of {} (draft=MODEL)",
            known.join(", ")
        );
    };
    let drafting = match (method.drafter, drafting) {
        (Drafter::Model, None | Some("")) => {
            bail!("--speculate {id} needs the model that drafts: write --speculate {id}=MODEL")
        }
        (Drafter::Model, Some(typed)) => Some(drafting_model(session, subject, typed)?),
        (_, Some(_)) => bail!("--speculate {id} takes no model: write --speculate {id}"),
        (_, None) => None,
    };
    has_draft(subject, method)?;
    let work = arguments.work.map_or(Work::Any, Work::from);
    let (acceptance, entries) = match arguments.acceptance {
        Some(given) => (Range::exact(given), Vec::new()),
        None => method.acceptance_for(&subject.model.id, work),
    };
    Ok(Some(Asked {
        method,
        drafting,
        drafted: arguments.draft_tokens,
        acceptance,
        entries,
        assumed_head: method
            .head(&subject.model.id)
            .is_some_and(|head| head.assumed),
        fit: GainFit::of(&session.catalog, session.catalog.constants()?)?,
    }))
}

/// Whether the model has what the method needs of it.
fn has_draft(subject: &Subject<'_>, method: &Method) -> Result<()> {
    let name = &subject.model.table.name;
    match method.drafter {
        Drafter::PredictionBlock if subject.model.architecture.mtp_layers == 0 => bail!(
            "{name} has no multi-token-prediction block: try --speculate ngram or --speculate draft=MODEL"
        ),
        Drafter::EagleHead if method.head(&subject.model.id).is_none() => {
            let known: Vec<&str> = method
                .heads
                .iter()
                .map(|head| head.model.as_str())
                .collect();
            bail!(
                "no EAGLE-3 head for {name} is known (of {}): try --speculate ngram or --speculate draft=MODEL, or lay an [{}] table with its head over the built-in one",
                known.join(", "),
                method.id
            )
        }
        _ => Ok(()),
    }
}

/// Most that vocabularies of one tokenizer differ by: padding.
const PADDING: f64 = 0.02;

/// The model that drafts, with the quant of its name.
fn drafting_model(
    session: &Session,
    subject: &Subject<'_>,
    typed: &str,
) -> Result<(String, QuantChoice)> {
    let choice = session.catalog.select_model(typed)?;
    let (target, draft) = (&subject.model, choice.model);
    let vocabulary = |architecture: &Architecture| f64::from(architecture.vocab);
    let (own, other) = (
        vocabulary(&target.architecture),
        vocabulary(&draft.architecture),
    );
    if (own / other).ln().abs() > PADDING {
        bail!(
            "{} cannot draft for {}: vocabularies of {other} and {own} tokens are two tokenizers; name a smaller model of the same family",
            draft.table.name,
            target.table.name
        );
    }
    if draft.id == target.id {
        bail!(
            "{} cannot draft for itself: name a smaller model of the same family",
            draft.table.name
        );
    }
    Ok((draft.id.clone(), choice.quant))
}

impl Asked<'_> {
    /// What it brings on a machine.
    ///
    /// # Errors
    /// If the data has faults.
    pub(super) fn answer(
        &self,
        session: &Session,
        report: &mut Report,
        candidate: &Candidate<'_>,
        scenario: &Scenario<'_>,
        plain: &Estimate,
        constants: &Constants,
    ) -> Result<Answer> {
        let engine = candidate.engine;
        if !self.method.engines.contains(&engine.id) {
            let reason = self.method.refused.get(&engine.id);
            return Ok(Err(reason.cloned().unwrap_or_else(|| {
                format!("whether {} does it is not known", engine.name)
            })));
        }
        let recurrent = candidate.model.architecture.recurrent_layers() > 0;
        if let Some(reason) = self.method.refused_recurrent.get(&engine.id)
            && recurrent
        {
            return Ok(Err(reason.clone()));
        }
        if plain.decode.is_none() {
            return Ok(Err("the model does not fit".to_owned()));
        }
        let quant = match &self.drafting {
            Some((id, choice)) => {
                let model = session.catalog.select_model(id)?.model;
                Some((id, session.catalog.quant_for(model, engine, choice)?))
            }
            None => None,
        };
        let drafting = quant.as_ref().map(|(id, quant)| (id.as_str(), quant));
        let draft = draft_of(&session.catalog, self.method, scenario, drafting)?;
        let Some((draft, model)) = draft else {
            return Ok(Err("the size of its draft is not known".to_owned()));
        };
        let asked = Drafting {
            draft: draft.as_ref(),
            model: &model,
            drafted: self.drafted,
            most: self.method.most_draft_tokens,
            acceptance: self.acceptance,
        };
        let found = forecast(scenario, constants, plain, &asked, &self.fit);
        if let Some(found) = &found
            && session.explain
        {
            report.detail(
                candidate.machine.id.clone(),
                words::step(found, self.acceptance),
            );
        }
        Ok(found.ok_or_else(|| "the model does not fit with the draft beside it".to_owned()))
    }

    /// Says in a report what was assumed, and hands on sentences for its footnote.
    ///
    /// # Errors
    /// If no machine can do it.
    pub(super) fn finish(&self, report: &mut Report, answers: &[Told<'_>]) -> Result<Vec<String>> {
        if let Some(Err(reason)) = answers.first().map(|told| told.answer)
            && answers.iter().all(|told| told.answer.is_err())
        {
            bail!(
                "no speculation with {}: {reason}; name another --engine, or another way to --speculate",
                self.method.name
            );
        }
        report
            .assume("speculation", self.method.id.clone())
            .assume("acceptance_range", self.acceptance)
            .assume(
                "acceptance_sources",
                Value::List(words::sources(&self.entries)),
            );
        let mut notes = vec![words::basis(self.method, self.acceptance, &self.entries)];
        if self.assumed_head {
            notes.push("The size of its head is assumed".to_owned());
        }
        let several = answers.windows(2).any(|two| two[0].users != two[1].users);
        notes.extend(if several {
            self.curves(report, answers)
        } else {
            self.ranking(report, answers)
        });
        Ok(notes)
    }

    /// For one number of users: the fastest machine in the headline, the others' losses.
    fn ranking(&self, report: &mut Report, answers: &[Told<'_>]) -> Vec<String> {
        let best = answers
            .iter()
            .filter_map(|told| Some((told.machine, told.answer.as_ref().ok()?)))
            .max_by(|a, b| a.1.rate.mid.total_cmp(&b.1.rate.mid));
        if let Some((machine, found)) = best {
            // It takes the place of the line that compares plain rates.
            report.headline.truncate(1);
            report.headline(
                Styled::plain(format!("With {}: ", self.method.name))
                    .and(Role::Strong, machine.to_owned())
                    .and(
                        Role::Plain,
                        format!(
                            " {} tok/s, {} ({} drafted).",
                            rate_words(found.rate),
                            words::change(found),
                            found.step.drafted
                        ),
                    ),
            );
        }
        words::shortfalls(answers, best.map(|(machine, _)| machine))
    }

    /// For several: up to how many users it pays on the first machine, then on the others.
    fn curves(&self, report: &mut Report, answers: &[Told<'_>]) -> Vec<String> {
        let mut machines = answers
            .chunk_by(|a, b| a.machine == b.machine)
            .map(|told| (told[0].machine, words::pays(told)));
        if let Some((machine, words)) = machines.next() {
            report.headline(
                Styled::plain(format!("With {} ", self.method.name))
                    .and(Role::Strong, machine.to_owned())
                    .and(Role::Plain, format!(" {words}.")),
            );
        }
        let rest = machines.map(|(machine, words)| format!("{machine}: {words}"));
        rest.collect()
    }

    /// The cells of one machine, in the order of the columns.
    pub(super) fn cells(&self, answer: &Answer) -> Vec<Cell> {
        let found = answer.as_ref().ok();
        let role = match found {
            Some(found) if found.gain.mid < 1.0 => Role::Bad,
            Some(found) if found.gain.low < 1.0 => Role::Caution,
            _ => Role::Plain,
        };
        vec![
            Cell::from(found.map(|found| found.rate)).role(role),
            Cell::from(found.map(|found| found.rate.scale(f64::from(found.step.batch)))),
            Cell::from(found.map(|found| found.gain)).role(role),
            Cell::from(found.map(|_| self.acceptance.mid)),
            Cell::from(found.map(|found| found.step.drafted)),
            Cell::from(found.map(|found| found.evidence)),
            Cell::from(match answer {
                Ok(found) => words::change(found),
                Err(reason) => reason.clone(),
            }),
            Cell::from(found.map(|found| found.step.memory)),
            Cell::from(found.map(|_| self.acceptance)),
        ]
    }
}
