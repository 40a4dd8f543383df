//! Which view of the ERP wrote what stands in the tables: newer stays.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::types::{Json, JsonValue};
use sqlx::{AssertSqlSafe, Executor, FromRow, IntoArguments};

use super::SqlStore;
use super::dialect::{Dialect, Value};
use super::rows::{CoverageRow, TargetNameRow};
use crate::error::Failure;
use domain::job::{EmpreendimentoId, RunParams, Target};
use domain::ledger::{Attempt, View};
use domain::month::Month;

/// Every filial: payables are asked for all at once.
const ALL_FILIAIS: i64 = 0;

const COVERED: &str = "
SELECT period, as_of, run_created_at FROM sync_coverage
WHERE target = $1 AND filial_id = $2 AND period BETWEEN $3 AND $4";

const COVER: &str = "
INSERT INTO sync_coverage (target, filial_id, period, as_of, run_created_at, run_id, committed_at)
SELECT $1, $2, value ->> 'period', $3, $4, $5, $6
FROM {each}($7) AS value WHERE true
ON CONFLICT (target, filial_id, period) DO UPDATE
SET as_of = excluded.as_of, run_created_at = excluded.run_created_at, run_id = excluded.run_id,
    committed_at = excluded.committed_at";

const COVERED_SINCE: &str = "
SELECT target FROM sync_coverage
WHERE target <> 'saidas-caixa' AND period BETWEEN $1 AND $2 AND committed_at >= $3 AND as_of >= $4
GROUP BY target HAVING COUNT(*) = $5
ORDER BY target";

impl<DB> SqlStore<DB>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    i64: Value<DB>,
    NaiveDate: Value<DB>,
    DateTime<Utc>: Value<DB>,
    TargetNameRow: for<'r> FromRow<'r, DB::Row>,
{
    pub(super) async fn list_covered_since(
        &self,
        params: &RunParams,
        since: DateTime<Utc>,
        oldest_view: NaiveDate,
    ) -> Result<Vec<EmpreendimentoId>, Failure> {
        let rows: Vec<TargetNameRow> = sqlx::query_as(COVERED_SINCE)
            .bind(Month::of(params.start_date).to_string())
            .bind(Month::of(params.end_date).to_string())
            .bind(since)
            .bind(oldest_view)
            .bind(params.months().len() as i64)
            .fetch_all(&mut *self.pool.acquire().await?)
            .await?;
        rows.into_iter()
            .filter_map(|row| row.into_target().map(Target::empreendimento).transpose())
            .collect()
    }
}

/// The months, or due days, of a job that a later view has written.
pub(super) async fn newer<DB>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    view: View,
) -> Result<BTreeSet<String>, Failure>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    i64: Value<DB>,
    CoverageRow: for<'r> FromRow<'r, DB::Row>,
{
    let periods = periods(attempt);
    let (Some(first), Some(last)) = (periods.first(), periods.last()) else {
        return Ok(BTreeSet::new());
    };
    let rows: Vec<CoverageRow> = sqlx::query_as(COVERED)
        .bind(attempt.job.target.to_string())
        .bind(ALL_FILIAIS)
        .bind(first.clone())
        .bind(last.clone())
        .fetch_all(connection)
        .await?;
    let newer = rows.into_iter().filter(|row| row.view() > view);
    Ok(newer.map(|row| row.period).collect())
}

/// Writes down that a view wrote these months, or due days.
pub(super) async fn cover<DB>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    view: View,
    written: &[String],
    now: DateTime<Utc>,
) -> Result<(), Failure>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    i64: Value<DB>,
    NaiveDate: Value<DB>,
    DateTime<Utc>: Value<DB>,
    Json<JsonValue>: Value<DB>,
{
    let rows: JsonValue = written
        .iter()
        .map(|period| json!({ "period": period }))
        .collect();
    sqlx::query::<DB>(AssertSqlSafe(COVER.replace("{each}", DB::JSON_EACH)))
        .bind(attempt.job.target.to_string())
        .bind(ALL_FILIAIS)
        .bind(view.as_of)
        .bind(view.run_created_at)
        .bind(attempt.job.run_id.to_string())
        .bind(now)
        .bind(Json(rows))
        .execute(connection)
        .await?;
    Ok(())
}

/// The months of a job, or the due days of its payables, in order.
pub(super) fn periods(attempt: &Attempt) -> Vec<String> {
    let params = attempt.job.params;
    match attempt.job.target {
        Target::Empreendimento(_) => params.months().map(|month| month.to_string()).collect(),
        Target::SaidasCaixa => params
            .start_date
            .iter_days()
            .take_while(|day| *day <= params.end_date)
            .map(|day| day.to_string())
            .collect(),
    }
}
