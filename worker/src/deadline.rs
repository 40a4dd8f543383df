//! Deadlines, of which there need be none.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Waits until a time; without one, for ever.
pub async fn reached(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}

/// Waits until so much time has passed since `began`, and gives it; without one, for ever.
pub async fn passed(began: Instant, longest: Option<Duration>) -> Duration {
    match longest {
        Some(longest) => {
            sleep_until(began + longest).await;
            longest
        }
        None => std::future::pending().await,
    }
}
