//! The interface of a queue.

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{Deliveries, Depths, Destination, Envelope, Lane, QueueError};

/// The queue, as producer and worker use it.
#[async_trait]
pub trait Queue: Send + Sync + 'static {
    /// Publishes a message and waits until the queue has taken responsibility for it.
    ///
    /// # Errors
    /// When that is not certain. The message may be there all the same: publishing again is safe
    /// because consuming is idempotent.
    async fn publish(&self, to: Destination, message: &Envelope) -> Result<(), QueueError>;

    /// Delivers messages of a lane, at most `prefetch` (and at least one) unsettled at a time, until
    /// `stop`. The deliveries then end, and what lay unread is given back; what is in hand can still be
    /// settled. Reconnects by itself; the deliveries go on.
    ///
    /// # Errors
    /// When the broker refuses. One that cannot be reached is waited for: that the address is right
    /// was seen when the queue was opened.
    async fn consume(
        &self,
        lane: Lane,
        prefetch: u16,
        stop: CancellationToken,
    ) -> Result<Deliveries, QueueError>;

    /// How many messages wait in each queue; those in a worker's hands do not count.
    ///
    /// # Errors
    /// When the broker does not answer.
    async fn lengths(&self) -> Result<Vec<(Destination, u64)>, QueueError>;

    /// How many messages wait where.
    ///
    /// # Errors
    /// When the broker does not answer.
    async fn depths(&self) -> Result<Depths, QueueError> {
        Ok(self.lengths().await?.into_iter().collect())
    }
}
