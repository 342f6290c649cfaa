//! The first two lines of `hwcmp speed` for one number of users.

use super::fit_text::{context_words, rate_words};
use super::speed::Answer;
use crate::catalog::Shape;
use crate::predict::Bound;
use crate::report::{Report, Role, Styled};
use crate::units::compact;

/// The first two lines: who decodes fastest, and how far behind the slowest is.
pub(super) fn headline(report: &mut Report, title: &str, answers: &[Answer<'_>], shape: &Shape) {
    let mut running: Vec<&Answer<'_>> = answers
        .iter()
        .filter(|answer| answer.estimate.decode.is_some())
        .collect();
    running.sort_by(|a, b| decode_mid(b).total_cmp(&decode_mid(a)));
    let at = match shape.depth {
        0 => format!("{title} from an empty cache: "),
        depth => format!("{title} at {} of depth: ", context_words(depth)),
    };
    let Some(best) = running.first() else {
        let none = match answers {
            [one] => format!("does not fit {}.", one.candidate.machine.id),
            _ => "fits none of these machines.".to_owned(),
        };
        report.headline(Styled::plain(at).and(Role::Bad, none));
        report.headline(Styled::plain(
            "`hwcmp fit` says by how much, and what would make it fit.",
        ));
        return;
    };
    if let Some(rate) = best.estimate.decode {
        report.headline(
            Styled::plain(at)
                .and(Role::Strong, best.candidate.machine.id.clone())
                .and(
                    Role::Plain,
                    format!(
                        " decodes {} tok/s, bound by {}.",
                        rate_words(rate),
                        best.estimate.bound.map_or("nothing", Bound::name)
                    ),
                ),
        );
    }
    let slowest = running.last().filter(|_| running.len() > 1);
    let line = match slowest {
        Some(last) => format!(
            "{} of {} machines run it; the slowest, {}, decodes {} tok/s ({}x slower).",
            running.len(),
            answers.len(),
            last.candidate.machine.id,
            compact(decode_mid(last), 2),
            compact(decode_mid(best) / decode_mid(last), 2)
        ),
        None => best.estimate.ttft.map_or(String::new(), |ttft| {
            format!(
                "First token after {} s for {} new tokens.",
                compact(ttft.warm.mid, 2),
                context_words(shape.prompt)
            )
        }),
    };
    report.headline(Styled::plain(line));
}

fn decode_mid(answer: &Answer<'_>) -> f64 {
    answer.estimate.decode.map_or(0.0, |rate| rate.mid)
}
