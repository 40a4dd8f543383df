//! How an attempt ends: with a commit, or without.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::types::Json;
use sqlx::{Executor, IntoArguments};

use super::SqlStore;
use super::dialect::{Dialect, Value};
use super::ending::{
    CORRECT_CRASH, END_ATTEMPT, Ending, change_job, put_off, record_end, uncount_crash,
};
use crate::failure::{Cause, FailureClass};
use crate::job::{EmpreendimentoId, JobMessage};
use crate::ledger::{Attempt, AttemptEnd, Committed, WorkerId};
use crate::manifest::Manifest;
use crate::store::StoreError;
use crate::tables::{EmpreendimentoResult, SaidasCaixaResult};

// The fence. Writes only for the newest generation, and only while it holds the target; locks the
// row, so that no claim is granted until this transaction ends.
const COMMIT_TARGET: &str = "
UPDATE sync_targets
SET holder_run = NULL, holder_worker = NULL,
    committed_at = $4, commit_generation = generation, commit_run = holder_run,
    commit_created_at = (SELECT created_at FROM sync_runs WHERE id = $3),
    commit_start_date = $5, commit_end_date = $6, commit_as_of = $7, commit_manifest = $8
WHERE target = $1 AND generation = $2 AND holder_run = $3";

const RELEASE_TARGET: &str = "
UPDATE sync_targets SET holder_run = NULL, holder_worker = NULL
WHERE target = $1 AND generation = $2";

const FINISH_JOB: &str = "
UPDATE sync_jobs
SET state = 'done', finished_at = $3, manifest = $4, next_attempt_at = NULL,
    class = NULL, fingerprint = NULL, message = NULL
WHERE run_id = $1 AND target = $2";

const RETURN_JOB: &str = "
UPDATE sync_jobs SET state = 'queued' WHERE run_id = $1 AND target = $2 AND generation = $3";

// Its message is about to be acknowledged, and no newer attempt of this job will bring another:
// unpublished, it is published again with what a crashed producer left behind.
const ORPHAN_JOB: &str = "
UPDATE sync_jobs SET state = 'queued', published_at = NULL
WHERE run_id = $1 AND target = $2 AND generation = $3";

const HOLD_OFF_JOB: &str = "
UPDATE sync_jobs
SET state = 'deferred', deferrals = deferrals + 1, class = $3, fingerprint = $4, message = $5,
    next_attempt_at = $6
WHERE run_id = $1 AND target = $2 AND state NOT IN ('done', 'superseded', 'failed')";

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
WHERE target = $1 AND run_id = $2 AND state NOT IN ('done', 'superseded', 'failed')
  AND (state <> 'running' OR worker = $3)
  AND EXISTS (SELECT 1 FROM sync_runs
              WHERE id = $2 AND start_date = $8 AND end_date = $9 AND as_of = $10)";

/// What a job publishes.
pub(super) enum Publication<'a> {
    /// An empreendimento's rows.
    Empreendimento(EmpreendimentoId, &'a EmpreendimentoResult),
    /// Payables and cash out.
    SaidasCaixa(&'a SaidasCaixaResult),
}

impl Publication<'_> {
    fn manifest(&self) -> &Manifest {
        match self {
            Self::Empreendimento(_, result) => &result.manifest,
            Self::SaidasCaixa(result) => &result.manifest,
        }
    }
}

impl<DB> SqlStore<DB>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    Option<String>: Value<DB>,
    i64: Value<DB>,
    NaiveDate: Value<DB>,
    DateTime<Utc>: Value<DB>,
    Option<DateTime<Utc>>: Value<DB>,
    Json<Manifest>: Value<DB>,
    Option<Json<Manifest>>: Value<DB>,
{
    /// One transaction, opened after all of the result is in memory.
    pub(super) async fn commit(
        &self,
        attempt: &Attempt,
        publication: Publication<'_>,
    ) -> Result<Committed, StoreError> {
        let mut tx = self.begin().await?;
        let now = DB::now(&mut tx).await?;
        let manifest = publication.manifest();
        if !commit_target(&mut tx, attempt, manifest, now).await? {
            tx.rollback().await?;
            self.end(attempt, &AttemptEnd::Superseded).await?;
            return Ok(Committed::Fenced);
        }
        match publication {
            Publication::Empreendimento(id, result) => {
                DB::write_empreendimento(&mut tx, attempt, id, result, now).await?;
            }
            Publication::SaidasCaixa(result) => {
                DB::write_saidas_caixa(&mut tx, attempt, result, now).await?;
            }
        }
        let ending = Ending {
            outcome: "done",
            cause: None,
            manifest: Some(manifest),
        };
        record_end(&mut tx, END_ATTEMPT, attempt, &ending, now).await?;
        sqlx::query::<DB>(FINISH_JOB)
            .bind(attempt.job.run_id.to_string())
            .bind(attempt.job.target.to_string())
            .bind(now)
            .bind(Json(manifest.clone()))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Committed::Applied)
    }

    /// Ends an attempt that does not commit.
    pub(super) async fn end(&self, attempt: &Attempt, end: &AttemptEnd) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let now = DB::now(&mut tx).await?;
        // First, as every transaction on a target begins: in the same order nobody deadlocks.
        sqlx::query::<DB>(RELEASE_TARGET)
            .bind(attempt.job.target.to_string())
            .bind(attempt.generation)
            .execute(&mut *tx)
            .await?;
        let ending = Ending::of(end);
        if !record_end(&mut tx, END_ATTEMPT, attempt, &ending, now).await? {
            // Each in a statement of its own, so that of two reports one finds the crash to correct.
            if record_end(&mut tx, CORRECT_CRASH, attempt, &ending, now).await? {
                uncount_crash(&mut tx, attempt).await?;
                tx.commit().await?;
            }
            return Ok(());
        }
        match end {
            AttemptEnd::Retry { cause, at } => {
                put_off(&mut tx, attempt, "retrying", cause, Some(*at), None, now).await?;
            }
            AttemptEnd::Deferred { cause, at } => {
                put_off(&mut tx, attempt, "deferred", cause, Some(*at), None, now).await?;
            }
            AttemptEnd::Failed { cause, .. } => {
                put_off(&mut tx, attempt, "failed", cause, None, Some(now), now).await?;
            }
            AttemptEnd::Returned => change_job(&mut tx, attempt, RETURN_JOB).await?,
            AttemptEnd::Superseded => change_job(&mut tx, attempt, ORPHAN_JOB).await?,
        }
        tx.commit().await?;
        Ok(())
    }

    /// Stops a job whose handling failed, and the attempt of it that this worker may have begun.
    pub(super) async fn fail(
        &self,
        job: &JobMessage,
        worker: &WorkerId,
        cause: &Cause,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let now = DB::now(&mut tx).await?;
        // The target first, as every transaction on one begins.
        sqlx::query::<DB>(RELEASE_HELD)
            .bind(job.target.to_string())
            .bind(job.run_id.to_string())
            .bind(worker.to_string())
            .execute(&mut *tx)
            .await?;
        let failing = |statement| {
            sqlx::query::<DB>(statement)
                .bind(job.target.to_string())
                .bind(job.run_id.to_string())
                .bind(worker.to_string())
                .bind(now)
                .bind(cause.class.name().to_owned())
                .bind(cause.fingerprint.clone())
                .bind(cause.message.clone())
        };
        failing(FAIL_ATTEMPT).execute(&mut *tx).await?;
        failing(FAIL_JOB)
            .bind(job.params.start_date)
            .bind(job.params.end_date)
            .bind(job.params.as_of)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    pub(super) async fn hold_off(
        &self,
        job: &JobMessage,
        by: &WorkerId,
        until: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query::<DB>(HOLD_OFF_JOB)
            .bind(job.run_id.to_string())
            .bind(job.target.to_string())
            .bind(FailureClass::Transient.name().to_owned())
            .bind("transient/target-held".to_owned())
            .bind(format!("another run's attempt has {} in {by}", job.target))
            .bind(until)
            .execute(&mut *self.pool.acquire().await?)
            .await?;
        Ok(())
    }
}

/// Records a commit with its target; `false` when the attempt is fenced out.
async fn commit_target<DB>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    manifest: &Manifest,
    now: DateTime<Utc>,
) -> Result<bool, StoreError>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    i64: Value<DB>,
    NaiveDate: Value<DB>,
    DateTime<Utc>: Value<DB>,
    Json<Manifest>: Value<DB>,
{
    let params = attempt.job.params;
    let held = sqlx::query::<DB>(COMMIT_TARGET)
        .bind(attempt.job.target.to_string())
        .bind(attempt.generation)
        .bind(attempt.job.run_id.to_string())
        .bind(now)
        .bind(params.start_date)
        .bind(params.end_date)
        .bind(params.as_of)
        .bind(Json(manifest.clone()))
        .execute(connection)
        .await?;
    Ok(DB::rows_affected(&held) > 0)
}
