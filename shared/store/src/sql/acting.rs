//! Jobs put back to work, failed ones and those whose message is lost, and jobs cancelled.

use std::time::Duration;

use async_trait::async_trait;
use domain::fleet::DEAD_AFTER;
use domain::job::{EmpreendimentoId, RunId, Target};
use domain::ledger::{Action, Cancelled, JobRecord, NewAction, Requeue, RequeueFilter};
use domain::store_error::StoreError;

use super::dialect::Dialect;
use super::jobs::{JobRow, jobs_where};
use super::picked::{on_picked, picked};
use super::sql_store::{SqlStore, in_time};
use super::statement::statement;
use super::targets::{TargetRow, listed};
use super::{accepting, actions};
use crate::acting::Acting;

const REQUEUEABLE: &str = jobs_where!(picked!());

const REQUEUE: &str = concat!(
    "
UPDATE sync_jobs
SET state = 'queued', published_at = NULL, errors = 0, crashes = 0, deferrals = 0,
    deferred_since = NULL, accept_shrink = $4, next_attempt_at = NULL, finished_at = NULL
WHERE ",
    picked!(),
    " RETURNING target"
);

// After the fact, of the jobs that really changed: of two requeues at once each writes down its own.
const AUDIT: &str = "
INSERT INTO sync_requeues (run_id, target, at, by, fingerprint, accept_shrink, accepted, filter)
SELECT run_id, target, $3, $4, fingerprint, $5, CASE WHEN $5 THEN accepted END, $6
FROM sync_jobs WHERE run_id = $1 AND $2 LIKE '%,' || target || ',%'";

/// What makes a job look lost, as far as the ledger can tell: it is open, its message was
/// confirmed, no living worker has it ($3: the oldest heartbeat of a living one), and nothing has
/// happened to it, nor was to happen, since $2.
macro_rules! looks_lost {
    ($statement:literal, $rest:literal) => {
        concat!(
            $statement,
            "
WHERE run_id = $1 AND state NOT IN ('done', 'superseded', 'failed', 'cancelled')
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

#[async_trait]
impl<DB: Dialect> Acting for SqlStore<DB> {
    async fn requeueable(
        &self,
        run: &RunId,
        filter: &RequeueFilter,
    ) -> Result<Vec<JobRecord>, StoreError> {
        in_time(async {
            let rows: Vec<JobRow> = on_picked::<DB>(REQUEUEABLE, run, filter)
                .fetch_all(&mut *self.connection().await?)
                .await?;
            rows.into_iter().map(JobRow::into_record).collect()
        })
        .await
    }

    /// Changes the jobs and writes it down in one transaction. What is accepted are the checks that
    /// failed, as the ledger has them.
    async fn requeue(&self, run: &RunId, requeue: &Requeue) -> Result<u64, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            if requeue.accept_change {
                accepting::accept::<DB>(&mut tx, run, &requeue.filter).await?;
            }
            let rows: Vec<TargetRow> = on_picked::<DB>(REQUEUE, run, &requeue.filter)
                .bind(requeue.accept_change)
                .fetch_all(&mut tx)
                .await?;
            let requeued = rows.into_iter().map(TargetRow::into_target);
            let requeued = requeued.collect::<Result<Vec<_>, _>>()?;
            let now = DB::now(&mut tx).await?;
            statement::<DB>(AUDIT)
                .bind(run.to_string())
                .bind(listed(&requeued))
                .bind(now)
                .bind(requeue.by.clone())
                .bind(requeue.accept_change)
                .bind(requeue.filter.to_string())
                .execute(&mut tx)
                .await?;
            tx.commit().await?;
            Ok(requeued.len() as u64)
        })
        .await
    }

    async fn cancel(
        &self,
        run: &RunId,
        empreendimentos: &[EmpreendimentoId],
        by: &str,
        why: &str,
    ) -> Result<Cancelled, StoreError> {
        self.cancel_jobs(run, empreendimentos, by, why).await
    }

    async fn record_resume(&self, run: &RunId, by: &str) -> Result<(), StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            let action = NewAction {
                run: Some(run),
                ..NewAction::new(Action::Resume, by)
            };
            actions::record::<DB>(&mut connection, action).await
        })
        .await
    }

    async fn lost(&self, run: &RunId, quiet: Duration) -> Result<Vec<Target>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            let now = DB::now(&mut connection).await?;
            let rows: Vec<TargetRow> = statement::<DB>(LOST)
                .bind(run.to_string())
                .bind(now - quiet)
                .bind(now - DEAD_AFTER)
                .fetch_all(&mut connection)
                .await?;
            rows.into_iter().map(TargetRow::into_target).collect()
        })
        .await
    }

    async fn take_lost(
        &self,
        run: &RunId,
        quiet: Duration,
        targets: &[Target],
    ) -> Result<Vec<Target>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            let now = DB::now(&mut connection).await?;
            let rows: Vec<TargetRow> = statement::<DB>(TAKE_LOST)
                .bind(run.to_string())
                .bind(now - quiet)
                .bind(now - DEAD_AFTER)
                .bind(now)
                .bind(listed(targets))
                .fetch_all(&mut connection)
                .await?;
            rows.into_iter().map(TargetRow::into_target).collect()
        })
        .await
    }
}
