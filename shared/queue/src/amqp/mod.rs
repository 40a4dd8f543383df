//! RabbitMQ, 3.10 to 4.x: quorum queues, publisher confirms, supervised sessions.
//!
//! lapin's own recovery stays off: after a refused declaration it leaves a stream that never ends.
//! What breaks here is torn down and built anew instead: the publisher's link by the publish that
//! comes next, a consumer's session by the task that supervises it.

mod broker;
mod confirm;
mod consumer;
mod diagnosis;
mod earlier;
mod greeting;
mod message;
mod publisher;
mod session;
mod topology;
mod transport;

pub use self::diagnosis::{Diagnosis, QueueState, diagnose};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use self::broker::Broker;
use self::publisher::Publisher;
use super::{Deliveries, Destination, Envelope, Lane, Queue, QueueError};
use crate::BrokerConfig;

/// The queues of one topology on a RabbitMQ broker.
///
/// Publishing has one connection, and every [`Queue::consume`] one of its own: a broker short of
/// memory blocks connections that publish, and acknowledgements must still get through.
pub struct AmqpQueue {
    broker: Broker,
    publisher: Publisher,
}

impl AmqpQueue {
    /// Connects, and declares the queues that are missing.
    ///
    /// # Errors
    /// [`QueueError::Away`] within seconds when the broker does not answer, and
    /// [`QueueError::Refused`] when it denies access or has a queue of other arguments.
    pub async fn connect(config: &BrokerConfig) -> Result<Self, QueueError> {
        let broker = Broker::new(config)?;
        let publisher = Publisher::connect(broker.clone()).await?;
        Ok(Self { broker, publisher })
    }
}

#[async_trait]
impl Queue for AmqpQueue {
    async fn publish(&self, to: Destination, message: &Envelope) -> Result<(), QueueError> {
        self.publisher.publish(to, message).await
    }

    async fn consume(
        &self,
        lane: Lane,
        prefetch: u16,
        stop: CancellationToken,
    ) -> Result<Deliveries, QueueError> {
        consumer::consume(self.broker.clone(), lane, prefetch.max(1), &stop).await
    }

    async fn lengths(&self) -> Result<Vec<(Destination, u64)>, QueueError> {
        self.publisher.lengths().await
    }
}
