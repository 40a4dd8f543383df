//! Questions about the history of the figures.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::job::Target;
use domain::month::Month;
use domain::store_error::StoreError;
use domain::tables::ContratoMemory;

use super::cell_views::{changes, closed_page, of_target, page};
use super::dialect::Dialect;
use super::memory;
use super::sql_store::{SqlStore, in_time};
use super::statement::statement;
use crate::cells::{Cell, CellChange, CellKey, CellView, FigureTable};
use crate::history::History;

const FORGET: &str = "
DELETE FROM sync_cells
WHERE at < $1
  AND EXISTS (
    SELECT 1 FROM sync_cells l
    WHERE l.kind = sync_cells.kind AND l.owner = sync_cells.owner
      AND l.ref_month = sync_cells.ref_month AND l.category = sync_cells.category
      AND l.at > sync_cells.at AND l.at <= $1)
  AND ref_month NOT IN (SELECT ref_month FROM sync_closes WHERE reopened_at IS NULL)";

#[async_trait]
impl<DB: Dialect> History for SqlStore<DB> {
    async fn cells(
        &self,
        view: CellView,
        table: FigureTable,
        months: Option<(Month, Month)>,
        after: Option<&CellKey>,
        most: u32,
    ) -> Result<Vec<Cell>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            match view {
                CellView::AsOf(at) => {
                    page::<DB>(&mut connection, at, table, months, after, most).await
                }
                CellView::Closed => {
                    closed_page::<DB>(&mut connection, table, months, after, most).await
                }
            }
        })
        .await
    }

    async fn cells_of(
        &self,
        target: Target,
        month: Option<Month>,
        at: DateTime<Utc>,
    ) -> Result<Vec<(FigureTable, Cell)>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            of_target::<DB>(&mut connection, target, month, at).await
        })
        .await
    }

    async fn changes(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        of: Option<Target>,
    ) -> Result<Vec<CellChange>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            changes::<DB>(&mut connection, from, to, of).await
        })
        .await
    }

    async fn forget_changes(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        in_time(async {
            statement::<DB>(FORGET)
                .bind(before)
                .execute(&mut *self.connection().await?)
                .await
        })
        .await
    }

    async fn contratos_of_commit(
        &self,
        target: Target,
        generation: i64,
    ) -> Result<Vec<ContratoMemory>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            memory::of_generation::<DB>(&mut connection, target, generation).await
        })
        .await
    }
}
