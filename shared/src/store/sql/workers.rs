//! The workers: who is alive, and in what order they came.

use chrono::{DateTime, Utc};
use sqlx::{Executor, FromRow, IntoArguments};

use super::SqlStore;
use super::dialect::{Dialect, Value};
use super::rows::PlaceRow;
use crate::fleet::Place;
use crate::ledger::WorkerId;
use crate::store::{StoreError, WORKER_SILENCE};

pub(super) const HEARTBEAT: &str = "
INSERT INTO sync_workers (id, started_at, heartbeat_at) VALUES ($1, $2, $2)
ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at";

// The newest last, so that a worker that joins takes from the others and not their places.
const PLACE: &str = "
SELECT COUNT(*) AS alive,
       COUNT(CASE WHEN w.started_at < me.started_at
                    OR (w.started_at = me.started_at AND w.id < me.id) THEN 1 END) AS earlier
FROM sync_workers w, sync_workers me
WHERE me.id = $1 AND w.stopped_at IS NULL AND w.heartbeat_at > $2";

const STOP_WORKER: &str = "UPDATE sync_workers SET stopped_at = $2 WHERE id = $1";

impl<DB> SqlStore<DB>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    DateTime<Utc>: Value<DB>,
    PlaceRow: for<'r> FromRow<'r, DB::Row>,
{
    pub(super) async fn note_alive(&self, worker: &WorkerId) -> Result<Place, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let now = DB::now(&mut connection).await?;
        sqlx::query::<DB>(HEARTBEAT)
            .bind(worker.to_string())
            .bind(now)
            .execute(&mut *connection)
            .await?;
        let row: PlaceRow = sqlx::query_as(PLACE)
            .bind(worker.to_string())
            .bind(now - WORKER_SILENCE)
            .fetch_one(&mut *connection)
            .await?;
        Ok(Place {
            before: row.earlier.unsigned_abs(),
            alive: row.alive.unsigned_abs(),
        })
    }

    pub(super) async fn note_stopped(&self, worker: &WorkerId) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let now = DB::now(&mut connection).await?;
        sqlx::query::<DB>(STOP_WORKER)
            .bind(worker.to_string())
            .bind(now)
            .execute(&mut *connection)
            .await?;
        Ok(())
    }
}
