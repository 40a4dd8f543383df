//! The right to work on a target: granting it, and the reasons not to.

use crate::error::Failure;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::types::Json;
use sqlx::{Executor, FromRow, IntoArguments};

use super::SqlStore;
use super::dialect::{Dialect, Value};
use super::rows::{ClaimRow, CrashesRow, LastCommit, TargetRow, WorkerRow};
use super::workers::ALIVE;
use domain::fleet::{MISSED_HEARTBEAT, WORKER_SILENCE};
use domain::job::{JobMessage, Target};
use domain::ledger::{Attempt, Claim, Grant, WorkerId};
use domain::manifest::Manifest;
use domain::month::Month;

// Creates the target's row if need be. The update changes nothing but locks the row, so that one
// claim or commit at a time decides about a target; what it returns is current.
const LOCK_TARGET: &str = "
INSERT INTO sync_targets (target) VALUES ($1)
ON CONFLICT (target) DO UPDATE SET target = excluded.target
RETURNING generation, holder_run, holder_worker, commit_run, commit_created_at,
          commit_start_date, commit_end_date, commit_as_of, commit_manifest";

const JOB: &str = "
SELECT j.state, j.class, j.fingerprint, j.message, j.errors, j.crashes, j.next_attempt_at, j.deferred_since,
       j.accept_shrink, j.accepted, j.generation, j.worker, r.start_date, r.end_date, r.as_of, r.created_at,
       (SELECT heartbeat_at FROM sync_workers WHERE id = $3) AS claimer_heard_at
FROM sync_jobs j JOIN sync_runs r ON r.id = j.run_id
WHERE j.run_id = $1 AND j.target = $2";

const WORKER: &str = "SELECT heartbeat_at, stopped_at FROM sync_workers WHERE id = $1";

const HOLD: &str = "
UPDATE sync_targets SET generation = $2, holder_run = $3, holder_worker = $4 WHERE target = $1";

const END_PREVIOUS: &str = "
UPDATE sync_attempts SET outcome = $3, finished_at = $4
WHERE target = $1 AND generation = $2 AND outcome = 'running'";

const BEGIN_ATTEMPT: &str = "
INSERT INTO sync_attempts (target, generation, run_id, worker, started_at)
VALUES ($1, $2, $3, $4, $5)";

const RUN_JOB: &str = "
UPDATE sync_jobs
SET state = 'running', generation = $3, crashes = crashes + $4, started_at = $5, worker = $6,
    next_attempt_at = NULL,
    deferred_since = CASE WHEN $4 > 0 THEN NULL ELSE deferred_since END
WHERE run_id = $1 AND target = $2";

const SUPERSEDE_JOB: &str = "
UPDATE sync_jobs
SET state = 'superseded', finished_at = $3, next_attempt_at = NULL,
    class = NULL, fingerprint = NULL, message = NULL
WHERE run_id = $1 AND target = $2";

const CRASH_UNSURE: &str = "
SELECT COUNT(*) AS crashes
FROM sync_attempts a JOIN sync_workers w ON w.id = a.worker
WHERE a.run_id = $1 AND a.target = $2 AND a.outcome = 'crashed'
  AND w.stopped_at IS NULL AND w.heartbeat_at > $3";

/// A heartbeat older than this leaves a hold too little time until the next.
const STALE: TimeDelta = TimeDelta::seconds(5);

impl<DB> SqlStore<DB>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    Option<String>: Value<DB>,
    i64: Value<DB>,
    bool: Value<DB>,
    NaiveDate: Value<DB>,
    DateTime<Utc>: Value<DB>,
    Json<Manifest>: Value<DB>,
    TargetRow: for<'r> FromRow<'r, DB::Row>,
    ClaimRow: for<'r> FromRow<'r, DB::Row>,
    WorkerRow: for<'r> FromRow<'r, DB::Row>,
    CrashesRow: for<'r> FromRow<'r, DB::Row>,
{
    pub(super) async fn claim_job(
        &self,
        job: &JobMessage,
        worker: &WorkerId,
        alone: bool,
    ) -> Result<Claim, Failure> {
        let mut tx = self.begin().await?;
        let locked: TargetRow = sqlx::query_as(LOCK_TARGET)
            .bind(job.target.to_string())
            .fetch_one(&mut *tx)
            .await?;
        let found: Option<ClaimRow> = sqlx::query_as(JOB)
            .bind(job.run_id.to_string())
            .bind(job.target.to_string())
            .bind(worker.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        // Every return before the end leaves the transaction to roll back.
        let Some(found) = found.filter(|found| found.params() == job.params) else {
            return Ok(Claim::Unknown);
        };
        let state = found.state()?;
        if state.is_final() {
            return Ok(Claim::Settled(state, found.into_cause()?));
        }
        // Read after the lock: whoever held it may have taken a while.
        let now = DB::now(&mut tx).await?;
        let (generation, holder) = (locked.generation, other_holder(&locked, job));
        let last = locked.into_last_commit()?;

        if let Some(last) = last.as_ref().filter(|last| supersedes(last, job, &found)) {
            self.supersede(&mut tx, job, &found, now).await?;
            tx.commit().await?;
            return Ok(Claim::Superseded {
                by: last.run.clone(),
            });
        }
        if let Some(wait) = found.wait(now) {
            let cause = found.into_cause()?;
            return Ok(Claim::TooEarly { wait, cause });
        }
        if let Some(holder) = holder {
            let row: Option<WorkerRow> = sqlx::query_as(WORKER)
                .bind(holder.to_string())
                .fetch_optional(&mut *tx)
                .await?;
            if row.is_some_and(|row| is_alive(&row, now)) {
                return Ok(Claim::Held { by: holder });
            }
        }

        let attempt = Attempt {
            job: job.clone(),
            generation: generation + 1,
            worker: worker.clone(),
        };
        let crashed = self.grant(&mut tx, &attempt, &found, now).await?;
        let crashes = found.crashes() + u32::from(crashed);
        if crashes > 0 && !alone {
            return Ok(Claim::Alone);
        }
        let deferred_for = if crashed {
            Duration::ZERO
        } else {
            found.deferred_for(now)
        };
        let crash_unsure = crashes > 0 && any_may_live(&mut tx, job, now).await?;
        tx.commit().await?;
        Ok(Claim::Granted(Box::new(Grant {
            errors: found.errors(),
            crashes,
            crash_unsure,
            deferred_for,
            accepted: found.accepted(),
            previous: last.map(|last| last.proof),
            attempt,
        })))
    }

    async fn supersede(
        &self,
        connection: &mut DB::Connection,
        job: &JobMessage,
        found: &ClaimRow,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        if let Some(previous) = found.generation {
            end_previous(connection, job, previous, "superseded", now).await?;
        }
        sqlx::query::<DB>(SUPERSEDE_JOB)
            .bind(job.run_id.to_string())
            .bind(job.target.to_string())
            .bind(now)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Writes the new attempt down; `true` when the job's attempt before it ended with its worker.
    async fn grant(
        &self,
        connection: &mut DB::Connection,
        attempt: &Attempt,
        found: &ClaimRow,
        now: DateTime<Utc>,
    ) -> Result<bool, Failure> {
        let (job, worker) = (&attempt.job, attempt.worker.to_string());
        sqlx::query::<DB>(HOLD)
            .bind(job.target.to_string())
            .bind(attempt.generation)
            .bind(job.run_id.to_string())
            .bind(worker.clone())
            .execute(&mut *connection)
            .await?;
        // A worker that claims again what it had lost the delivery, not its life.
        let same_worker = found.worker.as_ref() == Some(&worker);
        let outcome = if same_worker { "superseded" } else { "crashed" };
        let was_running = match found.generation {
            Some(previous) => end_previous(connection, job, previous, outcome, now).await?,
            None => false,
        };
        let crashed = was_running && !same_worker;
        sqlx::query::<DB>(BEGIN_ATTEMPT)
            .bind(job.target.to_string())
            .bind(attempt.generation)
            .bind(job.run_id.to_string())
            .bind(worker.clone())
            .bind(now)
            .execute(&mut *connection)
            .await?;
        sqlx::query::<DB>(RUN_JOB)
            .bind(job.run_id.to_string())
            .bind(job.target.to_string())
            .bind(attempt.generation)
            .bind(i64::from(crashed))
            .bind(now)
            .bind(worker.clone())
            .execute(&mut *connection)
            .await?;
        // Whoever claims is alive: its hold must count from now on. Where a heartbeat says so already,
        // one more would only make the claims of a worker wait for each other.
        if found
            .claimer_heard_at
            .is_none_or(|heard| now - heard > STALE)
        {
            sqlx::query::<DB>(ALIVE)
                .bind(worker)
                .bind(now)
                .execute(connection)
                .await?;
        }
        Ok(crashed)
    }
}

/// Ends the job's attempt of that generation if it still ran; `true` when it did.
async fn end_previous<DB>(
    connection: &mut DB::Connection,
    job: &JobMessage,
    generation: i64,
    outcome: &str,
    now: DateTime<Utc>,
) -> Result<bool, Failure>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    i64: Value<DB>,
    DateTime<Utc>: Value<DB>,
{
    let ended = sqlx::query::<DB>(END_PREVIOUS)
        .bind(job.target.to_string())
        .bind(generation)
        .bind(outcome.to_owned())
        .bind(now)
        .execute(connection)
        .await?;
    Ok(DB::rows_affected(&ended) > 0)
}

/// Whether a worker that the job's crashes are blamed on was heard of lately.
async fn any_may_live<DB>(
    connection: &mut DB::Connection,
    job: &JobMessage,
    now: DateTime<Utc>,
) -> Result<bool, Failure>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    DateTime<Utc>: Value<DB>,
    CrashesRow: for<'r> FromRow<'r, DB::Row>,
{
    let found: CrashesRow = sqlx::query_as(CRASH_UNSURE)
        .bind(job.run_id.to_string())
        .bind(job.target.to_string())
        .bind(now - MISSED_HEARTBEAT)
        .fetch_one(connection)
        .await?;
    Ok(found.crashes > 0)
}

/// The worker whose attempt of another run holds the target.
fn other_holder(target: &TargetRow, job: &JobMessage) -> Option<WorkerId> {
    let (run, worker) = (target.holder_run.as_ref()?, target.holder_worker.as_ref()?);
    (run != job.run_id.as_str()).then(|| WorkerId::named(worker))
}

/// Whether a commit makes a job needless: of a run created later, as of no earlier day, for all
/// that the job would replace, which is whole months, or for payables the days of the window.
fn supersedes(last: &LastCommit, job: &JobMessage, found: &ClaimRow) -> bool {
    let (theirs, ours) = (last.proof.params, job.params);
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
        && last.created_at > found.created_at
        && last.run != job.run_id
}

fn is_alive(worker: &WorkerRow, now: DateTime<Utc>) -> bool {
    // A heartbeat "after" now is one that came while this claim waited.
    let silence = (now - worker.heartbeat_at).to_std().unwrap_or_default();
    worker.stopped_at.is_none() && silence < WORKER_SILENCE
}
