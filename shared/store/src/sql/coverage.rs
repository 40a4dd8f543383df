//! Which view of the ERP wrote what stands in the tables: newer stays.

use std::collections::BTreeSet;
use std::iter;

use chrono::{DateTime, NaiveDate, Utc};
use domain::job::Target;
use domain::ledger::{Attempt, View};
use serde_json::json;
use sqlx::types::{Json, JsonValue};

use super::dialect::Dialect;
use super::row::row;
use super::scope::Scope;
use super::statement::{statement, statement_of_rows};
use crate::error::Failure;

/// Stands for every filial, where payables are asked for all at once, and for an empreendimento.
const ALL_FILIAIS: i64 = 0;

const COVERED: &str = "
SELECT filial_id, period, as_of, run_created_at FROM sync_coverage
WHERE target = $1 AND period BETWEEN $2 AND $3";

const COVER: &str = "
INSERT INTO sync_coverage (target, filial_id, period, as_of, run_created_at, run_id, committed_at)
SELECT $1, CAST(value ->> 'filial_id' AS BIGINT), value ->> 'period', $2, $3, $4, $5
FROM {each}($6) AS value WHERE true
ON CONFLICT (target, filial_id, period) DO UPDATE
SET as_of = excluded.as_of, run_created_at = excluded.run_created_at, run_id = excluded.run_id,
    committed_at = excluded.committed_at";

row! {
    /// A row of `sync_coverage`.
    struct CoverageRow {
        filial_id: i64,
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

/// What a later view has written of a job.
#[derive(Default)]
pub(super) struct Newer {
    /// Months, or due days of every filial.
    pub periods: BTreeSet<String>,
    /// Due days of single filiais.
    pub of_filiais: BTreeSet<(i64, String)>,
}

/// The months, or due days, of a job that a later view has written.
pub(super) async fn newer<DB: Dialect>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    view: View,
) -> Result<Newer, Failure> {
    let mut newer = Newer::default();
    let periods = periods(attempt);
    let (Some(first), Some(last)) = (periods.first(), periods.last()) else {
        return Ok(newer);
    };
    let rows: Vec<CoverageRow> = statement::<DB>(COVERED)
        .bind(attempt.job.target.to_string())
        .bind(first.clone())
        .bind(last.clone())
        .fetch_all(connection)
        .await?;
    let filiais = &attempt.job.payables.filiais;
    for row in rows.into_iter().filter(|row| row.view() > view) {
        if row.filial_id == ALL_FILIAIS {
            newer.periods.insert(row.period);
        } else if filiais.is_empty() || filiais.iter().any(|id| id.get() == row.filial_id) {
            newer.of_filiais.insert((row.filial_id, row.period));
        }
    }
    Ok(newer)
}

/// Writes down that a view wrote these months, or due days.
pub(super) async fn cover<DB: Dialect>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    view: View,
    scope: &Scope,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let mut filiais = scope.filiais();
    if filiais.is_empty() {
        filiais.push(ALL_FILIAIS);
    }
    let rows: JsonValue = filiais
        .into_iter()
        .flat_map(|filial| iter::repeat(filial).zip(&scope.written))
        .filter(|(filial, period)| {
            !scope
                .kept_of_filiais
                .contains(&(*filial, (*period).clone()))
        })
        .map(|(filial, period)| json!({ "filial_id": filial, "period": period }))
        .collect();
    statement_of_rows::<DB>(COVER)
        .bind(attempt.job.target.to_string())
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
