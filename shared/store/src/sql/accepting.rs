//! Failed checks that a person accepts when requeueing.

use domain::checks::{Acceptance, CheckRecord};
use domain::failure::FailureClass;
use domain::job::{RunId, Target};
use domain::ledger::RequeueFilter;
use sqlx::types::Json;

use super::dialect::Dialect;
use super::picked::{on_picked, picked};
use super::row::row;
use super::statement::statement;
use super::{checks, text};
use crate::error::Failure;

const FAILED: &str = concat!(
    "SELECT target, generation, class, accepted FROM sync_jobs WHERE ",
    picked!(),
    " ORDER BY seq"
);

const ACCEPT: &str = "
UPDATE sync_jobs SET accepted = $3
WHERE run_id = $1 AND target = $2 AND state IN ('failed', 'cancelled')";

row! {
    /// A job that is about to be requeued.
    struct FailedRow {
        target: String,
        generation: Option<i64>,
        class: Option<String>,
        accepted: Option<Json<Acceptance>>,
    }
}

impl FailedRow {
    fn is_implausible(&self) -> bool {
        let class = self
            .class
            .as_deref()
            .and_then(|class| class.parse::<FailureClass>().ok());
        class == Some(FailureClass::Implausible)
    }
}

/// Adds the checks that failed to what was accepted of each job before.
pub async fn accept<DB: Dialect>(
    connection: &mut DB::Connection,
    run: &RunId,
    filter: &RequeueFilter,
) -> Result<(), Failure> {
    let failed: Vec<FailedRow> = on_picked::<DB>(FAILED, run, filter)
        .fetch_all(connection)
        .await?;
    for job in failed {
        let target = text::target(&job.target)?;
        let is_implausible = job.is_implausible();
        let mut accepted = job.accepted.map(|Json(before)| before).unwrap_or_default();
        if is_implausible {
            accepted.merge(failed_checks::<DB>(connection, target, job.generation).await?);
        }
        statement::<DB>(ACCEPT)
            .bind(run.to_string())
            .bind(target.to_string())
            .bind(Json(accepted))
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// The checks that failed an attempt, with their subjects; of a failure that an earlier version
/// recorded, without its checks, every fall.
async fn failed_checks<DB: Dialect>(
    connection: &mut DB::Connection,
    target: Target,
    generation: Option<i64>,
) -> Result<Acceptance, Failure> {
    let mut failed = Acceptance::default();
    let checks = match generation {
        Some(generation) => checks::of_attempt::<DB>(connection, target, generation).await?,
        None => Vec::new(),
    };
    for check in checks.into_iter().filter(CheckRecord::has_failed) {
        failed.add(&check.name, check.subjects);
    }
    match failed.is_empty() {
        true => Ok(Acceptance::of_every_fall()),
        false => Ok(failed),
    }
}
