//! Retries: the delays between tries, and the loops that wait them out.
//!
//! This file alone uses the `backoff` crate. `backoff` is unmaintained (RUSTSEC-2025-0012, and
//! RUSTSEC-2024-0384 for its `instant`), and only its arithmetic is used. A replacement changes
//! this file and no other.

use std::pin::pin;
use std::time::Duration;

use backoff::backoff::Backoff as _;
use backoff::{ExponentialBackoff, ExponentialBackoffBuilder};
use thiserror::Error;
use tokio::time::{sleep, timeout};

/// Delays that double from a first to a longest one. Each is made up to 50 % shorter or longer at
/// random, so that callers that failed together do not retry together.
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

    /// Starts again from the first delay.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

/// Why [`retry`] ended without a value.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum RetryError<E> {
    /// The last try failed, and another would not help.
    #[error("{0}")]
    Failed(E),
    /// The wait for the next try was cancelled.
    #[error("cancelled before the next try")]
    Cancelled,
}

/// Tries `operation` until it succeeds, fails for good, or `cancelled` completes.
///
/// `pause` decides after a failed try. It gets the error and the next of the `delays`, and returns
/// how long to wait before the next try, or `None` when the error is final. It is also the place
/// to log the error.
///
/// `cancelled` ends a wait and never a try. Pass [`std::future::pending`] where nothing cancels.
///
/// # Errors
/// [`RetryError::Failed`] with the final error, or [`RetryError::Cancelled`].
pub async fn retry<T, E, F>(
    delays: &mut Delays,
    cancelled: impl Future<Output = ()>,
    mut pause: impl FnMut(&E, Duration) -> Option<Duration>,
    mut operation: impl FnMut() -> F,
) -> Result<T, RetryError<E>>
where
    F: Future<Output = Result<T, E>>,
{
    let mut cancelled = pin!(cancelled);
    loop {
        let error = match operation().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let Some(pause) = pause(&error, delays.next_delay()) else {
            return Err(RetryError::Failed(error));
        };
        if timeout(pause, cancelled.as_mut()).await.is_ok() {
            return Err(RetryError::Cancelled);
        }
    }
}

/// Tries `operation` until it succeeds, with a delay before every try, the first included. For
/// what failed just now and has to come back.
///
/// `failed` is called with the error of each failed try. Drop the future to stop.
pub async fn retry_until_ok<T, E, F>(
    delays: &mut Delays,
    mut failed: impl FnMut(&E),
    mut operation: impl FnMut() -> F,
) -> T
where
    F: Future<Output = Result<T, E>>,
{
    loop {
        sleep(delays.next_delay()).await;
        match operation().await {
            Ok(value) => return value,
            Err(error) => failed(&error),
        }
    }
}

#[cfg(test)]
mod tests;
