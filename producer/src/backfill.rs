//! `backfill`: from a catalogue to a plan, and from a plan to a recorded, published run.

use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::checks::{Check, CheckVerdict};
use domain::job::{RunId, RunParams};
use domain::ledger::NewJob;
use domain::records::Rejection;
use domain::tables::Catalogue;
use mega::{MegaClient, MegaConfig};
use secrecy::SecretString;
use store::{Planning, Untouched};

use crate::console::Console;
use crate::enqueue::Enqueuer;
use crate::exit::CommandError;
use crate::plan::{self, Plan, Request, SkipRecent};
use crate::render::{jobs_of, printable, window};

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

/// Plans a run as [`plan()`] does and prints it, for `--dry-run`: the database stays as it is, but that
/// a new session with the ERP is kept for all where there was none.
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
    match plan(&*untouched.ledger, request, catalogue).await {
        Ok(plan) => show(console, &plan),
        Err(CommandError::Store(error)) => Err(untouched.explain(error).await.into()),
        Err(error) => Err(error),
    }
}

/// Prints a plan.
fn show(console: &mut Console<'_>, plan: &Plan) -> Result<(), CommandError> {
    console.data(&describe(&plan.params, &plan.jobs, &plan.skipped))?;
    tell_catalogue(console, plan);
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
    tell_catalogue(console, &plan);
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

/// Names the empreendimentos that the ERP lists no more.
fn tell_catalogue(console: &mut Console<'_>, plan: &Plan) {
    let Check {
        verdict,
        observed,
        samples,
        ..
    } = &plan.check;
    if *verdict != CheckVerdict::Passed {
        console.narrate(&format!("{observed}: {}", samples.join(", ")));
    }
}

fn describe(params: &RunParams, jobs: &[NewJob], skipped: &[NewJob]) -> String {
    let mut text = format!("{} over {}\n", jobs_of(jobs.len()), window(params));
    list(&mut text, jobs);
    if !skipped.is_empty() {
        _ = writeln!(text, "{} synced recently, left out", skipped.len());
        list(&mut text, skipped);
    }
    text
}

fn list(text: &mut String, jobs: &[NewJob]) {
    for job in jobs {
        let target = job.target.to_string();
        _ = writeln!(text, "  {target:<12}  {}", printable(&job.nome));
    }
}

#[cfg(test)]
mod tests {
    use domain::job::Target;
    use domain::ledger::JobState;

    use super::*;
    use crate::summary::tests::{job, run};

    #[test]
    fn the_plan_that_a_dry_run_prints() {
        let job = |code| NewJob {
            target: job(code, JobState::Queued).target,
            nome: format!("Residencial {code}"),
        };
        let cash_out = NewJob {
            target: Target::SaidasCaixa,
            nome: "saídas \u{1b}[2J".to_owned(),
        };
        let jobs = [cash_out, job(1471), job(1472)];
        let skipped = [job(1480)];
        insta::assert_snapshot!(describe(&run().params, &jobs, &skipped));
    }
}
