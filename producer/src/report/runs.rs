//! A run and its state, read from the ledger.

use chrono::Utc;
use domain::job::RunId;
use domain::ledger::RunRecord;
use store::{Store, StoreError};

use super::cancellation::Cancellation;
use super::checks::Checks;
use super::closes::after_close;
use super::summary::Summary;
use crate::error::CommandError;
use crate::ipca;
use crate::publish::QUIET;
use crate::text::day_of;

/// The run of that name, or the newest.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn find_run(store: &dyn Store, run: Option<&RunId>) -> Result<RunRecord, CommandError> {
    store.run(run).await?.ok_or_else(|| match run {
        Some(run) => CommandError::UnknownRun(run.clone()),
        None => CommandError::NoRun,
    })
}

/// The summary of a run as it is in the ledger now.
///
/// # Errors
/// When the database fails.
pub async fn summarise(store: &dyn Store, run: &RunRecord) -> Result<Summary, StoreError> {
    let mut summary = progress(store, run).await?;
    summary.checks = Checks::of(store.checks_of_run(&run.id).await?);
    let newest = store.ipca().await?.last().map(|(month, _)| *month);
    let today = day_of(Utc::now());
    summary.cancellations = Cancellation::among(store.actions(&run.id).await?);
    summary.after_close = after_close(store).await?;
    summary.outdated_ipca = newest.filter(|newest| ipca::is_outdated(*newest, today));
    // While the fleet is paused nothing is to happen to them.
    if summary.in_hand() == 0 && summary.paused.is_none() {
        summary.silent = store.lost(&run.id, QUIET).await?;
    }
    Ok(summary)
}

/// The summary of a run without its checks and silent jobs, which take longer to read: enough to
/// follow it.
///
/// # Errors
/// When the database fails.
pub async fn progress(store: &dyn Store, run: &RunRecord) -> Result<Summary, StoreError> {
    let jobs = store.jobs(&run.id).await?;
    let workers = store.fleet().await?;
    let refused = store.session().await?.refused;
    let paused = store.pause_of_fleet().await?;
    Ok(Summary {
        paused,
        ..Summary::new(run.clone(), &jobs, workers, refused, Utc::now())
    })
}
