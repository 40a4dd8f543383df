//! Questions about runs, jobs, workers and published figures.

use async_trait::async_trait;
use chrono::Days;
use domain::checks::CheckRecord;
use domain::job::{EmpreendimentoId, RunId, Target};
use domain::ledger::{
    ActionRecord, AttemptRecord, JobRecord, JobState, LivingWorker, RequeueRecord, RunOutcome,
    RunRecord,
};
use domain::month::Month;
use domain::store_error::StoreError;

use super::dialect::Dialect;
use super::jobs::{JobRow, jobs_where};
use super::row::row;
use super::sql_store::{SqlStore, in_time};
use super::statement::statement;
use super::{actions, by_month, checks, fleet, history, pending, published, runs, text, totals};
use crate::asking::{Asking, RunFilter};
use crate::error::Failure;
use crate::figures::{Measure, MonthlyFigure, PendingMonth, PublishedRow, TableTotal};

const JOBS: &str = jobs_where!("run_id = $1");

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

const NOME: &str = "SELECT nome FROM empreendimentos WHERE id = $1";

row! {
    /// How many jobs are in a state.
    struct StateRow {
        state: String,
        quantity: i64,
    }
}

impl StateRow {
    fn into_count(self) -> Result<(JobState, u64), Failure> {
        Ok((text::state(&self.state)?, self.quantity.unsigned_abs()))
    }
}

row! {
    /// What an empreendimento is called.
    struct NomeRow {
        nome: String,
    }
}

#[async_trait]
impl<DB: Dialect> Asking for SqlStore<DB> {
    async fn run(&self, run: Option<&RunId>) -> Result<Option<RunRecord>, StoreError> {
        in_time(async { runs::run::<DB>(&mut *self.connection().await?, run).await }).await
    }

    async fn recent_runs(
        &self,
        filter: RunFilter,
        before: Option<&RunId>,
        most: u32,
    ) -> Result<Vec<RunOutcome>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            runs::recent::<DB>(&mut connection, filter, before, most).await
        })
        .await
    }

    async fn jobs(&self, run: &RunId) -> Result<Vec<JobRecord>, StoreError> {
        in_time(async {
            let rows: Vec<JobRow> = statement::<DB>(JOBS)
                .bind(run.to_string())
                .fetch_all(&mut *self.connection().await?)
                .await?;
            rows.into_iter().map(JobRow::into_record).collect()
        })
        .await
    }

    async fn jobs_by_state(&self) -> Result<Vec<(JobState, u64)>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            let now = DB::now(&mut connection).await?;
            let rows: Vec<StateRow> = statement::<DB>(JOBS_BY_STATE)
                .bind(now - RECENT_DAYS)
                .fetch_all(&mut connection)
                .await?;
            rows.into_iter().map(StateRow::into_count).collect()
        })
        .await
    }

    async fn fleet(&self) -> Result<Vec<LivingWorker>, StoreError> {
        in_time(async { fleet::living::<DB>(&mut *self.connection().await?).await }).await
    }

    async fn monthly_figures(
        &self,
        measure: Measure,
        first: Month,
        last: Month,
    ) -> Result<Vec<MonthlyFigure>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            by_month::figures::<DB>(&mut connection, measure, first, last).await
        })
        .await
    }

    async fn pending_months(
        &self,
        of: Option<EmpreendimentoId>,
        first: Month,
        last: Month,
    ) -> Result<Vec<PendingMonth>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            pending::months::<DB>(&mut connection, of, first, last).await
        })
        .await
    }

    async fn totals(&self) -> Result<Vec<TableTotal>, StoreError> {
        in_time(async { totals::of_tables::<DB>(&mut *self.connection().await?).await }).await
    }

    async fn empreendimento_nome(
        &self,
        id: EmpreendimentoId,
    ) -> Result<Option<String>, StoreError> {
        in_time(async {
            let row: Option<NomeRow> = statement::<DB>(NOME)
                .bind(id.get())
                .fetch_optional(&mut *self.connection().await?)
                .await?;
            Ok(row.map(|row| row.nome))
        })
        .await
    }

    async fn published_rows(
        &self,
        target: Target,
        month: Option<Month>,
    ) -> Result<Vec<PublishedRow>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            published::rows::<DB>(&mut connection, target, month).await
        })
        .await
    }

    async fn checks_of_run(&self, run: &RunId) -> Result<Vec<CheckRecord>, StoreError> {
        in_time(async { checks::of_run::<DB>(&mut *self.connection().await?, run).await }).await
    }

    async fn checks_of_attempt(
        &self,
        target: Target,
        generation: i64,
    ) -> Result<Vec<CheckRecord>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            checks::of_attempt::<DB>(&mut connection, target, generation).await
        })
        .await
    }

    async fn attempts(&self, target: Target, most: u32) -> Result<Vec<AttemptRecord>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            history::attempts::<DB>(&mut connection, target, most).await
        })
        .await
    }

    async fn requeues(&self, target: Target, most: u32) -> Result<Vec<RequeueRecord>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            history::requeues::<DB>(&mut connection, target, most).await
        })
        .await
    }

    async fn actions(&self, run: &RunId) -> Result<Vec<ActionRecord>, StoreError> {
        in_time(async { actions::of_run::<DB>(&mut *self.connection().await?, run).await }).await
    }

    async fn last_commits(
        &self,
        target: Target,
        until: i64,
    ) -> Result<Vec<AttemptRecord>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            history::last_commits::<DB>(&mut connection, target, until).await
        })
        .await
    }
}
