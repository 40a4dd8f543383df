//! One delivery, from its arrival to its settlement. Whatever happens on the way is its own: a panic
//! stops its job, and neither the worker nor its neighbours.

use std::sync::Arc;
use std::time::Duration;

use domain::failure::Cause;
use domain::job::JobMessage;
use queue::{Delivery, Envelope};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::field::Empty;
use tracing::{Instrument as _, error, info, info_span, warn};

use crate::deadline::passed;
use crate::ending::stop;
use crate::error::JobError;
use crate::intake::Intake;
use crate::outcome::Outcome;
use crate::panics::caught;
use crate::process::process;
use crate::settle::{Settlement, poison_outcome, republish, settle};
use crate::slots::Slot;
use crate::worker::Worker;
use crate::{failpoint, metrics};

/// How much longer than an attempt may take a delivery stays in hand. Together they stay below the
/// broker's 30 minutes, with the deadline that is not set otherwise.
const BEYOND_DEADLINE: Duration = Duration::from_secs(2 * 60);

/// Works on a delivery and settles it; it never panics.
pub async fn handle(
    worker: Arc<Worker>,
    intake: Arc<Intake>,
    slot: Slot,
    delivery: Delivery,
    give_back: CancellationToken,
) {
    let began = Instant::now();
    let envelope = &delivery.envelope;
    // Longer than an attempt only while the database is away: the broker must not find out first.
    let longest = worker
        .limits
        .deadline
        .map(|deadline| deadline + BEYOND_DEADLINE);
    let work = caught(work_on(&worker, &slot, envelope, &give_back));
    let outcome = tokio::select! {
        worked = work => match worked {
            Ok(outcome) => outcome,
            Err(panic) => stop_job(&worker, envelope, panic, &give_back).await,
        },
        _ = passed(began, longest) => {
            warn!("in hand for too long: given back");
            Outcome::Returned
        }
    };
    if outcome.is_refused_sign_in() {
        intake.set_refused(true);
    }
    let published = async {
        metrics::attempt(&outcome, began.elapsed());
        republish(worker.queue.as_ref(), &delivery, &outcome, &give_back).await
    };
    let settlement = match caught(published).await {
        Ok(settlement) => settlement,
        Err(panic) => after_panic(&worker, &delivery, &outcome, panic, &give_back).await,
    };
    settle(delivery, settlement).await;
}

/// Decodes a message, alone, so that a poison body affects no other, and works on its job.
async fn work_on(
    worker: &Worker,
    slot: &Slot,
    envelope: &Envelope,
    give_back: &CancellationToken,
) -> Outcome {
    failpoint::passed("received");
    match JobMessage::decode(&envelope.body) {
        Ok(job) => {
            // The attempt's number is known once the job is claimed.
            let span = info_span!("job", run = %job.run_id, target = %job.target, attempt = Empty);
            async {
                let outcome = process(worker, slot, job, give_back).await;
                if outcome == Outcome::Done {
                    info!("done");
                }
                outcome
            }
            .instrument(span)
            .await
        }
        Err(error) => {
            warn!("{error}");
            poison_outcome(&error, envelope.attempt, &worker.limits.retry_delays)
        }
    }
}

/// Stops the job of a message whose handling panicked; a message that cannot be decoded is dead-lettered.
async fn stop_job(
    worker: &Worker,
    envelope: &Envelope,
    panic: String,
    give_back: &CancellationToken,
) -> Outcome {
    error!("panicked: {panic}");
    match caught(async { JobMessage::decode(&envelope.body) }).await {
        Ok(Ok(job)) => stop(worker, &job, panic, give_back).await,
        Ok(Err(_)) | Err(_) => Outcome::Failed {
            cause: Cause::from(&JobError::Panicked(panic)),
        },
    }
}

/// What becomes of a delivery whose message could not be published again for a panic: with what is
/// final, or stopped now, it has nothing left to bring.
async fn after_panic(
    worker: &Worker,
    delivery: &Delivery,
    outcome: &Outcome,
    panic: String,
    give_back: &CancellationToken,
) -> Settlement {
    if matches!(
        outcome,
        Outcome::Done | Outcome::Superseded | Outcome::Cancelled
    ) {
        error!("panicked: {panic}");
        return Settlement::Acknowledged;
    }
    let stopped = stop_job(worker, &delivery.envelope, panic, give_back).await;
    let dead_lettered = republish(worker.queue.as_ref(), delivery, &stopped, give_back);
    caught(dead_lettered).await.unwrap_or_else(|panic| {
        error!("cannot be dead-lettered: panicked: {panic}");
        // The ledger has it; where even that failed, `resume` finds the job later.
        Settlement::Acknowledged
    })
}
