//! The figures of a target as they stood at a time, or as they were signed off.

use chrono::{DateTime, Utc};
use domain::job::{EmpreendimentoId, Target};
use domain::month::Month;
use serde::Serialize;
use store::{Cell, CellView, FigureTable, PublishedRow, Store};

use super::explanation::named;
use crate::error::CommandError;

/// The output of `explain --as-of --json`, whose field names stay.
#[derive(Debug, Serialize)]
pub struct Standing {
    /// What the figures are of.
    pub target: Target,
    /// What a person calls it.
    pub nome: String,
    /// The month asked about; absent for all.
    pub month: Option<Month>,
    /// The time.
    pub at: DateTime<Utc>,
    /// The figures as they stood, each row with the run that had made it so, and when.
    pub figures: Vec<PublishedRow>,
}

/// The figures of an empreendimento, or without one of the cash out, as they stood at a time.
///
/// # Errors
/// When the ledger does not know the empreendimento, or the database fails.
pub async fn standing(
    store: &dyn Store,
    empreendimento: Option<EmpreendimentoId>,
    month: Option<Month>,
    at: DateTime<Utc>,
) -> Result<Standing, CommandError> {
    let (target, nome) = named(store, empreendimento).await?;
    let cells = store.cells_of(target, month, at).await?;
    Ok(Standing {
        target,
        nome,
        month,
        at,
        figures: cells
            .into_iter()
            .map(|(table, cell)| row(table, cell))
            .collect(),
    })
}

/// The figures of an empreendimento's month as they were signed off, at the time of its close; `None` where
/// no close of them stands.
///
/// # Errors
/// As [`standing`].
pub async fn signed_off(
    store: &dyn Store,
    id: EmpreendimentoId,
    month: Month,
) -> Result<Option<Standing>, CommandError> {
    let (target, nome) = named(store, Some(id)).await?;
    let mut cells = Vec::new();
    for table in FigureTable::of(target) {
        let of_month = Some((month, month));
        let closed = store
            .cells(CellView::Closed, *table, of_month, None, u32::MAX)
            .await?;
        let own = closed.into_iter().filter(|cell| cell.key.owner == id.get());
        cells.extend(own.map(|cell| (*table, cell)));
    }
    let at = cells.iter().map(|(_, cell)| cell.at).max();
    Ok(at.map(|at| Standing {
        target,
        nome,
        month: Some(month),
        at,
        figures: cells
            .into_iter()
            .map(|(table, cell)| row(table, cell))
            .collect(),
    }))
}

fn row(table: FigureTable, cell: Cell) -> PublishedRow {
    let category = match table {
        FigureTable::SaidasCaixa => format!("{} {}", cell.key.owner, cell.key.category),
        _ => cell.key.category,
    };
    let columns = table.columns().iter().zip(&cell.values);
    PublishedRow {
        table: table.name(),
        ref_month: Some(cell.key.ref_month),
        category: Some(category).filter(|category| !category.is_empty()),
        values: columns
            .map(|((column, _), value)| (*column, value.to_string()))
            .collect(),
        run: cell.run,
        synced_at: cell.at,
        generation: None,
        worker: None,
        imported_from: None,
    }
}
