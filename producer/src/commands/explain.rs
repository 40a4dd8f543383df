//! `explain`: the origin of figures, and what changed since the commit before.

use store::Store;

use crate::cli::ExplainArgs;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::render;
use crate::report::explanation;

/// Explains the figures of a target.
///
/// # Errors
/// When the ledger does not know the empreendimento, or the database fails.
pub async fn explain(
    console: &mut Console<'_>,
    store: &dyn Store,
    args: &ExplainArgs,
) -> Result<Exit, CommandError> {
    let explanation = explanation(store, args.empreendimento_id, args.month).await?;
    if args.json {
        console.json(&explanation)?;
    } else {
        console.data(&render::explanation(&explanation))?;
    }
    Ok(Exit::Done)
}
