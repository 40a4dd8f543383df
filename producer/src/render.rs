//! A summary as text, for a person who wants to know at 7 in the morning whether it is done.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use chrono_tz::America::Sao_Paulo;
use domain::job::RunParams;
use domain::ledger::JobState;

use crate::console::Program;
use crate::summary::{CauseGroup, Summary, Verdict};
use crate::sums;

/// Jobs listed by name below a cause, before the rest is only counted.
const NAMED_JOBS: usize = 10;

/// The whole answer: verdict, facts, causes, and what to do next. Ends with a line end.
pub fn page(summary: &Summary, program: Program) -> String {
    let mut text = format!("run {}: {}\n", summary.run.id, verdict(summary));
    facts(&mut text, summary, program);
    causes(&mut text, "failed, by cause", &summary.failures);
    causes(&mut text, "to be tried again, by cause", &summary.setbacks);
    next(&mut text, summary, program);
    text
}

/// How the run stands, on one line without its name.
pub fn verdict(summary: &Summary) -> String {
    let of_all = format!("{} of {} done", summary.done, jobs_of(summary.total));
    match summary.verdict {
        Verdict::Complete => format!("complete, {of_all}"),
        Verdict::Failed => format!(
            "finished with failures, {} of {} failed",
            summary.count(JobState::Failed),
            jobs_of(summary.total)
        ),
        Verdict::SignInRefused => {
            format!("stopped because the ERP refused the sign-in, {of_all}")
        }
        Verdict::NotPublished => format!(
            "not fully published, {} never confirmed, {of_all}",
            messages_of(summary.unpublished)
        ),
        Verdict::Running => match summary.remaining_seconds {
            Some(seconds) => format!("running, {of_all}, about {} left", duration(seconds)),
            None => format!("running, {of_all}"),
        },
        Verdict::Queued => format!("queued and no worker on it, {of_all}"),
        Verdict::Waiting => match summary.next_attempt_at {
            Some(at) => format!("waiting, {of_all}, next try at {}", local(at)),
            None => format!("waiting, {of_all}"),
        },
    }
}

/// The verdict with what else changes while a run is followed.
pub fn line(summary: &Summary) -> String {
    let mut also: String = [JobState::Running, JobState::Retrying, JobState::Failed]
        .into_iter()
        .filter(|state| summary.count(*state) > 0)
        .map(|state| format!(", {} {state}", summary.count(state)))
        .collect();
    if !summary.workers.is_empty() {
        let alive = summary.workers.len();
        _ = write!(also, ", {alive} worker{} alive", plural(alive));
    }
    match summary.verdict {
        Verdict::Running => format!(
            "running, {} of {} done{also}{}",
            summary.done,
            jobs_of(summary.total),
            summary
                .remaining_seconds
                .map(|seconds| format!(", about {} left", duration(seconds)))
                .unwrap_or_default()
        ),
        _ => verdict(summary),
    }
}

fn facts(text: &mut String, summary: &Summary, program: Program) {
    let mut fact = |name: &str, value: String| _ = writeln!(text, "  {name:<9} {value}");
    fact("window", window(&summary.run.params));
    fact(
        "enqueued",
        format!("{} in São Paulo", local(summary.run.created_at)),
    );
    let elapsed = duration(summary.elapsed_seconds);
    match summary.jobs_per_minute {
        Some(speed) => fact("elapsed", format!("{elapsed}, {speed:.1} jobs/min lately")),
        None => fact("elapsed", elapsed),
    }
    let states: Vec<_> = JobState::ALL
        .iter()
        .copied()
        .filter(|state| summary.count(*state) > 0)
        .map(|state| format!("{} {state}", summary.count(state)))
        .collect();
    if !states.is_empty() {
        fact("jobs", states.join(", "));
    }
    // The one process of mega-sync has a worker only while a command works: none is no news.
    if !summary.workers.is_empty() || program == Program::Producer {
        fact("workers", workers(summary));
    }
    if summary.run.replace_newer {
        let by = summary.run.by.as_deref().unwrap_or("somebody");
        fact(
            "replaces",
            format!("what later views have written, as {} asked", printable(by)),
        );
    }
    if !summary.silent.is_empty() {
        fact("silent", silent(summary));
    }
    for (name, value) in summary.checks.facts() {
        fact(name, value);
    }
    for (name, value) in sums::facts(&summary.manifest) {
        fact(name, value);
    }
    if let Some(refused) = &summary.sign_in_refused {
        let why = printable(&refused.why);
        fact(
            "sign-in",
            format!("refused at {}: {why}", local(refused.at)),
        );
    }
}

/// Open jobs that nobody seems to have, by name as far as there is room.
fn silent(summary: &Summary) -> String {
    let named: Vec<_> = summary.silent.iter().map(ToString::to_string).collect();
    let more = match named.len().checked_sub(NAMED_JOBS) {
        Some(more @ 1..) => format!(" and {more} more"),
        _ => String::new(),
    };
    format!(
        "{}, nothing happens to them and no worker is at work: {}{more}",
        jobs_of(named.len()),
        named[..named.len().min(NAMED_JOBS)].join(", ")
    )
}

/// How many workers are alive, and how much they have in hand.
pub(crate) fn workers(summary: &Summary) -> String {
    match summary.workers.len() {
        0 => "none alive".to_owned(),
        alive => format!("{alive} alive, {} in hand", jobs_of(summary.in_hand())),
    }
}

fn causes(text: &mut String, title: &str, groups: &[CauseGroup]) {
    if groups.is_empty() {
        return;
    }
    _ = writeln!(text, "\n{title}:");
    for group in groups {
        let CauseGroup {
            class,
            message,
            jobs,
            ..
        } = group;
        _ = writeln!(text, "  {} x {class}: {}", jobs.len(), printable(message));
        for job in jobs.iter().take(NAMED_JOBS) {
            let target = job.target.to_string();
            _ = writeln!(text, "      {target:<12}  {}", printable(&job.nome));
        }
        if jobs.len() > NAMED_JOBS {
            _ = writeln!(text, "      and {} more", jobs.len() - NAMED_JOBS);
        }
    }
}

fn next(text: &mut String, summary: &Summary, program: Program) {
    let hints = hints(summary, program);
    if hints.is_empty() {
        return;
    }
    let width = hints.iter().map(|(command, _)| command.len()).max();
    let width = width.unwrap_or_default();
    _ = writeln!(text, "\nnext:");
    for (command, effect) in hints {
        _ = writeln!(text, "  {command:<width$}  {effect}");
    }
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

/// A run's window in words.
pub(crate) fn window(params: &RunParams) -> String {
    let months = params.months().len();
    format!(
        "{} to {} ({months} month{}), as of {}",
        params.start_date,
        params.end_date,
        plural(months),
        params.as_of
    )
}

/// So many jobs, in words.
pub(crate) fn jobs_of(count: usize) -> String {
    format!("{count} job{}", plural(count))
}

/// So many messages, in words.
pub(crate) fn messages_of(count: usize) -> String {
    format!("{count} message{}", plural(count))
}

const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// A moment as the operators' clocks show it.
pub(crate) fn local(at: DateTime<Utc>) -> String {
    at.with_timezone(&Sao_Paulo)
        .format("%Y-%m-%d %H:%M")
        .to_string()
}

/// A length of time, in the two units that say most.
pub(crate) fn duration(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Text from elsewhere without control characters, which could repaint an operator's terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests;
