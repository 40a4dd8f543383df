//! Failed jobs enqueued again, and the record of who did it.

use chrono::{DateTime, Utc};
use sqlx::{Executor, FromRow, IntoArguments};

use super::SqlStore;
use super::dialect::{Dialect, Value};
use super::rows::{JobRow, RequeueRow, TargetNameRow};
use crate::job::{RunId, Target};
use crate::ledger::{JobRecord, Requeue, RequeueFilter, RequeueRecord};
use crate::store::StoreError;

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
INSERT INTO sync_requeues (run_id, target, at, by, fingerprint, accept_shrink, filter)
SELECT run_id, target, $3, $4, fingerprint, $5, $6
FROM sync_jobs WHERE run_id = $1 AND $2 LIKE '%,' || target || ',%'";

const REQUEUES: &str = "
SELECT run_id, at, by, fingerprint, accept_shrink, filter
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
    JobRow: for<'r> FromRow<'r, DB::Row>,
    RequeueRow: for<'r> FromRow<'r, DB::Row>,
    TargetNameRow: for<'r> FromRow<'r, DB::Row>,
{
    pub(super) async fn list_requeueable(
        &self,
        run: &RunId,
        filter: &RequeueFilter,
    ) -> Result<Vec<JobRecord>, StoreError> {
        let rows: Vec<JobRow> = sqlx::query_as(REQUEUEABLE)
            .bind(run.to_string())
            .bind(listed_filter(filter))
            .bind(filter.fingerprint.clone().unwrap_or_default())
            .fetch_all(&mut *self.pool.acquire().await?)
            .await?;
        rows.into_iter().map(JobRow::into_record).collect()
    }

    /// Changes the jobs and writes it down in one transaction.
    pub(super) async fn requeue_failed(
        &self,
        run: &RunId,
        requeue: &Requeue,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<TargetNameRow> = sqlx::query_as(REQUEUE)
            .bind(run.to_string())
            .bind(listed_filter(&requeue.filter))
            .bind(requeue.filter.fingerprint.clone().unwrap_or_default())
            .bind(requeue.accept_shrink)
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
            .bind(requeue.accept_shrink)
            .bind(requeue.filter.to_string())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(requeued.len() as u64)
    }

    pub(super) async fn list_requeues(
        &self,
        target: Target,
        most: u32,
    ) -> Result<Vec<RequeueRecord>, StoreError> {
        let rows: Vec<RequeueRow> = sqlx::query_as(REQUEUES)
            .bind(target.to_string())
            .bind(i64::from(most))
            .fetch_all(&mut *self.pool.acquire().await?)
            .await?;
        rows.into_iter().map(RequeueRow::into_record).collect()
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
