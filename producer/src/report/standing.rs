//! The figures of a target as they stood at a time.

use chrono::{DateTime, Utc};
use domain::job::{EmpreendimentoId, Target};
use domain::month::Month;
use serde::Serialize;
use store::{Cell, FigureTable, PublishedRow, Store};

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
