//! Runs and jobs: recording them, and asking about them.

use crate::error::Failure;
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::types::{Json, JsonValue};
use sqlx::{AssertSqlSafe, Executor, FromRow, IntoArguments};

use super::SqlStore;
use super::checks::CATALOGUE;
use super::dialect::{Dialect, Value};
use super::rows::{
    CostRow, FaturasDueRow, IpcaRow, JobRow, MessageRow, RunRow, TargetNameRow, TotalRow,
};
use crate::{FaturasDue, StoreError, TableTotal};
use domain::job::{EmpreendimentoId, JobMessage, RunId, RunParams, Target};
use domain::ledger::{JobRecord, NewRun, RunRecord};
use domain::manifest::Manifest;
use domain::money::{Amount, Money};
use domain::month::Month;

// A run recorded twice is one whose first answer was lost.
const RECORD_RUN: &str = "
INSERT INTO sync_runs (id, start_date, end_date, as_of, created_at, replace_newer, requested_by)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO NOTHING";

const MARK_PUBLISHED: &str =
    "UPDATE sync_jobs SET published_at = $3 WHERE run_id = $1 AND target = $2";

const UNFINISHED: &str = "
SELECT j.target, r.start_date, r.end_date, r.as_of
FROM sync_jobs j JOIN sync_runs r ON r.id = j.run_id
WHERE j.run_id = $1 AND j.state NOT IN ('done', 'superseded', 'failed')
  AND ($2 OR j.published_at IS NULL)
ORDER BY j.seq";

// Those that have left the catalogue already are not missed again.
const LISTED_WITH_CONTRATOS: &str = "
SELECT CAST(c.empreendimento_id AS TEXT) AS target FROM contratos c
LEFT JOIN sync_targets t ON t.target = CAST(c.empreendimento_id AS TEXT)
WHERE t.unlisted_since IS NULL
GROUP BY c.empreendimento_id ORDER BY c.empreendimento_id";

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

const FATURAS_DUE: &str = "
SELECT COUNT(*) AS quantity, {centavos} AS centavos FROM {faturas}
WHERE data_vencimento BETWEEN $1 AND $2";

const COSTS: &str =
    "SELECT target, commit_manifest FROM sync_targets WHERE commit_manifest IS NOT NULL";

const RUN: &str = "
SELECT id, start_date, end_date, as_of, created_at, replace_newer, requested_by
FROM sync_runs WHERE id = $1";

const NEWEST_RUN: &str = "
SELECT id, start_date, end_date, as_of, created_at, replace_newer, requested_by FROM sync_runs
ORDER BY created_at DESC, id DESC LIMIT 1";

const JOBS: &str = "
SELECT target, nome, state, published_at, errors, crashes, deferrals, class, fingerprint, message,
       next_attempt_at, started_at, finished_at, worker, manifest
FROM sync_jobs WHERE run_id = $1 ORDER BY seq";

// As text, because not every database has a decimal to send.
const IPCA: &str = "
SELECT ref_month, CAST(percentual AS TEXT) AS percentual FROM ipca_mensal ORDER BY ref_month";

/// The published tables and their amounts, in the order a summary names them.
pub(super) const PUBLISHED: [(&str, &[&str]); 8] = [
    ("filiais", &[]),
    ("empreendimentos", &[]),
    ("contratos", &["valor_contrato"]),
    ("entradas_caixa", &["forecast", "actual"]),
    ("estatisticas_portfolio", &["vp"]),
    ("delinquency", &["total"]),
    ("faturas_pagar", &["valor_parcela", "saldo_atual"]),
    ("saidas_caixa", &["orcamento", "realizado"]),
];

impl<DB> SqlStore<DB>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    bool: Value<DB>,
    NaiveDate: Value<DB>,
    DateTime<Utc>: Value<DB>,
    Json<Manifest>: Value<DB>,
    Json<JsonValue>: Value<DB>,
    i64: Value<DB>,
    FaturasDueRow: for<'r> FromRow<'r, DB::Row>,
    CostRow: for<'r> FromRow<'r, DB::Row>,
    IpcaRow: for<'r> FromRow<'r, DB::Row>,
    JobRow: for<'r> FromRow<'r, DB::Row>,
    MessageRow: for<'r> FromRow<'r, DB::Row>,
    RunRow: for<'r> FromRow<'r, DB::Row>,
    TargetNameRow: for<'r> FromRow<'r, DB::Row>,
    TotalRow: for<'r> FromRow<'r, DB::Row>,
{
    pub(super) async fn record(&self, run: &NewRun) -> Result<(), Failure> {
        let mut tx = self.begin().await?;
        let now = DB::now(&mut tx).await?;
        let listed = run.empreendimentos.iter().map(|row| row.id);
        let listed: Vec<_> = listed.map(Target::Empreendimento).collect();
        sqlx::query::<DB>(NOTE_LISTED)
            .bind(super::requeue::listed(&listed))
            .bind(now)
            .execute(&mut *tx)
            .await?;
        DB::write_catalogue(&mut tx, run, now).await?;
        sqlx::query::<DB>(DEACTIVATE_UNLISTED)
            .bind(run.id.to_string())
            .bind(now)
            .execute(&mut *tx)
            .await?;
        sqlx::query::<DB>(FOLLOW_MOVES).execute(&mut *tx).await?;
        sqlx::query::<DB>(RECORD_RUN)
            .bind(run.id.to_string())
            .bind(run.params.start_date)
            .bind(run.params.end_date)
            .bind(run.params.as_of)
            .bind(now)
            .bind(run.replace_newer)
            .bind(run.by.clone())
            .execute(&mut *tx)
            .await?;
        DB::write_jobs(&mut tx, run).await?;
        super::checks::record(&mut tx, &run.id, CATALOGUE, 0, &run.checks).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(super) async fn published(&self, run: &RunId, target: Target) -> Result<(), Failure> {
        let mut connection = self.pool.acquire().await?;
        let now = DB::now(&mut connection).await?;
        sqlx::query::<DB>(MARK_PUBLISHED)
            .bind(run.to_string())
            .bind(target.to_string())
            .bind(now)
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    pub(super) async fn messages(
        &self,
        run: &RunId,
        published_too: bool,
    ) -> Result<Vec<JobMessage>, Failure> {
        let rows: Vec<MessageRow> = sqlx::query_as(UNFINISHED)
            .bind(run.to_string())
            .bind(published_too)
            .fetch_all(&mut *self.pool.acquire().await?)
            .await?;
        rows.into_iter().map(|row| row.into_message(run)).collect()
    }

    pub(super) async fn list_listed_with_contratos(
        &self,
    ) -> Result<Vec<EmpreendimentoId>, Failure> {
        let rows: Vec<TargetNameRow> = sqlx::query_as(LISTED_WITH_CONTRATOS)
            .fetch_all(&mut *self.pool.acquire().await?)
            .await?;
        rows.into_iter()
            .filter_map(|row| row.into_target().map(Target::empreendimento).transpose())
            .collect()
    }

    pub(super) async fn count_faturas_due(
        &self,
        params: &RunParams,
    ) -> Result<FaturasDue, Failure> {
        let statement = FATURAS_DUE
            .replace("{centavos}", &DB::centavos_of("valor_parcela"))
            .replace("{faturas}", &DB::amounts_table("faturas_pagar"));
        let row: FaturasDueRow = sqlx::query_as(AssertSqlSafe(statement))
            .bind(params.start_date)
            .bind(params.end_date)
            .fetch_one(&mut *self.pool.acquire().await?)
            .await?;
        Ok(FaturasDue {
            count: row.quantity.unsigned_abs(),
            valor: Amount::from_centavos(row.centavos),
        })
    }

    pub(super) async fn costs(&self) -> Result<HashMap<Target, u64>, Failure> {
        let rows: Vec<CostRow> = sqlx::query_as(COSTS)
            .fetch_all(&mut *self.pool.acquire().await?)
            .await?;
        rows.into_iter().map(CostRow::into_cost).collect()
    }

    pub(super) async fn find_run(&self, run: Option<&RunId>) -> Result<Option<RunRecord>, Failure> {
        let query = match run {
            Some(run) => sqlx::query_as(RUN).bind(run.to_string()),
            None => sqlx::query_as(NEWEST_RUN),
        };
        let row: Option<RunRow> = query
            .fetch_optional(&mut *self.pool.acquire().await?)
            .await?;
        row.map(RunRow::into_record).transpose()
    }

    pub(super) async fn list_jobs(&self, run: &RunId) -> Result<Vec<JobRecord>, Failure> {
        let rows: Vec<JobRow> = sqlx::query_as(JOBS)
            .bind(run.to_string())
            .fetch_all(&mut *self.pool.acquire().await?)
            .await?;
        rows.into_iter().map(JobRow::into_record).collect()
    }

    pub(super) async fn indices(&self) -> Result<Vec<(Month, Decimal)>, Failure> {
        let rows: Vec<IpcaRow> = sqlx::query_as(IPCA)
            .fetch_all(&mut *self.pool.acquire().await?)
            .await?;
        let read = |row: IpcaRow| {
            let (month, index) = (row.ref_month.parse().ok(), row.percentual.parse().ok());
            month.zip(index).ok_or_else(|| {
                Failure(StoreError::Refused(format!(
                    "ipca_mensal: row {:?} is unreadable",
                    row.ref_month
                )))
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// All in one statement, so that they are of one moment.
    pub(super) async fn sum_tables(&self) -> Result<Vec<TableTotal>, Failure> {
        let sums = PUBLISHED
            .iter()
            .flat_map(|(table, columns)| {
                let none = columns.is_empty().then_some("0");
                columns.iter().copied().chain(none).map(move |column| {
                    let sum = DB::centavos_of(column);
                    let from = DB::amounts_table(table);
                    format!("COUNT(*) AS quantity, {sum} AS centavos FROM {from}")
                })
            })
            .enumerate()
            .map(|(seq, sum)| format!("SELECT CAST({seq} AS BIGINT) AS seq, {sum}"))
            .collect::<Vec<_>>()
            .join(" UNION ALL ");
        // Built of this file's constants alone.
        let statement = AssertSqlSafe(format!("{sums} ORDER BY seq"));
        let rows: Vec<TotalRow> = sqlx::query_as(statement)
            .fetch_all(&mut *self.pool.acquire().await?)
            .await?;

        let mut rows = rows.into_iter();
        let totals = PUBLISHED.map(|(table, columns)| {
            let mut total = TableTotal {
                table,
                rows: 0,
                sums: Vec::new(),
            };
            for row in rows.by_ref().take(columns.len().max(1)) {
                total.rows = row.quantity.unsigned_abs();
                if let Some(column) = columns.get(total.sums.len()) {
                    let sum = Money::from_centavos(row.centavos).to_string();
                    total.sums.push((column, sum));
                }
            }
            total
        });
        Ok(totals.into())
    }
}
