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
/// A look while a service is away does not count: it may be back. A run that waits for the end of the
/// fleet's pause is not stuck.
pub(super) async fn until_stuck(
    store: &dyn Store,
    queue: Option<&dyn Queue>,
    run: &RunId,
) -> Result<Stuck, CommandError> {
    let mut ticks = interval_at(Instant::now() + BETWEEN_LOOKS, BETWEEN_LOOKS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looks = Looks::new(Instant::now());
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
        let (Ok(pause), Ok(workers), Ok(lost), Ok(messages)) = (
            store.pause_of_fleet().await,
            store.fleet().await,
            store.lost(run, QUIET).await,
            messages.await,
        ) else {
            continue;
        };
        let look = Look {
            paused: pause.is_some(),
            alive: !workers.is_empty(),
            idle: workers.iter().all(|worker| worker.jobs.is_empty()),
            lost: lost.len(),
            messages,
        };
        if let Some(stuck) = looks.add(&look, Instant::now()) {
            return Ok(stuck);
        }
    }
}

/// What a look finds.
#[derive(Clone, Copy)]
struct Look {
    paused: bool,
    /// A worker is alive.
    alive: bool,
    /// No worker has a job.
    idle: bool,
    /// Jobs of the run whose message looks lost.
    lost: usize,
    /// Messages in the queues, where they can be seen.
    messages: Option<u64>,
}

/// What the looks have found so far.
struct Looks {
    seen_alive: Instant,
    before: Option<Stuck>,
}

impl Looks {
    fn new(now: Instant) -> Self {
        Self {
            seen_alive: now,
            before: None,
        }
    }

    /// Why the run is stuck, once this look and the one before find it so.
    fn add(&mut self, look: &Look, now: Instant) -> Option<Stuck> {
        if look.alive || look.paused {
            // Workers may be stopped during a pause: after it they have time to come back.
            self.seen_alive = now;
        }
        let found = match look.lost {
            _ if look.paused || !look.idle => None,
            _ if now - self.seen_alive >= QUIET => Some(Stuck::NoWorker(QUIET)),
            0 => None,
            open if look.messages == Some(0) => Some(Stuck::NoMessage(open)),
            _ => None,
        };
        let twice = found.filter(|_| self.before.is_some());
        self.before = found;
        twice
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: Look = Look {
        paused: false,
        alive: false,
        idle: true,
        lost: 0,
        messages: Some(9),
    };

    /// What looks at a time find; the first is at 0 s.
    fn found<const N: usize>(looks: [(u64, Look); N]) -> [Option<Stuck>; N] {
        let began = Instant::now();
        let mut so_far = Looks::new(began);
        looks.map(|(seconds, look)| so_far.add(&look, began + Duration::from_secs(seconds)))
    }

    #[test]
    fn without_a_worker_for_long_a_run_is_stuck() {
        let looks = [5, 115, 120, 125].map(|seconds| (seconds, NOBODY));
        let stuck = Some(Stuck::NoWorker(QUIET));
        assert_eq!(found(looks), [None, None, None, stuck]);
        let alive = Look {
            alive: true,
            ..NOBODY
        };
        let looks = [(5, alive), (125, NOBODY), (130, alive), (135, NOBODY)];
        assert_eq!(found(looks), [None; 4]);
    }

    #[test]
    fn without_messages_for_what_is_open_it_is_stuck_and_not_while_somebody_works() {
        let lost = Look {
            alive: true,
            lost: 3,
            messages: Some(0),
            ..NOBODY
        };
        let at_work = Look {
            idle: false,
            ..lost
        };
        let stuck = Some(Stuck::NoMessage(3));
        let looks = [(5, lost), (10, at_work), (15, lost), (20, lost)];
        assert_eq!(found(looks), [None, None, None, stuck]);
        let unseen = Look {
            messages: None,
            ..lost
        };
        assert_eq!(found([(5, unseen), (10, unseen)]), [None; 2]);
    }

    #[test]
    fn a_run_of_a_paused_fleet_is_not_stuck_and_workers_have_time_to_come_back() {
        let lost = Look {
            lost: 3,
            messages: Some(0),
            ..NOBODY
        };
        for unpaused in [NOBODY, lost] {
            let paused = Look {
                paused: true,
                ..unpaused
            };
            let looks = [5, 200, 205, 9_000].map(|seconds| (seconds, paused));
            assert_eq!(found(looks), [None; 4]);
        }
        let paused = Look {
            paused: true,
            ..NOBODY
        };
        let looks = [
            (9_000, paused),
            (9_115, NOBODY),
            (9_120, NOBODY),
            (9_125, NOBODY),
        ];
        let stuck = Some(Stuck::NoWorker(QUIET));
        assert_eq!(found(looks), [None, None, None, stuck]);
    }
}
