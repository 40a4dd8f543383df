//! `requeue`: failed jobs, by the ledger, enqueued again.

use std::collections::BTreeSet;

use domain::job::{EmpreendimentoId, RunId, Target};
use domain::ledger::{JobRecord, JobState, Requeue, RequeueFilter};
use secrecy::SecretString;
use store::{Store, Untouched};

use super::dry_run::explained;
use crate::cli::RequeueArgs;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::publish::Enqueuer;
use crate::render;
use crate::report::find_run;
use crate::text::{counted, printable};

/// The failed jobs to requeue.
#[derive(Debug, Clone)]
pub struct Picked {
    /// Their run.
    pub run: RunId,
    /// The jobs, in publishing order.
    pub jobs: Vec<JobRecord>,
}

/// Picks the failed jobs that the arguments ask for. Changes nothing.
///
/// # Errors
/// When there is no such run, an empreendimento named is not failed in it, or the database fails.
pub async fn pick(store: &dyn Store, args: &RequeueArgs) -> Result<Picked, CommandError> {
    let run = find_run(store, args.run.as_ref()).await?.id;
    let jobs = store.requeueable(&run, &filter(args)).await?;
    let failed: BTreeSet<_> = jobs
        .iter()
        .filter_map(|job| job.target.empreendimento())
        .collect();
    let others: BTreeSet<_> = args.empreendimento_ids.iter().copied().collect();
    let others: Vec<_> = others.difference(&failed).copied().collect();
    if !others.is_empty() {
        let what = instead(&store.jobs(&run).await?, &others);
        return Err(CommandError::NotFailed { run, what });
    }
    Ok(Picked { run, jobs })
}

/// Picks as [`pick`] does and lists what was picked, for `--dry-run`: the database stays as it is.
///
/// # Errors
/// As [`pick`], and when the list cannot be written.
pub async fn dry_run(
    console: &mut Console<'_>,
    database: &SecretString,
    args: &RequeueArgs,
) -> Result<(), CommandError> {
    let untouched = Untouched::open(database).await?;
    let picked = pick(&*untouched.ledger, args).await;
    show(console, &explained(&untouched, picked).await?)
}

/// Lists the jobs to requeue.
///
/// # Errors
/// When it cannot be written.
pub fn show(console: &mut Console<'_>, picked: &Picked) -> Result<(), CommandError> {
    let count = counted(picked.jobs.len(), "job");
    console.data(&render::failed_jobs(&picked.jobs))?;
    console.narrate(&format!(
        "dry run: {count} of run {} would be requeued",
        picked.run
    ));
    Ok(())
}

/// Makes the picked jobs ready again and publishes them, with those that an earlier command left
/// unpublished: repeating it after a crash finishes the requeue.
///
/// # Errors
/// [`CommandError::Unpublished`] when the jobs are ready, but publishing stopped halfway.
pub async fn requeue(
    console: &mut Console<'_>,
    enqueuer: Enqueuer<'_>,
    args: &RequeueArgs,
    picked: &Picked,
) -> Result<Exit, CommandError> {
    let Picked { run, jobs } = picked;
    let count = match jobs.is_empty() {
        true => 0,
        false => {
            let requeue = Requeue {
                filter: filter(args),
                accept_change: args.accept_change,
                by: console.who_asks(),
            };
            enqueuer.store.requeue(run, &requeue).await?
        }
    };
    let published = enqueuer.publish_unfinished(run).await?;
    console.narrate(&match (count, published) {
        (0, 0) => format!("{} in run {run}: nothing was requeued", nothing(args)),
        _ => format!(
            "run {run}: {} requeued, {} published",
            counted(count as usize, "job"),
            counted(published, "message")
        ),
    });
    Ok(Exit::Done)
}

fn filter(args: &RequeueArgs) -> RequeueFilter {
    RequeueFilter {
        empreendimentos: args.empreendimento_ids.clone(),
        fingerprint: args.cause.clone(),
    }
}

fn nothing(args: &RequeueArgs) -> String {
    match &args.cause {
        Some(cause) => format!("nothing failed for the cause {}", printable(cause)),
        None => "nothing failed".to_owned(),
    }
}

fn instead(jobs: &[JobRecord], ids: &[EmpreendimentoId]) -> Vec<String> {
    let one = |id: &EmpreendimentoId| {
        let job = jobs
            .iter()
            .find(|job| job.target == Target::Empreendimento(*id));
        match job {
            Some(JobRecord {
                state: JobState::Failed,
                cause: Some(cause),
                ..
            }) => format!("{id} failed for {}", printable(&cause.fingerprint)),
            Some(job) => format!("{id} is {}", job.state),
            None => format!("{id} is not in the run"),
        }
    };
    ids.iter().map(one).collect()
}
