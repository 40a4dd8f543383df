//! The workers that are alive, and what they are at.

use crate::error::Failure;
use chrono::{DateTime, Utc};
use sqlx::{Executor, FromRow, IntoArguments};

use super::SqlStore;
use super::dialect::{Dialect, Value};
use super::rows::FleetRow;
use domain::fleet::WORKER_SILENCE;
use domain::ledger::LivingWorker;

// By way of the targets, which are few: the jobs of all runs would have to be searched.
const FLEET: &str = "
SELECT w.id, w.started_at, w.heartbeat_at, j.run_id, j.target, j.nome, j.started_at AS since
FROM sync_workers w
LEFT JOIN sync_targets t ON t.holder_worker = w.id
LEFT JOIN sync_jobs j ON j.run_id = t.holder_run AND j.target = t.target AND j.state = 'running'
WHERE w.stopped_at IS NULL AND w.heartbeat_at > $1
ORDER BY w.started_at, w.id, j.started_at, j.seq";

impl<DB> SqlStore<DB>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DateTime<Utc>: Value<DB>,
    FleetRow: for<'r> FromRow<'r, DB::Row>,
{
    pub(super) async fn list_fleet(&self) -> Result<Vec<LivingWorker>, Failure> {
        let mut connection = self.pool.acquire().await?;
        let now = DB::now(&mut connection).await?;
        let rows: Vec<FleetRow> = sqlx::query_as(FLEET)
            .bind(now - WORKER_SILENCE)
            .fetch_all(&mut *connection)
            .await?;
        let mut fleet: Vec<LivingWorker> = Vec::new();
        for row in rows {
            if !fleet.last().is_some_and(|worker| row.is_of(worker)) {
                fleet.push(row.worker());
            }
            let worker = fleet.last_mut().expect("just pushed");
            worker.jobs.extend(row.into_job()?);
        }
        Ok(fleet)
    }
}
