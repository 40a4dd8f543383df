//! The published cells at a time, between two times, and as they were signed off.

use chrono::{DateTime, Utc};
use domain::job::{EmpreendimentoId, Target};
use domain::month::Month;
use sqlx::AssertSqlSafe;

use super::cell_row::{BEFORE, BeforeRow, COLUMNS, CellRow, DIFFER, LAST, OWNERS, last_until};
use super::cells::{kinds, tables_of};
use super::dialect::Dialect;
use super::statement::statement;
use crate::cells::{Cell, CellChange, CellKey, FigureTable};
use crate::error::Failure;

/// The first and the last month there may be, as text.
const EVERY_MONTH: (&str, &str) = ("0000-00", "9999-99");

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
    id.map_or(0, EmpreendimentoId::get)
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
         WHERE k.reopened_at IS NULL AND ($1 = '' OR k.ref_month = $1) AND c.at > k.at \
         AND {LAST} AND ({DIFFER})"
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

/// The cells that differ between two times.
pub async fn changes<DB: Dialect>(
    connection: &mut DB::Connection,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    of: Option<Target>,
) -> Result<Vec<CellChange>, Failure> {
    let steps = AssertSqlSafe(format!(
        "SELECT {COLUMNS}, c.p0 AS b0, c.p1 AS b1, c.p2 AS b2, c.p3 AS b3, c.p4 AS b4, c.p5 AS b5 \
         FROM sync_cells c {OWNERS} \
         WHERE c.at > $1 AND c.at <= $2 AND {} AND ($3 = 0 OR c.owner = $3) ORDER BY c.at",
        kinds("c.kind", tables_of(of)),
    ));
    let steps = statement::<DB>(steps)
        .bind(from)
        .bind(to)
        .bind(owner(of))
        .fetch_all(connection)
        .await?;
    // In the order of cells, and of a cell in that of time, as the sort is stable.
    let mut changes: Vec<CellChange> = Vec::new();
    for step in into_changes(steps)? {
        match changes.last_mut() {
            Some(last) if (last.table, &last.key) == (step.table, &step.key) => {
                *last = CellChange {
                    before: last.before.take(),
                    ..step
                };
            }
            _ => changes.push(step),
        }
    }
    changes.retain(|change| change.before != change.after);
    Ok(changes)
}
