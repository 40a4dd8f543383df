//! The consume loop: take a delivery, work on it, settle it; drain when asked to stop.

use std::sync::Arc;
use std::time::Duration;

use futures::future::try_join;
use mega::MegaError;
use queue::{Deliveries, Delivery, Lane, QueueError};
use runtime::retry::{Delays, retry_until_ok};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::delivery::handle;
use crate::heartbeat::heartbeat;
use crate::intake::Intake;
use crate::slots::JobSlots;
use crate::worker::Worker;

/// Pause before the first call that asks an ERP that is away whether it is back.
const FIRST_PROBE: Duration = Duration::from_secs(5);
/// Longest pause between such calls.
const LONGEST_PROBE: Duration = Duration::from_secs(60);

/// How long jobs that are given back may take to say so, once the drain time is over. What the
/// services do not take by then, the ledger and the broker find out by themselves.
const GIVING_BACK: Duration = Duration::from_secs(3);
/// How long the database may take to note the stop.
const STOPPING: Duration = Duration::from_secs(2);

/// Consumes jobs until `stop`, then finishes what is in hand and returns.
///
/// # Errors
/// When the broker refuses. Outages are waited out.
pub async fn run(worker: Arc<Worker>, stop: CancellationToken) -> Result<(), QueueError> {
    let heart = CancellationToken::new();
    let intake = Arc::new(Intake::new(Instant::now()));
    let slots = Arc::new(JobSlots::new(worker.limits.jobs_at_once));
    let heartbeat = heartbeat(Arc::clone(&worker), Arc::clone(&intake), heart.clone());
    let heartbeat = tokio::spawn(heartbeat);
    let taking = stop.child_token();
    let watch = tokio::spawn(watch_erp(Arc::clone(&worker), taking.clone()));

    let give_back = CancellationToken::new();
    let mut jobs = JoinSet::new();
    let taken = take_jobs(&worker, &slots, &intake, &mut jobs, &give_back, &taking).await;
    // Also when the broker could not be reached.
    taking.cancel();

    info!(jobs = jobs.len(), "draining");
    if timeout(worker.limits.drain, ended(&mut jobs))
        .await
        .is_err()
    {
        warn!(jobs = jobs.len(), "giving back what is not finished");
        give_back.cancel();
        if timeout(GIVING_BACK, ended(&mut jobs)).await.is_err() {
            // Dropped, their deliveries go back to the broker all the same.
            warn!(
                jobs = jobs.len(),
                "the ledger cannot be told what is given back"
            );
            jobs.shutdown().await;
        }
    }
    heart.cancel();
    let aborts = [heartbeat.abort_handle(), watch.abort_handle()];
    let stopping = async {
        for (what, task) in [("heartbeat", heartbeat), ("watch over the ERP", watch)] {
            if let Err(error) = task.await {
                warn!("the {what} ended early: {error}");
            }
        }
        if let Err(error) = worker.store.worker_stopped(&worker.id).await {
            warn!("the stop could not be recorded: {error}");
        }
    };
    if timeout(STOPPING, stopping).await.is_err() {
        warn!("the stop could not be recorded: no answer from the database");
        aborts.iter().for_each(tokio::task::AbortHandle::abort);
    }
    info!("stopped");
    taken
}

/// Waits until all jobs have ended.
async fn ended(jobs: &mut JoinSet<()>) {
    while let Some(ended) = jobs.join_next().await {
        report_panic(ended);
    }
}

/// Handling a delivery does not panic; that it did is not passed over.
fn report_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        error!("handling a delivery ended early: {error}");
    }
}

/// What is delivered, by lane.
struct Lanes {
    normal: Deliveries,
    urgent: Deliveries,
}

/// Takes jobs until `stop`, while they may be taken, and no more than the share of the fleet's calls
/// allows; beside them an urgent one.
async fn take_jobs(
    worker: &Arc<Worker>,
    slots: &Arc<JobSlots>,
    intake: &Arc<Intake>,
    jobs: &mut JoinSet<()>,
    give_back: &CancellationToken,
    stop: &CancellationToken,
) -> Result<(), QueueError> {
    loop {
        let opens = intake.opens(&worker.mega);
        if stop.run_until_cancelled(opens).await.is_none() {
            return Ok(());
        }
        let at_once = slots.with_share(intake.share());
        let prefetch = u16::try_from(at_once).unwrap_or(u16::MAX);
        let queue = &worker.queue;
        let consuming = try_join(
            queue.consume(Lane::Normal, prefetch, stop.clone()),
            queue.consume(Lane::Urgent, JobSlots::URGENT, stop.clone()),
        );
        let Some(consumed) = stop.run_until_cancelled(consuming).await else {
            return Ok(());
        };
        let (normal, urgent) = consumed?;
        let mut lanes = Lanes { normal, urgent };
        info!(worker = %worker.id, jobs_at_once = at_once, "working");
        while let Some(delivery) = next(worker, slots, at_once, &mut lanes, intake, stop).await {
            let slot = slots.take(delivery.lane);
            let (worker, intake) = (Arc::clone(worker), Arc::clone(intake));
            jobs.spawn(handle(worker, intake, slot, delivery, give_back.clone()));
            // Collect what has ended, so that a worker that runs for months holds no list of it.
            while let Some(ended) = jobs.try_join_next() {
                report_panic(ended);
            }
        }
        // What was delivered and not taken goes back at once, and nothing more is delivered.
        drop(lanes);
        // The intake does not say: it may be open again by now.
        if stop.is_cancelled() {
            return Ok(());
        }
    }
}

/// The next delivery of a lane while fewer of its jobs are in hand than may be at once; `None` at
/// `stop`, when no job may be taken any more, and when another number of jobs may be in hand.
async fn next(
    worker: &Worker,
    slots: &JobSlots,
    at_once: usize,
    lanes: &mut Lanes,
    intake: &Intake,
    stop: &CancellationToken,
) -> Option<Delivery> {
    let Lanes { normal, urgent } = lanes;
    let normal = async {
        slots.fewer_than(at_once, Lane::Normal).await;
        normal.recv().await
    };
    let urgent = async {
        slots
            .fewer_than(JobSlots::URGENT.into(), Lane::Urgent)
            .await;
        urgent.recv().await
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => None,
        why = intake.closes(&worker.mega) => {
            info!("takes no more jobs: {why}");
            None
        }
        () = intake.share_is(|share| slots.with_share(share) != at_once) => None,
        delivery = urgent => delivery,
        delivery = normal => delivery,
    }
}

/// Asks an ERP that is away, with growing pauses, until it answers again.
async fn watch_erp(worker: Arc<Worker>, stop: CancellationToken) {
    let watch = async {
        loop {
            worker.mega.until_it_is_away().await;
            warn!("the ERP is away: no job is taken until it answers");
            let mut delays = Delays::new(FIRST_PROBE, LONGEST_PROBE);
            let failed = |error: &MegaError| info!("still away: {error}");
            retry_until_ok(&mut delays, failed, || worker.mega.probe()).await;
            info!("the ERP answers again");
        }
    };
    tokio::select! {
        () = watch => {}
        () = stop.cancelled() => {}
    }
}
