//! How an attempt ends: with a commit, or without.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::types::{Json, JsonValue};
use sqlx::{Executor, FromRow, IntoArguments};

use super::dialect::{Dialect, Value};
use super::ending::{
    CORRECT_CRASH, END_ATTEMPT, Ending, change_job, put_off, record_end, uncount_crash,
};
use super::rows::{CoverageRow, FenceRow};
use super::scope::Scope;
use super::{SqlStore, coverage, memory};
use crate::error::Failure;
use domain::checks::Check;
use domain::failure::{Cause, FailureClass};
use domain::job::{EmpreendimentoId, JobMessage};
use domain::ledger::{Attempt, AttemptEnd, Committed, View, WorkerId};
use domain::manifest::Manifest;
use domain::tables::{EmpreendimentoResult, SaidasCaixaResult};

// The fence. Lets go of the target only for the newest generation, and only while it holds it; locks
// the row, so that no claim is granted until this transaction ends.
const FENCE: &str = "
UPDATE sync_targets SET holder_run = NULL, holder_worker = NULL
WHERE target = $1 AND generation = $2 AND holder_run = $3
RETURNING commit_as_of, commit_created_at, unlisted_since,
          (SELECT created_at FROM sync_runs WHERE id = $3) AS run_created_at,
          (SELECT replace_newer FROM sync_runs WHERE id = $3) AS replace_newer";

const COMMIT_TARGET: &str = "
UPDATE sync_targets
SET committed_at = $2, commit_generation = generation, commit_run = $3, commit_created_at = $4,
    commit_start_date = $5, commit_end_date = $6, commit_as_of = $7, commit_manifest = $8
WHERE target = $1";

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
    Json<JsonValue>: Value<DB>,
    FenceRow: for<'r> FromRow<'r, DB::Row>,
    CoverageRow: for<'r> FromRow<'r, DB::Row>,
{
    /// One transaction, opened after all of the result is in memory.
    pub(super) async fn commit(
        &self,
        attempt: &Attempt,
        publication: Publication<'_>,
        checks: &[Check],
    ) -> Result<Committed, Failure> {
        let mut tx = self.begin().await?;
        let now = DB::now(&mut tx).await?;
        let Some(fence) = pass_fence(&mut tx, attempt).await? else {
            tx.rollback().await?;
            self.end(attempt, &AttemptEnd::Superseded).await?;
            return Ok(Committed::Fenced);
        };
        let view = View {
            as_of: attempt.job.params.as_of,
            run_created_at: fence.run_created_at,
        };
        let scope = scope(&mut tx, attempt, view, &fence).await?;
        let manifest = publication.manifest();
        if scope.latest {
            commit_target(&mut tx, attempt, view, manifest, now).await?;
        }
        match publication {
            Publication::Empreendimento(id, result) => {
                DB::write_empreendimento(&mut tx, attempt, id, result, &scope, now).await?;
                if scope.latest {
                    memory::replace(&mut tx, attempt, &result.memory).await?;
                }
            }
            Publication::SaidasCaixa(result) => {
                DB::write_saidas_caixa(&mut tx, attempt, result, &scope, now).await?;
            }
        }
        coverage::cover(&mut tx, attempt, view, &scope.written, now).await?;
        let mut checks = checks.to_vec();
        checks.push(Check::newer_stays(&scope.kept));
        record_checks(&mut tx, attempt, &checks).await?;
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
        Ok(Committed::Applied { kept: scope.kept })
    }

    /// Ends an attempt that does not commit.
    pub(super) async fn end(&self, attempt: &Attempt, end: &AttemptEnd) -> Result<(), Failure> {
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
            AttemptEnd::Failed { cause, checks, .. } => {
                put_off(&mut tx, attempt, "failed", cause, None, Some(now), now).await?;
                record_checks(&mut tx, attempt, checks).await?;
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
    ) -> Result<(), Failure> {
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
    ) -> Result<(), Failure> {
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

/// Lets go of the target; `None` when the attempt is fenced out.
async fn pass_fence<DB>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
) -> Result<Option<FenceRow>, Failure>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    i64: Value<DB>,
    FenceRow: for<'r> FromRow<'r, DB::Row>,
{
    let passed = sqlx::query_as(FENCE)
        .bind(attempt.job.target.to_string())
        .bind(attempt.generation)
        .bind(attempt.job.run_id.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(passed)
}

/// Tells what of the job is this view's to write.
async fn scope<DB>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    view: View,
    fence: &FenceRow,
) -> Result<Scope, Failure>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    i64: Value<DB>,
    CoverageRow: for<'r> FromRow<'r, DB::Row>,
{
    let replace_newer = fence.replace_newer;
    let newer = match replace_newer {
        true => BTreeSet::new(),
        false => coverage::newer(connection, attempt, view).await?,
    };
    let periods = coverage::periods(attempt).into_iter();
    let (kept, written) = periods.partition(|period| newer.contains(period));
    Ok(Scope {
        written,
        kept,
        latest: replace_newer || fence.last_view().is_none_or(|last| last <= view),
        replace_newer,
        unlisted: fence.unlisted_since.is_some(),
    })
}

/// Records a commit with its target.
async fn commit_target<DB>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    view: View,
    manifest: &Manifest,
    now: DateTime<Utc>,
) -> Result<(), Failure>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    NaiveDate: Value<DB>,
    DateTime<Utc>: Value<DB>,
    Json<Manifest>: Value<DB>,
{
    let params = attempt.job.params;
    sqlx::query::<DB>(COMMIT_TARGET)
        .bind(attempt.job.target.to_string())
        .bind(now)
        .bind(attempt.job.run_id.to_string())
        .bind(view.run_created_at)
        .bind(params.start_date)
        .bind(params.end_date)
        .bind(params.as_of)
        .bind(Json(manifest.clone()))
        .execute(connection)
        .await?;
    Ok(())
}

async fn record_checks<DB>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    checks: &[Check],
) -> Result<(), Failure>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    i64: Value<DB>,
    Json<JsonValue>: Value<DB>,
{
    let Attempt {
        job, generation, ..
    } = attempt;
    let target = job.target.to_string();
    super::checks::record(connection, &job.run_id, &target, *generation, checks).await
}
