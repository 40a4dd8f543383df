//! What the grant of a claim writes down.

use chrono::{DateTime, TimeDelta, Utc};
use domain::job::JobMessage;
use domain::ledger::Attempt;

use super::claim_rows::ClaimRow;
use super::dialect::Dialect;
use super::statement::statement;
use super::workers::ALIVE;
use crate::error::Failure;

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

/// A heartbeat older than this leaves a hold too little time until the next.
const STALE: TimeDelta = TimeDelta::seconds(5);

/// Writes the new attempt down; `true` when the job's attempt before it ended with its worker.
pub async fn grant<DB: Dialect>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    found: &ClaimRow,
    now: DateTime<Utc>,
) -> Result<bool, Failure> {
    let (job, worker) = (&attempt.job, attempt.worker.to_string());
    statement::<DB>(HOLD)
        .bind(job.target.to_string())
        .bind(attempt.generation)
        .bind(job.run_id.to_string())
        .bind(worker.clone())
        .execute(connection)
        .await?;
    // A worker that claims again what it had lost the delivery, not its life.
    let same_worker = found.worker.as_ref() == Some(&worker);
    let outcome = if same_worker { "superseded" } else { "crashed" };
    let was_running = match found.generation {
        Some(previous) => end_previous::<DB>(connection, job, previous, outcome, now).await?,
        None => false,
    };
    let crashed = was_running && !same_worker;
    statement::<DB>(BEGIN_ATTEMPT)
        .bind(job.target.to_string())
        .bind(attempt.generation)
        .bind(job.run_id.to_string())
        .bind(worker.clone())
        .bind(now)
        .execute(connection)
        .await?;
    statement::<DB>(RUN_JOB)
        .bind(job.run_id.to_string())
        .bind(job.target.to_string())
        .bind(attempt.generation)
        .bind(i64::from(crashed))
        .bind(now)
        .bind(worker.clone())
        .execute(connection)
        .await?;
    // Whoever claims is alive: its hold must count from now on. Where a heartbeat says so already,
    // one more would only make the claims of a worker wait for each other.
    if found
        .claimer_heard_at
        .is_none_or(|heard| now - heard > STALE)
    {
        statement::<DB>(ALIVE)
            .bind(worker)
            .bind(now)
            .execute(connection)
            .await?;
    }
    Ok(crashed)
}

/// Ends the job's attempt of that generation if it still ran; `true` when it did.
pub async fn end_previous<DB: Dialect>(
    connection: &mut DB::Connection,
    job: &JobMessage,
    generation: i64,
    outcome: &str,
    now: DateTime<Utc>,
) -> Result<bool, Failure> {
    let ended = statement::<DB>(END_PREVIOUS)
        .bind(job.target.to_string())
        .bind(generation)
        .bind(outcome.to_owned())
        .bind(now)
        .execute(connection)
        .await?;
    Ok(ended > 0)
}
