//! The history of the published cells: a row of `sync_cells` for each change.

use chrono::{DateTime, NaiveDate, Utc};
use domain::job::{RunId, Target};
use domain::ledger::Attempt;
use domain::month::Month;
use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;

use super::dialect::Dialect;
use super::published::{scaled, values};
use super::row::row;
use super::statement::statement;
use super::text;
use crate::error::Failure;
use crate::figures::{Cell, CellChange, CellKey, FigureTable};

/// The first and the last month there may be, as text.
const EVERY_MONTH: (&str, &str) = ("0000-00", "9999-99");

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
    let published: Vec<_> = tables
        .iter()
        .map(|table| published::<DB>(*table, written.target))
        .collect();
    let known = known(tables, written.target);
    let differ = (0..6).map(|n| format!("n.v{n} IS DISTINCT FROM c.v{n}"));
    // Built of this file's constants and of codes alone.
    let record = AssertSqlSafe(format!(
        "INSERT INTO sync_cells (kind, owner, ref_month, category, at, run_id, generation, as_of, \
         v0, v1, v2, v3, v4, v5) \
         SELECT COALESCE(n.kind, c.kind), COALESCE(n.owner, c.owner), \
         COALESCE(n.ref_month, c.ref_month), COALESCE(n.category, c.category), $1, \
         COALESCE(n.run_id, $2), $3, $4, n.v0, n.v1, n.v2, n.v3, n.v4, n.v5 \
         FROM ({}) AS n FULL JOIN ({known}) AS c ON c.kind = n.kind AND c.owner = n.owner \
         AND c.ref_month = n.ref_month AND c.category = n.category WHERE {}",
        published.join(" UNION ALL "),
        differ.collect::<Vec<_>>().join(" OR "),
    ));
    statement::<DB>(record)
        .bind(now)
        .bind(written.run)
        .bind(written.generation)
        .bind(written.as_of)
        .execute(connection)
        .await?;
    Ok(())
}

fn tables_of(target: Option<Target>) -> &'static [FigureTable] {
    match target {
        Some(target) => FigureTable::of(target),
        None => FigureTable::ALL,
    }
}

/// The cells of a table as it stands, under the names of `sync_cells`.
fn published<DB: Dialect>(table: FigureTable, target: Option<Target>) -> String {
    let (owner, month, category) = match table {
        FigureTable::EntradasCaixa => ("t.empreendimento_id", "t.ref_month", "t.category"),
        FigureTable::Delinquency | FigureTable::EstatisticasPortfolio => {
            ("t.empreendimento_id", "t.ref_month", "''")
        }
        FigureTable::SaidasCaixa => ("t.filial_id", "t.mes_referencia", "t.categoria"),
    };
    let of = match target.and_then(Target::empreendimento) {
        Some(id) => format!(" WHERE {owner} = {id}"),
        None => String::new(),
    };
    format!(
        "SELECT '{table}' AS kind, {owner} AS owner, {month} AS ref_month, {category} AS category, \
         t.run_id AS run_id, {} FROM {} t{of}",
        values(scaled::<DB>(table)),
        DB::amounts_table(table.name()),
    )
}

/// The cells of all tables as they stand, under the names of `sync_cells`.
pub(super) fn published_of_all<DB: Dialect>() -> String {
    let tables = FigureTable::ALL.iter();
    let tables: Vec<_> = tables.map(|table| published::<DB>(*table, None)).collect();
    tables.join(" UNION ALL ")
}

/// The cells of some tables as the history has them last.
fn known(tables: &[FigureTable], target: Option<Target>) -> String {
    let owner = match target.and_then(Target::empreendimento) {
        Some(id) => format!(" AND owner = {id}"),
        None => String::new(),
    };
    format!(
        "SELECT * FROM (SELECT kind, owner, ref_month, category, v0, v1, v2, v3, v4, v5, \
         ROW_NUMBER() OVER (PARTITION BY kind, owner, ref_month, category ORDER BY at DESC) AS place \
         FROM sync_cells WHERE {}{owner}) AS all_of_them WHERE place = 1",
        kinds("kind", tables)
    )
}

fn kinds(column: &str, tables: &[FigureTable]) -> String {
    let names: Vec<_> = tables.iter().map(|table| format!("'{table}'")).collect();
    format!("{column} IN ({})", names.join(", "))
}

row! {
    /// A row of `sync_cells`, with what its owner is called.
    struct CellRow {
        kind: String,
        owner: i64,
        nome: String,
        ref_month: String,
        category: String,
        at: DateTime<Utc>,
        run_id: String,
        generation: Option<i64>,
        as_of: Option<NaiveDate>,
        v0: Option<i64>,
        v1: Option<i64>,
        v2: Option<i64>,
        v3: Option<i64>,
        v4: Option<i64>,
        v5: Option<i64>,
    }
}

row! {
    /// The figures of a cell before a change.
    struct BeforeRow {
        b0: Option<i64>,
        b1: Option<i64>,
        b2: Option<i64>,
        b3: Option<i64>,
        b4: Option<i64>,
        b5: Option<i64>,
    }
}

impl CellRow {
    fn table(&self) -> Result<FigureTable, Failure> {
        self.kind.parse().map_err(|_| text::unreadable("table"))
    }

    fn key(&self) -> Result<CellKey, Failure> {
        Ok(CellKey {
            owner: self.owner,
            ref_month: self
                .ref_month
                .parse()
                .map_err(|_| text::unreadable("month"))?,
            category: self.category.clone(),
        })
    }

    const fn values(&self) -> [Option<i64>; 6] {
        [self.v0, self.v1, self.v2, self.v3, self.v4, self.v5]
    }

    fn into_cell(self) -> Result<(FigureTable, Cell), Failure> {
        let table = self.table()?;
        let cell = Cell {
            key: self.key()?,
            values: decimals(table, self.values()).unwrap_or_default(),
            nome: self.nome,
            run: text::run_id(self.run_id)?,
            at: self.at,
            as_of: self.as_of,
        };
        Ok((table, cell))
    }

    fn into_change(self, before: &BeforeRow) -> Result<CellChange, Failure> {
        let BeforeRow {
            b0,
            b1,
            b2,
            b3,
            b4,
            b5,
        } = *before;
        let table = self.table()?;
        Ok(CellChange {
            table,
            key: self.key()?,
            before: decimals(table, [b0, b1, b2, b3, b4, b5]),
            after: decimals(table, self.values()),
            nome: self.nome,
            run: text::run_id(self.run_id)?,
            generation: self.generation,
            at: self.at,
        })
    }
}

/// The figures of a table's row; `None` where there is no row.
fn decimals(table: FigureTable, scaled: [Option<i64>; 6]) -> Option<Vec<Decimal>> {
    let columns = table.columns().iter().zip(scaled);
    columns
        .map(|((_, decimals), value)| Some(Decimal::new(value?, *decimals)))
        .collect()
}

/// The columns of a [`CellRow`], of `c`, with its tables.
const COLUMNS: &str = "c.kind AS kind, c.owner AS owner, COALESCE(e.nome, f.nome, '') AS nome, \
     c.ref_month AS ref_month, c.category AS category, c.at AS at, c.run_id AS run_id, \
     c.generation AS generation, c.as_of AS as_of, c.v0 AS v0, c.v1 AS v1, c.v2 AS v2, c.v3 AS v3, \
     c.v4 AS v4, c.v5 AS v5";

/// Whose cell it is: an empreendimento's or a filial's.
const OWNERS: &str = "LEFT JOIN empreendimentos e ON c.kind <> 'saidas_caixa' AND e.id = c.owner \
     LEFT JOIN filiais f ON c.kind = 'saidas_caixa' AND f.id = c.owner";

/// No change of the cell came after this one.
const LAST: &str = "NOT EXISTS (SELECT 1 FROM sync_cells l WHERE l.kind = c.kind AND l.owner = c.owner \
     AND l.ref_month = c.ref_month AND l.category = c.category AND l.at > c.at)";

/// The same, up to a time.
macro_rules! last_until {
    ($until:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM sync_cells l WHERE l.kind = c.kind AND l.owner = c.owner \
             AND l.ref_month = c.ref_month AND l.category = c.category \
             AND l.at > c.at AND l.at <= ",
            $until,
            ")"
        )
    };
}

/// The cells of a table at a time: at most so many after a key.
pub async fn page<DB: Dialect>(
    connection: &mut DB::Connection,
    at: DateTime<Utc>,
    table: FigureTable,
    months: Option<(Month, Month)>,
    after: Option<&CellKey>,
    most: u32,
) -> Result<Vec<Cell>, Failure> {
    let (first, last) = bounds(months);
    let (owner, month, category) = beyond(after);
    // Built of this file's constants alone.
    let page = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM sync_cells c {OWNERS} \
         WHERE c.kind = $1 AND c.at <= $2 AND c.v0 IS NOT NULL AND c.ref_month BETWEEN $3 AND $4 \
         AND (c.owner, c.ref_month, c.category) > ($5, $6, $7) AND {} \
         ORDER BY c.owner, c.ref_month, c.category LIMIT $8",
        last_until!("$2")
    ));
    let rows: Vec<CellRow> = statement::<DB>(page)
        .bind(table.name().to_owned())
        .bind(at)
        .bind(first)
        .bind(last)
        .bind(owner)
        .bind(month)
        .bind(category)
        .bind(i64::from(most))
        .fetch_all(connection)
        .await?;
    let cells = rows.into_iter().map(CellRow::into_cell);
    cells.map(|cell| Ok(cell?.1)).collect()
}

/// The cells of a table as signed off, of closed months alone: at most so many after a key.
pub async fn closed_page<DB: Dialect>(
    connection: &mut DB::Connection,
    table: FigureTable,
    months: Option<(Month, Month)>,
    after: Option<&CellKey>,
    most: u32,
) -> Result<Vec<Cell>, Failure> {
    let (first, last) = bounds(months);
    let (owner, month, category) = beyond(after);
    let page = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM (SELECT s.kind, s.owner, k.ref_month, s.category, k.at, s.run_id, \
         CAST(NULL AS BIGINT) AS generation, CAST(NULL AS DATE) AS as_of, \
         s.v0, s.v1, s.v2, s.v3, s.v4, s.v5 \
         FROM sync_closed_cells s JOIN sync_closes k ON k.id = s.close_id \
         WHERE k.reopened_at IS NULL) AS c {OWNERS} \
         WHERE c.kind = $1 AND c.ref_month BETWEEN $2 AND $3 \
         AND (c.owner, c.ref_month, c.category) > ($4, $5, $6) \
         ORDER BY c.owner, c.ref_month, c.category LIMIT $7"
    ));
    let rows: Vec<CellRow> = statement::<DB>(page)
        .bind(table.name().to_owned())
        .bind(first)
        .bind(last)
        .bind(owner)
        .bind(month)
        .bind(category)
        .bind(i64::from(most))
        .fetch_all(connection)
        .await?;
    let cells = rows.into_iter().map(CellRow::into_cell);
    cells.map(|cell| Ok(cell?.1)).collect()
}

/// The key after which a page begins.
fn beyond(after: Option<&CellKey>) -> (i64, String, String) {
    match after {
        Some(key) => (key.owner, key.ref_month.to_string(), key.category.clone()),
        None => (i64::MIN, String::new(), String::new()),
    }
}

fn bounds(months: Option<(Month, Month)>) -> (String, String) {
    match months {
        Some((first, last)) => (first.to_string(), last.to_string()),
        None => (EVERY_MONTH.0.to_owned(), EVERY_MONTH.1.to_owned()),
    }
}

/// The cells of a target at a time.
pub async fn of_target<DB: Dialect>(
    connection: &mut DB::Connection,
    target: Target,
    month: Option<Month>,
    at: DateTime<Utc>,
) -> Result<Vec<(FigureTable, Cell)>, Failure> {
    let (first, last) = bounds(month.map(|month| (month, month)));
    let cells = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM sync_cells c {OWNERS} \
         WHERE {} AND ($1 = 0 OR c.owner = $1) AND c.at <= $2 AND c.v0 IS NOT NULL \
         AND c.ref_month BETWEEN $3 AND $4 AND {}",
        kinds("c.kind", FigureTable::of(target)),
        last_until!("$2")
    ));
    let rows: Vec<CellRow> = statement::<DB>(cells)
        .bind(owner(Some(target)))
        .bind(at)
        .bind(first)
        .bind(last)
        .fetch_all(connection)
        .await?;
    let mut cells: Vec<_> = rows
        .into_iter()
        .map(CellRow::into_cell)
        .collect::<Result<_, _>>()?;
    cells.sort_by(|(one, a), (other, b)| (one, &a.key).cmp(&(other, &b.key)));
    Ok(cells)
}

/// The code of the empreendimento that is asked for; 0 for all.
fn owner(target: Option<Target>) -> i64 {
    let id = target.and_then(Target::empreendimento);
    id.map_or(0, domain::job::EmpreendimentoId::get)
}

/// The cells of closed months, or of one, that are not as they were signed off.
pub async fn since_close<DB: Dialect>(
    connection: &mut DB::Connection,
    month: Option<Month>,
) -> Result<Vec<CellChange>, Failure> {
    let changes = AssertSqlSafe(format!(
        "SELECT {COLUMNS}, {BEFORE} FROM sync_closes k \
         JOIN sync_cells c ON c.ref_month = k.ref_month AND (k.empreendimentos = ',' \
         OR (c.kind <> 'saidas_caixa' AND k.empreendimentos LIKE '%,' || c.owner || ',%')) \
         {OWNERS} LEFT JOIN sync_closed_cells b ON b.close_id = k.id AND b.kind = c.kind \
         AND b.owner = c.owner AND b.category = c.category \
         WHERE k.reopened_at IS NULL AND ($1 = '' OR k.ref_month = $1) AND {LAST} AND ({DIFFER})"
    ));
    let month = month.map(|month| month.to_string()).unwrap_or_default();
    let rows = statement::<DB>(changes)
        .bind(month)
        .fetch_all(connection)
        .await?;
    into_changes(rows)
}

fn into_changes(rows: Vec<(CellRow, BeforeRow)>) -> Result<Vec<CellChange>, Failure> {
    let changes = rows
        .into_iter()
        .map(|(row, before)| row.into_change(&before));
    let mut changes: Vec<_> = changes.collect::<Result<_, _>>()?;
    changes.sort_by(|a, b| (a.table, &a.key).cmp(&(b.table, &b.key)));
    Ok(changes)
}

/// The columns of a [`BeforeRow`], of `b`, and whether those of `c` are others.
const BEFORE: &str = "b.v0 AS b0, b.v1 AS b1, b.v2 AS b2, b.v3 AS b3, b.v4 AS b4, b.v5 AS b5";
const DIFFER: &str = "c.v0 IS DISTINCT FROM b.v0 OR c.v1 IS DISTINCT FROM b.v1 \
     OR c.v2 IS DISTINCT FROM b.v2 OR c.v3 IS DISTINCT FROM b.v3 \
     OR c.v4 IS DISTINCT FROM b.v4 OR c.v5 IS DISTINCT FROM b.v5";

/// The cells that differ between two times.
pub async fn changes<DB: Dialect>(
    connection: &mut DB::Connection,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    of: Option<Target>,
) -> Result<Vec<CellChange>, Failure> {
    let changes = AssertSqlSafe(format!(
        "SELECT {COLUMNS}, {BEFORE} FROM sync_cells c {OWNERS} \
         LEFT JOIN sync_cells b ON b.kind = c.kind AND b.owner = c.owner \
         AND b.ref_month = c.ref_month AND b.category = c.category \
         AND b.at = (SELECT MAX(x.at) FROM sync_cells x WHERE x.kind = c.kind AND x.owner = c.owner \
         AND x.ref_month = c.ref_month AND x.category = c.category AND x.at <= $1) \
         WHERE c.at > $1 AND c.at <= $2 AND {} AND ($3 = 0 OR c.owner = $3) AND {} AND ({DIFFER})",
        kinds("c.kind", tables_of(of)),
        last_until!("$2"),
    ));
    let rows = statement::<DB>(changes)
        .bind(from)
        .bind(to)
        .bind(owner(of))
        .fetch_all(connection)
        .await?;
    into_changes(rows)
}
