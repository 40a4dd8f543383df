//! The state of a run on one line.

use domain::ledger::JobState;
use domain::schedule::Planning;

use crate::report::{Summary, Verdict};
use crate::text::{counted, duration, list, local, printable};

/// The state of a run on one line, without its name.
pub(super) fn verdict(summary: &Summary) -> String {
    let of_all = format!("{} of {} done", summary.done, counted(summary.total, "job"));
    match summary.verdict {
        Verdict::Complete => format!("complete, {of_all}"),
        Verdict::Failed => format!(
            "finished with failures, {} of {} failed",
            summary.count(JobState::Failed),
            counted(summary.total, "job")
        ),
        Verdict::Cancelled => format!(
            "cancelled, {of_all}, {} cancelled",
            summary.count(JobState::Cancelled)
        ),
        Verdict::SignInRefused => {
            format!("stopped because the ERP refused the sign-in, {of_all}")
        }
        Verdict::NotPublished => format!(
            "not fully published, {} never confirmed, {of_all}",
            counted(summary.unpublished, "message")
        ),
        Verdict::Running => format!("running, {of_all}{}", left(summary)),
        Verdict::Queued => format!("queued and no worker on it, {of_all}"),
        Verdict::Waiting => match summary.next_attempt_at {
            Some(at) => format!("waiting, {of_all}, next try at {}", local(at)),
            None => format!("waiting, {of_all}"),
        },
        Verdict::Planning => match planning_problem(summary) {
            Some(problem) => format!("not planned yet: {}", printable(problem)),
            None => "being planned".to_owned(),
        },
        Verdict::Refused => format!(
            "its plan was refused: {}",
            printable(planning_problem(summary).unwrap_or_default())
        ),
    }
}

/// Why a run is not planned, where that is known.
fn planning_problem(summary: &Summary) -> Option<&str> {
    match summary.run.planning.as_ref()? {
        Planning::Open { problem } => problem.as_deref(),
        Planning::Refused { why } => Some(why.as_str()),
    }
}

/// The verdict with what else changes while a run is followed, and the pause that it waits for.
pub(crate) fn progress(summary: &Summary) -> String {
    let standing = standing(summary);
    match &summary.paused {
        Some(pause) if !summary.is_final() => format!("{standing}; the fleet is paused {pause}"),
        _ => standing,
    }
}

fn standing(summary: &Summary) -> String {
    if summary.verdict != Verdict::Running {
        return verdict(summary);
    }
    let jobs = counted(summary.total, "job");
    let mut parts = vec![format!("running, {} of {jobs} done", summary.done)];
    parts.extend(states(
        summary,
        &[
            JobState::Running,
            JobState::Retrying,
            JobState::Failed,
            JobState::Cancelled,
        ],
    ));
    if !summary.workers.is_empty() {
        parts.push(format!(
            "{} alive",
            counted(summary.workers.len(), "worker")
        ));
    }
    list(parts) + &left(summary)
}

/// How long the rest takes, if that can be said: `, about 9 min 0 s left`.
pub(super) fn left(summary: &Summary) -> String {
    let left = |seconds| format!(", about {} left", duration(seconds));
    summary.remaining_seconds.map(left).unwrap_or_default()
}

/// Jobs by state, in the order of the states and without those that no job has: `4 queued`.
pub(super) fn states(summary: &Summary, states: &[JobState]) -> Vec<String> {
    let with_jobs = states.iter().filter(|state| summary.count(**state) > 0);
    with_jobs
        .map(|state| format!("{} {state}", summary.count(*state)))
        .collect()
}

/// How many workers are alive, and how many jobs they have in hand.
pub(super) fn workers(summary: &Summary) -> String {
    match summary.workers.len() {
        0 => "none alive".to_owned(),
        alive => format!(
            "{alive} alive, {} in hand",
            counted(summary.in_hand(), "job")
        ),
    }
}
