//! The journey of one job: claim, fetch, fold, validate, commit.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::checks::Check;
use domain::failure::{Cause, Disposition, FailureClass};
use domain::job::{JobMessage, Target};
use domain::ledger::{Attempt, AttemptEnd, Claim, Committed, Grant, JobState};
use mega::MegaError;
use runtime::retry::Delays;
use store::StoreError;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::{Span, error, info, warn};

use crate::decide::DEFERRAL;
use crate::error::JobError;
use crate::panics::caught;
use crate::places::{Place, Turn};
use crate::run::Worker;
use crate::{cash_out, decide, failpoint, fetch, measures, validate};
use fold::Ipca;

/// How long a message waits elsewhere that had no turn here.
const NO_TURN_DEFERRAL: Duration = Duration::from_secs(10);
/// What any longer wait is recorded as: the database's times end, the settings' delays need not.
const FAR_FUTURE: TimeDelta = TimeDelta::days(365);

/// What became of a job; `settle` tells the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Committed, now or before.
    Done,
    /// A newer attempt or run has it.
    Superseded,
    /// To be tried again after this long.
    Retry {
        /// Delay.
        after: Duration,
        /// Why.
        cause: Cause,
    },
    /// Set aside for this long; the job is not to blame.
    Deferred {
        /// Delay.
        after: Duration,
        /// Why.
        cause: Cause,
    },
    /// Stopped until a person acts.
    Failed {
        /// Why.
        cause: Cause,
    },
    /// Not finished, because the worker stops.
    Returned,
}

impl Outcome {
    /// Whether the job waits because the ERP refused the sign-in.
    pub fn is_refused_sign_in(&self) -> bool {
        matches!(self, Self::Deferred { cause, .. } if cause.class == FailureClass::SignIn)
    }
}

/// Works on a job until it has an outcome that the ledger knows of.
///
/// While the database is away nothing could be committed or recorded: the job then stays in hand
/// until the database is back, or whoever called gives it back. `give_back` ends it at any point
/// before the commit.
pub async fn process(
    worker: &Worker,
    place: &Place,
    job: JobMessage,
    give_back: &CancellationToken,
) -> Outcome {
    let began = Instant::now();
    let (claim, _turn) = match claim(worker, place, &job, began, give_back).await {
        Ok(claimed) => claimed,
        Err(outcome) => return outcome,
    };
    match claim {
        Claim::Granted(grant) => {
            attempt(worker, *grant, began + worker.limits.deadline, give_back).await
        }
        Claim::Settled(JobState::Failed, cause) => Outcome::Failed {
            cause: cause.unwrap_or_else(|| poison("failed earlier")),
        },
        Claim::Settled(..) => Outcome::Done,
        Claim::Superseded { by } => {
            info!(%by, "a newer run has committed this");
            Outcome::Superseded
        }
        Claim::Held { wait, cause, .. } => Outcome::Deferred { after: wait, cause },
        Claim::TooEarly { wait, cause } => {
            info!(wait_s = wait.as_secs(), "not before its time");
            Outcome::Deferred {
                after: wait,
                cause: cause.unwrap_or_else(|| waits("too-early", "not before its time")),
            }
        }
        Claim::Alone => no_turn(),
        Claim::Unknown => Outcome::Failed {
            cause: poison("the ledger knows no such job with these parameters"),
        },
    }
}

/// Asks the ledger for the job, and gives what it says with the turn to act by it.
///
/// A job that has ended a worker works alone, so that it can end no other's attempt again, nor
/// another its: it has its worker to itself before it is claimed. Nobody claims while it works, as
/// what is claimed when a worker dies counts the death.
async fn claim(
    worker: &Worker,
    place: &Place,
    job: &JobMessage,
    began: Instant,
    give_back: &CancellationToken,
) -> Result<(Claim, Turn), Outcome> {
    // The attempt has at least as long as the wait, for its turn and for the database together.
    let until = began + worker.limits.deadline / 2;
    let turn = turn(place.beside_others(), until, give_back).await?;
    failpoint::passed("claiming");
    let ask = || worker.store.claim_beside_others(job, &worker.id);
    let claim = answered(persist(give_back, ask), until).await?;
    if claim != Claim::Alone {
        return Ok((claim, turn));
    }
    drop(turn);
    info!("has ended a worker: waits until it can work alone");
    let turn = self::turn(place.alone(), until, give_back).await?;
    let ask = || worker.store.claim(job, &worker.id);
    let claim = answered(persist(give_back, ask), until).await?;
    Ok((claim, turn))
}

/// Waits for a turn, but not for ever: the broker takes back what is in hand for too long.
async fn turn(
    turn: impl Future<Output = Turn>,
    until: Instant,
    give_back: &CancellationToken,
) -> Result<Turn, Outcome> {
    tokio::select! {
        biased;
        turn = turn => Ok(turn),
        () = give_back.cancelled() => Err(Outcome::Returned),
        () = sleep_until(until) => Err(no_turn()),
    }
}

/// Waits for the answer to a claim, for as long as for a turn.
async fn answered(
    asking: impl Future<Output = Persisted<Claim>>,
    until: Instant,
) -> Result<Claim, Outcome> {
    match timeout_at(until, asking).await {
        Ok(Persisted::Yes(claim)) => Ok(claim),
        Ok(Persisted::Refused(error)) => Err(put_off(&JobError::from(error))),
        Ok(Persisted::GivenBack) => Err(Outcome::Returned),
        Err(_elapsed) => {
            let away = StoreError::Away("no answer to a claim in time".to_owned());
            Err(put_off(&JobError::from(away)))
        }
    }
}

/// Stops a job whose handling panicked, in the ledger where it can be told, and else in the dead queue
/// alone: its message must not come again, to panic again.
pub async fn stop(
    worker: &Worker,
    job: &JobMessage,
    panic: String,
    give_back: &CancellationToken,
) -> Outcome {
    let cause = Cause::from(&JobError::Panicked(panic));
    let told = persist(give_back, || worker.store.fail_job(job, &worker.id, &cause));
    match caught(told).await {
        Ok(Persisted::Yes(())) => {}
        Ok(Persisted::GivenBack) => return Outcome::Returned,
        Ok(Persisted::Refused(error)) => error!("the failure could not be recorded: {error}"),
        Err(panic) => error!("the failure could not be recorded: panicked: {panic}"),
    }
    Outcome::Failed { cause }
}

/// One attempt, from its grant to its record in the ledger.
async fn attempt(
    worker: &Worker,
    grant: Grant,
    deadline: Instant,
    give_back: &CancellationToken,
) -> Outcome {
    Span::current().record("attempt", grant.attempt.generation);
    failpoint::passed_by("claimed", grant.attempt.job.target);
    if let Some(outcome) = decide::instead_of_beginning(&grant) {
        return conclude(worker, &grant, outcome, Vec::new(), give_back).await;
    }
    let ended = tokio::select! {
        ended = caught(timeout_at(deadline, publish(worker, &grant))) => ended,
        () = give_back.cancelled() => {
            end(worker, &grant.attempt, &AttemptEnd::Returned, &CancellationToken::new()).await;
            return Outcome::Returned;
        }
    };
    let error = match ended {
        Ok(Ok(Ok(Committed::Applied { kept }))) => {
            if !kept.is_empty() {
                info!(left = kept.len(), "left what a later view has written");
            }
            return Outcome::Done;
        }
        Ok(Ok(Ok(Committed::Fenced))) => {
            warn!("fenced out: a newer attempt has this job; nothing was written");
            return fenced_out(worker.limits.deadline);
        }
        Ok(Ok(Err(error))) => blame(worker, error).await,
        Ok(Err(_elapsed)) => JobError::Deadline(worker.limits.deadline),
        Err(panic) => JobError::Panicked(panic),
    };
    let cause = Cause::from(&error);
    let outcome = decide::outcome(&worker.limits.retry_delays, &grant, &error, cause);
    conclude(worker, &grant, outcome, error.into_checks(), give_back).await
}

/// Fetch, fold, validate, commit.
async fn publish(worker: &Worker, grant: &Grant) -> Result<Committed, JobError> {
    let Attempt { job, .. } = &grant.attempt;
    let (store, accepted) = (&worker.store, &grant.accepted);
    let committed = match job.target {
        Target::Empreendimento(id) => {
            let ipca = Ipca::new(&store.ipca().await?, job.params.as_of);
            let folded = fetch::empreendimento(&worker.mega, id, job.params, ipca).await?;
            failpoint::reached("fetched")?;
            let previous = grant.previous.as_ref();
            let generation = grant.attempt.generation;
            let before = match previous {
                Some(_) => {
                    store
                        .contratos_at_last_commit(job.target, generation)
                        .await?
                }
                None => Vec::new(),
            };
            let checks = validate::empreendimento(&folded, previous, &before, accepted)?;
            failpoint::reached("committing")?;
            let result = &folded.result;
            let committing = store.commit_empreendimento(&grant.attempt, result, &checks);
            measures::commit(committing, &checks).await?
        }
        Target::SaidasCaixa => {
            let listed = cash_out::faturas(&worker.mega, &job.params).await?;
            failpoint::reached("fetched")?;
            let held = store.faturas_due(&job.params).await?;
            let checks = validate::cash_out(&listed, held, accepted)?;
            failpoint::reached("committing")?;
            let committing = store.commit_saidas_caixa(&grant.attempt, &listed.result, &checks);
            measures::commit(committing, &checks).await?
        }
    };
    failpoint::reached("committed")?;
    Ok(committed)
}

/// Finds out whether a call failed because of this job, or because the ERP is away.
async fn blame(worker: &Worker, error: JobError) -> JobError {
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

/// Tells and records an outcome that is no commit.
async fn conclude(
    worker: &Worker,
    grant: &Grant,
    outcome: Outcome,
    checks: Vec<Check>,
    give_back: &CancellationToken,
) -> Outcome {
    failpoint::passed("concluding");
    let ending = match outcome.clone() {
        Outcome::Retry { after, cause } => {
            warn!(class = %cause.class, after_s = after.as_secs_f32(), "failed, to be retried: {}", cause.message);
            AttemptEnd::Retry {
                cause,
                at: from_now(after),
            }
        }
        Outcome::Deferred { after, cause } => {
            warn!(class = %cause.class, after_s = after.as_secs_f32(), "set aside: {}", cause.message);
            AttemptEnd::Deferred {
                cause,
                at: from_now(after),
            }
        }
        Outcome::Failed { cause } => {
            error!(class = %cause.class, "failed: {}", cause.message);
            measures::checks(&checks);
            AttemptEnd::Failed {
                cause,
                manifest: None,
                checks,
            }
        }
        Outcome::Done | Outcome::Superseded | Outcome::Returned => AttemptEnd::Superseded,
    };
    if end(worker, &grant.attempt, &ending, give_back).await {
        outcome
    } else {
        Outcome::Returned
    }
}

/// Records how an attempt ended; `false` when the worker stopped before the database took it.
async fn end(
    worker: &Worker,
    attempt: &Attempt,
    ending: &AttemptEnd,
    give_back: &CancellationToken,
) -> bool {
    match persist(give_back, || worker.store.end_attempt(attempt, ending)).await {
        Persisted::Yes(()) => true,
        Persisted::Refused(error) => {
            error!("the end of an attempt could not be recorded: {error}");
            true
        }
        Persisted::GivenBack => false,
    }
}

enum Persisted<T> {
    Yes(T),
    Refused(StoreError),
    GivenBack,
}

/// Asks the database, again and again while it is away, until it answers or the worker stops.
async fn persist<T, F>(give_back: &CancellationToken, mut ask: impl FnMut() -> F) -> Persisted<T>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut delays = Delays::new(Duration::from_millis(200), Duration::from_secs(10));
    loop {
        match ask().await {
            Ok(answer) => return Persisted::Yes(answer),
            Err(error) if error.class().disposition() == Disposition::Retry => {
                let delay = delays.next_delay();
                warn!(after_s = delay.as_secs_f32(), "{error}; asking again");
                tokio::select! {
                    () = tokio::time::sleep(delay) => {}
                    () = give_back.cancelled() => return Persisted::GivenBack,
                }
            }
            Err(error) => return Persisted::Refused(error),
        }
    }
}

/// A job the ledger could not even be asked about: the message waits.
fn put_off(error: &JobError) -> Outcome {
    error!("cannot be claimed: {error}");
    Outcome::Deferred {
        after: DEFERRAL,
        cause: Cause::from(error),
    }
}

/// A message fenced out waits until the newer attempt has ended for certain, and then finds its job
/// as that one left it. It may be the last there is: a worker can claim with a delivery that it has
/// lost already, and die. Earlier, it could in turn fence out an attempt that is well under way.
fn fenced_out(deadline: Duration) -> Outcome {
    Outcome::Deferred {
        after: deadline,
        cause: waits("fenced-out", "a newer attempt has this job"),
    }
}

/// A message that had no turn goes to another worker, or comes again.
fn no_turn() -> Outcome {
    Outcome::Deferred {
        after: NO_TURN_DEFERRAL,
        cause: waits("no-turn", "a job that has ended a worker works alone"),
    }
}

/// Why a message waits of which no attempt failed.
fn waits(fingerprint: &str, message: impl Into<String>) -> Cause {
    Cause {
        class: FailureClass::Transient,
        fingerprint: format!("transient/{fingerprint}"),
        message: message.into(),
    }
}

/// When it will be so much later; for a wait without an end, far in the future.
fn from_now(after: Duration) -> DateTime<Utc> {
    let after = TimeDelta::from_std(after).unwrap_or(FAR_FUTURE);
    Utc::now() + after.min(FAR_FUTURE)
}

fn poison(message: &str) -> Cause {
    Cause {
        class: FailureClass::Poison,
        fingerprint: "poison/unknown-job".to_owned(),
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;

    use super::*;
    use crate::places::Places;

    #[tokio::test]
    async fn nobody_waits_for_ever_for_a_turn_or_a_claim() {
        let until = Instant::now() + Duration::from_millis(10);
        let places = Arc::new(Places::new(2));
        let place = places.take();
        let _working = place.beside_others().await;
        let waited = turn(place.alone(), until, &CancellationToken::new()).await;
        assert_eq!(waited.err(), Some(no_turn()));
        assert!(Instant::now() >= until);

        let Err(Outcome::Deferred { cause, .. }) = answered(pending(), until).await else {
            panic!("claimed without an answer");
        };
        assert_eq!(cause.fingerprint, "transient/database-away");
    }

    #[tokio::test]
    async fn a_stop_ends_the_wait_for_a_turn() {
        let until = Instant::now() + Duration::from_secs(750);
        let places = Arc::new(Places::new(2));
        let place = places.take();
        let _working = place.alone().await;
        let stop = CancellationToken::new();
        stop.cancel();
        let waited = turn(place.beside_others(), until, &stop).await;
        assert_eq!(waited.err(), Some(Outcome::Returned));
    }

    #[test]
    fn a_wait_without_an_end_has_a_time() {
        for seconds in [0, 60, 86_400, 99_999_999_999_999, u64::MAX] {
            let at = from_now(Duration::from_secs(seconds));
            assert!(at <= Utc::now() + FAR_FUTURE, "{seconds}");
        }
    }
}
