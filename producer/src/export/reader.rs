//! Reading cells, page by page.

use store::{Cell, FigureTable, Store};

use super::error::ExportError;
use super::request::Request;
use crate::error::CommandError;

/// Cells read at once.
const PAGE: u32 = 2_000;

/// Gives each cell of a table to `row`, in the order of their keys.
///
/// # Errors
/// When the database fails, or `row` does.
pub async fn each_cell(
    store: &dyn Store,
    request: &Request,
    table: FigureTable,
    mut row: impl FnMut(&Cell) -> Result<(), ExportError>,
) -> Result<(), CommandError> {
    let months = request.months.map(|months| (months.first, months.last));
    let mut after = None;
    loop {
        let view = request.view.cells();
        let mut page = store
            .cells(view, table, months, after.as_ref(), PAGE)
            .await?;
        for cell in &page {
            row(cell)?;
        }
        let is_last = page.len() < PAGE as usize;
        match page.pop() {
            Some(cell) if !is_last => after = Some(cell.key),
            Some(_) | None => return Ok(()),
        }
    }
}
