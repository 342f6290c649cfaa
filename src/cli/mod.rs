//! The command line: arguments as typed ([`args`]), then as meant
//! ([`session`], [`setup`]); one file per subcommand.

pub mod args;
mod audit;
mod bench;
mod breakeven;
mod breakeven_rivals;
mod breakeven_text;
mod calibrate;
mod check;
mod compare;
mod completions;
mod ease_text;
mod fit;
mod fit_text;
mod fit_train;
mod list;
mod money;
mod offload_text;
mod operands;
mod power;
mod power_text;
mod recommend;
mod recommend_ease;
mod recommend_next;
mod recommend_pick;
mod recommend_query;
mod recommend_text;
mod session;
mod setup;
mod show;
mod speculate;
mod speculate_text;
mod speed;
mod speed_curve;
mod speed_split;
mod speed_text;
mod subject;
mod tco;
mod tco_answer;
mod tco_figures;
mod tco_text;
mod tco_turns;
mod users;
mod users_load;
mod users_text;
mod users_turn;
mod validate;
mod verdict;
mod verdict_better;
mod verdict_text;
mod work;

use std::process::ExitCode;

use anyhow::Result;
use args::{Arguments, Command};
use session::Session;

/// Runs a command.
///
/// # Errors
/// If the arguments, the data or the output fail; the text says what and what to do.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    // Opened where a command needs it: completions need no data, and `check`
    // reads the overlay itself to tell all its faults.
    let session = || Session::open(&arguments.output);
    match &arguments.command {
        Command::Fit(fit) => fit::run(&session()?, fit),
        Command::Power(power) => power::run(&session()?, power),
        Command::Speed(speed) => speed::run(&session()?, speed),
        Command::Tco(tco) => tco::run(&session()?, tco),
        Command::Breakeven(breakeven) => breakeven::run(&session()?, breakeven),
        Command::Verdict(verdict) => verdict::run(&session()?, verdict),
        Command::List(list) => list::run(&session()?, list),
        Command::Show(show) => show::run(&session()?, show),
        Command::Check(check) => check::run(&arguments.output, check),
        Command::Completions(completions) => completions::run(completions),
        Command::Bench(bench) => bench::run(&session()?, bench),
        Command::Validate(validate) => validate::run(&session()?, validate),
        Command::Calibrate(calibrate) => calibrate::run(&session()?, calibrate),
        Command::Audit(audit) => audit::run(&session()?, audit),
        Command::Compare(compare) => compare::run(&session()?, compare),
        Command::Users(users) => users::run(&session()?, users),
        Command::Recommend(recommend) => recommend::run(&session()?, recommend),
    }
}
