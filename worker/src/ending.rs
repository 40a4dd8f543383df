//! How an attempt without a commit ends, in the ledger.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::checks::Check;
use domain::failure::Cause;
use domain::job::JobMessage;
use domain::ledger::{Attempt, AttemptEnd, Grant};
use runtime::retry::RetryError;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::error::JobError;
use crate::outcome::Outcome;
use crate::panics::caught;
use crate::persist::persist;
use crate::worker::Worker;
use crate::{failpoint, metrics, retry_policy};

/// What any longer wait is recorded as: the database's times end, the settings' delays need not.
const FAR_FUTURE: TimeDelta = TimeDelta::days(365);

/// Logs and records an outcome, and gives it; [`Outcome::Returned`] when the worker stopped before
/// the database took it.
pub async fn conclude(
    worker: &Worker,
    grant: &Grant,
    outcome: Outcome,
    checks: Vec<Check>,
    give_back: &CancellationToken,
) -> Outcome {
    failpoint::passed("concluding");
    let end = match outcome.clone() {
        Outcome::Retry { after, cause } => {
            warn!(class = %cause.class, after_s = after.as_secs_f32(), "failed, to be retried: {}", cause.message);
            let at = from_now(after);
            AttemptEnd::Retry { cause, at }
        }
        Outcome::Deferred { after, cause } => {
            warn!(class = %cause.class, after_s = after.as_secs_f32(), "set aside: {}", cause.message);
            let at = from_now(after);
            AttemptEnd::Deferred { cause, at }
        }
        Outcome::Failed { cause } => {
            error!(class = %cause.class, "failed: {}", cause.message);
            metrics::checks(&checks);
            AttemptEnd::Failed {
                cause,
                manifest: None,
                checks,
            }
        }
        Outcome::Done | Outcome::Superseded | Outcome::Cancelled | Outcome::Returned => {
            AttemptEnd::Superseded
        }
    };
    match record(worker, &grant.attempt, &end, give_back).await {
        // The message may be the job's last one: it must not be buried for a job that is open.
        Some(false) if matches!(outcome, Outcome::Failed { .. }) => {
            retry_policy::fenced_out(worker.limits.deadline)
        }
        Some(_) => outcome,
        None => Outcome::Returned,
    }
}

/// Records that an attempt is given back unfinished. Who stops the worker bounds the time for it.
pub async fn give_back_attempt(worker: &Worker, attempt: &Attempt) -> Outcome {
    let never = CancellationToken::new();
    record(worker, attempt, &AttemptEnd::Returned, &never).await;
    Outcome::Returned
}

/// Stops a job whose handling panicked: in the ledger where that works, and else in the dead queue
/// alone, because its message must not come again, to panic again.
pub async fn stop(
    worker: &Worker,
    job: &JobMessage,
    panic: String,
    give_back: &CancellationToken,
) -> Outcome {
    let cause = Cause::from(&JobError::Panicked(panic));
    let recorded = persist(give_back, || worker.store.fail_job(job, &worker.id, &cause));
    match caught(recorded).await {
        Ok(Ok(())) => {}
        Ok(Err(RetryError::Cancelled)) => return Outcome::Returned,
        Ok(Err(RetryError::Failed(error))) => error!("the failure could not be recorded: {error}"),
        Err(panic) => error!("the failure could not be recorded: panicked: {panic}"),
    }
    Outcome::Failed { cause }
}

/// Records how an attempt ended, and tells whether it had not ended already; `None` when the worker stopped before
/// the database took it.
async fn record(
    worker: &Worker,
    attempt: &Attempt,
    end: &AttemptEnd,
    give_back: &CancellationToken,
) -> Option<bool> {
    match persist(give_back, || worker.store.end_attempt(attempt, end)).await {
        Ok(ended) => Some(ended),
        Err(RetryError::Failed(error)) => {
            error!("the end of an attempt could not be recorded: {error}");
            Some(true)
        }
        Err(RetryError::Cancelled) => None,
    }
}

/// When it will be so much later; for a wait without an end, far in the future.
fn from_now(after: Duration) -> DateTime<Utc> {
    let after = TimeDelta::from_std(after).unwrap_or(FAR_FUTURE);
    Utc::now() + after.min(FAR_FUTURE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_without_an_end_has_a_time() {
        for seconds in [0, 60, 86_400, 99_999_999_999_999, u64::MAX] {
            let at = from_now(Duration::from_secs(seconds));
            assert!(at <= Utc::now() + FAR_FUTURE, "{seconds}");
        }
    }
}
