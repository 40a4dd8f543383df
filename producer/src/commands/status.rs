//! `status`: the state of a run.

use store::Store;
use tokio_util::sync::CancellationToken;

use crate::cli::StatusArgs;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::follow::{View, follow};
use crate::render;
use crate::report::{find_run, summarise};

/// Shows the state of a run, once or until the run has ended.
///
/// # Errors
/// When there is no such run, or the database fails.
pub async fn status(
    console: &mut Console<'_>,
    store: &dyn Store,
    args: &StatusArgs,
    stop: CancellationToken,
) -> Result<Exit, CommandError> {
    let run = find_run(store, args.run.as_ref()).await?;
    let summary = if args.watch {
        follow(console, store, &run, View::FullScreen, stop)
            .await?
            .summary
    } else {
        summarise(store, &run).await?
    };
    if args.json {
        console.json(&summary)?;
    } else {
        console.data(&render::summary(&summary, console.program()))?;
    }
    Ok(summary.exit())
}
