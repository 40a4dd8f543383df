//! Which view of the ERP wrote what stands in the tables: newer stays.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::job::Target;
use domain::ledger::{Attempt, View};
use serde_json::json;
use sqlx::types::{Json, JsonValue};

use super::dialect::Dialect;
use super::row::row;
use super::statement::{statement, statement_of_rows};
use crate::error::Failure;

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

row! {
    /// A row of `sync_coverage`.
    struct CoverageRow {
        period: String,
        as_of: NaiveDate,
        run_created_at: DateTime<Utc>,
    }
}

impl CoverageRow {
    const fn view(&self) -> View {
        View {
            as_of: self.as_of,
            run_created_at: self.run_created_at,
        }
    }
}

/// The months, or due days, of a job that a later view has written.
pub(super) async fn newer<DB: Dialect>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    view: View,
) -> Result<BTreeSet<String>, Failure> {
    let periods = periods(attempt);
    let (Some(first), Some(last)) = (periods.first(), periods.last()) else {
        return Ok(BTreeSet::new());
    };
    let rows: Vec<CoverageRow> = statement::<DB>(COVERED)
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
pub(super) async fn cover<DB: Dialect>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    view: View,
    written: &[String],
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let rows: JsonValue = written
        .iter()
        .map(|period| json!({ "period": period }))
        .collect();
    statement_of_rows::<DB>(COVER)
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
