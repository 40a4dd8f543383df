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

/// Commands, each with what it does.
fn hints(summary: &Summary, program: Program) -> Vec<(String, &'static str)> {
    let name = program.name();
    let run = &summary.run.id;
    match summary.verdict {
        Verdict::Complete => vec![],
        Verdict::Failed => vec![
            (format!("{name} failed --run {run}"), "says why, job by job"),
            (format!("{name} requeue --run {run}"), "has them done again"),
        ],
        Verdict::SignInRefused => vec![(
            format!("{name} signin --retry"),
            "lets the fleet sign in again, once MEGA_API_* are right",
        )],
        Verdict::NotPublished => vec![(
            format!("{name} resume --run {run}"),
            "publishes them, unless a command is at it right now",
        )],
        Verdict::Running | Verdict::Queued | Verdict::Waiting if program == Program::MegaSync => {
            vec![(
                format!("{name} resume --run {run}"),
                "goes on with it, unless a command is at it right now",
            )]
        }
        Verdict::Waiting if !summary.silent.is_empty() => vec![(
            format!("{name} resume --run {run}"),
            "publishes what the broker has lost, if its queues are empty",
        )],
        Verdict::Running | Verdict::Waiting => {
            vec![(format!("{name} status --run {run} --watch"), "follows it")]
        }
        Verdict::Queued if summary.workers.is_empty() => vec![
            (
                "worker".to_owned(),
                "must be running somewhere: none is alive",
            ),
            (
                format!("{name} resume --run {run}"),
                "if one is and nothing moves: publishes what the broker has lost",
            ),
        ],
        Verdict::Queued => vec![
            (format!("{name} status --run {run} --watch"), "follows it"),
            (
                format!("{name} resume --run {run}"),
                "if nothing moves: publishes what the broker has lost",
            ),
        ],
    }
}
