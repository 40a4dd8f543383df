//! Failed jobs enqueued again, and the record of who did it.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{Executor, FromRow, IntoArguments};

use super::dialect::{Dialect, Value};
use super::rows::{CheckRow, FailedRow, JobRow, RequeueRow, TargetNameRow};
use super::{SqlStore, checks};
use crate::error::Failure;
use domain::checks::{Acceptance, CheckRecord};
use domain::job::{RunId, Target};
use domain::ledger::{JobRecord, Requeue, RequeueFilter, RequeueRecord};

// Targets come as one text, `,1400,1403,`: neither database has the other's lists. A target is a
// number or a word, without a comma or a wildcard.
const REQUEUEABLE: &str = "
SELECT target, nome, state, published_at, errors, crashes, deferrals, class, fingerprint, message,
       next_attempt_at, started_at, finished_at, worker, manifest
FROM sync_jobs
WHERE run_id = $1 AND state = 'failed'
  AND ($2 = ',' OR $2 LIKE '%,' || target || ',%')
  AND ($3 = '' OR fingerprint = $3)
ORDER BY seq";

const FAILED: &str = "
SELECT target, generation, class, accepted
FROM sync_jobs
WHERE run_id = $1 AND state = 'failed'
  AND ($2 = ',' OR $2 LIKE '%,' || target || ',%')
  AND ($3 = '' OR fingerprint = $3)
ORDER BY seq";

const ACCEPT: &str = "
UPDATE sync_jobs SET accepted = $3
WHERE run_id = $1 AND target = $2 AND state = 'failed'";

const REQUEUE: &str = "
UPDATE sync_jobs
SET state = 'queued', published_at = NULL, errors = 0, crashes = 0, deferrals = 0,
    deferred_since = NULL, accept_shrink = $4, next_attempt_at = NULL, finished_at = NULL
WHERE run_id = $1 AND state = 'failed'
  AND ($2 = ',' OR $2 LIKE '%,' || target || ',%')
  AND ($3 = '' OR fingerprint = $3)
RETURNING target";

// After the fact, of the jobs that really changed: of two requeues at once each writes down its own.
const AUDIT: &str = "
INSERT INTO sync_requeues (run_id, target, at, by, fingerprint, accept_shrink, accepted, filter)
SELECT run_id, target, $3, $4, fingerprint, $5, CASE WHEN $5 THEN accepted END, $6
FROM sync_jobs WHERE run_id = $1 AND $2 LIKE '%,' || target || ',%'";

const REQUEUES: &str = "
SELECT run_id, at, by, fingerprint, accept_shrink, accepted, filter
FROM sync_requeues WHERE target = $1 ORDER BY at DESC LIMIT $2";

impl<DB> SqlStore<DB>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    bool: Value<DB>,
    i64: Value<DB>,
    DateTime<Utc>: Value<DB>,
    Json<Acceptance>: Value<DB>,
    CheckRow: for<'r> FromRow<'r, DB::Row>,
    FailedRow: for<'r> FromRow<'r, DB::Row>,
    JobRow: for<'r> FromRow<'r, DB::Row>,
    RequeueRow: for<'r> FromRow<'r, DB::Row>,
    TargetNameRow: for<'r> FromRow<'r, DB::Row>,
{
    pub(super) async fn list_requeueable(
        &self,
        run: &RunId,
        filter: &RequeueFilter,
    ) -> Result<Vec<JobRecord>, Failure> {
        let rows: Vec<JobRow> = sqlx::query_as(REQUEUEABLE)
            .bind(run.to_string())
            .bind(listed_filter(filter))
            .bind(filter.fingerprint.clone().unwrap_or_default())
            .fetch_all(&mut *self.pool.acquire().await?)
            .await?;
        rows.into_iter().map(JobRow::into_record).collect()
    }

    /// Changes the jobs and writes it down in one transaction. What is accepted are the checks that
    /// failed, as the ledger has them.
    pub(super) async fn requeue_failed(
        &self,
        run: &RunId,
        requeue: &Requeue,
    ) -> Result<u64, Failure> {
        let mut tx = self.begin().await?;
        if requeue.accept_change {
            self.accept(&mut tx, run, &requeue.filter).await?;
        }
        let rows: Vec<TargetNameRow> = sqlx::query_as(REQUEUE)
            .bind(run.to_string())
            .bind(listed_filter(&requeue.filter))
            .bind(requeue.filter.fingerprint.clone().unwrap_or_default())
            .bind(requeue.accept_change)
            .fetch_all(&mut *tx)
            .await?;
        let requeued = rows
            .into_iter()
            .map(TargetNameRow::into_target)
            .collect::<Result<Vec<_>, _>>()?;
        let now = DB::now(&mut tx).await?;
        sqlx::query::<DB>(AUDIT)
            .bind(run.to_string())
            .bind(listed(&requeued))
            .bind(now)
            .bind(requeue.by.clone())
            .bind(requeue.accept_change)
            .bind(requeue.filter.to_string())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(requeued.len() as u64)
    }

    /// Adds the checks that failed to what was accepted of each job before.
    async fn accept(
        &self,
        connection: &mut DB::Connection,
        run: &RunId,
        filter: &RequeueFilter,
    ) -> Result<(), Failure> {
        let failed: Vec<FailedRow> = sqlx::query_as(FAILED)
            .bind(run.to_string())
            .bind(listed_filter(filter))
            .bind(filter.fingerprint.clone().unwrap_or_default())
            .fetch_all(&mut *connection)
            .await?;
        for job in failed {
            let target = job.target()?;
            let mut accepted = job.accepted_before();
            if job.is_implausible() {
                accepted.merge(failed_checks(&mut *connection, target, job.generation).await?);
            }
            sqlx::query::<DB>(ACCEPT)
                .bind(run.to_string())
                .bind(target.to_string())
                .bind(Json(accepted))
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }

    pub(super) async fn list_requeues(
        &self,
        target: Target,
        most: u32,
    ) -> Result<Vec<RequeueRecord>, Failure> {
        let rows: Vec<RequeueRow> = sqlx::query_as(REQUEUES)
            .bind(target.to_string())
            .bind(i64::from(most))
            .fetch_all(&mut *self.pool.acquire().await?)
            .await?;
        rows.into_iter().map(RequeueRow::into_record).collect()
    }
}

/// The checks that failed an attempt, with their subjects; of a failure that an earlier version
/// recorded, without its checks, every fall.
async fn failed_checks<DB>(
    connection: &mut DB::Connection,
    target: Target,
    generation: Option<i64>,
) -> Result<Acceptance, Failure>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    i64: Value<DB>,
    CheckRow: for<'r> FromRow<'r, DB::Row>,
{
    let mut failed = Acceptance::default();
    let checks = match generation {
        Some(generation) => checks::of_attempt(connection, target, generation).await?,
        None => Vec::new(),
    };
    for check in checks.into_iter().filter(CheckRecord::has_failed) {
        failed.add(&check.name, check.subjects);
    }
    match failed.is_empty() {
        true => Ok(Acceptance::of_every_fall()),
        false => Ok(failed),
    }
}

/// Targets between commas; one comma when there are none.
pub(super) fn listed(targets: &[Target]) -> String {
    let mut listed = ",".to_owned();
    for target in targets {
        listed += &format!("{target},");
    }
    listed
}

fn listed_filter(filter: &RequeueFilter) -> String {
    let ids = filter.empreendimentos.iter().copied();
    listed(&ids.map(Target::Empreendimento).collect::<Vec<_>>())
}
