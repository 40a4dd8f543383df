//! Publishing an empreendimento: each table in one upsert and one delete, whatever the rows, which
//! come as one JSON text.
//!
//! A row that a run wrote already, and that did not change, is not written again.

use chrono::{DateTime, Utc};
use domain::job::EmpreendimentoId;
use domain::ledger::Attempt;
use domain::tables::{ContratoRow, DelinquencyRow, EmpreendimentoResult, EntradaRow, PortfolioRow};
use serde_json::{Value, json};
use sqlx::types::Json;
use sqlx::{Sqlite, SqliteConnection};

use crate::error::Failure;
use crate::sql::scope::Scope;
use crate::sql::writes::WritesEmpreendimento;

// A contrato listed under another empreendimento than before just moves: its code is the key.
const UPSERT_CONTRATOS: &str = "
INSERT INTO contratos_centavos AS t (id, empreendimento_id, status, valor_contrato,
                                     valor_atualizado_ipca, data_assinatura, run_id, synced_at)
SELECT value ->> 0, $1, value ->> 1, value ->> 2, value ->> 3, value ->> 4, $2, $3
FROM json_each($4) WHERE true
ON CONFLICT (id) DO UPDATE
SET empreendimento_id = excluded.empreendimento_id, status = excluded.status,
    valor_contrato = excluded.valor_contrato,
    valor_atualizado_ipca = excluded.valor_atualizado_ipca,
    data_assinatura = excluded.data_assinatura,
    run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.empreendimento_id, t.status, t.valor_contrato, t.valor_atualizado_ipca,
       t.data_assinatura, t.run_id)
   IS NOT
      (excluded.empreendimento_id, excluded.status, excluded.valor_contrato,
       excluded.valor_atualizado_ipca, excluded.data_assinatura, excluded.run_id)";

const DELETE_CONTRATOS: &str = "
DELETE FROM contratos_centavos
WHERE empreendimento_id = $1 AND id NOT IN (SELECT value ->> 0 FROM json_each($2))";

const UPSERT_ENTRADAS: &str = "
INSERT INTO entradas_caixa_centavos AS t (empreendimento_id, ref_month, category,
                                          empreendimento_nome, forecast, actual, details, run_id,
                                          synced_at)
SELECT e.id, n.value ->> 0, n.value ->> 1, e.nome, n.value ->> 2, n.value ->> 3, n.value -> 4,
       $2, $3
FROM json_each($4) AS n CROSS JOIN empreendimentos AS e WHERE e.id = $1
ON CONFLICT (empreendimento_id, ref_month, category) DO UPDATE
SET empreendimento_nome = excluded.empreendimento_nome, forecast = excluded.forecast,
    actual = excluded.actual, details = excluded.details,
    run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.empreendimento_nome, t.forecast, t.actual, t.details, t.run_id)
   IS NOT
      (excluded.empreendimento_nome, excluded.forecast, excluded.actual, excluded.details,
       excluded.run_id)";

// Only of the months written: the others are not this commit's to judge.
const DELETE_ENTRADAS: &str = "
DELETE FROM entradas_caixa_centavos
WHERE empreendimento_id = $1 AND ref_month IN (SELECT value FROM json_each($2))
  AND (ref_month, category) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each($3))";

const UPSERT_DELINQUENCY: &str = "
INSERT INTO delinquency_centavos AS t (empreendimento_id, ref_month, empreendimento_nome, up_to_30,
                                       days_30_60, days_60_90, days_90_180, above_180, total,
                                       details, run_id, synced_at)
SELECT e.id, n.value ->> 0, e.nome, n.value ->> 1, n.value ->> 2, n.value ->> 3, n.value ->> 4,
       n.value ->> 5, n.value ->> 6, n.value -> 7, $2, $3
FROM json_each($4) AS n CROSS JOIN empreendimentos AS e WHERE e.id = $1
ON CONFLICT (empreendimento_id, ref_month) DO UPDATE
SET empreendimento_nome = excluded.empreendimento_nome, up_to_30 = excluded.up_to_30,
    days_30_60 = excluded.days_30_60, days_60_90 = excluded.days_60_90,
    days_90_180 = excluded.days_90_180, above_180 = excluded.above_180, total = excluded.total,
    details = excluded.details, run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.empreendimento_nome, t.up_to_30, t.days_30_60, t.days_60_90, t.days_90_180, t.above_180,
       t.total, t.details, t.run_id)
   IS NOT
      (excluded.empreendimento_nome, excluded.up_to_30, excluded.days_30_60, excluded.days_60_90,
       excluded.days_90_180, excluded.above_180, excluded.total, excluded.details,
       excluded.run_id)";

const DELETE_DELINQUENCY: &str = "
DELETE FROM delinquency_centavos
WHERE empreendimento_id = $1 AND ref_month IN (SELECT value FROM json_each($2))
  AND ref_month NOT IN (SELECT value ->> 0 FROM json_each($3))";

const UPSERT_PORTFOLIO: &str = "
INSERT INTO estatisticas_portfolio_centavos AS t (empreendimento_id, ref_month,
                                                  empreendimento_nome, vp, ltv, prazo_medio,
                                                  duration, total_contracts, active_contracts,
                                                  details, run_id, synced_at)
SELECT e.id, n.value ->> 0, e.nome, n.value ->> 1, n.value ->> 2, n.value ->> 3, n.value ->> 4,
       n.value ->> 5, n.value ->> 6, n.value -> 7, $2, $3
FROM json_each($4) AS n CROSS JOIN empreendimentos AS e WHERE e.id = $1
ON CONFLICT (empreendimento_id, ref_month) DO UPDATE
SET empreendimento_nome = excluded.empreendimento_nome, vp = excluded.vp, ltv = excluded.ltv,
    prazo_medio = excluded.prazo_medio, duration = excluded.duration,
    total_contracts = excluded.total_contracts, active_contracts = excluded.active_contracts,
    details = excluded.details, run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.empreendimento_nome, t.vp, t.ltv, t.prazo_medio, t.duration, t.total_contracts,
       t.active_contracts, t.details, t.run_id)
   IS NOT
      (excluded.empreendimento_nome, excluded.vp, excluded.ltv, excluded.prazo_medio,
       excluded.duration, excluded.total_contracts, excluded.active_contracts, excluded.details,
       excluded.run_id)";

const DELETE_PORTFOLIO: &str = "
DELETE FROM estatisticas_portfolio_centavos
WHERE empreendimento_id = $1 AND ref_month IN (SELECT value FROM json_each($2))
  AND ref_month NOT IN (SELECT value ->> 0 FROM json_each($3))";

const UPDATE_EMPREENDIMENTO: &str = "
UPDATE empreendimentos
SET is_active = $2, last_synced_at = $3, last_financial_sync_at = $3, run_id = $4, synced_at = $3
WHERE id = $1";

// One writer at a time: nobody else's activity can change in between.
const UPDATE_FILIAL: &str = "
UPDATE filiais
SET is_active = NOT is_active, run_id = $2, synced_at = $3
WHERE id = (SELECT filial_id FROM empreendimentos WHERE id = $1)
  AND is_active <> EXISTS (
    SELECT 1 FROM empreendimentos e WHERE e.filial_id = filiais.id AND e.is_active)";

impl WritesEmpreendimento for Sqlite {
    async fn write_empreendimento(
        connection: &mut SqliteConnection,
        attempt: &Attempt,
        id: EmpreendimentoId,
        result: &EmpreendimentoResult,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let (id, run) = (id.get(), attempt.job.run_id.as_str());
        let of_months = [
            (
                UPSERT_ENTRADAS,
                DELETE_ENTRADAS,
                rows(
                    &scope.of_months(&result.entradas, |row| row.ref_month),
                    entrada,
                ),
            ),
            (
                UPSERT_DELINQUENCY,
                DELETE_DELINQUENCY,
                rows(
                    &scope.of_months(&result.delinquency, |row| row.ref_month),
                    delinquency,
                ),
            ),
            (
                UPSERT_PORTFOLIO,
                DELETE_PORTFOLIO,
                rows(
                    &scope.of_months(&result.portfolio, |row| row.ref_month),
                    portfolio,
                ),
            ),
        ];

        for (upsert, delete, rows) in of_months {
            sqlx::query(upsert)
                .bind(id)
                .bind(run)
                .bind(now)
                .bind(&rows)
                .execute(&mut *connection)
                .await?;
            sqlx::query(delete)
                .bind(id)
                .bind(Json(&scope.written))
                .bind(&rows)
                .execute(&mut *connection)
                .await?;
        }
        match scope.latest {
            true => write_latest(connection, id, run, result, scope, now).await,
            false => Ok(()),
        }
    }
}

/// What follows the latest view, whichever months it is of.
async fn write_latest(
    connection: &mut SqliteConnection,
    id: i64,
    run: &str,
    result: &EmpreendimentoResult,
    scope: &Scope,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let contratos = Json(result.contratos.iter().map(contrato).collect::<Vec<_>>());
    sqlx::query(UPSERT_CONTRATOS)
        .bind(id)
        .bind(run)
        .bind(now)
        .bind(&contratos)
        .execute(&mut *connection)
        .await?;
    sqlx::query(DELETE_CONTRATOS)
        .bind(id)
        .bind(&contratos)
        .execute(&mut *connection)
        .await?;
    sqlx::query(UPDATE_EMPREENDIMENTO)
        .bind(id)
        .bind(result.is_active && !scope.unlisted)
        .bind(now)
        .bind(run)
        .execute(&mut *connection)
        .await?;
    sqlx::query(UPDATE_FILIAL)
        .bind(id)
        .bind(run)
        .bind(now)
        .execute(connection)
        .await?;
    Ok(())
}

/// Rows as one parameter: an array of arrays, in the order of the statement's columns.
fn rows<R>(rows: &[&R], row: fn(&R) -> Value) -> Json<Vec<Value>> {
    Json(rows.iter().map(|one| row(one)).collect())
}

fn contrato(row: &ContratoRow) -> Value {
    json!([
        row.id,
        row.status,
        row.valor_contrato.centavos(),
        row.valor_atualizado_ipca.map(|value| value.centavos()),
        row.data_assinatura,
    ])
}

fn entrada(row: &EntradaRow) -> Value {
    json!([
        row.ref_month,
        row.category.name(),
        row.forecast.centavos(),
        row.actual.centavos(),
        row.details,
    ])
}

fn delinquency(row: &DelinquencyRow) -> Value {
    let [a, b, c, d, e] = row.buckets.map(|bucket| bucket.centavos());
    json!([
        row.ref_month,
        a,
        b,
        c,
        d,
        e,
        row.total.centavos(),
        row.details
    ])
}

fn portfolio(row: &PortfolioRow) -> Value {
    json!([
        row.ref_month,
        row.vp.centavos(),
        row.ltv.centavos(),
        row.prazo_medio_tenths,
        row.duration_hundredths,
        row.total_contracts,
        row.active_contracts,
        row.details,
    ])
}
