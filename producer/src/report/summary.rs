//! The state of a run, computed from its records alone. No I/O.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::job::Target;
use domain::ledger::{JobRecord, JobState, LivingWorker, Pause, RunRecord};
use domain::manifest::Manifest;
use domain::month::Month;
use domain::schedule::Planning;
use domain::session::Refusal;
use serde::Serialize;

use super::balances::balances;
use super::cancellation::Cancellation;
use super::causes::{CauseGroup, cause_groups};
use super::checks::Checks;
use crate::exit::Exit;

/// The minutes that the speed of a run is of: a requeue days later must not count the days.
const SPEED_WINDOW: TimeDelta = TimeDelta::minutes(10);

/// The state of a run, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every job is done, or superseded by a newer run.
    Complete,
    /// Every job is final, and some failed.
    Failed,
    /// Every job is final, none failed, and some were cancelled.
    Cancelled,
    /// Jobs wait because the ERP refused the sign-in, until a person lifts the stop.
    SignInRefused,
    /// Some messages were recorded but never confirmed by the broker.
    NotPublished,
    /// A worker has a job of it.
    Running,
    /// Published, and no worker has a job of it.
    Queued,
    /// Every open job waits to be tried again.
    Waiting,
    /// A schedule has begun it, and it has no jobs yet.
    Planning,
    /// A schedule has begun it, and it cannot be planned: it never has jobs.
    Refused,
}

/// The state of a run. Its JSON form is the output of `status --json`, whose field names stay.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The run: `id`, `start_date`, `end_date`, `as_of`, `created_at`.
    pub run: RunRecord,
    /// Its state, in one word.
    pub verdict: Verdict,
    /// Its jobs.
    pub total: usize,
    /// Jobs that need nothing more: done or superseded.
    pub done: usize,
    /// Jobs by state; states without jobs are left out.
    pub states: BTreeMap<JobState, usize>,
    /// Jobs not final whose message the broker never confirmed.
    pub unpublished: usize,
    /// Open jobs whose message seems to be lost: published, unchanged for two minutes, and no
    /// worker has jobs.
    pub silent: Vec<Target>,
    /// When the last job became final; absent while one is not.
    pub finished_at: Option<DateTime<Utc>>,
    /// From enqueuing to the end, or to now.
    pub elapsed_seconds: i64,
    /// Jobs that became final per minute, over the last ten minutes; absent when none did, or at
    /// the end.
    pub jobs_per_minute: Option<f64>,
    /// How long the open jobs take at that speed.
    pub remaining_seconds: Option<i64>,
    /// When the next waiting job is tried again.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The workers that are alive, each with what it has in hand, of whichever run.
    pub workers: Vec<LivingWorker>,
    /// The manifests of all commits, added up.
    pub manifest: Manifest,
    /// The checks of its plan and of its jobs' newest attempts.
    pub checks: Checks,
    /// Whether all that was read is published or knowingly set aside, by measure.
    pub balances: BTreeMap<String, bool>,
    /// Who cancelled it or a part of it, the first first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cancellations: Vec<Cancellation>,
    /// The fleet's refused sign-in, until a person lifts it.
    pub sign_in_refused: Option<RefusedSignIn>,
    /// The fleet's pause, while it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
    /// The month of the newest IPCA, where newer ones are long due: corrected values and `ltv` rest
    /// on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outdated_ipca: Option<Month>,
    /// Closed months of which figures moved since, and how many rows.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub after_close: BTreeMap<Month, usize>,
    /// Failed jobs by cause, the most frequent first.
    pub failures: Vec<CauseGroup>,
    /// Jobs that wait to be tried again, by cause, the most frequent first.
    pub setbacks: Vec<CauseGroup>,
}

/// A sign-in that the ERP refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedSignIn {
    /// When.
    pub at: DateTime<Utc>,
    /// The answer of the ERP.
    pub why: String,
}

impl Summary {
    /// Adds up the records of a run at `now`. The caller fills in its checks, its silent jobs, who
    /// cancelled it, the fleet's pause, and whether the IPCA is outdated.
    pub fn new(
        run: RunRecord,
        jobs: &[JobRecord],
        workers: Vec<LivingWorker>,
        refused: Option<Refusal>,
        now: DateTime<Utc>,
    ) -> Self {
        let states = count_states(jobs);
        let open = || jobs.iter().filter(|job| !job.state.is_final());
        let unpublished = open().filter(|job| job.published_at.is_none()).count();
        let finished_at = match open().next() {
            Some(_) => None,
            None => jobs.iter().filter_map(|job| job.finished_at).max(),
        };
        let speed = jobs_per_minute(jobs, now).filter(|_| open().next().is_some());
        let mut manifest = Manifest::default();
        for committed in jobs.iter().filter_map(|job| job.manifest.as_ref()) {
            manifest.merge(committed);
        }
        Self {
            verdict: verdict(&run, &states, unpublished, refused.is_some()),
            total: jobs.len(),
            done: count(&states, JobState::Done) + count(&states, JobState::Superseded),
            unpublished,
            silent: Vec::new(),
            elapsed_seconds: elapsed(&run, jobs, finished_at, now),
            finished_at,
            jobs_per_minute: speed.map(|speed| (speed * 10.0).round() / 10.0),
            remaining_seconds: speed.map(|speed| (open().count() as f64 / speed * 60.0) as i64),
            next_attempt_at: open().filter_map(|job| job.next_attempt_at).min(),
            workers,
            checks: Checks::default(),
            balances: balances(&manifest),
            manifest,
            cancellations: Vec::new(),
            sign_in_refused: refused.map(|Refusal { at, why }| RefusedSignIn { at, why }),
            paused: None,
            outdated_ipca: None,
            after_close: BTreeMap::new(),
            failures: cause_groups(jobs, |state| state == JobState::Failed),
            setbacks: cause_groups(jobs, |state| {
                matches!(state, JobState::Retrying | JobState::Deferred)
            }),
            states,
            run,
        }
    }

    /// Jobs in a state.
    pub fn count(&self, state: JobState) -> usize {
        count(&self.states, state)
    }

    /// Jobs that are final, however they ended.
    pub fn ended(&self) -> usize {
        let states = self.states.iter();
        states
            .filter_map(|(state, count)| state.is_final().then_some(count))
            .sum()
    }

    /// Jobs that living workers have in hand, of whichever run.
    pub fn in_hand(&self) -> usize {
        self.workers.iter().map(|worker| worker.jobs.len()).sum()
    }

    /// Whether nothing more happens to it by itself: every job is final, or there will be none.
    pub fn is_final(&self) -> bool {
        matches!(
            self.verdict,
            Verdict::Complete | Verdict::Failed | Verdict::Cancelled | Verdict::Refused
        )
    }

    /// The exit code for its state; an open run is all right.
    pub const fn exit(&self) -> Exit {
        match self.verdict {
            Verdict::Failed => Exit::Failed,
            Verdict::Cancelled => Exit::Cancelled,
            Verdict::SignInRefused => Exit::SignIn,
            Verdict::Refused => Exit::Decide,
            Verdict::Complete
            | Verdict::NotPublished
            | Verdict::Running
            | Verdict::Queued
            | Verdict::Waiting
            | Verdict::Planning => Exit::Done,
        }
    }
}

fn count_states(jobs: &[JobRecord]) -> BTreeMap<JobState, usize> {
    let mut states = BTreeMap::new();
    for job in jobs {
        *states.entry(job.state).or_default() += 1;
    }
    states
}

fn count(states: &BTreeMap<JobState, usize>, state: JobState) -> usize {
    states.get(&state).copied().unwrap_or_default()
}

fn verdict(
    run: &RunRecord,
    states: &BTreeMap<JobState, usize>,
    unpublished: usize,
    refused: bool,
) -> Verdict {
    match run.planning {
        // The ERP's list is read with a session.
        Some(Planning::Open { .. }) if refused => return Verdict::SignInRefused,
        Some(Planning::Open { .. }) => return Verdict::Planning,
        Some(Planning::Refused { .. }) => return Verdict::Refused,
        None => {}
    }
    let any = |state| states.contains_key(&state);
    if states.keys().all(|state| state.is_final()) {
        return if any(JobState::Failed) {
            Verdict::Failed
        } else if any(JobState::Cancelled) {
            Verdict::Cancelled
        } else {
            Verdict::Complete
        };
    }
    match () {
        // A state that needs a person comes before those that do not.
        () if refused => Verdict::SignInRefused,
        () if unpublished > 0 => Verdict::NotPublished,
        () if any(JobState::Running) => Verdict::Running,
        () if any(JobState::Queued) => Verdict::Queued,
        () => Verdict::Waiting,
    }
}

/// From enqueuing to the last final job; to `now` while a job is open or yet to be planned.
fn elapsed(
    run: &RunRecord,
    jobs: &[JobRecord],
    finished_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> i64 {
    let end = match finished_at {
        Some(at) => at,
        None if matches!(run.planning, Some(Planning::Open { .. })) => now,
        None if jobs.is_empty() => run.created_at,
        None => now,
    };
    (end - run.created_at).num_seconds().max(0)
}

fn jobs_per_minute(jobs: &[JobRecord], now: DateTime<Utc>) -> Option<f64> {
    let window_start = now - SPEED_WINDOW;
    let finished = jobs
        .iter()
        .filter(|job| job.state.is_final() && job.finished_at.is_some_and(|at| at > window_start))
        .count();
    let began = jobs
        .iter()
        .filter_map(|job| job.started_at)
        .min()?
        .max(window_start);
    let minutes = (now - began).num_milliseconds() as f64 / 60_000.0;
    (finished > 0 && minutes > 0.0).then(|| finished as f64 / minutes)
}

#[cfg(test)]
mod tests;
