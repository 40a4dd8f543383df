//! The way of one job: claim, compute, validate, commit.

use domain::failure::{Cause, FailureClass};
use domain::job::JobMessage;
use domain::ledger::{Committed, Grant};
use mega::MegaError;
use queue::Lane;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{Span, info, warn};

use crate::cancelled::{cancelled, given_up, is_cancelled};
use crate::claim::claim;
use crate::compute::Computed;
use crate::deadline::passed;
use crate::ending::{conclude, give_back_attempt};
use crate::error::JobError;
use crate::outcome::Outcome;
use crate::panics::caught;
use crate::slots::Slot;
use crate::worker::Worker;
use crate::{failpoint, metrics, retry_policy};

/// Works on a job until it has an outcome that the ledger knows of.
///
/// While the database is away nothing can be committed or recorded: the job then stays in hand
/// until the database is back or the caller gives it back. `give_back` ends it at any point before
/// the commit, as does a person who cancels it.
pub async fn process(
    worker: &Worker,
    slot: &Slot,
    job: JobMessage,
    give_back: &CancellationToken,
) -> Outcome {
    let began = Instant::now();
    let (grant, _turn) = match claim(worker, slot, &job, began, give_back).await {
        Ok(granted) => granted,
        Err(outcome) => return outcome,
    };
    Span::current().record("attempt", grant.attempt.generation);
    failpoint::passed_by("claimed", grant.attempt.job.target);
    if let Some(outcome) = retry_policy::instead_of_beginning(&grant) {
        return conclude(worker, &grant, outcome, Vec::new(), give_back).await;
    }

    let limits = &worker.limits;
    let committed = tokio::select! {
        committed = caught(compute_and_commit(worker, slot.lane(), &grant)) => committed,
        longest = passed(began, limits.deadline) => Ok(Err(JobError::Deadline(longest))),
        () = cancelled(worker, &grant.attempt) => return given_up(),
        () = give_back.cancelled() => return give_back_attempt(worker, &grant.attempt).await,
    };
    let error = match committed {
        Ok(Ok(Committed::Applied { kept })) => {
            if !kept.is_empty() {
                info!(left = kept.len(), "left what a later view has written");
            }
            return Outcome::Done;
        }
        Ok(Ok(Committed::Fenced)) => {
            if is_cancelled(worker, &grant.attempt, give_back).await {
                return given_up();
            }
            warn!("fenced out: a newer attempt has this job; nothing was written");
            return retry_policy::fenced_out(limits.deadline);
        }
        Ok(Err(error)) => classify(worker, error).await,
        Err(panic) => JobError::Panicked(panic),
    };
    // Its failure is of no interest any more, and no message of it is to be retried or dead.
    if is_cancelled(worker, &grant.attempt, give_back).await {
        return given_up();
    }
    let outcome = retry_policy::outcome(&limits.retry_delays, &grant, &error, Cause::from(&error));
    conclude(worker, &grant, outcome, error.into_checks(), give_back).await
}

async fn compute_and_commit(
    worker: &Worker,
    lane: Lane,
    grant: &Grant,
) -> Result<Committed, JobError> {
    let computed = Computed::of(worker, lane, grant).await?;
    failpoint::reached("fetched")?;
    let checks = computed.validate(worker, grant).await?;
    failpoint::reached("committing")?;
    let committing = computed.commit(worker, grant, &checks);
    let committed = metrics::commit(committing, &checks).await?;
    failpoint::reached("committed")?;
    Ok(committed)
}

/// Finds out whether a call failed because of this job, or because the ERP is away.
async fn classify(worker: &Worker, error: JobError) -> JobError {
    match error {
        JobError::Mega { contrato, source }
            if source.class() == FailureClass::Transient && worker.mega.is_away().await =>
        {
            warn!(?contrato, "the ERP is away: {source}");
            JobError::Mega {
                contrato: None,
                source: MegaError::Away,
            }
        }
        error => error,
    }
}
