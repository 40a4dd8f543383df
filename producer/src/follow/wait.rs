//! `backfill --wait`: following a run that was just enqueued, as long as anything can move it.

use std::time::Duration;

use domain::ledger::RunRecord;
use queue::Queue;
use store::Store;
use tokio_util::sync::CancellationToken;

use super::run::follow;
use super::screen::View;
use super::stuck::until_stuck;
use crate::console::Console;
use crate::error::{CommandError, Stuck};
use crate::exit::Exit;
use crate::render;

/// Follows a run after it was enqueued, for `--wait`, and narrates its final state. The queue is that of
/// its messages, where this process can see it.
///
/// # Errors
/// As [`follow`]; and [`CommandError::Stuck`] when the run cannot go on, or has not ended within
/// `timeout`.
pub async fn wait(
    console: &mut Console<'_>,
    store: &dyn Store,
    queue: Option<&dyn Queue>,
    run: &RunRecord,
    timeout: Option<Duration>,
    stop: CancellationToken,
) -> Result<Exit, CommandError> {
    let stuck = async {
        tokio::select! {
            why = until_stuck(store, queue, &run.id) => why,
            why = until_timeout(timeout) => Ok(why),
        }
    };
    let followed = tokio::select! {
        followed = follow(console, store, run, View::Bar, stop) => followed?,
        why = stuck => {
            let run = run.id.clone();
            return Err(CommandError::Stuck { run, why: why? });
        }
    };
    console.narrate(render::summary(&followed.summary, console.program()).trim_end());
    Ok(followed.exit())
}

async fn until_timeout(timeout: Option<Duration>) -> Stuck {
    match timeout {
        Some(timeout) => {
            tokio::time::sleep(timeout).await;
            Stuck::Timeout(timeout)
        }
        None => std::future::pending().await,
    }
}
