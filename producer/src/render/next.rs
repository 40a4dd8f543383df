//! The next command for a run.

use std::fmt::Write as _;

use crate::program::Program;
use crate::report::{NextStep, Summary, next_steps};

/// The commands for the state that a run is in, each with what it does; empty when there is none.
pub(super) fn next(summary: &Summary, program: Program) -> String {
    let steps = next_steps(summary, program);
    if steps.is_empty() {
        return String::new();
    }
    let hints: Vec<_> = steps
        .into_iter()
        .map(|step| hint(step, summary, program))
        .collect();
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

/// A command, and what it does.
fn hint(step: NextStep<'_>, summary: &Summary, program: Program) -> (String, &'static str) {
    let name = program.name();
    let run = &summary.run.id;
    let resume = format!("{name} resume --run {run}");
    match step {
        NextStep::RetrySignIn => (
            format!("{name} signin --retry"),
            "lets the fleet sign in again; correct MEGA_API_* first",
        ),
        NextStep::ShowCauses => (format!("{name} failed --run {run}"), "shows each cause"),
        NextStep::Requeue => (format!("{name} requeue --run {run}"), "enqueues them again"),
        NextStep::RequeueCancelled => (
            format!("{name} requeue --run {run} --empreendimento-ids ID,…"),
            "enqueues cancelled ones again, by their code",
        ),
        NextStep::Publish => (resume, "publishes them, unless another command does"),
        NextStep::PublishLost => (resume, "publishes lost messages, if the queues are empty"),
        NextStep::PublishIfStuck => (resume, "if nothing happens: publishes lost messages"),
        NextStep::Continue => (resume, "continues it, unless another command does"),
        NextStep::Unpause => (
            format!("{name} unpause"),
            "lets the workers take jobs again",
        ),
        NextStep::StartWorker => ("worker".to_owned(), "start one: none is alive"),
        NextStep::BeginRuns => (begins_runs(program).to_owned(), "plans it, if one is alive"),
        NextStep::ShowSchedule(schedule) => (
            format!("{name} schedule show {schedule}"),
            "shows what it asks for",
        ),
        NextStep::RunNow(schedule) => (
            format!("{name} schedule run-now {schedule}"),
            "begins another run, once the reason is gone",
        ),
        NextStep::Follow => (format!("{name} status --run {run} --watch"), "follows it"),
    }
}
