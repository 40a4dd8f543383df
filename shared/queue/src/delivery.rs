//! One message in a worker's hands.

use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{Envelope, Lane, QueueError};

/// Longest time of one attempt at a job. RabbitMQ closes a channel whose delivery is
/// unacknowledged for 30 minutes, unless its `consumer_timeout` says otherwise.
pub const ATTEMPT_DEADLINE: Duration = Duration::from_secs(25 * 60);

/// A message in a worker's hands. Dropped unsettled, it is delivered again.
pub struct Delivery {
    /// The message.
    pub envelope: Envelope,
    /// The lane it came in. What is published of it again goes there, too.
    pub lane: Lane,
    /// The broker says it may have been delivered before.
    pub redelivered: bool,
    /// The session it came through ended: the broker delivers it again, perhaps elsewhere.
    pub lost: CancellationToken,
    receipt: Box<dyn Receipt>,
}

impl Delivery {
    /// A delivery as an adapter makes it.
    pub fn new(
        envelope: Envelope,
        lane: Lane,
        redelivered: bool,
        lost: CancellationToken,
        receipt: Box<dyn Receipt>,
    ) -> Self {
        Self {
            envelope,
            lane,
            redelivered,
            lost,
            receipt,
        }
    }

    /// Tells the queue that the message is dealt with.
    ///
    /// # Errors
    /// [`QueueError::DeliveryLost`] when the queue will deliver it again all the same.
    pub async fn ack(self) -> Result<(), QueueError> {
        self.receipt.ack().await
    }

    /// Gives the message back, to be delivered again at once.
    ///
    /// # Errors
    /// [`QueueError::DeliveryLost`] when the queue does so anyway.
    pub async fn give_back(self) -> Result<(), QueueError> {
        self.receipt.give_back().await
    }
}

/// How an adapter settles one delivery.
#[async_trait]
pub trait Receipt: Send + Sync {
    /// See [`Delivery::ack`].
    async fn ack(self: Box<Self>) -> Result<(), QueueError>;
    /// See [`Delivery::give_back`].
    async fn give_back(self: Box<Self>) -> Result<(), QueueError>;
}
