//! When things happen.

use std::time::Duration;

use fastrand::Rng;

/// When the last event may begin.
pub(super) const LENGTH_MS: u64 = 4_500;

/// Any moment of a run.
pub(super) fn moment(rng: &mut Rng) -> Duration {
    Duration::from_millis(rng.u64(100..LENGTH_MS))
}
