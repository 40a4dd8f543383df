//! Publishing the payables of a window, and the cash out that all payables make.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use domain::job::Baixa;
use domain::ledger::Attempt;
use domain::tables::{FaturaRow, SaidasCaixaResult};
use sqlx::{PgConnection, Postgres};

use crate::error::Failure;
use crate::sql::scope::Scope;
use crate::sql::writes::WritesSaidasCaixa;

const CREATE_STAGE: &str = "
CREATE TEMPORARY TABLE faturas_listadas (
    filial_id        bigint NOT NULL,
    numero_ap        text NOT NULL,
    numero_parcela   text NOT NULL,
    agente_codigo    bigint NOT NULL,
    tipo_documento   text NOT NULL,
    numero_documento text NOT NULL,
    data_vencimento  date NOT NULL,
    valor_parcela    numeric(18, 2) NOT NULL,
    saldo_atual      numeric(18, 2) NOT NULL,
    data_prorrogado  date
) ON COMMIT DROP";

const COPY_STAGE: &str = "
COPY faturas_listadas (filial_id, numero_ap, numero_parcela, agente_codigo, tipo_documento,
                       numero_documento, data_vencimento, valor_parcela, saldo_atual,
                       data_prorrogado)
FROM STDIN";

/// How much of a COPY goes into one message.
const COPY_CHUNK_BYTES: usize = 64 * 1024;

const CREATE_FILIAIS: &str = "
INSERT INTO filiais (id, nome, run_id, synced_at)
SELECT DISTINCT filial_id, 'Filial ' || filial_id, $1, $2::timestamptz
FROM faturas_listadas ORDER BY filial_id
ON CONFLICT (id) DO NOTHING";

// When a fatura was settled is nowhere in the ERP's answer: it is told from how the balance moved, and
// for one that was settled when first seen from its due day, or from data_prorrogado with $5. A run that
// replaces a later view, $4, takes back a day that it does not know yet.
const UPSERT_FATURAS: &str = "
INSERT INTO faturas_pagar AS t (filial_id, numero_ap, numero_parcela, agente_codigo,
                                tipo_documento, numero_documento, data_vencimento, valor_parcela,
                                saldo_atual, data_prorrogado, data_baixa, run_id, synced_at)
SELECT filial_id, numero_ap, numero_parcela, agente_codigo, tipo_documento, numero_documento,
       data_vencimento, valor_parcela, saldo_atual, data_prorrogado,
       CASE WHEN saldo_atual <> 0 THEN NULL
            WHEN $5 THEN COALESCE(data_prorrogado, data_vencimento)
            ELSE data_vencimento END, $1, $2
FROM faturas_listadas
ON CONFLICT (filial_id, numero_ap, numero_parcela, agente_codigo, tipo_documento,
             numero_documento, data_vencimento, valor_parcela) DO UPDATE
SET saldo_atual = excluded.saldo_atual, data_prorrogado = excluded.data_prorrogado,
    data_baixa = CASE WHEN excluded.saldo_atual <> 0 THEN NULL
                      WHEN t.saldo_atual <> 0 THEN $3
                      WHEN $4 THEN LEAST(t.data_baixa, $3)
                      ELSE t.data_baixa END,
    run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.saldo_atual, t.data_prorrogado, t.run_id)
   IS DISTINCT FROM (excluded.saldo_atual, excluded.data_prorrogado, excluded.run_id)";

const DELETE_FATURAS: &str = "
DELETE FROM faturas_pagar t
WHERE t.data_vencimento = ANY($1::text[]::date[])
  AND (cardinality($2::bigint[]) = 0 OR t.filial_id = ANY($2))
  AND NOT EXISTS (
    SELECT FROM unnest($3::bigint[], $4::text[]::date[]) AS kept (filial_id, due)
    WHERE kept.filial_id = t.filial_id AND kept.due = t.data_vencimento)
  AND NOT EXISTS (
    SELECT FROM faturas_listadas n
    WHERE n.filial_id = t.filial_id AND n.numero_ap = t.numero_ap
      AND n.numero_parcela = t.numero_parcela AND n.agente_codigo = t.agente_codigo
      AND n.tipo_documento = t.tipo_documento AND n.numero_documento = t.numero_documento
      AND n.data_vencimento = t.data_vencimento AND n.valor_parcela = t.valor_parcela)";

// A payment moves figures of months the run does not name: all rows that changed are written, and
// of the run's own months every row. An imported month stays until runs have covered each of its
// days: what the faturas know of it, it has already. In one statement, because the sums over all
// faturas are most of its work; what it writes and what it deletes are different rows.
const REPLACE_SAIDAS: &str = "
WITH imported AS MATERIALIZED (
    SELECT s.filial_id, s.mes_referencia FROM saidas_caixa s
    WHERE s.run_id IN (SELECT id FROM sync_runs WHERE imported_from IS NOT NULL)
      AND (SELECT COUNT(DISTINCT c.period) FROM sync_coverage c
           WHERE c.target = 'saidas-caixa' AND c.filial_id IN (0, s.filial_id)
             AND left(c.period, 7) = s.mes_referencia)
          < EXTRACT(DAY FROM (s.mes_referencia || '-01')::date + interval '1 month - 1 day')),
n AS MATERIALIZED (
    SELECT * FROM saidas_caixa_das_faturas
    WHERE (filial_id, mes_referencia) NOT IN (SELECT filial_id, mes_referencia FROM imported)),
written AS (
    INSERT INTO saidas_caixa AS t (filial_id, mes_referencia, categoria, filial_nome, orcamento,
                                   realizado, detalhes, run_id, synced_at)
    SELECT filial_id, mes_referencia, categoria, filial_nome, orcamento, realizado, detalhes, $1, $2
    FROM n
    ON CONFLICT (filial_id, mes_referencia, categoria) DO UPDATE
    SET filial_nome = excluded.filial_nome, orcamento = excluded.orcamento,
        realizado = excluded.realizado, detalhes = excluded.detalhes,
        run_id = excluded.run_id, synced_at = excluded.synced_at
    WHERE (t.filial_nome, t.orcamento, t.realizado, t.detalhes)
          IS DISTINCT FROM
          (excluded.filial_nome, excluded.orcamento, excluded.realizado, excluded.detalhes)
       OR (t.mes_referencia = ANY($3::text[]) AND t.run_id <> excluded.run_id
           AND (cardinality($4::bigint[]) = 0 OR t.filial_id = ANY($4)))
)
DELETE FROM saidas_caixa t
WHERE NOT EXISTS (
    SELECT FROM n
    WHERE n.filial_id = t.filial_id AND n.mes_referencia = t.mes_referencia
      AND n.categoria = t.categoria)
  AND (t.filial_id, t.mes_referencia) NOT IN (SELECT filial_id, mes_referencia FROM imported)";

impl WritesSaidasCaixa for Postgres {
    async fn write_saidas_caixa(
        connection: &mut PgConnection,
        attempt: &Attempt,
        result: &SaidasCaixaResult,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let (run, params) = (attempt.job.run_id.as_str(), attempt.job.params);
        stage(connection, &result.faturas, scope).await?;
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
        let (filiais, days): (Vec<i64>, Vec<String>) =
            scope.kept_of_filiais.iter().cloned().unzip();
        sqlx::query(DELETE_FATURAS)
            .bind(&scope.written)
            .bind(scope.filiais())
            .bind(filiais)
            .bind(days)
            .execute(&mut *connection)
            .await?;
        let (months, filiais) = (scope.months_of_days(), scope.filiais());
        recompute(connection, run, now, &months, &filiais).await
    }
}

/// Makes the cash out what all faturas make. Rows that change become the run's, and of these months and
/// filiais, or of all filiais, every row.
pub(super) async fn recompute(
    connection: &mut PgConnection,
    run: &str,
    now: DateTime<Utc>,
    months: &[String],
    filiais: &[i64],
) -> Result<(), Failure> {
    sqlx::query(REPLACE_SAIDAS)
        .bind(run)
        .bind(now)
        .bind(months)
        .bind(filiais)
        .execute(connection)
        .await?;
    Ok(())
}

/// Puts the faturas into a table that ends with the transaction.
async fn stage(
    connection: &mut PgConnection,
    faturas: &[Vec<FaturaRow>],
    scope: &Scope,
) -> Result<(), Failure> {
    sqlx::query(CREATE_STAGE).execute(&mut *connection).await?;
    let mut copy = connection.copy_in_raw(COPY_STAGE).await?;
    let mut chunk = String::with_capacity(COPY_CHUNK_BYTES + 1024);
    let written = |fatura: &&FaturaRow| scope.writes(&fatura.key);
    for fatura in faturas.iter().flatten().filter(written) {
        push_line(&mut chunk, fatura);
        if chunk.len() >= COPY_CHUNK_BYTES {
            copy.send(chunk.as_bytes()).await?;
            chunk.clear();
        }
    }
    if !chunk.is_empty() {
        copy.send(chunk.as_bytes()).await?;
    }
    copy.finish().await?;
    Ok(())
}

/// One line in COPY's text format: tabs between fields, `\N` for null.
fn push_line(line: &mut String, fatura: &FaturaRow) {
    let key = &fatura.key;
    write!(line, "{}\t", key.filial_id).expect("a string takes all");
    push_text(line, &key.numero_ap);
    push_text(line, &key.numero_parcela);
    write!(line, "{}\t", key.agente_codigo).expect("a string takes all");
    push_text(line, &key.tipo_documento);
    push_text(line, &key.numero_documento);
    let (due, value, balance) = (key.data_vencimento, key.valor_parcela, fatura.saldo_atual);
    write!(line, "{due}\t{value}\t{balance}\t").expect("a string takes all");
    match fatura.data_prorrogado {
        Some(day) => writeln!(line, "{day}").expect("a string takes all"),
        None => line.push_str("\\N\n"),
    }
}

/// A text field with its tab; what the format gives a meaning is escaped.
fn push_text(line: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '\\' => line.push_str("\\\\"),
            '\t' => line.push_str("\\t"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            other => line.push(other),
        }
    }
    line.push('\t');
}
