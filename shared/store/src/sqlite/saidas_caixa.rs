//! Publishing the payables of a window, and the cash out that all payables make.

use chrono::{DateTime, Utc};
use domain::job::Baixa;
use domain::ledger::Attempt;
use domain::tables::{FaturaRow, SaidasCaixaResult};
use serde_json::{Value, json};
use sqlx::types::Json;
use sqlx::{Sqlite, SqliteConnection};

use crate::error::Failure;
use crate::sql::scope::Scope;
use crate::sql::writes::WritesSaidasCaixa;

const CREATE_STAGE: &str = "
CREATE TEMPORARY TABLE IF NOT EXISTS faturas_listadas (
    filial_id        INTEGER NOT NULL,
    numero_ap        TEXT NOT NULL,
    numero_parcela   TEXT NOT NULL,
    agente_codigo    INTEGER NOT NULL,
    tipo_documento   TEXT NOT NULL,
    numero_documento TEXT NOT NULL,
    data_vencimento  TEXT NOT NULL,
    valor_parcela    INTEGER NOT NULL,
    saldo_atual      INTEGER NOT NULL,
    data_prorrogado  TEXT,
    PRIMARY KEY (filial_id, numero_ap, numero_parcela, agente_codigo, tipo_documento,
                 numero_documento, data_vencimento, valor_parcela)
)";

const STAGE: &str = "
INSERT INTO faturas_listadas
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
       value ->> 7, value ->> 8, value ->> 9
FROM json_each($1)";

/// As JSON values a fatura takes several times its own size.
const STAGED_AT_ONCE: usize = 1_000;

const CLEAR_STAGE: &str = "DELETE FROM faturas_listadas";

const CREATE_FILIAIS: &str = "
INSERT INTO filiais (id, nome, run_id, synced_at)
SELECT DISTINCT filial_id, 'Filial ' || filial_id, $1, $2
FROM faturas_listadas WHERE true
ON CONFLICT (id) DO NOTHING";

// When a fatura was settled is nowhere in the ERP's answer: it is told from how the balance moved, and
// for one that was settled when first seen from its due day, or from data_prorrogado with $5. A run that
// replaces a later view, $4, takes back a day that it does not know yet.
const UPSERT_FATURAS: &str = "
INSERT INTO faturas_pagar_centavos AS t (filial_id, numero_ap, numero_parcela, agente_codigo,
                                         tipo_documento, numero_documento, data_vencimento,
                                         valor_parcela, saldo_atual, data_prorrogado, data_baixa,
                                         run_id, synced_at)
SELECT filial_id, numero_ap, numero_parcela, agente_codigo, tipo_documento, numero_documento,
       data_vencimento, valor_parcela, saldo_atual, data_prorrogado,
       CASE WHEN saldo_atual <> 0 THEN NULL
            WHEN $5 THEN COALESCE(data_prorrogado, data_vencimento)
            ELSE data_vencimento END, $1, $2
FROM faturas_listadas WHERE true
ON CONFLICT (filial_id, numero_ap, numero_parcela, agente_codigo, tipo_documento,
             numero_documento, data_vencimento, valor_parcela) DO UPDATE
SET saldo_atual = excluded.saldo_atual, data_prorrogado = excluded.data_prorrogado,
    data_baixa = CASE WHEN excluded.saldo_atual <> 0 THEN NULL
                      WHEN t.saldo_atual <> 0 THEN $3
                      WHEN $4 THEN MIN(t.data_baixa, $3)
                      ELSE t.data_baixa END,
    run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.saldo_atual, t.data_prorrogado, t.run_id)
   IS NOT (excluded.saldo_atual, excluded.data_prorrogado, excluded.run_id)";

const DELETE_FATURAS: &str = "
DELETE FROM faturas_pagar_centavos AS t
WHERE t.data_vencimento IN (SELECT value FROM json_each($1))
  AND (json_array_length($2) = 0 OR t.filial_id IN (SELECT value FROM json_each($2)))
  AND NOT EXISTS (
    SELECT 1 FROM json_each($3) AS kept
    WHERE kept.value ->> 0 = t.filial_id AND kept.value ->> 1 = t.data_vencimento)
  AND NOT EXISTS (
    SELECT 1 FROM faturas_listadas n
    WHERE n.filial_id = t.filial_id AND n.numero_ap = t.numero_ap
      AND n.numero_parcela = t.numero_parcela AND n.agente_codigo = t.agente_codigo
      AND n.tipo_documento = t.tipo_documento AND n.numero_documento = t.numero_documento
      AND n.data_vencimento = t.data_vencimento AND n.valor_parcela = t.valor_parcela)";

// A payment moves figures of months the run does not name: all rows that changed are written, and
// of the run's own months every row.
const UPSERT_SAIDAS: &str = "
INSERT INTO saidas_caixa_centavos AS t (filial_id, mes_referencia, categoria, filial_nome,
                                        orcamento, realizado, detalhes, run_id, synced_at)
SELECT filial_id, mes_referencia, categoria, filial_nome, orcamento, realizado, detalhes, $1, $2
FROM saidas_caixa_das_faturas WHERE true
ON CONFLICT (filial_id, mes_referencia, categoria) DO UPDATE
SET filial_nome = excluded.filial_nome, orcamento = excluded.orcamento,
    realizado = excluded.realizado, detalhes = excluded.detalhes,
    run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.filial_nome, t.orcamento, t.realizado, t.detalhes)
      IS NOT (excluded.filial_nome, excluded.orcamento, excluded.realizado, excluded.detalhes)
   OR (t.mes_referencia IN (SELECT value FROM json_each($3)) AND t.run_id <> excluded.run_id
       AND (json_array_length($4) = 0 OR t.filial_id IN (SELECT value FROM json_each($4))))";

const DELETE_SAIDAS: &str = "
DELETE FROM saidas_caixa_centavos
WHERE (filial_id, mes_referencia, categoria) NOT IN (
    SELECT filial_id, mes_referencia, categoria FROM saidas_caixa_das_faturas)";

impl WritesSaidasCaixa for Sqlite {
    async fn write_saidas_caixa(
        connection: &mut SqliteConnection,
        attempt: &Attempt,
        result: &SaidasCaixaResult,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let (run, params) = (attempt.job.run_id.as_str(), attempt.job.params);
        sqlx::query(CREATE_STAGE).execute(&mut *connection).await?;
        let parts = result.faturas.iter();
        for faturas in parts.flat_map(|part| part.chunks(STAGED_AT_ONCE)) {
            let written = |row: &&FaturaRow| scope.writes(&row.key);
            let rows: Vec<Value> = faturas.iter().filter(written).map(fatura).collect();
            sqlx::query(STAGE)
                .bind(Json(rows))
                .execute(&mut *connection)
                .await?;
        }
        sqlx::query(CREATE_FILIAIS)
            .bind(run)
            .bind(now)
            .execute(&mut *connection)
            .await?;
        sqlx::query(UPSERT_FATURAS)
            .bind(run)
            .bind(now)
            .bind(params.as_of)
            .bind(scope.replace_newer)
            .bind(scope.payables.baixa == Baixa::Prorrogado)
            .execute(&mut *connection)
            .await?;
        sqlx::query(DELETE_FATURAS)
            .bind(Json(&scope.written))
            .bind(Json(scope.filiais()))
            .bind(Json(&scope.kept_of_filiais))
            .execute(&mut *connection)
            .await?;
        sqlx::query(UPSERT_SAIDAS)
            .bind(run)
            .bind(now)
            .bind(Json(scope.months_of_days()))
            .bind(Json(scope.filiais()))
            .execute(&mut *connection)
            .await?;
        sqlx::query(DELETE_SAIDAS).execute(&mut *connection).await?;
        // The table outlives the transaction, its rows must not; a rollback takes them too.
        sqlx::query(CLEAR_STAGE).execute(connection).await?;
        Ok(())
    }
}

/// A fatura as an array, in the order of the stage's columns.
fn fatura(row: &FaturaRow) -> Value {
    let key = &row.key;
    json!([
        key.filial_id,
        key.numero_ap.as_str(),
        key.numero_parcela.as_str(),
        key.agente_codigo,
        key.tipo_documento.as_str(),
        key.numero_documento.as_str(),
        key.data_vencimento,
        key.valor_parcela.centavos(),
        row.saldo_atual.centavos(),
        row.data_prorrogado,
    ])
}
