//! From an error to an outcome: the class decides, within the limits of a job: errors, crashes, time set aside.

use std::time::Duration;

use domain::failure::{Cause, Disposition};
use domain::fleet::DEAD_AFTER;
use domain::ledger::Grant;

use crate::error::JobError;
use crate::outcome::Outcome;

/// How long a job waits that is set aside without blame: the ERP refused the sign-in, or is away.
pub const DEFERRAL: Duration = Duration::from_secs(60);
/// Workers a job may end before it is stopped.
const CRASH_LIMIT: u32 = 2;
/// How long a job may be set aside in a row before it is stopped, however often that was.
const LONGEST_DEFERRAL: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// What becomes of a job that may not begin, because it has ended too many workers; `None` when it
/// may. While one of them may still live, the job waits until that is known.
pub fn instead_of_beginning(grant: &Grant) -> Option<Outcome> {
    let error = JobError::Crashes(grant.crashes);
    match grant.crashes {
        ..CRASH_LIMIT => None,
        _ if grant.crash_unsure && grant.deferred_for < LONGEST_DEFERRAL => {
            let why = "its workers may have died; waiting for a sign of life";
            Some(Outcome::waits(DEAD_AFTER / 2, "worker-unheard-of", why))
        }
        _ => Some(Outcome::Failed {
            cause: Cause::from(&error),
        }),
    }
}

/// What becomes of a job whose attempt ended in an error. `retry_delays` are the waits between
/// attempts; there is one attempt more than these.
pub fn outcome(
    retry_delays: &[Duration],
    grant: &Grant,
    error: &JobError,
    cause: Cause,
) -> Outcome {
    match error.class().disposition() {
        Disposition::Retry => match retry_delays.get(grant.errors as usize) {
            Some(delay) => {
                let after = (*delay).max(error.retry_after().unwrap_or_default());
                Outcome::Retry { after, cause }
            }
            None => Outcome::Failed { cause },
        },
        Disposition::Defer if grant.deferred_for < LONGEST_DEFERRAL => Outcome::Deferred {
            after: DEFERRAL,
            cause,
        },
        Disposition::Defer | Disposition::Fail => Outcome::Failed { cause },
    }
}

/// What becomes of a message whose attempt a newer one fenced out. It waits until the newer attempt
/// has ended for certain, and then finds its job as that one left it. It may be the last message of
/// the job: a worker can claim with a delivery that it has lost already, and die. Earlier, it could in
/// turn fence out an attempt that is well under way.
pub fn fenced_out(deadline: Option<Duration>) -> Outcome {
    let after = deadline.unwrap_or(DEFERRAL);
    Outcome::waits(after, "fenced-out", "a newer attempt has this job")
}

#[cfg(test)]
mod tests;
