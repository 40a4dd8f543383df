//! Rows of the history of the published cells, as they are asked for.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::row::row;
use super::text;
use crate::cells::{Cell, CellChange, CellKey, FigureTable};
use crate::error::Failure;

row! {
    /// A row of `sync_cells`, with what its owner is called.
    pub struct CellRow {
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
    pub struct BeforeRow {
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

    pub fn into_cell(self) -> Result<(FigureTable, Cell), Failure> {
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

    pub fn into_change(self, before: &BeforeRow) -> Result<CellChange, Failure> {
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
pub const COLUMNS: &str = "c.kind AS kind, c.owner AS owner, COALESCE(e.nome, f.nome, '') AS nome, \
     c.ref_month AS ref_month, c.category AS category, c.at AS at, c.run_id AS run_id, \
     c.generation AS generation, c.as_of AS as_of, c.v0 AS v0, c.v1 AS v1, c.v2 AS v2, c.v3 AS v3, \
     c.v4 AS v4, c.v5 AS v5";

/// Whose cell it is: an empreendimento's or a filial's.
pub const OWNERS: &str = "LEFT JOIN empreendimentos e ON c.kind <> 'saidas_caixa' AND e.id = c.owner \
     LEFT JOIN filiais f ON c.kind = 'saidas_caixa' AND f.id = c.owner";

/// No change of the cell came after this one.
pub const LAST: &str = "NOT EXISTS (SELECT 1 FROM sync_cells l WHERE l.kind = c.kind AND l.owner = c.owner \
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

/// The columns of a [`BeforeRow`], of `b`, and whether those of `c` are others.
pub const BEFORE: &str = "b.v0 AS b0, b.v1 AS b1, b.v2 AS b2, b.v3 AS b3, b.v4 AS b4, b.v5 AS b5";
pub const DIFFER: &str = "c.v0 IS DISTINCT FROM b.v0 OR c.v1 IS DISTINCT FROM b.v1 \
     OR c.v2 IS DISTINCT FROM b.v2 OR c.v3 IS DISTINCT FROM b.v3 \
     OR c.v4 IS DISTINCT FROM b.v4 OR c.v5 IS DISTINCT FROM b.v5";

pub(super) use last_until;
