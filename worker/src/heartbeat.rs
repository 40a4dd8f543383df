//! The heartbeat: reports that the worker lives, renews its lease of the fleet's calls, and learns
//! whether the fleet is paused.

use std::sync::Arc;

use domain::fleet::{Calls, DEAD_AFTER, HEARTBEAT, Lease};
use store::StoreError;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::intake::Intake;
use crate::worker::Worker;

/// Beats until `stop`. While the database is away the last lease stays: every other worker keeps to
/// its own as well.
pub async fn heartbeat(worker: Arc<Worker>, intake: Arc<Intake>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(HEARTBEAT);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    let (mut workers, mut failing) = (0, false);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        let failed_before = failing;
        let leased = beat(&worker, &intake, heard.elapsed() > DEAD_AFTER).await;
        failing = leased.is_err();
        match leased {
            Ok(lease) => {
                heard = Instant::now();
                if lease.workers != workers {
                    workers = lease.workers;
                    info!(lease.share, workers, "share of the fleet's calls");
                }
            }
            // A warning for each outage, not for each heartbeat of it.
            Err(error) if failed_before => debug!("heartbeat: {error}"),
            Err(error) => warn!("heartbeat: {error}"),
        }
    }
}

async fn beat(worker: &Worker, intake: &Intake, cut_off: bool) -> Result<Lease, StoreError> {
    let pending = worker.mega.take_pending();
    loop {
        let before = intake.share();
        let calls = Calls {
            total: worker.mega.total(),
            pending,
            held: before.max(worker.mega.in_flight()),
            cut_off,
            learned: worker.mega.learned(),
        };
        let lease = worker.store.heartbeat(&worker.id, calls).await?;
        intake.database_answered(Instant::now());
        // Before the first share opens the intake: no job begins in a paused fleet.
        intake.set_paused(lease.paused);
        if intake.is_refused() {
            intake.set_refused(worker.store.session().await?.refused.is_some());
        }
        // Before jobs may be taken with it: none may begin with another.
        if let Some(learned) = lease.learned {
            worker.mega.start_at(learned);
        }
        worker.mega.set_share(lease.share);
        intake.set_share(lease.share);
        if lease.share >= before {
            return Ok(lease);
        }
        // No new call takes them any more: the next heartbeat gives them up to the others.
        debug!(lease.share, before, "calls given up");
    }
}
