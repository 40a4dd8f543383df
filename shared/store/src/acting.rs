//! What a person, or a reconciling producer, changes about jobs that stopped.

use async_trait::async_trait;
use std::time::Duration;

use domain::job::{RunId, Target};
use domain::ledger::{JobRecord, Requeue, RequeueFilter};
use domain::store_error::StoreError;

/// Jobs that failed or whose message was lost, put back to work, and who did so.
#[async_trait]
pub trait Acting: Send + Sync {
    /// The failed jobs of a run that a filter picks, in publishing order; changes nothing.
    async fn requeueable(
        &self,
        run: &RunId,
        filter: &RequeueFilter,
    ) -> Result<Vec<JobRecord>, StoreError>;

    /// Makes the failed jobs that a filter picks ready to publish again, with fresh budgets, writes
    /// down who did so, and returns how many. Publishing them is [`unfinished`](crate::Planning::unfinished)'s caller's
    /// to do.
    async fn requeue(&self, run: &RunId, requeue: &Requeue) -> Result<u64, StoreError>;

    /// Records that somebody, `by`, user@host, has published what was missing of a run.
    async fn record_resume(&self, run: &RunId, by: &str) -> Result<(), StoreError>;

    /// Open jobs of a run whose message was confirmed, that no living worker has, and to which
    /// nothing has happened, nor was to happen, for as long as `quiet`; in publishing order. Their
    /// messages are lost if the queue has none. Changes nothing.
    async fn lost(&self, run: &RunId, quiet: Duration) -> Result<Vec<Target>, StoreError>;

    /// Of these jobs takes those that [`Acting::lost`] would still list, to publish them again:
    /// they count as published now, so that of two callers at once each gets its own.
    async fn take_lost(
        &self,
        run: &RunId,
        quiet: Duration,
        targets: &[Target],
    ) -> Result<Vec<Target>, StoreError>;
}
