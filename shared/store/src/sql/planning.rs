//! Recording runs, and what a plan is made of.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::job::{EmpreendimentoId, JobMessage, Payables, RunId, RunParams, Target};
use domain::ledger::NewRun;
use domain::manifest::Manifest;
use domain::month::Month;
use domain::store_error::StoreError;
use sqlx::types::Json;

use super::checks::{self, CATALOGUE};
use super::dialect::Dialect;
use super::row::row;
use super::sql_store::{SqlStore, in_time};
use super::statement::statement;
use super::targets::{empreendimentos, listed};
use super::text;
use crate::error::Failure;
use crate::planning::Planning;

// Over the row of a scheduled run while it is to be planned. Any other run that is recorded twice is one whose
// first answer was lost.
const RECORD_RUN: &str = "
INSERT INTO sync_runs (id, start_date, end_date, as_of, created_at, replace_newer, requested_by,
                       payables, urgent)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO UPDATE
SET start_date = excluded.start_date, end_date = excluded.end_date, as_of = excluded.as_of,
    replace_newer = excluded.replace_newer, payables = excluded.payables,
    urgent = excluded.urgent,
    planning = NULL, planning_problem = NULL, planning_until = NULL
WHERE sync_runs.planning = 'open'";

// First of a catalogue's statements: whoever commits locks its target before anything else, too.
const NOTE_LISTED: &str = "
UPDATE sync_targets
SET unlisted_since = CASE WHEN $1 LIKE '%,' || target || ',%' THEN NULL ELSE $2 END
WHERE target <> 'saidas-caixa'
  AND (unlisted_since IS NULL) <> ($1 LIKE '%,' || target || ',%')";

// One that the ERP lists no more is inactive, whatever its contratos, which stay as they are.
const DEACTIVATE_UNLISTED: &str = "
UPDATE empreendimentos SET is_active = false, run_id = $1, synced_at = $2
WHERE is_active AND id IN (
    SELECT CAST(target AS BIGINT) FROM sync_targets
    WHERE unlisted_since IS NOT NULL AND target <> 'saidas-caixa')";

// Changes a filial only where an empreendimento moved from or to another, or was the last that is
// listed. Of those listed the catalogue says nothing about activity: that is for the commits.
const FOLLOW_MOVES: &str = "
UPDATE filiais
SET is_active = NOT is_active
WHERE is_active <> EXISTS (
    SELECT 1 FROM empreendimentos e WHERE e.filial_id = filiais.id AND e.is_active)";

const COVERED_SINCE: &str = "
SELECT target FROM sync_coverage
WHERE target <> 'saidas-caixa' AND period BETWEEN $1 AND $2 AND committed_at >= $3 AND as_of >= $4
GROUP BY target HAVING COUNT(*) = $5
ORDER BY target";

// Those that have left the catalogue already are not missed again.
const LISTED_WITH_CONTRATOS: &str = "
SELECT CAST(c.empreendimento_id AS TEXT) AS target FROM contratos c
LEFT JOIN sync_targets t ON t.target = CAST(c.empreendimento_id AS TEXT)
WHERE t.unlisted_since IS NULL
GROUP BY c.empreendimento_id ORDER BY c.empreendimento_id";

const COSTS: &str =
    "SELECT target, commit_manifest FROM sync_targets WHERE commit_manifest IS NOT NULL";

const MARK_PUBLISHED: &str =
    "UPDATE sync_jobs SET published_at = $3 WHERE run_id = $1 AND target = $2";

const UNFINISHED: &str = "
SELECT j.target, r.start_date, r.end_date, r.as_of, r.payables
FROM sync_jobs j JOIN sync_runs r ON r.id = j.run_id
WHERE j.run_id = $1 AND j.state NOT IN ('done', 'superseded', 'failed', 'cancelled')
  AND ($2 OR j.published_at IS NULL)
ORDER BY j.seq";

row! {
    /// A target and what its last commit proved.
    struct CostRow {
        target: String,
        commit_manifest: Json<Manifest>,
    }
}

impl CostRow {
    fn into_cost(self) -> Result<(Target, u64), Failure> {
        let target = text::target(&self.target)?;
        Ok((target, self.commit_manifest.0.contratos_listed))
    }
}

row! {
    /// A job with its run's parameters, to make its message of.
    struct MessageRow {
        target: String,
        start_date: NaiveDate,
        end_date: NaiveDate,
        as_of: NaiveDate,
        payables: Option<Json<Payables>>,
    }
}

impl MessageRow {
    fn into_message(self, run: &RunId) -> Result<JobMessage, Failure> {
        let params = RunParams {
            start_date: self.start_date,
            end_date: self.end_date,
            as_of: self.as_of,
        };
        let target = text::target(&self.target)?;
        let message = JobMessage::new(run.clone(), target, params);
        Ok(message.with_payables(text::payables(self.payables)))
    }
}

#[async_trait]
impl<DB: Dialect> Planning for SqlStore<DB> {
    async fn record_run(&self, run: &NewRun) -> Result<(), StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let now = DB::now(&mut tx).await?;
            let targets = run.empreendimentos.iter().map(|row| row.id);
            let targets: Vec<_> = targets.map(Target::Empreendimento).collect();
            statement::<DB>(NOTE_LISTED)
                .bind(listed(&targets))
                .bind(now)
                .execute(&mut tx)
                .await?;
            DB::write_catalogue(&mut tx, run, now).await?;
            statement::<DB>(DEACTIVATE_UNLISTED)
                .bind(run.id.to_string())
                .bind(now)
                .execute(&mut tx)
                .await?;
            statement::<DB>(FOLLOW_MOVES).execute(&mut tx).await?;
            let recorded = statement::<DB>(RECORD_RUN)
                .bind(run.id.to_string())
                .bind(run.params.start_date)
                .bind(run.params.end_date)
                .bind(run.params.as_of)
                .bind(now)
                .bind(run.replace_newer)
                .bind(run.by.clone())
                .bind(Json(run.payables.clone()))
                .bind(run.urgent)
                .execute(&mut tx)
                .await?;
            if recorded == 0 {
                // A return without a commit leaves the transaction to roll back.
                return Ok(());
            }
            DB::write_jobs(&mut tx, run).await?;
            checks::record::<DB>(&mut tx, &run.id, CATALOGUE, 0, &run.checks).await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }

    async fn covered_since(
        &self,
        window: &RunParams,
        since: DateTime<Utc>,
        oldest_view: NaiveDate,
    ) -> Result<Vec<EmpreendimentoId>, StoreError> {
        in_time(async {
            let rows = statement::<DB>(COVERED_SINCE)
                .bind(Month::of(window.start_date).to_string())
                .bind(Month::of(window.end_date).to_string())
                .bind(since)
                .bind(oldest_view)
                .bind(window.months().len() as i64)
                .fetch_all(&mut *self.connection().await?)
                .await?;
            empreendimentos(rows)
        })
        .await
    }

    async fn listed_with_contratos(&self) -> Result<Vec<EmpreendimentoId>, StoreError> {
        in_time(async {
            let rows = statement::<DB>(LISTED_WITH_CONTRATOS)
                .fetch_all(&mut *self.connection().await?)
                .await?;
            empreendimentos(rows)
        })
        .await
    }

    async fn last_costs(&self) -> Result<HashMap<Target, u64>, StoreError> {
        in_time(async {
            let rows: Vec<CostRow> = statement::<DB>(COSTS)
                .fetch_all(&mut *self.connection().await?)
                .await?;
            rows.into_iter().map(CostRow::into_cost).collect()
        })
        .await
    }

    async fn mark_published(&self, run: &RunId, target: Target) -> Result<(), StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            let now = DB::now(&mut connection).await?;
            statement::<DB>(MARK_PUBLISHED)
                .bind(run.to_string())
                .bind(target.to_string())
                .bind(now)
                .execute(&mut connection)
                .await?;
            Ok(())
        })
        .await
    }

    async fn unfinished(
        &self,
        run: &RunId,
        published_too: bool,
    ) -> Result<Vec<JobMessage>, StoreError> {
        in_time(async {
            let rows: Vec<MessageRow> = statement::<DB>(UNFINISHED)
                .bind(run.to_string())
                .bind(published_too)
                .fetch_all(&mut *self.connection().await?)
                .await?;
            rows.into_iter().map(|row| row.into_message(run)).collect()
        })
        .await
    }
}
