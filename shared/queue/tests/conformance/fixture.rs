//! A queue of a test's own.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use queue::{Envelope, Queue, Topology};

/// The delays of [`topology`]: the last leaves time to look at what waits.
pub const DELAYS: [Duration; 3] = [
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(4),
];

/// A queue under test.
#[async_trait]
pub trait Fixture: Send + Sync + Sized {
    /// A queue that is empty and nobody else's, with the delays of [`topology`].
    async fn new() -> Self;
    /// The queue.
    fn queue(&self) -> Arc<dyn Queue>;
    /// Takes the dead messages there are, not through the queue under test.
    async fn dead(&self) -> Vec<Envelope>;
    /// Removes the queue.
    async fn clean(self);
}

/// Delays short enough to wait for, under a prefix of its own.
pub fn topology() -> Topology {
    let suffix: String = std::iter::repeat_with(fastrand::lowercase)
        .take(10)
        .collect();
    Topology {
        prefix: format!("test.queue.{suffix}"),
        delays: DELAYS.to_vec(),
    }
}

/// Runs a test with a fixture, and removes that however the test ends.
pub async fn with_fixture<T: Fixture, F: Future<Output = ()>>(test: impl FnOnce(Arc<T>) -> F) {
    let fixture = Arc::new(T::new().await);
    let outcome = AssertUnwindSafe(test(Arc::clone(&fixture)))
        .catch_unwind()
        .await;
    if let Some(fixture) = Arc::into_inner(fixture) {
        fixture.clean().await;
    }
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}
