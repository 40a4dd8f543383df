//! The words in English.

use domain::failure::FailureClass;

use super::step::Step;
use crate::notify::event::{Event, Facts, MissedSchedule};
use crate::notify::language::Language;
use crate::text::{list, printable};

/// A line, and what there is to say.
pub fn told(facts: &Facts) -> (String, String) {
    let time = |at| Language::English.time(at);
    match facts {
        Facts::RunFailed {
            run,
            total,
            failed,
            finished_at,
            ..
        } => (
            format!("run {run} finished with {}", jobs(*failed, "failed ")),
            format!(
                "Run {run} finished at {}. {failed} of {total} jobs failed. Failed targets keep their earlier \
                 figures, whole. Causes:",
                time(*finished_at)
            ),
        ),
        Facts::SignInRefused { at, why } => (
            "the ERP refused the sign-in".to_owned(),
            format!(
                "The ERP refused user or password at {} ({}). No sign-in is tried until somebody acts, because \
                 repeated ones lock the account. Jobs wait. Correct MEGA_API_* first.",
                time(*at),
                printable(why)
            ),
        ),
        Facts::ErpAway { since, jobs: count } => (
            format!("the ERP is away since {}", time(*since)),
            format!(
                "Most calls to the ERP fail since {}. Waiting: {}. Work goes on by itself when the ERP answers.",
                time(*since),
                jobs(*count, "")
            ),
        ),
        Facts::Implausible { run, .. } => (
            format!("implausible answers of the ERP in run {run}"),
            format!(
                "Run {run} received readable and unlikely answers. The tables stay as they were until somebody \
                 decides. Failed checks:"
            ),
        ),
        Facts::Stale {
            last: Some(at),
            max_age,
        } => (
            format!("no run has completed since {}", time(*at)),
            format!(
                "The last complete run ended at {}, more than {max_age} ago.",
                time(*at)
            ),
        ),
        Facts::Stale {
            last: None,
            max_age,
        } => (
            "no run has completed".to_owned(),
            format!("No run has completed, and the first began more than {max_age} ago."),
        ),
        Facts::ScheduleMissed { missed } => (
            format!("missed times: {}", names(missed)),
            format!(
                "No process that follows the schedules was alive at these times, and no run has begun since:{}",
                lines(missed)
            ),
        ),
        Facts::PlanRefused { run, why, .. } => (
            format!("run {run} cannot be planned"),
            format!(
                "A schedule has begun run {run}, and its plan was refused: {}. No job of it runs. Correct the \
                 cause first.",
                printable(why)
            ),
        ),
        Facts::Recovered { from, .. } => (
            format!("resolved: {}", called(*from)),
            format!("{} The earlier notification is closed.", over(*from)),
        ),
        Facts::Test => (
            "test message".to_owned(),
            "This is a test message. Notifications arrive here.".to_owned(),
        ),
    }
}

/// What a command does about it.
pub const fn does(step: Step) -> &'static str {
    match step {
        Step::Status => "Show the state",
        Step::Failed => "Show each cause",
        Step::Requeue => "Enqueue the jobs again, once the cause is corrected",
        Step::RequeueCause => "Only those of the most frequent cause",
        Step::Accept => "Accept the change, if the ERP is right",
        Step::LiftRefusal => "Allow sign-ins again",
        Step::Doctor => "See what does not answer",
        Step::History => "Show what became of its times",
        Step::RunNow => "Begin a run of it now",
    }
}

/// What a class of failures is called.
pub const fn class(class: FailureClass) -> &'static str {
    match class {
        FailureClass::Transient => "passing fault",
        FailureClass::Throttled => "the ERP asks for fewer calls",
        FailureClass::ErpAway => "the ERP is away",
        FailureClass::SignIn => "refused sign-in",
        FailureClass::Data => "the ERP's data",
        FailureClass::Implausible => "implausible answer",
        FailureClass::Poison => "invalid message",
        FailureClass::Bug => "fault of the program",
    }
}

fn called(event: Event) -> &'static str {
    match event {
        Event::RunFailed => "run with failures",
        Event::SignInRefused => "sign-in refused by the ERP",
        Event::ErpAway => "ERP away",
        Event::Implausible => "implausible answers of the ERP",
        Event::Stale => "no complete run",
        Event::ScheduleMissed => "missed times of a schedule",
        Event::PlanRefused => "refused plan",
        Event::Recovered | Event::Test => "notification",
    }
}

fn over(event: Event) -> &'static str {
    match event {
        Event::RunFailed | Event::Implausible => {
            "The newest run is complete, and no target is failed."
        }
        Event::SignInRefused => "Sign-ins to the ERP are allowed again.",
        Event::ErpAway => "The ERP answers, and the jobs that waited for it are over.",
        Event::Stale => "A run has completed.",
        Event::ScheduleMissed => {
            "Each schedule that missed times has begun a run since, or was removed."
        }
        Event::PlanRefused => "A later run is planned.",
        Event::Recovered | Event::Test => "",
    }
}

/// `1 failed job`, `2 failed jobs`.
fn jobs(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}job{plural}")
}

fn names(missed: &[MissedSchedule]) -> String {
    list(missed.iter().map(|missed| &missed.schedule))
}

/// The missed times of each schedule, each on a line of its own.
fn lines(missed: &[MissedSchedule]) -> String {
    let line = |missed: &MissedSchedule| {
        format!(
            "\n  {}: {}, the last at {} ({})",
            missed.schedule,
            times(missed.times),
            Language::English.time(missed.last),
            printable(&missed.why)
        )
    };
    missed.iter().map(line).collect()
}

/// `1 time`, `2 times`.
fn times(count: u64) -> String {
    let noun = if count == 1 { "time" } else { "times" };
    format!("{count} {noun}")
}
