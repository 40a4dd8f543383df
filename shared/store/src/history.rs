//! Published figures as they were, what changed, and the contratos behind them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::job::Target;
use domain::month::Month;
use domain::store_error::StoreError;
use domain::tables::ContratoMemory;

use crate::cells::{Cell, CellChange, CellKey, CellView, FigureTable};

/// Questions about the history of the figures, and forgetting what is past its time.
#[async_trait]
pub trait History: Send + Sync {
    /// The cells of a table in a view, of some months or of all, by key: at most so many of those
    /// `after` a key.
    async fn cells(
        &self,
        view: CellView,
        table: FigureTable,
        months: Option<(Month, Month)>,
        after: Option<&CellKey>,
        most: u32,
    ) -> Result<Vec<Cell>, StoreError>;

    /// The cells of a target as they stood at a time, of one month or of all, by table and key.
    async fn cells_of(
        &self,
        target: Target,
        month: Option<Month>,
        at: DateTime<Utc>,
    ) -> Result<Vec<(FigureTable, Cell)>, StoreError>;

    /// The cells that differ between two times, of one target or of all, by table and key.
    async fn changes(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        of: Option<Target>,
    ) -> Result<Vec<CellChange>, StoreError>;

    /// Removes changes that another of the same cell had followed by a time, those of closed months
    /// excepted, and returns how many. How cells stood from that time on is still known.
    async fn forget_changes(&self, before: DateTime<Utc>) -> Result<u64, StoreError>;

    /// What each contrato of a target added at one commit, by code; empty where that is not kept: the
    /// last two commits and those that have a month in the tables are.
    async fn contratos_of_commit(
        &self,
        target: Target,
        generation: i64,
    ) -> Result<Vec<ContratoMemory>, StoreError>;
}
