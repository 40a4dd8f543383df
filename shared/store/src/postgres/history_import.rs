//! Months of the replaced system's tables, taken over from before ours begin.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::month::Month;
use domain::store_error::StoreError;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row as _};

use super::old_tables::require;
use super::saidas_caixa::recompute;
use super::{PostgresStore, schema};
use crate::error::Failure;
use crate::history_import::{DaysOfPayment, HistoryImport, HistoryRequest, ImportedHistory};
use crate::schema_name::SchemaName;
use crate::sql::cells::{self, Written};
use crate::sql::dialect::Dialect as _;
use crate::sql::sql_store::in_time;

/// The tables that history is read from.
const OLD_TABLES: [&str; 7] = [
    "filiais",
    "empreendimentos",
    "entradas_caixa",
    "saidas_caixa",
    "estatisticas_portfolio",
    "inadimplencia",
    "faturas_pagar",
];

// Whoever commits or plans locks a target first: nobody writes a month while it is imported.
const LOCK_TARGETS: &str = "SELECT target FROM sync_targets ORDER BY target FOR UPDATE";

const FIRST_MONTH: &str = "SELECT MIN(left(period, 7)) FROM sync_coverage";

/// The runs that imported.
const IMPORTS: &str = "SELECT id FROM sync_runs WHERE imported_from IS NOT NULL";

const RECORD_RUN: &str = "
INSERT INTO sync_runs (id, start_date, end_date, as_of, created_at, requested_by, imported_from)
SELECT $1, today, today, today, $2, $3, $4
FROM (SELECT ($2::timestamptz AT TIME ZONE 'America/Sao_Paulo')::date AS today) AS day";

/// Old empreendimentos that have figures and no run knew.
const UNKNOWN: &str = "
SELECT c.external_id, c.name, c.centro_custo_id, c.filial_id FROM {legacy}.empreendimentos c
WHERE c.origem = 'mega' AND c.external_id NOT IN (SELECT id FROM empreendimentos)
  AND (EXISTS (SELECT FROM {legacy}.entradas_caixa o
               WHERE o.empreendimento_id = c.id AND o.origem = 'mega')
       OR EXISTS (SELECT FROM {legacy}.estatisticas_portfolio o
                  WHERE o.empreendimento_id = c.id AND o.origem = 'mega')
       OR EXISTS (SELECT FROM {legacy}.inadimplencia o
                  WHERE o.empreendimento_id = c.id AND o.origem = 'mega'))";

const CREATE_FILIAIS: &str = "
INSERT INTO filiais (id, nome, fantasia, cnpj, is_active, run_id, synced_at)
SELECT f.external_id, f.nome, f.fantasia, f.cnpj, false, $1, $2
FROM {legacy}.filiais f
WHERE f.origem = 'mega'
  AND (f.id IN (SELECT filial_id FROM ({unknown}) AS unknown)
       OR EXISTS (SELECT FROM {legacy}.saidas_caixa o
                  WHERE o.filial_id = f.id AND o.origem = 'mega'
                    AND {is_month(o.mes_referencia)} AND o.mes_referencia < {first_of_filial}))
ON CONFLICT (id) DO NOTHING";

const CREATE_EMPREENDIMENTOS: &str = "
INSERT INTO empreendimentos (id, nome, filial_id, centro_custo_id, is_active, run_id, synced_at)
SELECT u.external_id, u.name, f.external_id, u.centro_custo_id, false, $1, $2
FROM ({unknown}) AS u JOIN {legacy}.filiais f ON f.id = u.filial_id AND f.origem = 'mega'";

/// A table of an empreendimento's figures.
struct Figures {
    table: &'static str,
    /// What is written of an old row, `o`, and our empreendimento, `e`.
    insert: &'static str,
    /// The old rows.
    old: &'static str,
    /// What an import before this one has written is replaced.
    update: &'static str,
}

const FIGURES: [Figures; 3] = [
    Figures {
        table: "entradas_caixa",
        insert: "
INSERT INTO entradas_caixa AS t (empreendimento_id, ref_month, category, empreendimento_nome,
                                 forecast, actual, details, run_id, synced_at)
SELECT e.id, o.ref_month, o.category, e.nome,
       round(o.forecast::numeric, 2), round(o.actual::numeric, 2), '{}'::jsonb, $1, $2",
        old: "{legacy}.entradas_caixa",
        update: "
ON CONFLICT (empreendimento_id, ref_month, category) DO UPDATE
SET forecast = excluded.forecast, actual = excluded.actual,",
    },
    Figures {
        table: "estatisticas_portfolio",
        insert: "
INSERT INTO estatisticas_portfolio AS t (empreendimento_id, ref_month, empreendimento_nome, vp, ltv,
                                         prazo_medio, duration, total_contracts, active_contracts,
                                         details, run_id, synced_at)
SELECT e.id, o.ref_month, e.nome, round(o.vp::numeric, 2), round(o.ltv::numeric, 2),
       round(o.prazo_medio::numeric, 1), round(o.duration::numeric, 2), o.total_contracts,
       o.active_contracts, '{}'::jsonb, $1, $2",
        old: "{legacy}.estatisticas_portfolio",
        update: "
ON CONFLICT (empreendimento_id, ref_month) DO UPDATE
SET vp = excluded.vp, ltv = excluded.ltv, prazo_medio = excluded.prazo_medio,
    duration = excluded.duration, total_contracts = excluded.total_contracts,
    active_contracts = excluded.active_contracts,",
    },
    Figures {
        table: "delinquency",
        insert: "
INSERT INTO delinquency AS t (empreendimento_id, ref_month, empreendimento_nome, up_to_30,
                              days_30_60, days_60_90, days_90_180, above_180, total, details, run_id,
                              synced_at)
SELECT e.id, o.ref_month, e.nome, round(o.up_to_30::numeric, 2), round(o.days_30_60::numeric, 2),
       round(o.days_60_90::numeric, 2), round(o.days_90_180::numeric, 2),
       round(o.above_180::numeric, 2), round(o.total::numeric, 2),
       CASE WHEN jsonb_typeof(o.details::jsonb -> 'quantities') = 'object'
            THEN jsonb_strip_nulls(jsonb_build_object(
                'quantities', (o.details::jsonb -> 'quantities') - 'total',
                'quantity', o.details::jsonb #> '{quantities,total}'))
            ELSE '{}'::jsonb END, $1, $2",
        // Very old rows name a day. Where both are there, the month's row is the one that was read.
        old: "(SELECT DISTINCT ON (empreendimento_id, left(ref_month, 7))
                      empreendimento_id, left(ref_month, 7) AS ref_month, up_to_30, days_30_60,
                      days_60_90, days_90_180, above_180, total, details, origem
               FROM {legacy}.inadimplencia WHERE origem = 'mega'
               ORDER BY empreendimento_id, left(ref_month, 7), length(ref_month))",
        update: "
ON CONFLICT (empreendimento_id, ref_month) DO UPDATE
SET up_to_30 = excluded.up_to_30, days_30_60 = excluded.days_30_60,
    days_60_90 = excluded.days_60_90, days_90_180 = excluded.days_90_180,
    above_180 = excluded.above_180, total = excluded.total, details = excluded.details,",
    },
];

/// The month before which an empreendimento's, `e`, are imported: the first that a run has written of it,
/// or of anything, $4; or the floor that was asked for, $3, where that is earlier.
const FIRST_OF_EMPREENDIMENTO: &str = "LEAST($3::text, COALESCE(
    (SELECT MIN(v.period) FROM sync_coverage v WHERE v.target = e.id::text AND v.filial_id = 0), $4))";

/// The same of the cash out of a filial, `f`.
const FIRST_OF_FILIAL: &str = "LEAST($3::text, COALESCE(
    (SELECT left(MIN(v.period), 7) FROM sync_coverage v
     WHERE v.target = 'saidas-caixa' AND v.filial_id IN (0, f.external_id)), $4))";

/// The old rows to import; of an empreendimento that imports alone know, all.
const OF_EMPREENDIMENTOS: &str = "
FROM {old} AS o
JOIN {legacy}.empreendimentos c ON c.id = o.empreendimento_id AND c.origem = 'mega'
JOIN empreendimentos e ON e.id = c.external_id
WHERE o.origem = 'mega' AND {is_month(o.ref_month)}
  AND (o.ref_month < {first_of_empreendimento} OR e.run_id IN ({imports}))";

const UNLESS_A_RUN_WROTE_IT: &str = "
    run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE t.run_id IN ({imports})";

/// The old cash out to import.
const OLD_SAIDAS: &str = "
FROM {legacy}.saidas_caixa o
JOIN {legacy}.filiais f ON f.id = o.filial_id AND f.origem = 'mega'
JOIN filiais g ON g.id = f.external_id
WHERE o.origem = 'mega' AND {is_month(o.mes_referencia)}
  AND o.mes_referencia < {first_of_filial}";

// What the payables of later months have made of a payment: the old figure has it already.
const CLEAR_SAIDAS: &str = "
DELETE FROM saidas_caixa t
WHERE (t.filial_id, t.mes_referencia) IN (SELECT g.id, o.mes_referencia {saidas})";

const INSERT_SAIDAS: &str = "
INSERT INTO saidas_caixa (filial_id, mes_referencia, categoria, filial_nome, orcamento, realizado,
                          detalhes, run_id, synced_at)
SELECT g.id, o.mes_referencia, COALESCE(NULLIF(o.categoria, ''), 'OUTROS'), g.nome,
       round(SUM(o.orcamento::numeric), 2), round(SUM(o.realizado::numeric), 2), '{}'::jsonb, $1, $2
{saidas}
GROUP BY 1, 2, 3, 4";

const LEFT_OUT: &str = "
SELECT (SELECT COUNT(*) FROM (
            SELECT empreendimento_id, ref_month::text FROM {legacy}.entradas_caixa WHERE origem = 'mega'
            UNION ALL
            SELECT empreendimento_id, ref_month::text FROM {legacy}.estatisticas_portfolio WHERE origem = 'mega'
            UNION ALL
            SELECT empreendimento_id, left(ref_month, 7) FROM {legacy}.inadimplencia WHERE origem = 'mega'
        ) AS o
        LEFT JOIN {legacy}.empreendimentos c ON c.id = o.empreendimento_id AND c.origem = 'mega'
        LEFT JOIN empreendimentos e ON e.id = c.external_id
        WHERE e.id IS NULL OR NOT {is_month(o.ref_month)})
     + (SELECT COUNT(*) FROM {legacy}.saidas_caixa o
        LEFT JOIN {legacy}.filiais f ON f.id = o.filial_id AND f.origem = 'mega'
        WHERE o.origem = 'mega' AND (f.id IS NULL OR NOT {is_month(o.mes_referencia)}))";

const WINDOW: &str = "
UPDATE sync_runs
SET start_date = (months.first || '-01')::date,
    end_date = ((months.last || '-01')::date + interval '1 month - 1 day')::date
FROM (
    SELECT MIN(month) AS first, MAX(month) AS last FROM (
        SELECT ref_month AS month FROM entradas_caixa WHERE run_id = $1
        UNION ALL SELECT ref_month FROM estatisticas_portfolio WHERE run_id = $1
        UNION ALL SELECT ref_month FROM delinquency WHERE run_id = $1
        UNION ALL SELECT mes_referencia FROM saidas_caixa WHERE run_id = $1
    ) AS written
) AS months
WHERE id = $1 AND months.first IS NOT NULL
RETURNING months.first, months.last";

// Of payables settled on both sides. The old key means several of ours where withholdings share it.
const SEED: &str = "
WITH old AS MATERIALIZED (
    SELECT o.filial_id, o.numero_ap::text AS numero_ap, o.numero_parcela::text AS numero_parcela,
           o.data_baixa, COUNT(t.filial_id) AS ours,
           COALESCE(bool_and(t.data_vencimento = o.data_vencimento
                             AND t.valor_parcela = o.valor_parcela), false) AS same,
           COALESCE(bool_and(t.data_baixa IS NOT NULL), false) AS settled
    FROM {legacy}.faturas_pagar o
    LEFT JOIN faturas_pagar t ON t.filial_id = o.filial_id AND t.numero_ap = o.numero_ap
         AND t.numero_parcela = o.numero_parcela
    WHERE o.origem = 'mega' AND o.data_baixa IS NOT NULL AND o.saldo_atual = 0
    GROUP BY o.id, o.filial_id, o.numero_ap, o.numero_parcela, o.data_baixa
),
seeded AS (
    UPDATE faturas_pagar t SET data_baixa = old.data_baixa
    FROM old
    WHERE old.ours = 1 AND old.same AND old.settled AND t.filial_id = old.filial_id
      AND t.numero_ap = old.numero_ap AND t.numero_parcela = old.numero_parcela
      AND t.data_baixa <> old.data_baixa
)
SELECT COUNT(*) FILTER (WHERE ours = 1 AND same AND settled) AS taken,
       COUNT(*) FILTER (WHERE ours > 1) AS ambiguous,
       COUNT(*) FILTER (WHERE ours = 1 AND NOT same) AS different,
       COUNT(*) FILTER (WHERE ours = 1 AND same AND NOT settled) AS open,
       COUNT(*) FILTER (WHERE ours = 0) AS unknown
FROM old";

/// The run whose view of the payables is the latest.
const NEWEST_PAYABLES: &str = "SELECT run_id FROM faturas_pagar ORDER BY synced_at DESC LIMIT 1";

#[async_trait]
impl HistoryImport for PostgresStore {
    async fn import_history(&self, import: &HistoryRequest) -> Result<ImportedHistory, StoreError> {
        in_time(async {
            let mut tx = self.pool.begin().await?;
            let imported = import_into(&mut tx, import).await?;
            match import.dry_run {
                true => tx.rollback().await?,
                false => tx.commit().await?,
            }
            Ok(imported)
        })
        .await
    }
}

async fn import_into(
    connection: &mut PgConnection,
    import: &HistoryRequest,
) -> Result<ImportedHistory, Failure> {
    let legacy = &import.legacy;
    let ours = schema::ours(connection).await?;
    if legacy.to_string() == ours {
        let why = format!("{legacy} is the schema of our tables: name that of the old ones");
        return Err(StoreError::Unsuitable(why).into());
    }
    require(connection, legacy, &OLD_TABLES).await?;
    sqlx::query(LOCK_TARGETS).execute(&mut *connection).await?;
    let (floor, first) = months(connection, import.floor_month).await?;
    let now: DateTime<Utc> = Postgres::now(connection).await?;
    let run = import.run.as_str();
    sqlx::query(RECORD_RUN)
        .bind(run)
        .bind(now)
        .bind(&import.by)
        .bind(legacy.to_string())
        .execute(&mut *connection)
        .await?;
    // Each statement takes what it needs of these four.
    let mut write = async |statement: &str| -> Result<u64, Failure> {
        let written = sqlx::query(filled(statement, legacy))
            .bind(run)
            .bind(now)
            .bind(&floor)
            .bind(&first)
            .execute(&mut *connection)
            .await?;
        Ok(written.rows_affected())
    };
    let filiais = write(CREATE_FILIAIS).await?;
    let empreendimentos = write(CREATE_EMPREENDIMENTOS).await?;
    let mut tables = Vec::new();
    for figures in &FIGURES {
        let old = OF_EMPREENDIMENTOS.replace("{old}", figures.old);
        let insert = [figures.insert, &old, figures.update, UNLESS_A_RUN_WROTE_IT].concat();
        tables.push((figures.table, write(&insert).await?));
    }
    write(CLEAR_SAIDAS).await?;
    tables.push(("saidas_caixa", write(INSERT_SAIDAS).await?));
    let days_of_payment = seed(connection, legacy).await?;
    let payables: Option<String> = sqlx::query_scalar(NEWEST_PAYABLES)
        .fetch_optional(&mut *connection)
        .await?;
    if let Some(payables) = payables {
        recompute(connection, &payables, now, &[], &[]).await?;
    }
    cells::record::<Postgres>(connection, Written::by_import(&import.run), now).await?;
    let left_out: i64 = sqlx::query_scalar(filled(LEFT_OUT, legacy))
        .fetch_one(&mut *connection)
        .await?;
    let months: Option<(String, String)> = sqlx::query_as(WINDOW)
        .bind(run)
        .fetch_optional(connection)
        .await?;
    Ok(ImportedHistory {
        months,
        tables,
        filiais,
        empreendimentos,
        left_out: left_out.unsigned_abs(),
        days_of_payment,
    })
}

/// The floor month that was asked for, and the first month that a run has written.
async fn months(
    connection: &mut PgConnection,
    asked: Option<Month>,
) -> Result<(Option<String>, Option<String>), Failure> {
    let first: Option<String> = sqlx::query_scalar(FIRST_MONTH)
        .fetch_one(connection)
        .await?;
    let asked = asked.map(|month| month.to_string());
    let why = match (&asked, &first) {
        (Some(asked), Some(first)) if asked > first => format!(
            "runs have written {first}, which is before {asked}: ask for {first} at most, or for none"
        ),
        (None, None) => {
            "no run has written a month yet: sync first, or say before which month to import"
                .to_owned()
        }
        _ => return Ok((asked, first)),
    };
    Err(StoreError::Unsuitable(why).into())
}

async fn seed(
    connection: &mut PgConnection,
    legacy: &SchemaName,
) -> Result<DaysOfPayment, Failure> {
    let row = sqlx::query(filled(SEED, legacy))
        .fetch_one(connection)
        .await?;
    let count =
        |column| -> Result<u64, sqlx::Error> { Ok(row.try_get::<i64, _>(column)?.unsigned_abs()) };
    Ok(DaysOfPayment {
        taken: count("taken")?,
        ambiguous: count("ambiguous")?,
        different: count("different")?,
        open: count("open")?,
        unknown: count("unknown")?,
    })
}

/// A statement with the schema's name, which needs no quotes, and what several have in common.
fn filled(statement: &str, legacy: &SchemaName) -> AssertSqlSafe<String> {
    let month = "~ '^(19[5-9][0-9]|20[0-9]{2}|21[0-4][0-9])-(0[1-9]|1[0-2])$'";
    let statement = statement
        .replace("{unknown}", UNKNOWN)
        .replace("{saidas}", OLD_SAIDAS)
        .replace("{first_of_filial}", FIRST_OF_FILIAL)
        .replace("{first_of_empreendimento}", FIRST_OF_EMPREENDIMENTO)
        .replace("{is_month(o.ref_month)}", &format!("o.ref_month {month}"))
        .replace(
            "{is_month(o.mes_referencia)}",
            &format!("o.mes_referencia {month}"),
        )
        .replace("{imports}", IMPORTS)
        .replace("{legacy}", &legacy.to_string());
    AssertSqlSafe(statement)
}
