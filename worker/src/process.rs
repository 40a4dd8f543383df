//! The journey of one job: claim, fetch, fold, validate, commit.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use chrono::Utc;
use futures::FutureExt as _;
use shared::checks::Check;
use shared::failure::{Cause, Disposition, FailureClass};
use shared::job::{JobMessage, Target};
use shared::ledger::{Attempt, AttemptEnd, Claim, Committed, Grant, JobState};
use shared::mega::MegaError;
use shared::retry::Delays;
use shared::store::StoreError;
use tokio_util::sync::CancellationToken;
use tracing::{Span, error, info, warn};

use crate::decide::DEFERRAL;
use crate::error::JobError;
use crate::fold::Ipca;
use crate::run::Worker;
use crate::{cash_out, decide, failpoint, fetch, measures, validate};

/// How long a job waits for another run to let go of its target.
const HELD_DEFERRAL: Duration = Duration::from_secs(10);
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

/// Works on a job until it has an outcome that the ledger knows of.
///
/// While the database is away nothing could be committed or recorded: the job then stays in hand
/// until the database is back. `give_back` ends it at any point before the commit.
pub async fn process(worker: &Worker, job: JobMessage, give_back: &CancellationToken) -> Outcome {
    let claim = match persist(give_back, || worker.store.claim(&job, &worker.id)).await {
        Persisted::Yes(claim) => claim,
        Persisted::Refused(error) => return put_off(&JobError::from(error)),
        Persisted::GivenBack => return Outcome::Returned,
    };
    match claim {
        Claim::Granted(grant) => attempt(worker, *grant, give_back).await,
        Claim::Settled(JobState::Failed, cause) => Outcome::Failed {
            cause: cause.unwrap_or_else(|| poison("failed earlier")),
        },
        Claim::Settled(..) => Outcome::Done,
        Claim::Superseded { by } => {
            info!(%by, "a newer run has committed this");
            Outcome::Superseded
        }
        Claim::Held { by } => {
            let until = Utc::now() + HELD_DEFERRAL;
            let noted = persist(give_back, || worker.store.note_held(&job, &by, until)).await;
            match noted {
                Persisted::GivenBack => Outcome::Returned,
                Persisted::Yes(()) | Persisted::Refused(_) => Outcome::Deferred {
                    after: HELD_DEFERRAL,
                    cause: Cause {
                        class: FailureClass::Transient,
                        fingerprint: "transient/target-held".to_owned(),
                        message: format!("another run's attempt has {} in {by}", job.target),
                    },
                },
            }
        }
        Claim::Unknown => Outcome::Failed {
            cause: poison("the ledger knows no such job with these parameters"),
        },
    }
}

/// One attempt, from its grant to its record in the ledger.
async fn attempt(worker: &Worker, grant: Grant, give_back: &CancellationToken) -> Outcome {
    Span::current().record("attempt", grant.attempt.generation);
    failpoint::passed("claimed");
    if let Some(outcome) = decide::instead_of_beginning(&grant) {
        return conclude(worker, &grant, outcome, Vec::new(), give_back).await;
    }
    let work = AssertUnwindSafe(tokio::time::timeout(
        worker.limits.deadline,
        publish(worker, &grant),
    ));
    let ended = tokio::select! {
        ended = work.catch_unwind() => ended,
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
            end(worker, &grant.attempt, &AttemptEnd::Superseded, give_back).await;
            return fenced_out(worker.limits.deadline);
        }
        Ok(Ok(Err(error))) => blame(worker, error).await,
        Ok(Err(_elapsed)) => JobError::Deadline(worker.limits.deadline),
        Err(panic) => JobError::Panicked(panic_message(panic.as_ref())),
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
            let before = store.contratos_at_last_commit(job.target).await?;
            let previous = grant.previous.as_ref();
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
    let ending = match outcome.clone() {
        Outcome::Retry { after, cause } => {
            warn!(class = %cause.class, after_s = after.as_secs_f32(), "failed, to be retried: {}", cause.message);
            AttemptEnd::Retry {
                cause,
                at: Utc::now() + after,
            }
        }
        Outcome::Deferred { after, cause } => {
            warn!(class = %cause.class, after_s = after.as_secs_f32(), "set aside: {}", cause.message);
            AttemptEnd::Deferred {
                cause,
                at: Utc::now() + after,
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
        cause: Cause {
            class: FailureClass::Transient,
            fingerprint: "transient/fenced-out".to_owned(),
            message: "a newer attempt has this job".to_owned(),
        },
    }
}

fn poison(message: &str) -> Cause {
    Cause {
        class: FailureClass::Poison,
        fingerprint: "poison/unknown-job".to_owned(),
        message: message.to_owned(),
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without a message").to_owned()
}
