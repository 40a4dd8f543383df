//! What both databases do with the same statements.

mod attempts;
mod checks;
mod claim;
mod counts;
mod coverage;
mod diagnosis;
pub(super) mod dialect;
mod ending;
mod explain;
mod fleet;
mod jobs;
mod memory;
mod reconcile;
mod requeue;
mod rows;
pub(super) mod scope;
mod session;
mod workers;

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::types::{Json, JsonValue};
use sqlx::{Database, Executor, FromRow, IntoArguments, Pool, Transaction};

use self::attempts::Publication;
use self::dialect::{Dialect, Value};
use self::rows::{
    AttemptRow, CheckRow, ClaimRow, CostRow, CoverageRow, CrashesRow, FailedRow, FaturasDueRow,
    FenceRow, FleetRow, IpcaRow, JobRow, LearnedRow, MemberRow, MemoryRow, MessageRow, NomeRow,
    PublishedRowRow, RequeueRow, RunRow, SessionRow, StateRow, TargetNameRow, TargetRow, TotalRow,
    WorkerRow,
};
use crate::error::Failure;
use crate::{Diagnosis, FaturasDue, PublishedRow, Store, StoreError, TableTotal};
use domain::checks::{Acceptance, Check, CheckRecord};
use domain::failure::Cause;
use domain::fleet::{Calls, Lease};
use domain::job::{EmpreendimentoId, JobMessage, RunId, RunParams, Target};
use domain::ledger::{
    Attempt, AttemptEnd, AttemptRecord, Claim, Committed, JobRecord, JobState, LivingWorker,
    NewRun, Requeue, RequeueFilter, RequeueRecord, RunRecord, WorkerId,
};
use domain::manifest::Manifest;
use domain::month::Month;
use domain::tables::{ContratoMemory, EmpreendimentoResult, SaidasCaixaResult};

/// No call takes longer. PostgreSQL gives up a statement before that; this is for a connection
/// that went silent without an end.
const LONGEST_CALL: Duration = Duration::from_secs(120);

/// The store over a database that speaks SQL.
pub struct SqlStore<DB: Database> {
    pub(super) pool: Pool<DB>,
}

impl<DB: Database> fmt::Debug for SqlStore<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The pool's own output would show its options.
        write!(f, "SqlStore({})", DB::NAME)
    }
}

impl<DB: Dialect> SqlStore<DB> {
    async fn begin(&self) -> Result<Transaction<'static, DB>, Failure> {
        Ok(self.pool.begin_with(DB::BEGIN).await?)
    }
}

async fn in_time<T>(
    call: impl Future<Output = Result<T, Failure>> + Send,
) -> Result<T, StoreError> {
    match tokio::time::timeout(LONGEST_CALL, call).await {
        Ok(answer) => Ok(answer?),
        Err(_elapsed) => Err(StoreError::Away(format!(
            "no answer within {} s",
            LONGEST_CALL.as_secs()
        ))),
    }
}

#[async_trait]
impl<DB> Store for SqlStore<DB>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    Option<String>: Value<DB>,
    i64: Value<DB>,
    bool: Value<DB>,
    NaiveDate: Value<DB>,
    DateTime<Utc>: Value<DB>,
    Option<DateTime<Utc>>: Value<DB>,
    Json<Manifest>: Value<DB>,
    Option<Json<Manifest>>: Value<DB>,
    Json<Acceptance>: Value<DB>,
    Json<JsonValue>: Value<DB>,
    AttemptRow: for<'r> FromRow<'r, DB::Row>,
    NomeRow: for<'r> FromRow<'r, DB::Row>,
    LearnedRow: for<'r> FromRow<'r, DB::Row>,
    MemberRow: for<'r> FromRow<'r, DB::Row>,
    PublishedRowRow: for<'r> FromRow<'r, DB::Row>,
    ClaimRow: for<'r> FromRow<'r, DB::Row>,
    MemoryRow: for<'r> FromRow<'r, DB::Row>,
    FenceRow: for<'r> FromRow<'r, DB::Row>,
    FaturasDueRow: for<'r> FromRow<'r, DB::Row>,
    FailedRow: for<'r> FromRow<'r, DB::Row>,
    CoverageRow: for<'r> FromRow<'r, DB::Row>,
    CheckRow: for<'r> FromRow<'r, DB::Row>,
    CostRow: for<'r> FromRow<'r, DB::Row>,
    CrashesRow: for<'r> FromRow<'r, DB::Row>,
    FleetRow: for<'r> FromRow<'r, DB::Row>,
    IpcaRow: for<'r> FromRow<'r, DB::Row>,
    JobRow: for<'r> FromRow<'r, DB::Row>,
    MessageRow: for<'r> FromRow<'r, DB::Row>,
    RequeueRow: for<'r> FromRow<'r, DB::Row>,
    RunRow: for<'r> FromRow<'r, DB::Row>,
    StateRow: for<'r> FromRow<'r, DB::Row>,
    SessionRow: for<'r> FromRow<'r, DB::Row>,
    TargetNameRow: for<'r> FromRow<'r, DB::Row>,
    TargetRow: for<'r> FromRow<'r, DB::Row>,
    TotalRow: for<'r> FromRow<'r, DB::Row>,
    WorkerRow: for<'r> FromRow<'r, DB::Row>,
{
    async fn migrate(&self) -> Result<(), StoreError> {
        Ok(DB::migrate(&self.pool).await?)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        in_time(async {
            sqlx::query::<DB>("SELECT 1")
                .execute(&mut *self.pool.acquire().await?)
                .await?;
            Ok(())
        })
        .await
    }

    async fn pending_migrations(&self) -> Result<u64, StoreError> {
        in_time(self.count_pending_migrations()).await
    }

    async fn diagnose(&self) -> Result<Diagnosis, StoreError> {
        in_time(self.find_state()).await
    }

    async fn try_write(&self) -> Result<(), StoreError> {
        in_time(self.write_and_roll_back()).await
    }

    async fn record_run(&self, run: &NewRun) -> Result<(), StoreError> {
        in_time(self.record(run)).await
    }

    async fn covered_since(
        &self,
        window: &RunParams,
        since: DateTime<Utc>,
        oldest_view: NaiveDate,
    ) -> Result<Vec<EmpreendimentoId>, StoreError> {
        in_time(self.list_covered_since(window, since, oldest_view)).await
    }

    async fn listed_with_contratos(&self) -> Result<Vec<EmpreendimentoId>, StoreError> {
        in_time(self.list_listed_with_contratos()).await
    }

    async fn last_costs(&self) -> Result<HashMap<Target, u64>, StoreError> {
        in_time(self.costs()).await
    }

    async fn mark_published(&self, run: &RunId, target: Target) -> Result<(), StoreError> {
        in_time(self.published(run, target)).await
    }

    async fn unfinished(
        &self,
        run: &RunId,
        published_too: bool,
    ) -> Result<Vec<JobMessage>, StoreError> {
        in_time(self.messages(run, published_too)).await
    }

    async fn heartbeat(&self, worker: &WorkerId, calls: Calls) -> Result<Lease, StoreError> {
        in_time(self.beat(worker, calls)).await
    }

    async fn worker_stopped(&self, worker: &WorkerId) -> Result<(), StoreError> {
        in_time(self.note_stopped(worker)).await
    }

    async fn claim(&self, job: &JobMessage, worker: &WorkerId) -> Result<Claim, StoreError> {
        in_time(self.claim_job(job, worker, true)).await
    }

    async fn claim_beside_others(
        &self,
        job: &JobMessage,
        worker: &WorkerId,
    ) -> Result<Claim, StoreError> {
        in_time(self.claim_job(job, worker, false)).await
    }

    async fn fail_job(
        &self,
        job: &JobMessage,
        worker: &WorkerId,
        cause: &Cause,
    ) -> Result<(), StoreError> {
        in_time(self.fail(job, worker, cause)).await
    }

    async fn ipca(&self) -> Result<Vec<(Month, Decimal)>, StoreError> {
        in_time(self.indices()).await
    }

    async fn contratos_at_last_commit(
        &self,
        target: Target,
        before: i64,
    ) -> Result<Vec<ContratoMemory>, StoreError> {
        in_time(self.list_memory(target, before)).await
    }

    async fn faturas_due(&self, window: &RunParams) -> Result<FaturasDue, StoreError> {
        in_time(self.count_faturas_due(window)).await
    }

    async fn commit_empreendimento(
        &self,
        attempt: &Attempt,
        result: &EmpreendimentoResult,
        checks: &[Check],
    ) -> Result<Committed, StoreError> {
        let Some(id) = attempt.job.target.empreendimento() else {
            return Err(StoreError::Refused("no empreendimento's job".to_owned()));
        };
        in_time(self.commit(attempt, Publication::Empreendimento(id, result), checks)).await
    }

    async fn commit_saidas_caixa(
        &self,
        attempt: &Attempt,
        result: &SaidasCaixaResult,
        checks: &[Check],
    ) -> Result<Committed, StoreError> {
        if attempt.job.target != Target::SaidasCaixa {
            return Err(StoreError::Refused("no cash-out job".to_owned()));
        }
        in_time(self.commit(attempt, Publication::SaidasCaixa(result), checks)).await
    }

    async fn end_attempt(&self, attempt: &Attempt, end: &AttemptEnd) -> Result<(), StoreError> {
        in_time(self.end(attempt, end)).await
    }

    async fn note_held(
        &self,
        job: &JobMessage,
        by: &WorkerId,
        until: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        in_time(self.hold_off(job, by, until)).await
    }

    async fn run(&self, run: Option<&RunId>) -> Result<Option<RunRecord>, StoreError> {
        in_time(self.find_run(run)).await
    }

    async fn jobs(&self, run: &RunId) -> Result<Vec<JobRecord>, StoreError> {
        in_time(self.list_jobs(run)).await
    }

    async fn jobs_by_state(&self) -> Result<Vec<(JobState, u64)>, StoreError> {
        in_time(self.count_jobs()).await
    }

    async fn fleet(&self) -> Result<Vec<LivingWorker>, StoreError> {
        in_time(self.list_fleet()).await
    }

    async fn totals(&self) -> Result<Vec<TableTotal>, StoreError> {
        in_time(self.sum_tables()).await
    }

    async fn empreendimento_nome(
        &self,
        id: EmpreendimentoId,
    ) -> Result<Option<String>, StoreError> {
        in_time(self.find_nome(id)).await
    }

    async fn published_rows(
        &self,
        target: Target,
        month: Option<Month>,
    ) -> Result<Vec<PublishedRow>, StoreError> {
        in_time(self.list_published(target, month)).await
    }

    async fn checks_of_run(&self, run: &RunId) -> Result<Vec<CheckRecord>, StoreError> {
        in_time(self.list_checks_of_run(run)).await
    }

    async fn checks_of_attempt(
        &self,
        target: Target,
        generation: i64,
    ) -> Result<Vec<CheckRecord>, StoreError> {
        in_time(self.list_checks_of_attempt(target, generation)).await
    }

    async fn attempts(&self, target: Target, most: u32) -> Result<Vec<AttemptRecord>, StoreError> {
        in_time(self.list_attempts(target, most)).await
    }

    async fn requeues(&self, target: Target, most: u32) -> Result<Vec<RequeueRecord>, StoreError> {
        in_time(self.list_requeues(target, most)).await
    }

    async fn last_commits(
        &self,
        target: Target,
        until: i64,
    ) -> Result<Vec<AttemptRecord>, StoreError> {
        in_time(self.list_last_commits(target, until)).await
    }

    async fn requeueable(
        &self,
        run: &RunId,
        filter: &RequeueFilter,
    ) -> Result<Vec<JobRecord>, StoreError> {
        in_time(self.list_requeueable(run, filter)).await
    }

    async fn requeue(&self, run: &RunId, requeue: &Requeue) -> Result<u64, StoreError> {
        in_time(self.requeue_failed(run, requeue)).await
    }

    async fn lost(&self, run: &RunId, quiet: Duration) -> Result<Vec<Target>, StoreError> {
        in_time(self.list_lost(run, quiet)).await
    }

    async fn take_lost(
        &self,
        run: &RunId,
        quiet: Duration,
        targets: &[Target],
    ) -> Result<Vec<Target>, StoreError> {
        in_time(self.take_lost_jobs(run, quiet, targets)).await
    }
}
