//! Published cells, and how they change.

use chrono::{DateTime, NaiveDate, Utc};
use domain::job::{RunId, Target};
use domain::month::Month;
use rust_decimal::Decimal;
use serde::Serialize;

/// The four tables of figures.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
    strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FigureTable {
    /// Cash in.
    EntradasCaixa,
    /// What is overdue.
    Delinquency,
    /// Portfolio figures.
    EstatisticasPortfolio,
    /// Cash out.
    SaidasCaixa,
}

impl FigureTable {
    /// All of them.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// Those that a target's commit writes.
    pub const fn of(target: Target) -> &'static [Self] {
        match target {
            Target::Empreendimento(_) => &[
                Self::EntradasCaixa,
                Self::Delinquency,
                Self::EstatisticasPortfolio,
            ],
            Target::SaidasCaixa => &[Self::SaidasCaixa],
        }
    }

    /// Its name in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Its columns of figures, each with its decimals.
    pub const fn columns(self) -> &'static [(&'static str, u32)] {
        match self {
            Self::EntradasCaixa => &[("forecast", 2), ("actual", 2)],
            Self::Delinquency => &[
                ("up_to_30", 2),
                ("days_30_60", 2),
                ("days_60_90", 2),
                ("days_90_180", 2),
                ("above_180", 2),
                ("total", 2),
            ],
            Self::EstatisticasPortfolio => &[
                ("vp", 2),
                ("ltv", 2),
                ("prazo_medio", 1),
                ("duration", 2),
                ("total_contracts", 0),
                ("active_contracts", 0),
            ],
            Self::SaidasCaixa => &[("orcamento", 2), ("realizado", 2)],
        }
    }
}

/// Which view of the cells is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellView {
    /// As they stood at a time.
    AsOf(DateTime<Utc>),
    /// As they were signed off, of closed months alone.
    Closed,
}

/// The identity of a cell within its table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CellKey {
    /// Code of the empreendimento; of cash out, of the filial.
    pub owner: i64,
    /// The month.
    pub ref_month: Month,
    /// `category` of cash in, `categoria` of cash out, else empty.
    pub category: String,
}

/// A published cell: the figures of a table's row, and what made them so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The row.
    pub key: CellKey,
    /// What the empreendimento or filial is called now.
    pub nome: String,
    /// In the order of [`FigureTable::columns`].
    pub values: Vec<Decimal>,
    /// The run that made them so.
    pub run: RunId,
    /// When.
    pub at: DateTime<Utc>,
    /// That run's today; not known of imported figures.
    pub as_of: Option<NaiveDate>,
}

/// A cell that differs between two times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellChange {
    /// The table.
    pub table: FigureTable,
    /// The row.
    pub key: CellKey,
    /// What the empreendimento or filial is called now.
    pub nome: String,
    /// Its figures before; `None` when it appeared.
    pub before: Option<Vec<Decimal>>,
    /// Its figures after; `None` when it disappeared.
    pub after: Option<Vec<Decimal>>,
    /// The run of the last change between the two.
    pub run: RunId,
    /// The attempt of that run; `None` where it imported.
    pub generation: Option<i64>,
    /// When that was.
    pub at: DateTime<Utc>,
}
