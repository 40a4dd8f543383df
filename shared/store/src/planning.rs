//! What a producer asks and records when it plans a run.

use async_trait::async_trait;
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::job::{EmpreendimentoId, JobMessage, RunId, RunParams, Target};
use domain::ledger::NewRun;
use domain::store_error::StoreError;

/// The ledger, as a producer plans over it.
#[async_trait]
pub trait Planning: Send + Sync {
    /// Records the catalogue, the run and its jobs in one transaction. Of a run that a schedule has begun
    /// this is the plan: it keeps its time, and who asked for it. Writes nothing where the run is recorded
    /// already, or its planning was refused.
    async fn record_run(&self, run: &NewRun) -> Result<(), StoreError>;

    /// The empreendimentos of which every month of a window was committed at or after `since`, with
    /// an `as_of` no earlier than `oldest_view`.
    async fn covered_since(
        &self,
        window: &RunParams,
        since: DateTime<Utc>,
        oldest_view: NaiveDate,
    ) -> Result<Vec<EmpreendimentoId>, StoreError>;

    /// The empreendimentos with contratos that the newest catalogue lists.
    async fn listed_with_contratos(&self) -> Result<Vec<EmpreendimentoId>, StoreError>;

    /// Contratos each target had at its last commit: what it will roughly cost.
    async fn last_costs(&self) -> Result<HashMap<Target, u64>, StoreError>;

    /// Notes that the broker confirmed a job's message.
    async fn mark_published(&self, run: &RunId, target: Target) -> Result<(), StoreError>;

    /// Messages of a run's jobs that are not final, in publishing order: those never confirmed, or
    /// with `published_too` all of them.
    async fn unfinished(
        &self,
        run: &RunId,
        published_too: bool,
    ) -> Result<Vec<JobMessage>, StoreError>;
}
