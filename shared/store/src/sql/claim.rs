//! The right to work on a target: granting it, and the reasons not to.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::failure::{Cause, FailureClass};
use domain::fleet::DEAD_AFTER;
use domain::job::JobMessage;
use domain::ledger::{Attempt, Claim, Grant, WorkerId};

use super::claim_rows::{ClaimRow, CrashesRow, LockedRow, WorkerRow};
use super::dialect::Dialect;
use super::grant::{end_previous, grant};
use super::sql_store::SqlStore;
use super::statement::statement;
use crate::error::Failure;

// Creates the target's row if need be. The update changes nothing but locks the row, so that one
// claim or commit at a time decides about a target; what it returns is current.
const LOCK_TARGET: &str = "
INSERT INTO sync_targets (target) VALUES ($1)
ON CONFLICT (target) DO UPDATE SET target = excluded.target
RETURNING generation, holder_run, holder_worker, commit_run, commit_created_at,
          commit_start_date, commit_end_date, commit_as_of, commit_manifest";

const JOB: &str = "
SELECT j.state, j.class, j.fingerprint, j.message, j.errors, j.crashes, j.next_attempt_at, j.deferred_since,
       j.accept_shrink, j.accepted, j.generation, j.worker, r.start_date, r.end_date, r.as_of, r.payables,
       r.created_at,
       (SELECT heartbeat_at FROM sync_workers WHERE id = $3) AS claimer_heard_at
FROM sync_jobs j JOIN sync_runs r ON r.id = j.run_id
WHERE j.run_id = $1 AND j.target = $2";

const WORKER: &str = "SELECT heartbeat_at, stopped_at FROM sync_workers WHERE id = $1";

const SUPERSEDE_JOB: &str = "
UPDATE sync_jobs
SET state = 'superseded', finished_at = $3, next_attempt_at = NULL,
    class = NULL, fingerprint = NULL, message = NULL
WHERE run_id = $1 AND target = $2";

const HOLD_OFF_JOB: &str = "
UPDATE sync_jobs
SET state = 'deferred', deferrals = deferrals + 1, class = $3, fingerprint = $4, message = $5,
    next_attempt_at = $6
WHERE run_id = $1 AND target = $2 AND state NOT IN ('done', 'superseded', 'failed', 'cancelled')";

const CRASH_UNSURE: &str = "
SELECT COUNT(*) AS crashes
FROM sync_attempts a JOIN sync_workers w ON w.id = a.worker
WHERE a.run_id = $1 AND a.target = $2 AND a.outcome = 'crashed'
  AND w.stopped_at IS NULL AND w.heartbeat_at > $3";

/// How long a job waits for another run to let go of its target.
const HELD_DEFERRAL: Duration = Duration::from_secs(10);

impl<DB: Dialect> SqlStore<DB> {
    /// Grants a job to a worker, or records and tells why not. A job that has ended a worker is
    /// granted only `alone`.
    pub(super) async fn claim_job(
        &self,
        job: &JobMessage,
        worker: &WorkerId,
        alone: bool,
    ) -> Result<Claim, Failure> {
        let mut tx = self.begin().await?;
        let locked: LockedRow = statement::<DB>(LOCK_TARGET)
            .bind(job.target.to_string())
            .fetch_one(&mut tx)
            .await?;
        let found: Option<ClaimRow> = statement::<DB>(JOB)
            .bind(job.run_id.to_string())
            .bind(job.target.to_string())
            .bind(worker.to_string())
            .fetch_optional(&mut tx)
            .await?;
        // A return without a commit leaves the transaction to roll back.
        let Some(found) = found.filter(|found| found.is_of(job)) else {
            return Ok(Claim::Unknown);
        };
        let state = found.state()?;
        if state.is_final() {
            return Ok(Claim::Settled(state, found.into_cause()?));
        }
        // Read after the lock: whoever held it may have taken a while.
        let now = DB::now(&mut tx).await?;
        let (generation, holder) = (locked.generation, locked.other_holder(job));
        let last = locked.into_last_commit()?;

        if let Some(last) = last.as_ref()
            && last.supersedes(job, found.created_at)
        {
            supersede::<DB>(&mut tx, job, &found, now).await?;
            tx.commit().await?;
            return Ok(Claim::Superseded {
                by: last.run.clone(),
            });
        }
        if let Some(wait) = found.wait(now) {
            let cause = found.into_cause()?;
            return Ok(Claim::TooEarly { wait, cause });
        }
        if let Some(by) = holder
            && is_alive::<DB>(&mut tx, &by, now).await?
        {
            let cause = held_by(job, &by);
            hold_off::<DB>(&mut tx, job, &cause, now + HELD_DEFERRAL).await?;
            tx.commit().await?;
            return Ok(Claim::Held {
                by,
                wait: HELD_DEFERRAL,
                cause,
            });
        }

        let attempt = Attempt {
            job: job.clone(),
            generation: generation + 1,
            worker: worker.clone(),
        };
        let crashed = grant::<DB>(&mut tx, &attempt, &found, now).await?;
        let crashes = found.crashes() + u32::from(crashed);
        if crashes > 0 && !alone {
            return Ok(Claim::Alone);
        }
        let deferred_for = if crashed {
            Duration::ZERO
        } else {
            found.deferred_for(now)
        };
        let crash_unsure = crashes > 0 && any_may_live::<DB>(&mut tx, job, now).await?;
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
}

async fn supersede<DB: Dialect>(
    connection: &mut DB::Connection,
    job: &JobMessage,
    found: &ClaimRow,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    if let Some(previous) = found.generation {
        end_previous::<DB>(connection, job, previous, "superseded", now).await?;
    }
    statement::<DB>(SUPERSEDE_JOB)
        .bind(job.run_id.to_string())
        .bind(job.target.to_string())
        .bind(now)
        .execute(connection)
        .await?;
    Ok(())
}

/// Why a job waits whose target another run's attempt has.
fn held_by(job: &JobMessage, holder: &WorkerId) -> Cause {
    let message = format!("another run's attempt has {} in {holder}", job.target);
    Cause::new(FailureClass::Transient, "target-held", message)
}

async fn hold_off<DB: Dialect>(
    connection: &mut DB::Connection,
    job: &JobMessage,
    cause: &Cause,
    until: DateTime<Utc>,
) -> Result<(), Failure> {
    statement::<DB>(HOLD_OFF_JOB)
        .bind(job.run_id.to_string())
        .bind(job.target.to_string())
        .bind(cause.class.name().to_owned())
        .bind(cause.fingerprint.clone())
        .bind(cause.message.clone())
        .bind(until)
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether a worker that holds a target was heard of lately, and has not stopped.
async fn is_alive<DB: Dialect>(
    connection: &mut DB::Connection,
    worker: &WorkerId,
    now: DateTime<Utc>,
) -> Result<bool, Failure> {
    let row: Option<WorkerRow> = statement::<DB>(WORKER)
        .bind(worker.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some_and(|row| row.is_alive(now)))
}

/// Whether a worker that the job's crashes are blamed on was heard of lately.
async fn any_may_live<DB: Dialect>(
    connection: &mut DB::Connection,
    job: &JobMessage,
    now: DateTime<Utc>,
) -> Result<bool, Failure> {
    let found: CrashesRow = statement::<DB>(CRASH_UNSURE)
        .bind(job.run_id.to_string())
        .bind(job.target.to_string())
        .bind(now - DEAD_AFTER)
        .fetch_one(connection)
        .await?;
    Ok(found.crashes > 0)
}
