//! Publishing an empreendimento: each table in one statement, whatever the rows, which deletes what
//! is gone and upserts what is listed.
//!
//! A row that a run wrote already, and that did not change, is not written again.

use chrono::{DateTime, Utc};
use domain::job::EmpreendimentoId;
use domain::ledger::Attempt;
use domain::money::Money;
use domain::tables::{ContratoRow, DelinquencyRow, EmpreendimentoResult, EntradaRow, PortfolioRow};
use rust_decimal::Decimal;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::types::JsonValue;
use sqlx::{PgConnection, Postgres};

use crate::error::Failure;
use crate::sql::scope::Scope;
use crate::sql::writes::WritesEmpreendimento;

// A contrato listed under another empreendimento than before just moves: its code is the key.
const REPLACE_CONTRATOS: &str = "
WITH gone AS (
    DELETE FROM contratos WHERE empreendimento_id = $1 AND NOT (id = ANY($4::bigint[]))
)
INSERT INTO contratos AS t (id, empreendimento_id, status, valor_contrato, valor_atualizado_ipca,
                            data_assinatura, run_id, synced_at)
SELECT n.id, $1, n.status, n.valor_contrato, n.valor_atualizado_ipca, n.data_assinatura, $2, $3
FROM UNNEST($4::bigint[], $5::text[], $6::numeric[], $7::numeric[], $8::date[])
     AS n (id, status, valor_contrato, valor_atualizado_ipca, data_assinatura)
ORDER BY n.id
ON CONFLICT (id) DO UPDATE
SET empreendimento_id = excluded.empreendimento_id, status = excluded.status,
    valor_contrato = excluded.valor_contrato,
    valor_atualizado_ipca = excluded.valor_atualizado_ipca,
    data_assinatura = excluded.data_assinatura,
    run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.empreendimento_id, t.status, t.valor_contrato, t.valor_atualizado_ipca,
       t.data_assinatura, t.run_id)
   IS DISTINCT FROM
      (excluded.empreendimento_id, excluded.status, excluded.valor_contrato,
       excluded.valor_atualizado_ipca, excluded.data_assinatura, excluded.run_id)";

// Only of the months written, $4, anything is gone: the others are not this commit's to judge.
const REPLACE_ENTRADAS: &str = "
WITH listed AS (
    SELECT * FROM UNNEST($5::text[], $6::text[], $7::numeric[], $8::numeric[], $9::jsonb[])
         AS n (ref_month, category, forecast, actual, details)
), gone AS (
    DELETE FROM entradas_caixa t
    WHERE t.empreendimento_id = $1 AND t.ref_month = ANY($4::text[])
      AND NOT EXISTS (SELECT FROM listed n
                      WHERE n.ref_month = t.ref_month AND n.category = t.category)
)
INSERT INTO entradas_caixa AS t (empreendimento_id, ref_month, category, empreendimento_nome,
                                 forecast, actual, details, run_id, synced_at)
SELECT e.id, n.ref_month, n.category, e.nome, n.forecast, n.actual, n.details, $2, $3
FROM listed n JOIN empreendimentos e ON e.id = $1
ON CONFLICT (empreendimento_id, ref_month, category) DO UPDATE
SET empreendimento_nome = excluded.empreendimento_nome, forecast = excluded.forecast,
    actual = excluded.actual, details = excluded.details,
    run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.empreendimento_nome, t.forecast, t.actual, t.details, t.run_id)
   IS DISTINCT FROM
      (excluded.empreendimento_nome, excluded.forecast, excluded.actual, excluded.details,
       excluded.run_id)";

const REPLACE_DELINQUENCY: &str = "
WITH gone AS (
    DELETE FROM delinquency
    WHERE empreendimento_id = $1 AND ref_month = ANY($4::text[])
      AND NOT (ref_month = ANY($5::text[]))
)
INSERT INTO delinquency AS t (empreendimento_id, ref_month, empreendimento_nome, up_to_30,
                              days_30_60, days_60_90, days_90_180, above_180, total, details,
                              run_id, synced_at)
SELECT e.id, n.ref_month, e.nome, n.up_to_30, n.days_30_60, n.days_60_90, n.days_90_180,
       n.above_180, n.total, n.details, $2, $3
FROM UNNEST($5::text[], $6::numeric[], $7::numeric[], $8::numeric[], $9::numeric[],
            $10::numeric[], $11::numeric[], $12::jsonb[])
     AS n (ref_month, up_to_30, days_30_60, days_60_90, days_90_180, above_180, total, details)
JOIN empreendimentos e ON e.id = $1
ON CONFLICT (empreendimento_id, ref_month) DO UPDATE
SET empreendimento_nome = excluded.empreendimento_nome, up_to_30 = excluded.up_to_30,
    days_30_60 = excluded.days_30_60, days_60_90 = excluded.days_60_90,
    days_90_180 = excluded.days_90_180, above_180 = excluded.above_180, total = excluded.total,
    details = excluded.details, run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.empreendimento_nome, t.up_to_30, t.days_30_60, t.days_60_90, t.days_90_180, t.above_180,
       t.total, t.details, t.run_id)
   IS DISTINCT FROM
      (excluded.empreendimento_nome, excluded.up_to_30, excluded.days_30_60, excluded.days_60_90,
       excluded.days_90_180, excluded.above_180, excluded.total, excluded.details,
       excluded.run_id)";

const REPLACE_PORTFOLIO: &str = "
WITH gone AS (
    DELETE FROM estatisticas_portfolio
    WHERE empreendimento_id = $1 AND ref_month = ANY($4::text[])
      AND NOT (ref_month = ANY($5::text[]))
)
INSERT INTO estatisticas_portfolio AS t (empreendimento_id, ref_month, empreendimento_nome, vp,
                                         ltv, prazo_medio, duration, total_contracts,
                                         active_contracts, details, run_id, synced_at)
SELECT e.id, n.ref_month, e.nome, n.vp, n.ltv, n.prazo_medio, n.duration, n.total_contracts,
       n.active_contracts, n.details, $2, $3
FROM UNNEST($5::text[], $6::numeric[], $7::numeric[], $8::numeric[], $9::numeric[],
            $10::bigint[], $11::bigint[], $12::jsonb[])
     AS n (ref_month, vp, ltv, prazo_medio, duration, total_contracts, active_contracts, details)
JOIN empreendimentos e ON e.id = $1
ON CONFLICT (empreendimento_id, ref_month) DO UPDATE
SET empreendimento_nome = excluded.empreendimento_nome, vp = excluded.vp, ltv = excluded.ltv,
    prazo_medio = excluded.prazo_medio, duration = excluded.duration,
    total_contracts = excluded.total_contracts, active_contracts = excluded.active_contracts,
    details = excluded.details, run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.empreendimento_nome, t.vp, t.ltv, t.prazo_medio, t.duration, t.total_contracts,
       t.active_contracts, t.details, t.run_id)
   IS DISTINCT FROM
      (excluded.empreendimento_nome, excluded.vp, excluded.ltv, excluded.prazo_medio,
       excluded.duration, excluded.total_contracts, excluded.active_contracts, excluded.details,
       excluded.run_id)";

// Two empreendimentos of one filial may commit at the same time. At READ COMMITTED a statement sees
// what was committed before it began: the second to come waits here, and its next statement sees
// the first one's activity. An update alone would wait too, but then judge by what it saw before.
// Where this one and its filial are as they will be, there is nothing to judge and nobody waits.
const LOCK_FILIAL: &str = "
SELECT f.id FROM filiais f JOIN empreendimentos e ON e.filial_id = f.id
WHERE e.id = $1 AND (e.is_active <> $2 OR f.is_active <> $2)
FOR NO KEY UPDATE OF f, e";

// Neither sees what the other writes: this empreendimento's activity is told, not read.
const UPDATE_ACTIVITY: &str = "
WITH own AS (
    UPDATE empreendimentos
    SET is_active = $2, last_synced_at = $3, last_financial_sync_at = $3, run_id = $4,
        synced_at = $3
    WHERE id = $1
)
UPDATE filiais
SET is_active = NOT is_active, run_id = $4, synced_at = $3
WHERE id = $5
  AND is_active <> ($2 OR EXISTS (
    SELECT FROM empreendimentos e WHERE e.filial_id = $5 AND e.is_active AND e.id <> $1))";

impl WritesEmpreendimento for Postgres {
    async fn write_empreendimento(
        connection: &mut PgConnection,
        attempt: &Attempt,
        id: EmpreendimentoId,
        result: &EmpreendimentoResult,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let mut to = Writing {
            connection,
            id: id.get(),
            run: attempt.job.run_id.as_str(),
            months: &scope.written,
            now,
        };
        if scope.latest {
            to.contratos(&result.contratos).await?;
        }
        to.entradas(&scope.of_months(&result.entradas, |row| row.ref_month))
            .await?;
        to.delinquency(&scope.of_months(&result.delinquency, |row| row.ref_month))
            .await?;
        to.portfolio(&scope.of_months(&result.portfolio, |row| row.ref_month))
            .await?;
        if scope.latest {
            to.activity(result.is_active && !scope.unlisted).await?;
        }
        Ok(())
    }
}

/// What every statement of a commit needs.
struct Writing<'a> {
    connection: &'a mut PgConnection,
    id: i64,
    run: &'a str,
    months: &'a [String],
    now: DateTime<Utc>,
}

/// One column of some rows.
fn column<R, T>(rows: &[R], value: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

fn amounts<R>(rows: &[R], value: impl Fn(&R) -> Money) -> Vec<Decimal> {
    column(rows, |row| value(row).to_decimal())
}

impl Writing<'_> {
    async fn contratos(&mut self, rows: &[ContratoRow]) -> Result<(), Failure> {
        sqlx::query(REPLACE_CONTRATOS)
            .bind(self.id)
            .bind(self.run)
            .bind(self.now)
            .bind(column(rows, |row| row.id.get()))
            .bind(column(rows, |row| row.status.clone()))
            .bind(amounts(rows, |row| row.valor_contrato))
            .bind(column(rows, |row| {
                row.valor_atualizado_ipca.map(Money::to_decimal)
            }))
            .bind(column(rows, |row| row.data_assinatura))
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    async fn entradas(&mut self, rows: &[&EntradaRow]) -> Result<(), Failure> {
        self.of_months(REPLACE_ENTRADAS)
            .bind(column(rows, |row| row.ref_month.to_string()))
            .bind(column(rows, |row| row.category.name()))
            .bind(amounts(rows, |row| row.forecast))
            .bind(amounts(rows, |row| row.actual))
            .bind(column(rows, |row| row.details.clone()))
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    async fn delinquency(&mut self, rows: &[&DelinquencyRow]) -> Result<(), Failure> {
        let mut replace = self
            .of_months(REPLACE_DELINQUENCY)
            .bind(column(rows, |row| row.ref_month.to_string()));
        for bucket in 0..5 {
            replace = replace.bind(amounts(rows, |row| row.buckets[bucket]));
        }
        replace
            .bind(amounts(rows, |row| row.total))
            .bind(column::<_, JsonValue>(rows, |row| row.details.clone()))
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    async fn portfolio(&mut self, rows: &[&PortfolioRow]) -> Result<(), Failure> {
        self.of_months(REPLACE_PORTFOLIO)
            .bind(column(rows, |row| row.ref_month.to_string()))
            .bind(amounts(rows, |row| row.vp))
            .bind(amounts(rows, |row| row.ltv))
            .bind(column(rows, |row| Decimal::new(row.prazo_medio_tenths, 1)))
            .bind(column(rows, |row| Decimal::new(row.duration_hundredths, 2)))
            .bind(column(rows, |row| row.total_contracts))
            .bind(column(rows, |row| row.active_contracts))
            .bind(column(rows, |row| row.details.clone()))
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// A statement on a table of months, with what it needs besides its rows.
    fn of_months(&self, statement: &'static str) -> Query<'static, Postgres, PgArguments> {
        sqlx::query(statement)
            .bind(self.id)
            .bind(self.run.to_owned())
            .bind(self.now)
            .bind(self.months.to_vec())
    }

    async fn activity(&mut self, is_active: bool) -> Result<(), Failure> {
        let filial: Option<i64> = sqlx::query_scalar(LOCK_FILIAL)
            .bind(self.id)
            .bind(is_active)
            .fetch_optional(&mut *self.connection)
            .await?;
        sqlx::query(UPDATE_ACTIVITY)
            .bind(self.id)
            .bind(is_active)
            .bind(self.now)
            .bind(self.run)
            .bind(filial)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }
}
