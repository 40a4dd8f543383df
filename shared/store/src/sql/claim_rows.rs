//! What a claim reads: the target, the job with its run, the worker that holds the target.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use domain::checks::Acceptance;
use domain::failure::Cause;
use domain::fleet::DEAD_AFTER;
use domain::job::{JobMessage, Payables, RunId, RunParams, Target};
use domain::ledger::{JobState, PreviousCommit, WorkerId};
use domain::manifest::Manifest;
use domain::month::Month;
use sqlx::types::Json;

use super::row::row;
use super::text;
use crate::error::Failure;

row! {
    /// A row of `sync_targets`, locked.
    pub struct LockedRow {
        pub generation: i64,
        holder_run: Option<String>,
        holder_worker: Option<String>,
        commit_run: Option<String>,
        commit_created_at: Option<DateTime<Utc>>,
        commit_start_date: Option<NaiveDate>,
        commit_end_date: Option<NaiveDate>,
        commit_as_of: Option<NaiveDate>,
        commit_manifest: Option<Json<Manifest>>,
    }
}

/// The last commit of a target.
pub struct LastCommit {
    pub run: RunId,
    pub created_at: DateTime<Utc>,
    pub proof: PreviousCommit,
}

impl LastCommit {
    /// Whether it makes a job of a run created at that time needless: of a run created later, as of
    /// no earlier day, for all that the job would replace, which is whole months, or for payables
    /// the days of the window.
    pub fn supersedes(&self, job: &JobMessage, created_at: DateTime<Utc>) -> bool {
        let (theirs, ours) = (self.proof.params, job.params);
        let covers = match job.target {
            Target::Empreendimento(_) => {
                Month::of(theirs.start_date) <= Month::of(ours.start_date)
                    && Month::of(theirs.end_date) >= Month::of(ours.end_date)
            }
            Target::SaidasCaixa => {
                theirs.start_date <= ours.start_date && theirs.end_date >= ours.end_date
            }
        };
        covers
            && theirs.as_of >= ours.as_of
            && self.created_at > created_at
            && self.run != job.run_id
    }
}

impl LockedRow {
    /// The worker whose attempt of another run holds the target.
    pub fn other_holder(&self, job: &JobMessage) -> Option<WorkerId> {
        let (run, worker) = (self.holder_run.as_ref()?, self.holder_worker.as_ref()?);
        (run != job.run_id.as_str()).then(|| WorkerId::named(worker))
    }

    /// The last commit; `None` before the first.
    pub fn into_last_commit(self) -> Result<Option<LastCommit>, Failure> {
        let (
            Some(run),
            Some(created_at),
            Some(start_date),
            Some(end_date),
            Some(as_of),
            Some(Json(manifest)),
        ) = (
            self.commit_run,
            self.commit_created_at,
            self.commit_start_date,
            self.commit_end_date,
            self.commit_as_of,
            self.commit_manifest,
        )
        else {
            return Ok(None);
        };
        let params = RunParams {
            start_date,
            end_date,
            as_of,
        };
        Ok(Some(LastCommit {
            run: text::run_id(run)?,
            created_at,
            proof: PreviousCommit { params, manifest },
        }))
    }
}

row! {
    /// A job with its run, as a claim finds it.
    pub struct ClaimRow {
        state: String,
        class: Option<String>,
        fingerprint: Option<String>,
        message: Option<String>,
        errors: i64,
        crashes: i64,
        next_attempt_at: Option<DateTime<Utc>>,
        deferred_since: Option<DateTime<Utc>>,
        accept_shrink: bool,
        accepted: Option<Json<Acceptance>>,
        pub generation: Option<i64>,
        pub worker: Option<String>,
        start_date: NaiveDate,
        end_date: NaiveDate,
        as_of: NaiveDate,
        payables: Option<Json<Payables>>,
        pub created_at: DateTime<Utc>,
        pub claimer_heard_at: Option<DateTime<Utc>>,
    }
}

impl ClaimRow {
    /// Whether a message says what its run was recorded with.
    pub fn is_of(&self, job: &JobMessage) -> bool {
        let params = RunParams {
            start_date: self.start_date,
            end_date: self.end_date,
            as_of: self.as_of,
        };
        let recorded = JobMessage::new(job.run_id.clone(), job.target, params)
            .with_payables(text::payables(self.payables.clone()));
        (recorded.params, recorded.payables) == (job.params, job.payables.clone())
    }

    pub fn state(&self) -> Result<JobState, Failure> {
        text::state(&self.state)
    }

    pub fn errors(&self) -> u32 {
        text::count(self.errors)
    }

    pub fn crashes(&self) -> u32 {
        text::count(self.crashes)
    }

    /// What is left at `now` of the wait before the next attempt. Nothing of a deferral: what it waits
    /// for may be there at any time.
    pub fn wait(&self, now: DateTime<Utc>) -> Option<Duration> {
        let at = self.next_attempt_at?;
        let wait = (at - now).to_std().ok()?;
        (self.state == JobState::Retrying.name() && !wait.is_zero()).then_some(wait)
    }

    /// How long ago at `now` the job was set aside first.
    pub fn deferred_for(&self, now: DateTime<Utc>) -> Duration {
        let since = self.deferred_since.map(|since| (now - since).to_std());
        since.and_then(Result::ok).unwrap_or_default()
    }

    /// What a person accepted; an earlier version accepted every fall or nothing.
    pub fn accepted(&self) -> Acceptance {
        match &self.accepted {
            Some(Json(accepted)) => accepted.clone(),
            None if self.accept_shrink => Acceptance::of_every_fall(),
            None => Acceptance::default(),
        }
    }

    pub fn into_cause(self) -> Result<Option<Cause>, Failure> {
        text::cause(self.class, self.fingerprint, self.message)
    }
}

row! {
    /// A row of `sync_workers`.
    pub struct WorkerRow {
        heartbeat_at: DateTime<Utc>,
        stopped_at: Option<DateTime<Utc>>,
    }
}

impl WorkerRow {
    pub fn is_alive(&self, now: DateTime<Utc>) -> bool {
        // A heartbeat "after" now is one that came while this claim waited.
        let silence = (now - self.heartbeat_at).to_std().unwrap_or_default();
        self.stopped_at.is_none() && silence < DEAD_AFTER
    }
}

row! {
    /// Attempts that ended with their worker, as it seems.
    pub struct CrashesRow {
        pub crashes: i64,
    }
}
