//! `backfill`: from a catalogue to a plan, and from a plan to a recorded, published run.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use shared::job::RunId;
use shared::ledger::NewJob;
use shared::mega::{Catalogue, Rejection};
use shared::store::Store;

use crate::console::Console;
use crate::enqueue::Enqueuer;
use crate::exit::CommandError;
use crate::plan::{self, Plan, Request};
use crate::render::{jobs_of, printable, window};

/// Plans a run over what the ERP lists and what the ledger remembers. Writes nothing.
///
/// # Errors
/// When part of the catalogue was rejected, the request does not fit it, or the database fails.
pub async fn plan(
    store: &dyn Store,
    request: &Request,
    (catalogue, rejections): (Catalogue, Vec<Rejection>),
) -> Result<Plan, CommandError> {
    if !rejections.is_empty() {
        return Err(CommandError::Catalogue(rejections));
    }
    let recent = match request.skip_since {
        Some(since) => store.synced_since(since).await?,
        None => Vec::new(),
    };
    let costs = store.last_costs().await?;
    Ok(plan::plan(
        request,
        catalogue,
        &recent.into_iter().collect(),
        &costs,
    )?)
}

/// Prints a plan, for `--dry-run`.
///
/// # Errors
/// When it cannot be written.
pub fn show(console: &mut Console<'_>, plan: &Plan) -> Result<(), CommandError> {
    console.data(&describe(plan))?;
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
        console.narrate(&format!("{skipped} synced recently, left out"));
    }
    if plan.jobs.is_empty() {
        console.narrate("nothing to do: all that was asked for was synced recently");
        return Ok(None);
    }
    let run = plan.into_run(now);
    let count = enqueuer.enqueue(&run).await?;
    console.narrate(&format!("run {}: {} published", run.id, jobs_of(count)));
    console.data(&format!("{}\n", run.id))?;
    Ok(Some(run.id))
}

fn describe(plan: &Plan) -> String {
    let mut text = format!(
        "{} over {}\n",
        jobs_of(plan.jobs.len()),
        window(&plan.params)
    );
    list(&mut text, &plan.jobs);
    if !plan.skipped.is_empty() {
        _ = writeln!(text, "{} synced recently, left out", plan.skipped.len());
        list(&mut text, &plan.skipped);
    }
    text
}

fn list(text: &mut String, jobs: &[NewJob]) {
    for job in jobs {
        let target = job.target.to_string();
        _ = writeln!(text, "  {target:<12}  {}", printable(&job.nome));
    }
}
