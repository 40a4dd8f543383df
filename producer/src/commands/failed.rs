//! `failed`: the failed jobs of a run, and why.

use chrono::{DateTime, Utc};
use domain::failure::FailureClass;
use domain::job::{RunId, Target};
use domain::ledger::{JobRecord, RequeueFilter, WorkerId};
use serde::Serialize;
use store::Store;

use crate::cli::FailedArgs;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::render;
use crate::report::{FailedCause, failed_causes, find_run};
use crate::text::counted;

/// The output of `failed --json`, whose field names stay.
#[derive(Debug, Serialize)]
struct Failed {
    run: RunId,
    failed: Vec<FailedJob>,
}

/// The output of `failed --group --json`, whose field names stay.
#[derive(Debug, Serialize)]
struct FailedCauses {
    run: RunId,
    causes: Vec<FailedCause>,
}

/// One failed job.
#[derive(Debug, Serialize)]
struct FailedJob {
    target: Target,
    nome: String,
    class: Option<FailureClass>,
    fingerprint: Option<String>,
    message: Option<String>,
    /// Attempts that ended in an error.
    errors: u32,
    /// Attempts whose worker crashed.
    crashes: u32,
    finished_at: Option<DateTime<Utc>>,
    worker: Option<WorkerId>,
}

impl From<JobRecord> for FailedJob {
    fn from(job: JobRecord) -> Self {
        let (class, fingerprint, message) = match job.cause {
            Some(cause) => (
                Some(cause.class),
                Some(cause.fingerprint),
                Some(cause.message),
            ),
            None => (None, None, None),
        };
        Self {
            target: job.target,
            nome: job.nome,
            class,
            fingerprint,
            message,
            errors: job.errors,
            crashes: job.crashes,
            finished_at: job.finished_at,
            worker: job.worker,
        }
    }
}

/// Lists the failed jobs of a run.
///
/// # Errors
/// When there is no such run, or the database fails.
pub async fn failed(
    console: &mut Console<'_>,
    store: &dyn Store,
    args: &FailedArgs,
) -> Result<Exit, CommandError> {
    let run = find_run(store, args.run.as_ref()).await?.id;
    let jobs = store.requeueable(&run, &RequeueFilter::default()).await?;
    let exit = if jobs.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    };
    if args.json && args.group {
        let causes = failed_causes(&jobs);
        console.json(&FailedCauses { run, causes })?;
    } else if args.json {
        let failed = jobs.into_iter().map(FailedJob::from).collect();
        console.json(&Failed { run, failed })?;
    } else if jobs.is_empty() {
        console.narrate(&format!("nothing failed in run {run}"));
    } else {
        console.narrate(&format!(
            "{} failed in run {run}:",
            counted(jobs.len(), "job")
        ));
        let program = console.program().name();
        let again = format!("{program} requeue --run {run}");
        if args.group {
            console.data(&render::failed_causes(&failed_causes(&jobs)))?;
            console.narrate(&format!("requeue one cause: {again} --cause FINGERPRINT"));
        } else {
            console.data(&render::failed_jobs(&jobs))?;
            console.narrate(&format!("requeue them: {again}"));
        }
    }
    Ok(exit)
}
