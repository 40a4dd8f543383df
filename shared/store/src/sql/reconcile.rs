//! Jobs whose message was confirmed and is gone: finding them, and taking them to publish again.

use crate::error::Failure;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{Executor, FromRow, IntoArguments};

use super::SqlStore;
use super::dialect::{Dialect, Value};
use super::requeue::listed;
use super::rows::TargetNameRow;
use domain::fleet::WORKER_SILENCE;
use domain::job::{RunId, Target};

/// What makes a job look lost, as far as the ledger can tell: it is open, its message was
/// confirmed, no living worker has it ($3: the oldest heartbeat of a living one), and nothing has
/// happened to it, nor was to happen, since $2.
macro_rules! looks_lost {
    ($statement:literal, $rest:literal) => {
        concat!(
            $statement,
            "
WHERE run_id = $1 AND state NOT IN ('done', 'superseded', 'failed')
  AND published_at <= $2
  AND (next_attempt_at IS NULL OR next_attempt_at <= $2)
  AND NOT (state = 'running' AND EXISTS (
        SELECT 1 FROM sync_workers w
        WHERE w.id = sync_jobs.worker AND w.stopped_at IS NULL AND w.heartbeat_at > $3))
  AND NOT EXISTS (
        SELECT 1 FROM sync_attempts a
        WHERE a.target = sync_jobs.target AND a.generation = sync_jobs.generation
          AND a.finished_at > $2)",
            $rest
        )
    };
}

const LOST: &str = looks_lost!("SELECT target FROM sync_jobs", " ORDER BY seq");

// Published now, says the ledger: whoever comes second finds the job published just now and leaves
// it, and if this process dies before it publishes, the job looks lost again after a while.
const TAKE_LOST: &str = looks_lost!(
    "UPDATE sync_jobs SET published_at = $4",
    " AND $5 LIKE '%,' || target || ',%' RETURNING target"
);

impl<DB> SqlStore<DB>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    DateTime<Utc>: Value<DB>,
    TargetNameRow: for<'r> FromRow<'r, DB::Row>,
{
    pub(super) async fn list_lost(
        &self,
        run: &RunId,
        quiet: Duration,
    ) -> Result<Vec<Target>, Failure> {
        let mut connection = self.pool.acquire().await?;
        let now = DB::now(&mut connection).await?;
        let rows: Vec<TargetNameRow> = sqlx::query_as(LOST)
            .bind(run.to_string())
            .bind(now - quiet)
            .bind(now - WORKER_SILENCE)
            .fetch_all(&mut *connection)
            .await?;
        rows.into_iter().map(TargetNameRow::into_target).collect()
    }

    pub(super) async fn take_lost_jobs(
        &self,
        run: &RunId,
        quiet: Duration,
        targets: &[Target],
    ) -> Result<Vec<Target>, Failure> {
        let mut connection = self.pool.acquire().await?;
        let now = DB::now(&mut connection).await?;
        let rows: Vec<TargetNameRow> = sqlx::query_as(TAKE_LOST)
            .bind(run.to_string())
            .bind(now - quiet)
            .bind(now - WORKER_SILENCE)
            .bind(now)
            .bind(listed(targets))
            .fetch_all(&mut *connection)
            .await?;
        rows.into_iter().map(TargetNameRow::into_target).collect()
    }
}
