//! Published rows, each with the attempt that wrote it.

use chrono::{DateTime, Utc};
use domain::job::{EmpreendimentoId, Target};
use domain::ledger::WorkerId;
use domain::month::Month;
use sqlx::AssertSqlSafe;

use super::dialect::Dialect;
use super::row::row;
use super::statement::statement;
use super::text;
use crate::cells::FigureTable;
use crate::error::Failure;
use crate::figures::PublishedRow;

/// Most columns of figures that a table has.
const MOST_COLUMNS: usize = 6;

const OF_EMPREENDIMENTO: &str = "t.empreendimento_id = $2";

/// A table's columns for the month and the category of `t`, and which rows are the target's; `$2` is the
/// empreendimento.
const fn keys(table: FigureTable) -> (&'static str, &'static str, &'static str) {
    match table {
        FigureTable::EntradasCaixa => ("t.ref_month", "t.category", OF_EMPREENDIMENTO),
        FigureTable::Delinquency | FigureTable::EstatisticasPortfolio => {
            ("t.ref_month", "''", OF_EMPREENDIMENTO)
        }
        FigureTable::SaidasCaixa => (
            "t.mes_referencia",
            "CAST(t.filial_id AS TEXT) || ' ' || t.categoria",
            "$2 = 0",
        ),
    }
}

/// What the contratos of one commit come to, under the names of their columns.
const CONTRATOS: [(&str, u32); 3] = [
    ("contratos", 0),
    ("valor_contrato", 2),
    ("valor_atualizado_ipca", 2),
];

row! {
    /// A row of a published table, its columns by position and without their decimal point.
    struct FiguresRow {
        kind: i64,
        ref_month: String,
        category: String,
        run_id: String,
        synced_at: DateTime<Utc>,
        generation: Option<i64>,
        worker: Option<String>,
        imported_from: Option<String>,
        v0: Option<i64>,
        v1: Option<i64>,
        v2: Option<i64>,
        v3: Option<i64>,
        v4: Option<i64>,
        v5: Option<i64>,
    }
}

/// All tables in one statement, so that they are of one moment.
pub async fn rows<DB: Dialect>(
    connection: &mut DB::Connection,
    target: Target,
    month: Option<Month>,
) -> Result<Vec<PublishedRow>, Failure> {
    let tables = FigureTable::of(target);
    let mut selects: Vec<_> = (0..).zip(tables).map(select::<DB>).collect();
    if target != Target::SaidasCaixa {
        selects.insert(0, select_contratos::<DB>());
    }
    // Built of this file's constants alone.
    let all = AssertSqlSafe(format!(
        "{} ORDER BY kind, ref_month, category, synced_at",
        selects.join(" UNION ALL ")
    ));
    let rows: Vec<FiguresRow> = statement::<DB>(all)
        .bind(target.to_string())
        .bind(target.empreendimento().map_or(0, EmpreendimentoId::get))
        .bind(month.map(|month| month.to_string()).unwrap_or_default())
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(|row| published(tables, row)).collect()
}

/// A run commits a target once, so its commit is the one that wrote the run's rows. An import has none.
const WRITER: &str = "LEFT JOIN sync_attempts a \
     ON a.target = $1 AND a.run_id = t.run_id AND a.outcome = 'done' \
     LEFT JOIN sync_runs r ON r.id = t.run_id";

fn select<DB: Dialect>((kind, table): (i64, &FigureTable)) -> String {
    let (month, category, of) = keys(*table);
    let values = values(scaled::<DB>(*table));
    let from = DB::amounts_table(table.name());
    format!(
        "SELECT CAST({kind} AS BIGINT) AS kind, {month} AS ref_month, {category} AS category, \
         t.run_id AS run_id, t.synced_at AS synced_at, a.generation AS generation, \
         a.worker AS worker, r.imported_from AS imported_from, {values} \
         FROM {from} t {WRITER} WHERE {of} AND ($3 = '' OR {month} = $3)"
    )
}

fn select_contratos<DB: Dialect>() -> String {
    let sums = ["t.valor_contrato", "t.valor_atualizado_ipca"].map(DB::centavos_of);
    let values = values(std::iter::once("COUNT(*)".to_owned()).chain(sums));
    let from = DB::amounts_table("contratos");
    format!(
        "SELECT CAST(-1 AS BIGINT) AS kind, '' AS ref_month, '' AS category, \
         t.run_id AS run_id, t.synced_at AS synced_at, a.generation AS generation, \
         a.worker AS worker, r.imported_from AS imported_from, {values} \
         FROM {from} t {WRITER} WHERE {OF_EMPREENDIMENTO} \
         GROUP BY t.run_id, t.synced_at, a.generation, a.worker, r.imported_from"
    )
}

/// A table's figures, of `t`, without their decimal point.
pub(super) fn scaled<DB: Dialect>(table: FigureTable) -> impl Iterator<Item = String> {
    let columns = table.columns().iter();
    columns.map(|(column, decimals)| DB::scaled(&format!("t.{column}"), *decimals))
}

/// As many values for every table, because they are one answer.
pub(super) fn values(given: impl Iterator<Item = String>) -> String {
    let none = || "CAST(NULL AS BIGINT)".to_owned();
    given
        .chain(std::iter::repeat_with(none))
        .take(MOST_COLUMNS)
        .enumerate()
        .map(|(n, value)| format!("{value} AS v{n}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn published(tables: &[FigureTable], row: FiguresRow) -> Result<PublishedRow, Failure> {
    let table = usize::try_from(row.kind)
        .ok()
        .and_then(|kind| tables.get(kind));
    let (name, columns) = match table {
        Some(table) => (table.name(), table.columns()),
        None => ("contratos", &CONTRATOS[..]),
    };
    let values = columns
        .iter()
        .zip([row.v0, row.v1, row.v2, row.v3, row.v4, row.v5])
        .filter_map(|((column, decimals), value)| Some((*column, decimal(value?, *decimals))))
        .collect();
    Ok(PublishedRow {
        table: name,
        ref_month: row.ref_month.parse().ok(),
        values,
        run: text::run_id(row.run_id)?,
        synced_at: row.synced_at,
        generation: row.generation,
        worker: row.worker.map(WorkerId::named),
        imported_from: row.imported_from,
        category: Some(row.category).filter(|category| !category.is_empty()),
    })
}

/// A value that was sent without its decimal point.
fn decimal(scaled: i64, decimals: u32) -> String {
    rust_decimal::Decimal::new(scaled, decimals).to_string()
}
