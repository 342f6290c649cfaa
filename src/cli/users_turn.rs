//! What would turn the answer of `hwcmp users`: another engine or split that serves more,
//! and the limits at which another machine comes first.

use anyhow::Result;

use super::args::UsersArguments;
use super::session::Session;
use super::setup::candidates;
use super::subject::Subject;
use super::users_load::{Answer, Asked};
use super::users_text::{count, seconds};
use crate::evidence::Evidence;
use crate::predict::memory::CacheType;
use crate::predict::{Constants, Split, SplitChoice};
use crate::report::Styled;
use crate::study::{Limit, Quality};
use crate::units::compact;

/// Factors on a limit, the nearest first: stricter, then looser.
const FACTORS: [f64; 10] = [1.25, 1.5, 2.0, 3.0, 5.0, 0.8, 0.67, 0.5, 0.33, 0.2];
/// Another set-up is told where it serves at least so many times as many people.
const WORTH_TELLING: f64 = 1.1;

/// One line; none where nothing that was tried turns it.
///
/// # Errors
/// If the data has faults.
pub(super) fn turn(
    session: &Session,
    arguments: &UsersArguments,
    subject: &Subject<'_>,
    asked: &Asked<'_>,
    answers: &[Answer<'_>],
) -> Result<Option<Styled>> {
    let constants = session.catalog.constants()?;
    let mut words = Vec::new();
    words.extend(lifted(asked, answers, constants));
    words.extend(replicas(asked, answers, constants));
    words.extend(engines(session, arguments, subject, asked, answers)?);
    words.extend(limits(asked, answers, constants));
    Ok((!words.is_empty()).then(|| Styled::plain(format!("To turn it: {}.", words.join("; ")))))
}

/// How many more the first machine serves where the limit that holds it is looser: twice the
/// wait, half the speed, a cache of half the bytes.
fn lifted(asked: &Asked<'_>, answers: &[Answer<'_>], constants: &Constants) -> Option<String> {
    let first = answers.first()?;
    let mut looser = asked.clone();
    let flag = match first.served.capacity.limit? {
        Limit::Decode => {
            looser.quality.min_decode = rounded(asked.quality.min_decode / 2.0);
            format!("--min-decode {}", compact(looser.quality.min_decode, 2))
        }
        Limit::FirstToken => {
            looser.quality.max_ttft = rounded(asked.quality.max_ttft * 2.0);
            time_flag(looser.quality.max_ttft)
        }
        Limit::Memory if asked.shape.key_type == CacheType::F16 => {
            looser.shape.key_type = CacheType::Q8_0;
            looser.shape.value_type = CacheType::Q8_0;
            "--kv-quant q8_0".to_owned()
        }
        Limit::Memory | Limit::Slots | Limit::OneByOne | Limit::Unknown => return None,
    };
    let (people, _) = looser.people(first.candidate, constants);
    (people > first.served.crowd.people).then(|| {
        format!(
            "{flag} makes {} serve {}",
            first.candidate.machine.id,
            count(people, "person", "people")
        )
    })
}

/// `--max-ttft 5s`.
fn time_flag(limit: f64) -> String {
    format!("--max-ttft {}", seconds(limit).replace(' ', ""))
}

/// A whole copy on each device, where that makes a machine serve most of all.
fn replicas(asked: &Asked<'_>, answers: &[Answer<'_>], constants: &Constants) -> Option<String> {
    if asked.shape.split != SplitChoice::Auto {
        return None;
    }
    let mut copies = asked.clone();
    copies.shape.split = SplitChoice::Only(Split::Replicas);
    let most = most(answers);
    answers
        .iter()
        .filter(|answer| answer.candidate.machine.count > 1)
        .map(|answer| (answer, copies.people(answer.candidate, constants).0))
        .filter(|(_, people)| f64::from(*people) > WORTH_TELLING * f64::from(most))
        .max_by_key(|(_, people)| *people)
        .map(|(answer, people)| {
            format!(
                "--split replicas makes {} serve {}",
                answer.candidate.machine.id,
                count(people, "person", "people")
            )
        })
}

/// Another engine with which a machine serves most of all, unless one was asked for. What
/// is known from data sheets only is no reason to change it.
fn engines(
    session: &Session,
    arguments: &UsersArguments,
    subject: &Subject<'_>,
    asked: &Asked<'_>,
    answers: &[Answer<'_>],
) -> Result<Option<String>> {
    if arguments.setup.run.engine.is_some() || subject.file.is_some() {
        return Ok(None);
    }
    let constants = session.catalog.constants()?;
    let mut best = (WORTH_TELLING * f64::from(most(answers)), None);
    for engine in session.catalog.engines()?.keys() {
        let mut setup = arguments.setup.clone();
        setup.run.engine = Some(engine.clone());
        // An engine that runs it on none of the machines is no alternative.
        let Ok((ready, _)) = candidates(session, subject, &setup) else {
            continue;
        };
        for candidate in &ready {
            let (people, evidence) = asked.people(candidate, constants);
            if evidence != Evidence::Spec && f64::from(people) > best.0 {
                let text = format!(
                    "--engine {engine} makes {} serve {}",
                    candidate.machine.id,
                    count(people, "person", "people")
                );
                best = (f64::from(people), Some(text));
            }
        }
    }
    Ok(best.1)
}

/// The nearest limits at which another machine comes first, or that there are none near.
fn limits(asked: &Asked<'_>, answers: &[Answer<'_>], constants: &Constants) -> Vec<String> {
    let Some(first) = answers.first().filter(|_| answers.len() > 1) else {
        return Vec::new();
    };
    let quality = asked.quality;
    let other = |quality: Quality| {
        let asked = Asked {
            quality,
            ..asked.clone()
        };
        let people = |answer: &Answer<'_>| asked.people(answer.candidate, constants).0;
        let own = people(first);
        let rivals = answers[1..].iter().map(|answer| (people(answer), answer));
        let (best, answer) = rivals.max_by_key(|(people, _)| *people)?;
        (best > own).then(|| {
            format!(
                "makes {} first, with {}",
                answer.candidate.machine.id,
                count(best, "person", "people")
            )
        })
    };
    let nearest = |of: &dyn Fn(f64) -> (String, Quality)| {
        FACTORS.iter().find_map(|factor| {
            let (flag, quality) = of(*factor);
            Some(format!("{flag} {}", other(quality)?))
        })
    };
    let slower = nearest(&|factor| {
        let min_decode = rounded(quality.min_decode * factor);
        let flag = format!("--min-decode {}", compact(min_decode, 2));
        (
            flag,
            Quality {
                min_decode,
                ..quality
            },
        )
    });
    let later = nearest(&|factor| {
        let max_ttft = rounded(quality.max_ttft / factor);
        (
            time_flag(max_ttft),
            Quality {
                max_ttft,
                ..quality
            },
        )
    });
    let mut words: Vec<String> = slower.into_iter().chain(later).collect();
    if words.is_empty() && first.served.crowd.people > 0 {
        words.push(
            "neither limit makes another machine first, up to five times looser or stricter"
                .to_owned(),
        );
    }
    words
}

/// To the two digits that are shown, so that the flag as shown does what is said.
fn rounded(value: f64) -> f64 {
    let scale = 10f64.powi(1 - value.log10().floor() as i32);
    (value * scale).round() / scale
}

fn most(answers: &[Answer<'_>]) -> u32 {
    let people = answers.iter().map(|answer| answer.served.crowd.people);
    people.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn flags_are_what_was_computed() {
        assert!((rounded(12.5) - 13.0).abs() < 1e-12);
        assert!((rounded(3.35) - 3.4).abs() < 1e-12 || (rounded(3.35) - 3.3).abs() < 1e-12);
        assert!((rounded(0.0666) - 0.067).abs() < 1e-12);
    }
}
