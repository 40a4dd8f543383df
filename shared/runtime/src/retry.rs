//! Delays between tries, by the `backoff` crate; the only module that uses it.
//!
//! `backoff` is unmaintained (RUSTSEC-2025-0012, and RUSTSEC-2024-0384 for its `instant`). What is
//! used of it is arithmetic, so it stays until a replacement is chosen; it is replaced here alone.

use std::time::Duration;

use backoff::backoff::Backoff as _;
use backoff::{ExponentialBackoff, ExponentialBackoffBuilder};

/// Delays that double from `first` to `longest`, each made 50 % shorter or longer at random so
/// that many who failed together do not come back together.
#[derive(Debug)]
pub struct Delays(ExponentialBackoff);

impl Delays {
    /// Delays from `first`, doubling up to `longest`.
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self(
            ExponentialBackoffBuilder::new()
                .with_initial_interval(first)
                .with_multiplier(2.0)
                .with_max_interval(longest)
                .with_max_elapsed_time(None)
                .build(),
        )
    }

    /// The next delay.
    pub fn next_delay(&mut self) -> Duration {
        self.0.next_backoff().unwrap_or(self.0.max_interval)
    }

    /// Starts again from the first, after something went well.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_within_their_jitter_up_to_the_longest() {
        let mut delays = Delays::new(Duration::from_millis(100), Duration::from_millis(400));
        for nominal in [100, 200, 400, 400, 400] {
            let delay = delays.next_delay().as_millis();
            assert!(
                (nominal / 2..=nominal * 3 / 2).contains(&delay),
                "{nominal}: {delay}"
            );
        }
        delays.reset();
        assert!(delays.next_delay() <= Duration::from_millis(150));
    }
}
