//! `failed`: the failed jobs of a run, and why.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use domain::failure::FailureClass;
use domain::job::{RunId, Target};
use domain::ledger::{JobRecord, RequeueFilter, WorkerId};
use serde::Serialize;
use store::Store;

use crate::causes::{self, FailedCause};
use crate::cli::FailedArgs;
use crate::console::Console;
use crate::exit::{CommandError, Exit};
use crate::render::{jobs_of, local, printable};
use crate::status::find_run;

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
    /// Attempts that ended with their worker.
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
        let causes = causes::of(&jobs);
        console.json(&FailedCauses { run, causes })?;
    } else if args.json {
        let failed = jobs.into_iter().map(FailedJob::from).collect();
        console.json(&Failed { run, failed })?;
    } else if jobs.is_empty() {
        console.narrate(&format!("nothing failed in run {run}"));
    } else {
        console.narrate(&format!("{} failed in run {run}:", jobs_of(jobs.len())));
        let program = console.program().name();
        let again = format!("{program} requeue --run {run}");
        if args.group {
            console.data(&causes::list(&causes::of(&jobs)))?;
            console.narrate(&format!(
                "have those of one cause done again: {again} --cause FINGERPRINT"
            ));
        } else {
            console.data(&list(&jobs))?;
            console.narrate(&format!("have them done again: {again}"));
        }
    }
    Ok(exit)
}

/// Two lines a job: what and when, then why.
pub(crate) fn list(jobs: &[JobRecord]) -> String {
    let mut text = String::new();
    for job in jobs {
        let target = job.target.to_string();
        _ = writeln!(
            text,
            "{target:<12}  {}  ({})",
            printable(&job.nome),
            ending(job)
        );
        match &job.cause {
            Some(cause) => _ = writeln!(text, "    {}", printable(&cause.to_string())),
            None => text.push_str("    no cause was recorded\n"),
        }
    }
    text
}

fn ending(job: &JobRecord) -> String {
    let mut text = match job.finished_at {
        Some(at) => local(at),
        None => "no time recorded".to_owned(),
    };
    for (count, what) in [(job.errors, "errors"), (job.crashes, "worker deaths")] {
        if count > 0 {
            _ = write!(text, ", {what}: {count}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use domain::ledger::JobState;

    use super::*;
    use crate::summary::tests::{because, job};

    #[test]
    fn the_failed_jobs_with_their_causes() {
        let message = "12 of 300 records rejected, more than 1 %";
        let mut worn = because(job(1471, JobState::Failed), FailureClass::Data, message);
        worn.errors = 2;
        let mut deadly = because(job(1472, JobState::Failed), FailureClass::Bug, "\u{1b}[2J");
        deadly.crashes = 2;
        let mut silent = job(1480, JobState::Failed);
        silent.finished_at = None;
        insta::assert_snapshot!(list(&[worn, deadly, silent]));
    }
}
