//! Whether this process has time to spare for more answers, or is the one that is waited for.
//!
//! With more calls in flight than it keeps up with, answers wait here instead of at the ERP and fill
//! the buffers of their connections: 113 MB instead of 44 beside an ERP on the same machine.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

/// The least time over which the load is measured.
const WINDOW: Duration = Duration::from_millis(50);
/// A process that is busy for more than this part of the time is near its own limit. Where calls
/// take a second, a worker is busy for less than a tenth of the time.
const BUSY: f64 = 0.5;

/// How busy the threads of the runtime are while calls are in flight.
#[derive(Debug)]
pub(super) struct Load {
    since: Instant,
    /// Busy time of all threads before `since`.
    busy_before: Duration,
    /// As measured in the last window; `false` until one has ended.
    spare: bool,
}

impl Load {
    /// Begins to measure at `now`.
    pub(super) fn from(now: Instant) -> Self {
        Self {
            since: now,
            busy_before: busy(),
            spare: false,
        }
    }

    /// Whether the process had time to spare of late.
    pub(super) fn has_spare_time(&mut self, now: Instant) -> bool {
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

/// Time that the threads of the runtime have spent on tasks so far; zero outside of a runtime.
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
