//! `prune`: removes what is old from the ledger and the dead queue.

use chrono::{DateTime, Utc};
use queue::Queue;
use secrecy::SecretString;
use store::{Store, Untouched};

use super::dry_run::explained;
use crate::cli::PruneArgs;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::prune::{self, PruneReport};
use crate::render;

/// Removes what is old and that nothing names, and writes how much that was. Records who did so.
///
/// # Errors
/// When a service fails; what was removed until then stays removed.
pub async fn prune(
    console: &mut Console<'_>,
    store: &dyn Store,
    queue: Option<&dyn Queue>,
    args: &PruneArgs,
) -> Result<Exit, CommandError> {
    let before = before(args);
    store.begin_prune(&console.who_asks(), before, None).await?;
    show(console, args, &prune::prune(store, queue, before).await?)?;
    Ok(Exit::Done)
}

/// Counts what [`prune()`] would remove from the ledger: the database stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn dry_run(
    console: &mut Console<'_>,
    database: &SecretString,
    args: &PruneArgs,
) -> Result<Exit, CommandError> {
    let before = before(args);
    let untouched = Untouched::open(database).await?;
    let counted = untouched.ledger.prunable(before).await;
    let report = PruneReport {
        before,
        removed: explained(&untouched, counted.map_err(CommandError::from)).await?,
        dead_letters: None,
    };
    show(console, args, &report)?;
    console.narrate("dry run: nothing was removed");
    Ok(Exit::Done)
}

fn before(args: &PruneArgs) -> DateTime<Utc> {
    Utc::now() - args.older_than
}

fn show(
    console: &mut Console<'_>,
    args: &PruneArgs,
    report: &PruneReport,
) -> Result<(), CommandError> {
    match args.json {
        true => console.json(report),
        false => console.data(&render::pruned(report)),
    }
}
