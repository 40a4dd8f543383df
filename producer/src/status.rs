//! `status`: what the ledger says about a run.

use chrono::Utc;
use domain::job::RunId;
use domain::ledger::RunRecord;
use store::{Asking, Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::checks::Checks;
use crate::cli::StatusArgs;
use crate::console::Console;
use crate::exit::{CommandError, Exit};
use crate::follow::{self, View};
use crate::reconcile::QUIET;
use crate::render;
use crate::summary::Summary;

/// Tells how a run stands, once or until it has ended.
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
        follow::follow(console, store, &run, View::Picture, stop)
            .await?
            .summary
    } else {
        summarise(store, &run).await?
    };
    if args.json {
        console.json(&summary)?;
    } else {
        console.data(&render::page(&summary, console.program()))?;
    }
    Ok(summary.exit())
}

/// A run's summary as the ledger stands now.
///
/// # Errors
/// When the database fails.
pub async fn summarise(store: &dyn Store, run: &RunRecord) -> Result<Summary, StoreError> {
    let mut summary = progress(store, run).await?;
    summary.checks = Checks::of(store.checks_of_run(&run.id).await?);
    if summary.in_hand() == 0 {
        summary.silent = store.lost(&run.id, QUIET).await?;
    }
    Ok(summary)
}

/// A run's summary without its checks and without a look for lost messages: all that changes from
/// second to second.
///
/// # Errors
/// When the database fails.
pub async fn progress(store: &dyn Store, run: &RunRecord) -> Result<Summary, StoreError> {
    let jobs = store.jobs(&run.id).await?;
    let workers = store.fleet().await?;
    let refused = store.session().await?.refused;
    Ok(Summary::new(
        run.clone(),
        &jobs,
        workers,
        refused,
        Utc::now(),
    ))
}

/// The run of that name, or the newest.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn find_run(store: &dyn Asking, run: Option<&RunId>) -> Result<RunRecord, CommandError> {
    store.run(run).await?.ok_or_else(|| match run {
        Some(run) => CommandError::UnknownRun(run.clone()),
        None => CommandError::NoRun,
    })
}
