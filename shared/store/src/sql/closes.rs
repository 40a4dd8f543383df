//! Signing months off: `sync_closes` and the cells that each keeps.

use std::fmt::Write as _;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::job::EmpreendimentoId;
use domain::month::Month;
use domain::store_error::StoreError;
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;

use super::cell_views;
use super::cells::published_of_all;
use super::dialect::Dialect;
use super::row::row;
use super::sql_store::{SqlStore, in_time};
use super::statement::statement;
use super::targets::listed;
use super::text;
use crate::cells::CellChange;
use crate::closing::{Close, Closing, MonthView, NewClose, Reopened};
use crate::error::Failure;

const CLOSES: &str = "
SELECT id, ref_month, at, by, note, forced, empreendimentos, cells, digest, reopened_at, reopened_by,
       reopened_note
FROM sync_closes";

const RECORD: &str = "
INSERT INTO sync_closes (ref_month, at, by, note, forced, empreendimentos, cells, digest)
VALUES ($1, $2, $3, $4, $5, $6, 0, '')
RETURNING id";

const SIGN: &str = "UPDATE sync_closes SET cells = $2, digest = $3 WHERE id = $1";

const REOPEN: &str = "
UPDATE sync_closes SET reopened_at = $2, reopened_by = $3, reopened_note = $4
WHERE ref_month = $1 AND reopened_at IS NULL";

const CELLS: &str = "
SELECT c.kind AS kind, c.owner AS owner, k.ref_month AS ref_month, c.category AS category,
       c.v0 AS v0, c.v1 AS v1, c.v2 AS v2, c.v3 AS v3, c.v4 AS v4, c.v5 AS v5
FROM sync_closed_cells c JOIN sync_closes k ON k.id = c.close_id
WHERE c.close_id = $1";

const VIEWS: &str = "
SELECT target, MIN(as_of) AS as_of, COUNT(DISTINCT period) AS periods FROM sync_coverage
WHERE period LIKE $1
GROUP BY target";

row! {
    /// A row of `sync_closes`.
    struct CloseRow {
        id: i64,
        ref_month: String,
        at: DateTime<Utc>,
        by: String,
        note: String,
        forced: bool,
        empreendimentos: String,
        cells: i64,
        digest: String,
        reopened_at: Option<DateTime<Utc>>,
        reopened_by: Option<String>,
        reopened_note: Option<String>,
    }
}

impl CloseRow {
    fn into_close(self) -> Result<Close, Failure> {
        let ids = self.empreendimentos.split(',').filter(|id| !id.is_empty());
        let ids: Result<Vec<EmpreendimentoId>, _> = ids.map(str::parse).collect();
        Ok(Close {
            id: self.id,
            month: month(&self.ref_month)?,
            at: self.at,
            by: self.by,
            note: self.note,
            forced: self.forced,
            empreendimentos: ids.map_err(|_| text::unreadable("empreendimento"))?,
            cells: self.cells.unsigned_abs(),
            digest: self.digest,
            reopened: self.reopened_at.map(|at| Reopened {
                at,
                by: self.reopened_by.unwrap_or_default(),
                note: self.reopened_note.unwrap_or_default(),
            }),
        })
    }
}

fn month(text: &str) -> Result<Month, Failure> {
    text.parse().map_err(|_| text::unreadable("month"))
}

row! {
    /// The number of a new close.
    struct IdRow {
        id: i64,
    }
}

row! {
    /// A cell that was signed off.
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    struct ClosedRow {
        kind: String,
        owner: i64,
        ref_month: String,
        category: String,
        v0: Option<i64>,
        v1: Option<i64>,
        v2: Option<i64>,
        v3: Option<i64>,
        v4: Option<i64>,
        v5: Option<i64>,
    }
}

row! {
    /// Which view wrote a target's month.
    struct ViewRow {
        target: String,
        as_of: NaiveDate,
        periods: i64,
    }
}

#[async_trait]
impl<DB: Dialect> Closing for SqlStore<DB> {
    async fn close(&self, close: &NewClose) -> Result<Close, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let closed = keep::<DB>(&mut tx, close).await?;
            tx.commit().await?;
            Ok(closed)
        })
        .await
    }

    async fn reopen(&self, month: Month, by: &str, note: &str) -> Result<u64, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let now = DB::now(&mut tx).await?;
            let ended = statement::<DB>(REOPEN)
                .bind(month.to_string())
                .bind(now)
                .bind(by.to_owned())
                .bind(note.to_owned())
                .execute(&mut tx)
                .await?;
            tx.commit().await?;
            Ok(ended)
        })
        .await
    }

    async fn closes(&self) -> Result<Vec<Close>, StoreError> {
        in_time(async {
            let closes = AssertSqlSafe(format!("{CLOSES} ORDER BY ref_month DESC, id DESC"));
            let rows: Vec<CloseRow> = statement::<DB>(closes)
                .fetch_all(&mut *self.connection().await?)
                .await?;
            rows.into_iter().map(CloseRow::into_close).collect()
        })
        .await
    }

    async fn digest_of_close(&self, id: i64) -> Result<String, StoreError> {
        in_time(async { Ok(digest::<DB>(&mut *self.connection().await?, id).await?.1) }).await
    }

    async fn since_close(&self, month: Option<Month>) -> Result<Vec<CellChange>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            cell_views::since_close::<DB>(&mut connection, month).await
        })
        .await
    }

    async fn month_views(&self, month: Month) -> Result<Vec<MonthView>, StoreError> {
        in_time(async {
            let rows: Vec<ViewRow> = statement::<DB>(VIEWS)
                .bind(format!("{month}%"))
                .fetch_all(&mut *self.connection().await?)
                .await?;
            let view = |row: ViewRow| {
                Ok(MonthView {
                    target: text::target(&row.target)?,
                    as_of: row.as_of,
                    periods: row.periods.unsigned_abs(),
                })
            };
            rows.into_iter().map(view).collect()
        })
        .await
    }
}

async fn keep<DB: Dialect>(
    connection: &mut DB::Connection,
    close: &NewClose,
) -> Result<Close, Failure> {
    let month = close.month;
    DB::lock_closes(connection).await?;
    refuse_twice::<DB>(connection, close).await?;
    let now = DB::now(connection).await?;
    let IdRow { id } = statement::<DB>(RECORD)
        .bind(month.to_string())
        .bind(now)
        .bind(close.by.clone())
        .bind(close.note.clone())
        .bind(close.forced)
        .bind(listed(&close.empreendimentos))
        .fetch_one(connection)
        .await?;
    // Built of constants alone.
    let keep = AssertSqlSafe(format!(
        "INSERT INTO sync_closed_cells (close_id, kind, owner, category, run_id, v0, v1, v2, v3, v4, v5) \
         SELECT $1, n.kind, n.owner, n.category, n.run_id, n.v0, n.v1, n.v2, n.v3, n.v4, n.v5 \
         FROM ({}) AS n WHERE n.ref_month = $2 \
         AND ($3 = ',' OR (n.kind <> 'saidas_caixa' AND $3 LIKE '%,' || n.owner || ',%'))",
        published_of_all::<DB>()
    ));
    statement::<DB>(keep)
        .bind(id)
        .bind(month.to_string())
        .bind(listed(&close.empreendimentos))
        .execute(connection)
        .await?;
    let (cells, digest) = digest::<DB>(connection, id).await?;
    if cells == 0 {
        let why = format!("the tables hold nothing of {month}");
        return Err(StoreError::Unsuitable(why).into());
    }
    statement::<DB>(SIGN)
        .bind(id)
        .bind(cells as i64)
        .bind(digest.clone())
        .execute(connection)
        .await?;
    Ok(Close {
        id,
        month,
        at: now,
        by: close.by.clone(),
        note: close.note.clone(),
        forced: close.forced,
        empreendimentos: close.empreendimentos.clone(),
        cells,
        digest,
        reopened: None,
    })
}

/// What is closed is closed once, as a whole or by empreendimento.
async fn refuse_twice<DB: Dialect>(
    connection: &mut DB::Connection,
    close: &NewClose,
) -> Result<(), Failure> {
    let standing = AssertSqlSafe(format!(
        "{CLOSES} WHERE ref_month = $1 AND reopened_at IS NULL ORDER BY id"
    ));
    let standing: Vec<CloseRow> = statement::<DB>(standing)
        .bind(close.month.to_string())
        .fetch_all(connection)
        .await?;
    for one in standing {
        let one = one.into_close()?;
        let of_all = one.empreendimentos.is_empty() || close.empreendimentos.is_empty();
        let mut shared = one.empreendimentos.iter();
        if of_all || shared.any(|id| close.empreendimentos.contains(id)) {
            let (month, by, day) = (one.month, one.by, one.at.date_naive());
            let why = format!("{month} was closed by {by} on {day}: reopen it first");
            return Err(StoreError::Unsuitable(why).into());
        }
    }
    Ok(())
}

/// How many cells a close keeps, and SHA-256 over them: a line for each, in the order of table, code and
/// category, of these with the month and the figures without decimal point, each after a tab.
async fn digest<DB: Dialect>(
    connection: &mut DB::Connection,
    id: i64,
) -> Result<(u64, String), Failure> {
    let mut rows: Vec<ClosedRow> = statement::<DB>(CELLS)
        .bind(id)
        .fetch_all(connection)
        .await?;
    // Not the database's order, which follows its collation.
    rows.sort();
    let mut sha = Sha256::new();
    for row in &rows {
        let mut line = format!(
            "{}\t{}\t{}\t{}",
            row.kind, row.owner, row.ref_month, row.category
        );
        for value in [row.v0, row.v1, row.v2, row.v3, row.v4, row.v5] {
            match value {
                Some(value) => write!(line, "\t{value}").expect("a string takes all"),
                None => line.push('\t'),
            }
        }
        line.push('\n');
        sha.update(line.as_bytes());
    }
    let digest = sha.finalize();
    let hex = digest.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes all");
        hex
    });
    Ok((rows.len() as u64, hex))
}
