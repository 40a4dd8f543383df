//! The queue behind one trait: at-least-once delivery of job messages.
//!
//! [`amqp`] is RabbitMQ, for a fleet; [`memory`] serves one process. Both pass the same
//! conformance suite. Delivery is at least once: a message may come twice at every crash point and
//! is lost at none, so whoever consumes must be idempotent.

pub mod amqp;
mod deliveries;
pub mod memory;
mod settings;

use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

pub use deliveries::Deliveries;
pub use settings::{BrokerConfig, parse_delay};

/// Longest time of one attempt at a job, unless the settings say otherwise. RabbitMQ takes back what
/// is unacknowledged for 30 minutes, unless its `consumer_timeout` says otherwise.
pub const ATTEMPT_DEADLINE: Duration = Duration::from_secs(25 * 60);

/// Names and delays of a set of queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// What the names of the queues begin with: `mega.sync` unless tests keep apart.
    pub prefix: String,
    /// The delays a message can wait, ascending; each has a queue of its own.
    pub delays: Vec<Duration>,
}

impl Topology {
    /// The delays a job that fails for a passing reason waits through, one after the other.
    pub const DELAYS: [Duration; 4] = [
        Duration::from_secs(10),
        Duration::from_secs(60),
        Duration::from_secs(300),
        Duration::from_secs(1800),
    ];

    /// The shortest delay that is at least `wanted`, else the longest there is.
    pub fn delay_for(&self, wanted: Duration) -> Duration {
        let longest = self.delays.last().copied().unwrap_or_default();
        self.delays
            .iter()
            .copied()
            .find(|delay| *delay >= wanted)
            .unwrap_or(longest)
    }
}

impl Default for Topology {
    fn default() -> Self {
        Self {
            prefix: "mega.sync".to_owned(),
            delays: Self::DELAYS.to_vec(),
        }
    }
}

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// To the workers, now.
    Work,
    /// To the workers, after [`Topology::delay_for`] this long.
    Retry(Duration),
    /// To the dead queue, which keeps it for a person.
    Dead,
}

/// A message with what travels beside its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The body, not yet trusted.
    pub body: Vec<u8>,
    /// How many times a worker has failed with it.
    pub attempt: u32,
    /// Why it was put off or is dead.
    pub reason: Option<String>,
}

/// What the queue did instead of its work.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum QueueError {
    /// The broker cannot be reached, or the connection broke, or it did not answer in time.
    #[error("the broker is away: {0}")]
    Away(String),
    /// The broker refused: an argument differs, the queue is full or gone, access is denied.
    #[error("the broker refused: {0}")]
    Refused(String),
    /// The session that delivered this message is gone; the broker will deliver it again.
    #[error("the delivery was lost with its session")]
    DeliveryLost,
}

/// Messages waiting, of all delays together.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Depths {
    /// Ready for a worker.
    pub ready: u64,
    /// Waiting out a delay.
    pub delayed: u64,
    /// Dead.
    pub dead: u64,
}

impl FromIterator<(Destination, u64)> for Depths {
    fn from_iter<I: IntoIterator<Item = (Destination, u64)>>(lengths: I) -> Self {
        let mut depths = Self::default();
        for (destination, messages) in lengths {
            match destination {
                Destination::Work => depths.ready += messages,
                Destination::Retry(_) => depths.delayed += messages,
                Destination::Dead => depths.dead += messages,
            }
        }
        depths
    }
}

/// A message in a worker's hands. Dropped unsettled, it is delivered again.
pub struct Delivery {
    /// The message.
    pub envelope: Envelope,
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
        redelivered: bool,
        lost: CancellationToken,
        receipt: Box<dyn Receipt>,
    ) -> Self {
        Self {
            envelope,
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

/// The queue, as producer and worker use it.
#[async_trait]
pub trait Queue: Send + Sync + 'static {
    /// Publishes a message and waits until the queue has taken responsibility for it.
    ///
    /// # Errors
    /// When that is not certain. The message may be there all the same: publishing again is safe
    /// because consuming is idempotent.
    async fn publish(&self, to: Destination, message: &Envelope) -> Result<(), QueueError>;

    /// Delivers messages, at most `prefetch` (and at least one) unsettled at a time, until `stop`.
    /// The deliveries then end, and what lay unread is given back; what is in hand can still be
    /// settled. Reconnects by itself; the deliveries go on.
    ///
    /// # Errors
    /// When the broker refuses. One that cannot be reached is waited for: that the address is right
    /// was seen when the queue was opened.
    async fn consume(
        &self,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up_to_a_delay_there_is() {
        let topology = Topology::default();
        let delay = |seconds| topology.delay_for(Duration::from_secs(seconds)).as_secs();
        assert_eq!(
            [0, 10, 11, 60, 301, 9999].map(delay),
            [10, 10, 60, 60, 1800, 1800]
        );
    }
}
