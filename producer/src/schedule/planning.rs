//! Planning a run that a schedule has begun, as `backfill` plans its own.

use domain::job::RunId;
use domain::schedule::ScheduledRun;
use mega::MegaClient;
use store::Store;

use super::asked::request_of;
use crate::broker::Broker;
use crate::commands::backfill;
use crate::error::CommandError;
use crate::plan::Request;
use crate::publish::{Enqueuer, Publishing};

/// Plans a run over the ERP's list, records its jobs and publishes them. Once the run is recorded it is
/// planned: what cannot be published then is published later.
///
/// # Errors
/// When it cannot be planned, now or ever: see [`is_passing`].
pub(super) async fn plan(
    store: &dyn Store,
    broker: &Broker,
    erp: &MegaClient,
    run: &ScheduledRun,
) -> Result<(), CommandError> {
    // As it was decided, whatever the day and the settings are now.
    let request = Request {
        params: run.params,
        payables: run.payables.clone(),
        replace_newer: run.replace_newer,
        ..request_of(&run.arguments, run.created_at)?
    };
    // Only a probe closes the circuit, and perhaps nobody else in this process makes one.
    if erp.is_known_to_be_away() {
        erp.probe().await?;
    }
    let plan = backfill::plan(store, &request, erp.catalogue().await?).await?;
    let oldest = run.created_at - plan.history;
    let jobs = plan.jobs.len();
    store
        .record_run(&plan.into_run(run.id.clone(), run.by.clone()))
        .await?;
    tracing::info!(run = %run.id, schedule = %run.schedule, jobs, "planned");
    if let Err(error) = publish(store, broker, &run.id).await {
        tracing::warn!(run = %run.id, "not published yet: {error}");
    }
    if let Err(error) = store.forget_changes(oldest).await {
        tracing::warn!("old history of the figures is not removed: {error}");
    }
    Ok(())
}

/// Publishes the messages of a run that were never confirmed, if there are any.
///
/// # Errors
/// When a service fails.
pub(super) async fn publish(
    store: &dyn Store,
    broker: &Broker,
    run: &RunId,
) -> Result<(), CommandError> {
    if store.unfinished(run, false).await?.is_empty() {
        return Ok(());
    }
    let queue = broker.queue().await?;
    let enqueuer = Enqueuer {
        store,
        queue: &*queue,
        publishing: Publishing::Missing,
    };
    enqueuer.publish_unfinished(run).await?;
    Ok(())
}

/// Whether a later try at planning may succeed, perhaps once a person has acted.
pub(super) const fn is_passing(error: &CommandError) -> bool {
    !matches!(
        error,
        CommandError::Plan(_) | CommandError::Catalogue(_) | CommandError::Schedule(_)
    )
}
