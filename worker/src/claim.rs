//! Claiming a job: the ledger grants the right to work on it, or says what becomes of it instead.

use std::time::Duration;

use domain::failure::Cause;
use domain::job::JobMessage;
use domain::ledger::{Claim, Grant, JobState};
use runtime::retry::RetryError;
use store::StoreError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::deadline::reached;
use crate::error::JobError;
use crate::failpoint;
use crate::outcome::Outcome;
use crate::persist::persist;
use crate::retry_policy::DEFERRAL;
use crate::slots::{Slot, Turn};
use crate::worker::Worker;

/// How long a message waits elsewhere that had no turn here.
const NO_TURN_DEFERRAL: Duration = Duration::from_secs(10);

/// Claims a job, and gives its grant with the turn to work on it; otherwise what becomes of the job.
///
/// A job that has ended a worker works alone, so that it cannot end the attempts of other jobs, nor
/// they its own. It has its worker to itself before it is claimed. No other claim is made while it
/// works, because a worker's death counts against every job it has claimed.
pub async fn claim(
    worker: &Worker,
    slot: &Slot,
    job: &JobMessage,
    began: Instant,
    give_back: &CancellationToken,
) -> Result<(Grant, Turn), Outcome> {
    // The attempt has at least as long as the wait for a turn and for the database together.
    let until = worker.limits.deadline.map(|deadline| began + deadline / 2);
    let turn = turn(slot.beside_others(), until, give_back).await?;
    failpoint::passed("claiming");
    let ask = || worker.store.claim_beside_others(job, &worker.id);
    let claim = answer(persist(give_back, ask), until).await?;
    if claim != Claim::Alone {
        return Ok((granted(claim)?, turn));
    }
    drop(turn);
    info!("has ended a worker: waits until it can work alone");
    let turn = self::turn(slot.alone(), until, give_back).await?;
    let ask = || worker.store.claim(job, &worker.id);
    let claim = answer(persist(give_back, ask), until).await?;
    Ok((granted(claim)?, turn))
}

fn granted(claim: Claim) -> Result<Grant, Outcome> {
    Err(match claim {
        Claim::Granted(grant) => return Ok(*grant),
        Claim::Settled(JobState::Failed, cause) => match cause {
            Some(cause) => Outcome::Failed { cause },
            None => Outcome::poison("failed earlier"),
        },
        Claim::Settled(JobState::Cancelled, _) => {
            info!("cancelled before it began");
            Outcome::Cancelled
        }
        Claim::Settled(..) => Outcome::Done,
        Claim::Superseded { by } => {
            info!(%by, "a newer run has committed this");
            Outcome::Superseded
        }
        Claim::Held { wait, cause, .. } => Outcome::Deferred { after: wait, cause },
        Claim::TooEarly { wait, cause } => {
            info!(wait_s = wait.as_secs(), "not before its time");
            match cause {
                Some(cause) => Outcome::Deferred { after: wait, cause },
                None => Outcome::waits(wait, "too-early", "not before its time"),
            }
        }
        Claim::Alone => no_turn(),
        Claim::Unknown => Outcome::poison("the ledger knows no such job with these parameters"),
    })
}

/// Waits for a turn, but not for ever: the broker takes back what is in hand for too long.
async fn turn(
    turn: impl Future<Output = Turn>,
    until: Option<Instant>,
    give_back: &CancellationToken,
) -> Result<Turn, Outcome> {
    tokio::select! {
        biased;
        turn = turn => Ok(turn),
        () = give_back.cancelled() => Err(Outcome::Returned),
        () = reached(until) => Err(no_turn()),
    }
}

/// Waits for the answer to a claim, for as long as for a turn.
async fn answer(
    asking: impl Future<Output = Result<Claim, RetryError<StoreError>>>,
    until: Option<Instant>,
) -> Result<Claim, Outcome> {
    let answer = tokio::select! {
        biased;
        answer = asking => answer,
        () = reached(until) => {
            let away = StoreError::Away("no answer to a claim in time".to_owned());
            Err(RetryError::Failed(away))
        }
    };
    match answer {
        Ok(claim) => Ok(claim),
        Err(RetryError::Cancelled) => Err(Outcome::Returned),
        // The ledger cannot even be asked about the job: the message waits.
        Err(RetryError::Failed(error)) => {
            let error = JobError::from(error);
            error!("cannot be claimed: {error}");
            Err(Outcome::Deferred {
                after: DEFERRAL,
                cause: Cause::from(&error),
            })
        }
    }
}

/// A message that had no turn goes to another worker, or comes again.
fn no_turn() -> Outcome {
    let why = "a job that has ended a worker works alone";
    Outcome::waits(NO_TURN_DEFERRAL, "no-turn", why)
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;

    use queue::Lane;

    use super::*;
    use crate::slots::JobSlots;

    #[tokio::test]
    async fn a_wait_for_a_turn_or_a_claim_ends() {
        let until = Instant::now() + Duration::from_millis(10);
        let slots = Arc::new(JobSlots::new(2));
        let slot = slots.take(Lane::Normal);
        let _working = slot.beside_others().await;
        let waited = turn(slot.alone(), Some(until), &CancellationToken::new()).await;
        assert_eq!(waited.err(), Some(no_turn()));
        assert!(Instant::now() >= until);

        let Err(Outcome::Deferred { cause, .. }) = answer(pending(), Some(until)).await else {
            panic!("claimed without an answer");
        };
        assert_eq!(cause.fingerprint, "transient/database-away");
    }

    #[tokio::test]
    async fn a_stop_ends_the_wait_for_a_turn() {
        let slots = Arc::new(JobSlots::new(2));
        let slot = slots.take(Lane::Normal);
        let _working = slot.alone().await;
        let stop = CancellationToken::new();
        stop.cancel();
        let waited = turn(slot.beside_others(), None, &stop).await;
        assert_eq!(waited.err(), Some(Outcome::Returned));
    }
}
