//! Questions about runs, jobs, workers and published figures.

use async_trait::async_trait;
use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::checks::CheckRecord;
use domain::job::{EmpreendimentoId, Payables, RunId, RunParams, Target};
use domain::ledger::{
    AttemptRecord, JobRecord, JobState, LivingWorker, RequeueRecord, RunOutcome, RunRecord,
};
use domain::month::Month;
use domain::store_error::StoreError;
use sqlx::types::Json;

use super::dialect::Dialect;
use super::jobs::{JobRow, jobs_where};
use super::row::row;
use super::sql_store::{SqlStore, in_time};
use super::statement::statement;
use super::{by_month, checks, fleet, history, published, text, totals};
use crate::asking::Asking;
use crate::error::Failure;
use crate::figures::{Measure, MonthlyFigure, PublishedRow, TableTotal};

/// Runs that a further condition picks.
macro_rules! runs_where {
    ($rest:literal) => {
        concat!(
            "
SELECT id, start_date, end_date, as_of, created_at, replace_newer, requested_by, payables,
       imported_from
FROM sync_runs WHERE ",
            $rest
        )
    };
}

const RUN: &str = runs_where!("id = $1");

// An import has no jobs that anybody could ask about.
const RECENT_RUNS: &str = runs_where!(
    "imported_from IS NULL
ORDER BY created_at DESC, id DESC LIMIT $1"
);

const OUTCOMES: &str = "
SELECT run_id, COUNT(*) AS total,
       COUNT(CASE WHEN state NOT IN ('done', 'superseded', 'failed') THEN 1 END) AS open,
       COUNT(CASE WHEN state = 'failed' THEN 1 END) AS failed, MAX(finished_at) AS finished_at
FROM sync_jobs
WHERE run_id IN (SELECT id FROM sync_runs WHERE imported_from IS NULL
                 ORDER BY created_at DESC, id DESC LIMIT $1)
GROUP BY run_id";

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
    /// A row of `sync_runs`.
    struct RunRow {
        id: String,
        start_date: NaiveDate,
        end_date: NaiveDate,
        as_of: NaiveDate,
        created_at: DateTime<Utc>,
        replace_newer: bool,
        requested_by: Option<String>,
        payables: Option<Json<Payables>>,
        imported_from: Option<String>,
    }
}

impl RunRow {
    fn into_record(self) -> Result<RunRecord, Failure> {
        Ok(RunRecord {
            id: text::run_id(self.id)?,
            params: RunParams {
                start_date: self.start_date,
                end_date: self.end_date,
                as_of: self.as_of,
            },
            created_at: self.created_at,
            replace_newer: self.replace_newer,
            payables: text::payables(self.payables),
            by: self.requested_by,
            imported_from: self.imported_from,
        })
    }
}

row! {
    /// What became of a run's jobs.
    struct OutcomeRow {
        run_id: String,
        total: i64,
        open: i64,
        failed: i64,
        finished_at: Option<DateTime<Utc>>,
    }
}

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
        in_time(async {
            let asked = match run {
                Some(run) => statement::<DB>(RUN).bind(run.to_string()),
                None => statement::<DB>(RECENT_RUNS).bind(1_i64),
            };
            let row: Option<RunRow> = asked.fetch_optional(&mut *self.connection().await?).await?;
            row.map(RunRow::into_record).transpose()
        })
        .await
    }

    async fn recent_runs(&self, most: u32) -> Result<Vec<RunOutcome>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            let runs: Vec<RunRow> = statement::<DB>(RECENT_RUNS)
                .bind(i64::from(most))
                .fetch_all(&mut connection)
                .await?;
            let outcomes: Vec<OutcomeRow> = statement::<DB>(OUTCOMES)
                .bind(i64::from(most))
                .fetch_all(&mut connection)
                .await?;
            let outcome = |run: RunRow| {
                let of_run = outcomes.iter().find(|row| row.run_id == run.id);
                let count = |of: fn(&OutcomeRow) -> i64| of_run.map_or(0, of).unsigned_abs();
                let open = count(|row| row.open);
                Ok(RunOutcome {
                    run: run.into_record()?,
                    total: count(|row| row.total),
                    open,
                    failed: count(|row| row.failed),
                    finished_at: of_run.and_then(|row| row.finished_at).filter(|_| open == 0),
                })
            };
            runs.into_iter().map(outcome).collect()
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
