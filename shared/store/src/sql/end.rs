//! Ending work without a commit: an attempt, or a job whose handling failed.

use domain::failure::Cause;
use domain::job::JobMessage;
use domain::ledger::{Attempt, AttemptEnd, WorkerId};

use super::checks;
use super::dialect::Dialect;
use super::ending::{
    CORRECT_CRASH, END_ATTEMPT, Ending, change_job, move_job, record_end, uncount_crash,
};
use super::sql_store::SqlStore;
use super::statement::statement;
use crate::error::Failure;

const RELEASE_TARGET: &str = "
UPDATE sync_targets SET holder_run = NULL, holder_worker = NULL
WHERE target = $1 AND generation = $2";

const RETURN_JOB: &str = "
UPDATE sync_jobs SET state = 'queued' WHERE run_id = $1 AND target = $2 AND generation = $3";

// Its message is about to be acknowledged, and no newer attempt of this job will bring another:
// unpublished, it is published again with what a crashed producer left behind.
const ORPHAN_JOB: &str = "
UPDATE sync_jobs SET state = 'queued', published_at = NULL
WHERE run_id = $1 AND target = $2 AND generation = $3";

const RELEASE_HELD: &str = "
UPDATE sync_targets SET holder_run = NULL, holder_worker = NULL
WHERE target = $1 AND holder_run = $2 AND holder_worker = $3";

const FAIL_ATTEMPT: &str = "
UPDATE sync_attempts
SET outcome = 'failed', finished_at = $4, class = $5, fingerprint = $6, message = $7
WHERE target = $1 AND run_id = $2 AND worker = $3 AND outcome = 'running'";

const FAIL_JOB: &str = "
UPDATE sync_jobs
SET state = 'failed', errors = errors + 1, class = $5, fingerprint = $6, message = $7,
    next_attempt_at = NULL, deferred_since = NULL, finished_at = $4
WHERE target = $1 AND run_id = $2 AND state NOT IN ('done', 'superseded', 'failed', 'cancelled')
  AND (state <> 'running' OR worker = $3)
  AND EXISTS (SELECT 1 FROM sync_runs
              WHERE id = $2 AND start_date = $8 AND end_date = $9 AND as_of = $10)";

impl<DB: Dialect> SqlStore<DB> {
    /// Ends an attempt that does not commit; `false` when it had ended already.
    pub(super) async fn end(&self, attempt: &Attempt, end: &AttemptEnd) -> Result<bool, Failure> {
        let mut tx = self.begin().await?;
        let now = DB::now(&mut tx).await?;
        // First, as every transaction on a target begins: in the same order nobody deadlocks.
        statement::<DB>(RELEASE_TARGET)
            .bind(attempt.job.target.to_string())
            .bind(attempt.generation)
            .execute(&mut tx)
            .await?;
        let ending = Ending::of(end);
        if !record_end::<DB>(&mut tx, END_ATTEMPT, attempt, &ending, now).await? {
            // Each in a statement of its own, so that of two reports one finds the crash to correct.
            if record_end::<DB>(&mut tx, CORRECT_CRASH, attempt, &ending, now).await? {
                uncount_crash::<DB>(&mut tx, attempt).await?;
                tx.commit().await?;
            }
            return Ok(false);
        }
        match end {
            AttemptEnd::Retry { cause, at } => {
                move_job::<DB>(&mut tx, attempt, "retrying", cause, Some(*at), None, now).await?;
            }
            AttemptEnd::Deferred { cause, at } => {
                move_job::<DB>(&mut tx, attempt, "deferred", cause, Some(*at), None, now).await?;
            }
            AttemptEnd::Failed { cause, checks, .. } => {
                move_job::<DB>(&mut tx, attempt, "failed", cause, None, Some(now), now).await?;
                checks::record_for::<DB>(&mut tx, attempt, checks).await?;
            }
            AttemptEnd::Returned => change_job::<DB>(&mut tx, attempt, RETURN_JOB).await?,
            AttemptEnd::Superseded => change_job::<DB>(&mut tx, attempt, ORPHAN_JOB).await?,
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Stops a job whose handling failed, and the attempt of it that this worker may have begun.
    pub(super) async fn fail(
        &self,
        job: &JobMessage,
        worker: &WorkerId,
        cause: &Cause,
    ) -> Result<(), Failure> {
        let mut tx = self.begin().await?;
        let now = DB::now(&mut tx).await?;
        // The target first, as every transaction on one begins.
        statement::<DB>(RELEASE_HELD)
            .bind(job.target.to_string())
            .bind(job.run_id.to_string())
            .bind(worker.to_string())
            .execute(&mut tx)
            .await?;
        let failing = |text| {
            statement::<DB>(text)
                .bind(job.target.to_string())
                .bind(job.run_id.to_string())
                .bind(worker.to_string())
                .bind(now)
                .bind(cause.class.name().to_owned())
                .bind(cause.fingerprint.clone())
                .bind(cause.message.clone())
        };
        failing(FAIL_ATTEMPT).execute(&mut tx).await?;
        failing(FAIL_JOB)
            .bind(job.params.start_date)
            .bind(job.params.end_date)
            .bind(job.params.as_of)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
