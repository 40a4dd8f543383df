//! The consume loop: take a delivery, work on it, settle it; drain when asked to stop.

use std::sync::Arc;
use std::time::Duration;

use domain::fleet::{Calls, Lease};
use domain::fleet::{HEARTBEAT, QUICK_HEARTBEAT};
use domain::ledger::WorkerId;
use mega::MegaClient;
use queue::{Deliveries, Delivery, Queue, QueueError};
use runtime::retry::Delays;
use store::{Store, StoreError};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use crate::delivery::handle;
use crate::intake::Intake;
use crate::patience::Patience;
use crate::places::Places;

/// Pause before the first call that asks an ERP that is away whether it is back.
const FIRST_PROBE: Duration = Duration::from_secs(5);
/// Longest pause between such calls.
const LONGEST_PROBE: Duration = Duration::from_secs(60);

/// How long jobs that are given back may take to say so, once the drain time is over. What the
/// services do not take by then, the ledger and the broker find out by themselves.
const GIVING_BACK: Duration = Duration::from_secs(3);
/// How long the database may take to note the stop.
const STOPPING: Duration = Duration::from_secs(2);

/// Bounds of a worker's work.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Jobs in hand at once; the broker's prefetch.
    pub jobs_at_once: u16,
    /// Longest time of one attempt; below the broker's 30 minutes for an unacknowledged delivery.
    pub deadline: Duration,
    /// Time for jobs in hand to finish after a stop; then they are given back.
    pub drain: Duration,
    /// Delays between the attempts of a job that fails for a passing reason; one more attempt than
    /// delays is made.
    pub retry_delays: Vec<Duration>,
}

/// A worker's connections and bounds.
pub struct Worker {
    /// Its name in the ledger.
    pub id: WorkerId,
    /// The database.
    pub store: Arc<dyn Store>,
    /// The broker.
    pub queue: Arc<dyn Queue>,
    /// The ERP.
    pub mega: MegaClient,
    /// Its bounds.
    pub limits: Limits,
}

/// Consumes jobs until `stop`, then finishes what is in hand and returns.
///
/// # Errors
/// When the broker refuses. Outages are waited out.
pub async fn run(worker: Arc<Worker>, stop: CancellationToken) -> Result<(), QueueError> {
    let heart = CancellationToken::new();
    let intake = Arc::new(Intake::new(Instant::now()));
    let places = Arc::new(Places::new(worker.limits.jobs_at_once));
    let heartbeat = tokio::spawn(heartbeat(
        Arc::clone(&worker),
        Arc::clone(&places),
        Arc::clone(&intake),
        heart.clone(),
    ));
    let taking = stop.child_token();
    let watch = tokio::spawn(watch_erp(Arc::clone(&worker), taking.clone()));

    let give_back = CancellationToken::new();
    let mut jobs = JoinSet::new();
    let taken = take_jobs(&worker, &places, &intake, &mut jobs, &give_back, &taking).await;
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
        note_end(ended);
    }
}

/// Handling a delivery does not panic; that it did is not passed over.
fn note_end(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        error!("handling a delivery ended early: {error}");
    }
}

/// Takes jobs until `stop`, while they may be taken.
async fn take_jobs(
    worker: &Arc<Worker>,
    places: &Arc<Places>,
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
        let consuming = worker
            .queue
            .consume(worker.limits.jobs_at_once, stop.clone());
        let Some(deliveries) = stop.run_until_cancelled(consuming).await else {
            return Ok(());
        };
        let mut deliveries = deliveries?;
        info!(worker = %worker.id, jobs_at_once = worker.limits.jobs_at_once, "working");
        while let Some(delivery) = next(worker, &mut deliveries, intake, stop).await {
            let place = places.take();
            jobs.spawn(handle(
                Arc::clone(worker),
                Arc::clone(intake),
                place,
                delivery,
                give_back.clone(),
            ));
            // Collect what has ended, so that a worker that runs for months holds no list of it.
            while let Some(ended) = jobs.try_join_next() {
                note_end(ended);
            }
        }
        // What was delivered and not taken goes back at once, and nothing more is delivered.
        drop(deliveries);
        // Not told from the intake: it may be open again by now.
        if stop.is_cancelled() {
            return Ok(());
        }
    }
}

/// The next delivery; `None` at `stop`, and when no job may be taken any more.
async fn next(
    worker: &Worker,
    deliveries: &mut Deliveries,
    intake: &Intake,
    stop: &CancellationToken,
) -> Option<Delivery> {
    tokio::select! {
        biased;
        () = stop.cancelled() => None,
        why = intake.closes(&worker.mega) => {
            info!("takes no more jobs: {why}");
            None
        }
        delivery = deliveries.recv() => delivery,
    }
}

/// Asks an ERP that is away, with growing pauses, until it answers again.
async fn watch_erp(worker: Arc<Worker>, stop: CancellationToken) {
    let watch = async {
        loop {
            worker.mega.until_it_is_away().await;
            warn!("the ERP is away: no job is taken until it answers");
            let mut delays = Delays::new(FIRST_PROBE, LONGEST_PROBE);
            loop {
                tokio::time::sleep(delays.next_delay()).await;
                match worker.mega.probe().await {
                    Ok(()) => break,
                    Err(error) => info!("still away: {error}"),
                }
            }
            info!("the ERP answers again");
        }
    };
    tokio::select! {
        () = watch => {}
        () = stop.cancelled() => {}
    }
}

/// Says that the worker lives, and tells its share of the fleet's calls. While the database is away
/// the last share stays: whoever else is alive keeps to theirs as well.
async fn heartbeat(
    worker: Arc<Worker>,
    places: Arc<Places>,
    intake: Arc<Intake>,
    stop: CancellationToken,
) {
    let mut ticks = tokio::time::interval(QUICK_HEARTBEAT);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut patience = Patience::new(Instant::now());
    let (mut due, mut more_to_come) = (Instant::now(), false);
    let (mut workers, mut failing) = (0, false);
    loop {
        let now = tokio::select! {
            now = ticks.tick() => now,
            () = stop.cancelled() => return,
        };
        // That the queue has run empty cannot wait either: leases then go by what is left.
        let had_more = std::mem::replace(&mut more_to_come, places.are_taken(now));
        if now < due && more_to_come == had_more {
            continue;
        }
        let leased = beat(&worker, more_to_come, &mut patience, &intake).await;
        let failed_before = std::mem::replace(&mut failing, leased.is_err());
        // The last calls of a run are shared out anew as they end.
        let last_calls = !more_to_come && worker.mega.wanted() > 0;
        due = now
            + match &leased {
                Ok(lease) if lease.moving || last_calls => QUICK_HEARTBEAT,
                _ => HEARTBEAT,
            };
        match leased {
            Ok(lease) if lease.workers == workers => {}
            Ok(Lease {
                share,
                workers: now,
                ..
            }) => {
                workers = now;
                info!(share, workers, "share of the fleet's calls");
            }
            // A warning for each outage, not for each second of it.
            Err(error) if failed_before => debug!("heartbeat: {error}"),
            Err(error) => warn!("heartbeat: {error}"),
        }
    }
}

async fn beat(
    worker: &Worker,
    more_to_come: bool,
    patience: &mut Patience,
    intake: &Intake,
) -> Result<Lease, StoreError> {
    loop {
        let (now, before) = (Instant::now(), intake.share());
        let calls = Calls {
            total: worker.mega.most_calls(),
            wanted: worker.mega.wanted(),
            more_to_come,
            patience: patience.at(now),
            held: before.max(worker.mega.held()),
        };
        let lease = worker.store.heartbeat(&worker.id, calls).await?;
        patience.heard(Instant::now());
        intake.database_answered(Instant::now());
        if intake.is_refused() {
            intake.set_refused(worker.store.session().await?.refused.is_some());
        }
        // Before it is told: no job may begin with another.
        worker.mega.set_share(lease.share);
        intake.set_share(lease.share);
        if lease.share >= before {
            return Ok(lease);
        }
        // Only now that no new call can take them are the calls given up the others' to take.
        debug!(lease.share, before, "calls given up");
    }
}
