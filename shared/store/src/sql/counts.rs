//! What a worker's metrics count in the database.

use crate::error::Failure;
use chrono::{DateTime, Days, Utc};
use sqlx::{Executor, FromRow, IntoArguments};

use super::SqlStore;
use super::dialect::{Dialect, Value};
use super::rows::StateRow;
use crate::Schema;
use domain::ledger::JobState;

/// How far back jobs are counted, in days, so that the answer takes no longer as the ledger grows.
const RECENT_DAYS: Days = Days::new(30);

// A job that failed is of no interest any more once a newer run has asked for its target.
const JOBS_BY_STATE: &str = "
SELECT state, COUNT(*) AS quantity
FROM (
    SELECT j.state,
           ROW_NUMBER() OVER (PARTITION BY j.target ORDER BY r.created_at DESC, r.id DESC) AS place
    FROM sync_jobs j JOIN sync_runs r ON r.id = j.run_id
    WHERE r.created_at >= $1
) AS recent
WHERE place = 1
GROUP BY state";

impl<DB> SqlStore<DB>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DateTime<Utc>: Value<DB>,
    StateRow: for<'r> FromRow<'r, DB::Row>,
{
    pub(super) async fn count_jobs(&self) -> Result<Vec<(JobState, u64)>, Failure> {
        let mut connection = self.pool.acquire().await?;
        let now = DB::now(&mut connection).await?;
        let rows: Vec<StateRow> = sqlx::query_as(JOBS_BY_STATE)
            .bind(now - RECENT_DAYS)
            .fetch_all(&mut *connection)
            .await?;
        rows.into_iter().map(StateRow::into_count).collect()
    }

    pub(super) async fn count_pending_migrations(&self) -> Result<u64, Failure> {
        let applied = DB::applied(&mut *self.pool.acquire().await?).await?;
        let schema = Schema::compare(DB::migrations(), &applied);
        Ok(schema.missing.len() as u64)
    }
}
