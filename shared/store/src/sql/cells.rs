//! Keeping the history of the published cells: a row of `sync_cells` for each change.

use chrono::{DateTime, NaiveDate, Utc};
use domain::job::{RunId, Target};
use domain::ledger::Attempt;
use sqlx::AssertSqlSafe;

use super::dialect::Dialect;
use super::published::{scaled, values};
use super::statement::statement;
use crate::cells::FigureTable;
use crate::error::Failure;

/// Who changed cells.
pub struct Written {
    /// The target whose cells are looked at; of an import, every one.
    target: Option<Target>,
    run: String,
    generation: Option<i64>,
    as_of: Option<NaiveDate>,
}

impl Written {
    /// A commit.
    pub fn by(attempt: &Attempt) -> Self {
        Self {
            target: Some(attempt.job.target),
            run: attempt.job.run_id.to_string(),
            generation: Some(attempt.generation),
            as_of: Some(attempt.job.params.as_of),
        }
    }

    /// An import of history.
    pub fn by_import(run: &RunId) -> Self {
        Self {
            target: None,
            run: run.to_string(),
            generation: None,
            as_of: None,
        }
    }
}

/// Adds the cells of a target, or of all, that are not as the history has them last, in one statement.
/// What an earlier version changed is found by the next commit.
pub async fn record<DB: Dialect>(
    connection: &mut DB::Connection,
    written: Written,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let tables = tables_of(written.target);
    let empreendimento = written.target.and_then(Target::empreendimento);
    let of = empreendimento.map(|_| "$5");
    let published: Vec<_> = tables
        .iter()
        .map(|table| published::<DB>(*table, of))
        .collect();
    let known = known(tables, of);
    let differ = (0..6).map(|n| format!("n.v{n} IS DISTINCT FROM c.v{n}"));
    // Built of constants alone.
    let record = AssertSqlSafe(format!(
        "INSERT INTO sync_cells (kind, owner, ref_month, category, at, run_id, generation, as_of, \
         v0, v1, v2, v3, v4, v5, p0, p1, p2, p3, p4, p5) \
         SELECT COALESCE(n.kind, c.kind), COALESCE(n.owner, c.owner), \
         COALESCE(n.ref_month, c.ref_month), COALESCE(n.category, c.category), $1, \
         COALESCE(n.run_id, $2), $3, $4, n.v0, n.v1, n.v2, n.v3, n.v4, n.v5, \
         c.v0, c.v1, c.v2, c.v3, c.v4, c.v5 \
         FROM ({}) AS n FULL JOIN ({known}) AS c ON c.kind = n.kind AND c.owner = n.owner \
         AND c.ref_month = n.ref_month AND c.category = n.category WHERE {}",
        published.join(" UNION ALL "),
        differ.collect::<Vec<_>>().join(" OR "),
    ));
    let mut record = statement::<DB>(record)
        .bind(now)
        .bind(written.run)
        .bind(written.generation)
        .bind(written.as_of);
    if let Some(id) = empreendimento {
        record = record.bind(id.get());
    }
    record.execute(connection).await?;
    Ok(())
}

/// The tables of a target, or all.
pub fn tables_of(target: Option<Target>) -> &'static [FigureTable] {
    match target {
        Some(target) => FigureTable::of(target),
        None => FigureTable::ALL,
    }
}

/// The cells of a table as it stands, under the names of `sync_cells`; of an empreendimento where a
/// parameter names it.
fn published<DB: Dialect>(table: FigureTable, of: Option<&str>) -> String {
    let (owner, month, category) = match table {
        FigureTable::EntradasCaixa => ("t.empreendimento_id", "t.ref_month", "t.category"),
        FigureTable::Delinquency | FigureTable::EstatisticasPortfolio => {
            ("t.empreendimento_id", "t.ref_month", "''")
        }
        FigureTable::SaidasCaixa => ("t.filial_id", "t.mes_referencia", "t.categoria"),
    };
    let of = of.map(|parameter| format!(" WHERE {owner} = {parameter}"));
    format!(
        "SELECT '{table}' AS kind, {owner} AS owner, {month} AS ref_month, {category} AS category, \
         t.run_id AS run_id, {} FROM {} t{}",
        values(scaled::<DB>(table)),
        DB::amounts_table(table.name()),
        of.unwrap_or_default(),
    )
}

/// The cells of all tables as they stand, under the names of `sync_cells`.
pub(super) fn published_of_all<DB: Dialect>() -> String {
    let tables = FigureTable::ALL.iter();
    let tables: Vec<_> = tables.map(|table| published::<DB>(*table, None)).collect();
    tables.join(" UNION ALL ")
}

/// The cells of some tables as the history has them last; of an empreendimento where a parameter names it.
fn known(tables: &[FigureTable], of: Option<&str>) -> String {
    let of = of.map(|parameter| format!(" AND owner = {parameter}"));
    format!(
        "SELECT * FROM (SELECT kind, owner, ref_month, category, v0, v1, v2, v3, v4, v5, \
         ROW_NUMBER() OVER (PARTITION BY kind, owner, ref_month, category ORDER BY at DESC) AS place \
         FROM sync_cells WHERE {}{}) AS each_change WHERE place = 1",
        kinds("kind", tables),
        of.unwrap_or_default(),
    )
}

/// The condition that a column of `sync_cells` names one of these tables.
pub fn kinds(column: &str, tables: &[FigureTable]) -> String {
    let names: Vec<_> = tables.iter().map(|table| format!("'{table}'")).collect();
    format!("{column} IN ({})", names.join(", "))
}
