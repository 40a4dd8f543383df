//! `explain`: the origin of figures, what changed since the commit before, the contratos behind them, and
//! how they stood.

use store::Store;

use crate::cli::ExplainArgs;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::render;
use crate::report::{Wanted, end_of_day, explanation, opened, standing};

/// Explains the figures of a target.
///
/// # Errors
/// When the ledger does not know the empreendimento, or the database fails.
pub async fn explain(
    console: &mut Console<'_>,
    store: &dyn Store,
    args: &ExplainArgs,
) -> Result<Exit, CommandError> {
    let wanted = Wanted {
        category: args.category,
        top: args.top,
    };
    match (args.empreendimento_id, args.month, args.as_of) {
        (Some(id), Some(month), _) if args.contratos => {
            let opened = opened(store, id, month, wanted).await?;
            match args.json {
                true => console.json(&opened)?,
                false => console.data(&render::opened(&opened))?,
            }
        }
        (id, month, Some(day)) => {
            let standing = standing(store, id, month, end_of_day(day)).await?;
            match args.json {
                true => console.json(&standing)?,
                false => console.data(&render::standing(&standing))?,
            }
        }
        (id, month, None) => {
            let explanation = explanation(store, id, month).await?;
            match args.json {
                true => console.json(&explanation)?,
                false => console.data(&render::explanation(&explanation))?,
            }
        }
    }
    Ok(Exit::Done)
}
