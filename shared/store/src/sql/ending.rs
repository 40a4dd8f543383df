//! What the end of an attempt leaves in the ledger, statement by statement.

use chrono::{DateTime, Utc};
use domain::failure::Cause;
use domain::ledger::{Attempt, AttemptEnd};
use domain::manifest::Manifest;
use sqlx::types::Json;

use super::dialect::Dialect;
use super::statement::statement;
use crate::error::Failure;

// Only what still runs can end: a late report must not undo a commit whose answer was lost.
pub(super) const END_ATTEMPT: &str = "
UPDATE sync_attempts
SET outcome = $3, finished_at = $4, class = $5, fingerprint = $6, message = $7, manifest = $8
WHERE target = $1 AND generation = $2 AND outcome = 'running'";

// A worker taken for dead that reports after all: its connection to the broker was lost, not its
// life. The outcome becomes the true one.
pub(super) const CORRECT_CRASH: &str = "
UPDATE sync_attempts
SET outcome = $3, finished_at = $4, class = $5, fingerprint = $6, message = $7, manifest = $8
WHERE target = $1 AND generation = $2 AND outcome = 'crashed'";

const UNCOUNT_CRASH: &str = "
UPDATE sync_jobs SET crashes = crashes - 1 WHERE run_id = $1 AND target = $2 AND crashes > 0";

const MOVE_JOB: &str = "
UPDATE sync_jobs
SET state = $4, errors = errors + $5, deferrals = deferrals + $6,
    class = $7, fingerprint = $8, message = $9, next_attempt_at = $10, finished_at = $11,
    deferred_since = CASE WHEN $6 > 0 THEN COALESCE(deferred_since, $12) ELSE NULL END
WHERE run_id = $1 AND target = $2 AND generation = $3";

/// What is written down about an attempt's end.
pub(super) struct Ending<'a> {
    pub outcome: &'static str,
    pub cause: Option<&'a Cause>,
    pub manifest: Option<&'a Manifest>,
}

impl<'a> Ending<'a> {
    pub fn of(end: &'a AttemptEnd) -> Self {
        let (outcome, cause, manifest) = match end {
            AttemptEnd::Retry { cause, .. } => ("retry", Some(cause), None),
            AttemptEnd::Deferred { cause, .. } => ("deferred", Some(cause), None),
            AttemptEnd::Failed {
                cause, manifest, ..
            } => ("failed", Some(cause), manifest.as_ref()),
            AttemptEnd::Returned => ("returned", None, None),
            AttemptEnd::Superseded => ("superseded", None, None),
        };
        Self {
            outcome,
            cause,
            manifest,
        }
    }
}

/// Records an attempt's outcome; `false` when it had one that the statement leaves alone.
pub(super) async fn record_end<DB: Dialect>(
    connection: &mut DB::Connection,
    text: &'static str,
    attempt: &Attempt,
    ending: &Ending<'_>,
    now: DateTime<Utc>,
) -> Result<bool, Failure> {
    let cause = ending.cause;
    let ended = statement::<DB>(text)
        .bind(attempt.job.target.to_string())
        .bind(attempt.generation)
        .bind(ending.outcome.to_owned())
        .bind(now)
        .bind(cause.map(|cause| cause.class.name().to_owned()))
        .bind(cause.map(|cause| cause.fingerprint.clone()))
        .bind(cause.map(|cause| cause.message.clone()))
        .bind(ending.manifest.cloned().map(Json))
        .execute(connection)
        .await?;
    Ok(ended > 0)
}

/// Takes back one crash of the attempt's job: none happened.
pub(super) async fn uncount_crash<DB: Dialect>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
) -> Result<(), Failure> {
    statement::<DB>(UNCOUNT_CRASH)
        .bind(attempt.job.run_id.to_string())
        .bind(attempt.job.target.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Moves the job to a state that has a cause, while this attempt is its newest.
pub(super) async fn move_job<DB: Dialect>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    state: &str,
    cause: &Cause,
    next_attempt_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let deferred = state == "deferred";
    statement::<DB>(MOVE_JOB)
        .bind(attempt.job.run_id.to_string())
        .bind(attempt.job.target.to_string())
        .bind(attempt.generation)
        .bind(state.to_owned())
        .bind(i64::from(!deferred))
        .bind(i64::from(deferred))
        .bind(cause.class.name().to_owned())
        .bind(cause.fingerprint.clone())
        .bind(cause.message.clone())
        .bind(next_attempt_at)
        .bind(finished_at)
        .bind(now)
        .execute(connection)
        .await?;
    Ok(())
}

/// Runs a statement on the job, while this attempt is its newest.
pub(super) async fn change_job<DB: Dialect>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    text: &'static str,
) -> Result<(), Failure> {
    statement::<DB>(text)
        .bind(attempt.job.run_id.to_string())
        .bind(attempt.job.target.to_string())
        .bind(attempt.generation)
        .execute(connection)
        .await?;
    Ok(())
}
