//! The next command for a run.

use std::fmt::Write as _;

use crate::program::Program;
use crate::report::{Summary, Verdict};

/// The commands for the state that a run is in, each with what it does; empty when there is none.
pub(super) fn next(summary: &Summary, program: Program) -> String {
    let hints = hints(summary, program);
    if hints.is_empty() {
        return String::new();
    }
    let width = hints.iter().map(|(command, _)| command.len()).max();
    let width = width.unwrap_or_default();
    let mut text = "\nnext:\n".to_owned();
    for (command, effect) in hints {
        _ = writeln!(text, "  {command:<width$}  {effect}");
    }
    text
}

/// The program that begins the runs of schedules.
const fn begins_runs(program: Program) -> &'static str {
    match program {
        Program::Producer => "producer schedule run",
        Program::MegaSync => "mega-sync serve",
    }
}

/// Commands, each with what it does.
fn hints(summary: &Summary, program: Program) -> Vec<(String, &'static str)> {
    let name = program.name();
    let run = &summary.run.id;
    match summary.verdict {
        Verdict::Complete => vec![],
        Verdict::Planning => vec![(begins_runs(program).to_owned(), "plans it, if one is alive")],
        Verdict::Refused => match &summary.run.schedule {
            Some(schedule) => vec![
                (
                    format!("{name} schedule show {schedule}"),
                    "shows what it asks for",
                ),
                (
                    format!("{name} schedule run-now {schedule}"),
                    "begins another run, once the reason is gone",
                ),
            ],
            None => vec![],
        },
        Verdict::Failed => vec![
            (format!("{name} failed --run {run}"), "shows each cause"),
            (format!("{name} requeue --run {run}"), "enqueues them again"),
        ],
        Verdict::Cancelled => vec![(
            format!("{name} requeue --run {run} --empreendimento-ids ID,…"),
            "enqueues cancelled ones again, by their code",
        )],
        Verdict::SignInRefused => vec![(
            format!("{name} signin --retry"),
            "lets the fleet sign in again; correct MEGA_API_* first",
        )],
        Verdict::NotPublished => vec![(
            format!("{name} resume --run {run}"),
            "publishes them, unless another command does",
        )],
        Verdict::Running | Verdict::Queued | Verdict::Waiting if summary.paused.is_some() => {
            vec![(
                format!("{name} unpause"),
                "lets the workers take jobs again",
            )]
        }
        Verdict::Running | Verdict::Queued | Verdict::Waiting if program == Program::MegaSync => {
            vec![(
                format!("{name} resume --run {run}"),
                "continues it, unless another command does",
            )]
        }
        Verdict::Waiting if !summary.silent.is_empty() => vec![(
            format!("{name} resume --run {run}"),
            "publishes lost messages, if the queues are empty",
        )],
        Verdict::Running | Verdict::Waiting => {
            vec![(format!("{name} status --run {run} --watch"), "follows it")]
        }
        Verdict::Queued if summary.workers.is_empty() => vec![
            ("worker".to_owned(), "start one: none is alive"),
            (
                format!("{name} resume --run {run}"),
                "if nothing happens then: publishes lost messages",
            ),
        ],
        Verdict::Queued => vec![
            (format!("{name} status --run {run} --watch"), "follows it"),
            (
                format!("{name} resume --run {run}"),
                "if nothing happens: publishes lost messages",
            ),
        ],
    }
}
