//! `backfill`: from a catalogue to a plan, and from a plan to a recorded, published run.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::checks::{Check, CheckVerdict};
use domain::job::RunId;
use domain::records::Rejection;
use domain::tables::Catalogue;
use mega::{MegaClient, MegaConfig};
use secrecy::SecretString;
use store::{Planning, Untouched};

use super::dry_run::explained;
use crate::console::Console;
use crate::error::CommandError;
use crate::plan::{self, Plan, Request, SkipRecent};
use crate::publish::Enqueuer;
use crate::render;
use crate::text::{counted, list};

/// Plans a run over what the ERP lists and what the ledger remembers. Writes nothing.
///
/// # Errors
/// When part of the catalogue was rejected, the request does not fit it, or the database fails.
pub async fn plan(
    store: &dyn Planning,
    request: &Request,
    (catalogue, rejections): (Catalogue, Vec<Rejection>),
) -> Result<Plan, CommandError> {
    if !rejections.is_empty() {
        return Err(CommandError::Catalogue(rejections));
    }
    let recent = match request.skip {
        Some(SkipRecent { since, oldest_view }) => {
            let window = &request.params;
            store.covered_since(window, since, oldest_view).await?
        }
        None => Vec::new(),
    };
    let costs = store.last_costs().await?;
    let known = store.listed_with_contratos().await?;
    Ok(plan::plan(
        request,
        catalogue,
        &recent.into_iter().collect(),
        &costs,
        &known,
    )?)
}

/// Plans a run as [`plan()`] does and prints it, for `--dry-run`: the database stays as it is,
/// except that a new session with the ERP is kept in it.
///
/// # Errors
/// As [`plan()`], and when the plan cannot be printed.
pub async fn dry_run(
    console: &mut Console<'_>,
    database: &SecretString,
    mega: MegaConfig,
    request: &Request,
) -> Result<(), CommandError> {
    let untouched = Untouched::open(database).await?;
    let catalogue = MegaClient::new(mega, Arc::clone(&untouched.session))?
        .catalogue()
        .await?;
    let plan = plan(&*untouched.ledger, request, catalogue).await;
    let plan = explained(&untouched, plan).await?;
    console.data(&render::plan(&plan))?;
    narrate_catalogue(console, &plan);
    console.narrate("dry run: nothing was written");
    Ok(())
}

/// Records and publishes a plan; prints the run's name. `None` when the plan has no jobs.
///
/// # Errors
/// As [`Enqueuer::enqueue`].
pub async fn enqueue(
    console: &mut Console<'_>,
    enqueuer: Enqueuer<'_>,
    plan: Plan,
    now: DateTime<Utc>,
) -> Result<Option<RunId>, CommandError> {
    let skipped = plan.skipped.len();
    if skipped > 0 {
        console.narrate(&format!("{skipped} synced recently, skipped"));
    }
    narrate_catalogue(console, &plan);
    if plan.jobs.is_empty() {
        console.narrate("nothing to do: everything was synced recently");
        return Ok(None);
    }
    let oldest = now - plan.history;
    let run = plan.into_run(RunId::new(now), console.who_asks());
    let count = enqueuer.enqueue(&run).await?;
    // The run goes on without it, and the next one tries again.
    if let Err(error) = enqueuer.store.forget_changes(oldest).await {
        console.narrate(&format!(
            "old history of the figures is not removed: {error}"
        ));
    }
    console.narrate(&format!(
        "run {}: {} published",
        run.id,
        counted(count, "job")
    ));
    console.data(&format!("{}\n", run.id))?;
    Ok(Some(run.id))
}

/// Names the empreendimentos that the ERP no longer lists.
fn narrate_catalogue(console: &mut Console<'_>, plan: &Plan) {
    let Check {
        verdict,
        observed,
        samples,
        ..
    } = &plan.check;
    if *verdict != CheckVerdict::Passed {
        console.narrate(&format!("{observed}: {}", list(samples)));
    }
}
