//! Where a process that lives on enqueues jobs, each time there are any.

use std::sync::Arc;

use queue::amqp::AmqpQueue;
use queue::{BrokerConfig, Queue, QueueError};

/// Where jobs are enqueued.
#[derive(Clone)]
pub enum Broker {
    /// RabbitMQ, connected to for each use.
    Amqp(Arc<BrokerConfig>),
    /// The queue of a worker in this process.
    InProcess(Arc<dyn Queue>),
}

impl Broker {
    /// The queue.
    ///
    /// # Errors
    /// When RabbitMQ does not answer, or refuses.
    pub async fn queue(&self) -> Result<Arc<dyn Queue>, QueueError> {
        Ok(match self {
            Self::Amqp(config) => Arc::new(AmqpQueue::connect(config).await?),
            Self::InProcess(queue) => Arc::clone(queue),
        })
    }
}
