//! What a person, or a reconciling producer, changes about jobs.

use async_trait::async_trait;
use std::time::Duration;

use domain::job::{EmpreendimentoId, RunId, Target};
use domain::ledger::{Cancelled, JobRecord, Requeue, RequeueFilter};
use domain::store_error::StoreError;

/// Jobs that failed or whose message was lost, put back to work, others cancelled, and who did so.
#[async_trait]
pub trait Acting: Send + Sync {
    /// The failed jobs of a run that a filter picks, and the cancelled ones of the empreendimentos
    /// that it names, in publishing order; changes nothing.
    async fn requeueable(
        &self,
        run: &RunId,
        filter: &RequeueFilter,
    ) -> Result<Vec<JobRecord>, StoreError>;

    /// Makes the jobs that [`Acting::requeueable`] lists ready to publish again, with fresh budgets, writes
    /// down who did so, and returns how many. Publishing them is [`unfinished`](crate::Planning::unfinished)'s caller's
    /// to do.
    async fn requeue(&self, run: &RunId, requeue: &Requeue) -> Result<u64, StoreError>;

    /// Cancels what is not final of a run, or of these empreendimentos of it; `by`, user@host, for
    /// the reason `why`. What is no job of the run is left out. A run that is still to be planned is
    /// refused, unless empreendimentos are named: it never has jobs.
    ///
    /// Once it has returned, no job that it counts as cancelled commits: an attempt in hand is fenced
    /// out. A commit that came first stays, and its job is done. Safe to repeat after a failure
    /// halfway.
    async fn cancel(
        &self,
        run: &RunId,
        empreendimentos: &[EmpreendimentoId],
        by: &str,
        why: &str,
    ) -> Result<Cancelled, StoreError>;

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
