//! Whether anything can still move a run.

use std::time::Duration;

use domain::job::RunId;
use queue::Queue;
use store::Store;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::error::{CommandError, Stuck};
use crate::publish::QUIET;

/// Time between two looks at the workers and the queues.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

/// Waits until two looks in a row find that nothing can move a run: no worker is alive, or there
/// are no messages for open jobs that no worker has and that do not change. Without a queue it goes by
/// the workers alone.
///
/// A look while a service is away does not count: it may be back.
pub(super) async fn until_stuck(
    store: &dyn Store,
    queue: Option<&dyn Queue>,
    run: &RunId,
) -> Result<Stuck, CommandError> {
    let mut ticks = interval_at(Instant::now() + BETWEEN_LOOKS, BETWEEN_LOOKS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen_alive = Instant::now();
    let mut before = None;
    loop {
        ticks.tick().await;
        let messages = async {
            match queue {
                Some(queue) => queue
                    .depths()
                    .await
                    .map(|held| Some(held.ready + held.delayed)),
                None => Ok(None),
            }
        };
        let (Ok(workers), Ok(lost), Ok(messages)) = (
            store.fleet().await,
            store.lost(run, QUIET).await,
            messages.await,
        ) else {
            continue;
        };
        if !workers.is_empty() {
            seen_alive = Instant::now();
        }
        let idle = workers.iter().all(|worker| worker.jobs.is_empty());
        let now = match lost.len() {
            _ if !idle => None,
            _ if seen_alive.elapsed() >= QUIET => Some(Stuck::NoWorker(QUIET)),
            0 => None,
            open if messages == Some(0) => Some(Stuck::NoMessage(open)),
            _ => None,
        };
        match (now, before) {
            (Some(now), Some(_)) => return Ok(now),
            (now, _) => before = now,
        }
    }
}
