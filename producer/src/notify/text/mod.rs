//! The words of each notification, and the commands to type.

mod english;
mod portuguese;
mod step;

use std::fmt::Write as _;

use domain::failure::FailureClass;

use self::step::Step;
use super::event::{CauseCount, Facts};
use super::language::Language;
use crate::program::Program;
use crate::text::printable;

/// What is sent of some facts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// A line.
    pub subject: String,
    /// Everything else.
    pub body: String,
    /// The first command to type.
    pub command: Option<String>,
}

/// The words for some facts.
pub(super) fn words(facts: &Facts, language: Language, program: Program) -> Words {
    let (subject, what) = match language {
        Language::Portuguese => portuguese::told(facts),
        Language::English => english::told(facts),
    };
    let steps = steps(facts, program);
    let mut body = format!("{what}\n");
    if !facts.causes().is_empty() {
        body += "\n";
    }
    for cause in facts.causes() {
        _ = writeln!(body, "{}", line(cause, language));
    }
    for (step, command) in &steps {
        let does = match language {
            Language::Portuguese => portuguese::does(*step),
            Language::English => english::does(*step),
        };
        _ = write!(body, "\n{does}:\n  {command}\n");
    }
    Words {
        subject: format!("[mega-sync] {subject}"),
        body,
        command: steps.into_iter().next().map(|(_, command)| command),
    }
}

/// How many jobs failed for a cause, and one of them.
fn line(cause: &CauseCount, language: Language) -> String {
    let class = cause.class.map(|class| match language {
        Language::Portuguese => portuguese::class(class),
        Language::English => english::class(class),
    });
    let class = class.map(|class| format!(" ({class})"));
    format!(
        "{:>4} × {}{}: {}",
        cause.jobs,
        cause.cause,
        class.unwrap_or_default(),
        printable(&cause.example)
    )
}

/// The commands to type, the first one first.
fn steps(facts: &Facts, program: Program) -> Vec<(Step, String)> {
    let name = program.name();
    match facts {
        Facts::RunFailed { run, causes, .. } => {
            let mut steps = vec![
                (Step::Failed, format!("{name} failed --run {run}")),
                (Step::Requeue, format!("{name} requeue --run {run}")),
            ];
            if let [first, _, ..] = &causes[..] {
                let cause = &first.cause;
                let command = format!("{name} requeue --run {run} --cause {cause}");
                steps.push((Step::RequeueCause, command));
            }
            steps.extend(accept(name, run.as_str(), causes));
            steps
        }
        Facts::Implausible { run, causes } => {
            let mut steps = vec![(Step::Failed, format!("{name} failed --run {run}"))];
            steps.extend(accept(name, run.as_str(), causes));
            steps
        }
        Facts::SignInRefused { .. } => {
            vec![(Step::LiftRefusal, format!("{name} signin --retry"))]
        }
        Facts::ErpAway { .. } => vec![(Step::Doctor, format!("{name} doctor"))],
        Facts::Stale { .. } => vec![(Step::Status, format!("{name} status"))],
        Facts::ScheduleMissed { missed } => {
            let schedules = missed.iter().map(|missed| &missed.schedule);
            let commands = schedules.flat_map(|schedule| {
                let history = format!("{name} schedule history {schedule}");
                let again = run_now(name, schedule);
                [(Step::History, history), (Step::RunNow, again)]
            });
            commands.collect()
        }
        Facts::PlanRefused { run, schedule, .. } => {
            let again = schedule.as_ref();
            let again = again.map(|schedule| (Step::RunNow, run_now(name, schedule)));
            let status = (Step::Status, format!("{name} status --run {run}"));
            again.into_iter().chain([status]).collect()
        }
        Facts::Recovered { run: Some(run), .. } => {
            vec![(Step::Status, format!("{name} status --run {run}"))]
        }
        Facts::Recovered { run: None, .. } | Facts::Test => Vec::new(),
    }
}

fn run_now(name: &str, schedule: &str) -> String {
    format!("{name} schedule run-now {schedule}")
}

/// The command that accepts each implausible cause.
fn accept(name: &str, run: &str, causes: &[CauseCount]) -> Vec<(Step, String)> {
    let implausible = causes
        .iter()
        .filter(|cause| cause.class == Some(FailureClass::Implausible));
    implausible
        .map(|CauseCount { cause, .. }| {
            let command = format!("{name} requeue --run {run} --cause {cause} --accept-change");
            (Step::Accept, command)
        })
        .collect()
}

#[cfg(test)]
mod tests;
