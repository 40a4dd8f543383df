//! Whether this process has time to spare for more answers, or is the one that is waited for.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

/// The least time that a share of it is told from.
const WINDOW: Duration = Duration::from_millis(50);
/// A process busy for more than this part of the time is not far from what it can do: with more
/// calls in flight answers would wait here instead of at the ERP, and fill the buffers of more
/// connections. Where calls take a second, a worker is busy for less than a tenth of the time.
const BUSY: f64 = 0.5;

/// How busy the runtime's threads are while calls are in flight.
#[derive(Debug)]
pub(super) struct SpareTime {
    since: Instant,
    /// Of all threads, before `since`.
    busy_before: Duration,
    /// As the last window had it; until one has ended there is none.
    spare: bool,
}

impl SpareTime {
    /// Begins anew: nothing that was before tells how busy the process is now.
    pub(super) fn from(now: Instant) -> Self {
        Self {
            since: now,
            busy_before: busy(),
            spare: false,
        }
    }

    /// Whether there was time to spare of late.
    pub(super) fn any(&mut self, now: Instant) -> bool {
        let elapsed = now - self.since;
        if elapsed >= WINDOW {
            let busy = busy();
            let share = (busy - self.busy_before).div_duration_f64(elapsed) / threads() as f64;
            *self = Self {
                since: now,
                busy_before: busy,
                spare: share < BUSY,
            };
        }
        self.spare
    }
}

/// Time that the runtime's threads have spent on tasks so far; none outside of a runtime.
fn busy() -> Duration {
    let of_threads = |runtime: Handle| {
        let metrics = runtime.metrics();
        let threads = 0..metrics.num_workers();
        threads
            .map(|thread| metrics.worker_total_busy_duration(thread))
            .sum()
    };
    Handle::try_current().map_or(Duration::ZERO, of_threads)
}

fn threads() -> usize {
    Handle::try_current().map_or(1, |runtime| runtime.metrics().num_workers())
}
