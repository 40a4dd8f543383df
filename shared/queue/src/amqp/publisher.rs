//! Publishing with confirms, over a link that is replaced when it fails.

use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use lapin::options::ConfirmSelectOptions;
use lapin::{Channel, Connection};
use tokio::sync::{Mutex, Semaphore};

use super::broker::{Broker, answer};
use super::confirm::confirmed;
use super::earlier;
use super::topology::{self, Earlier};
use crate::{Destination, Envelope, QueueError};

/// How long a call may take, with waiting its turn, reconnecting and the confirm.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Publishes at once on one connection.
const MOST_AT_ONCE: usize = 8;

/// Publishes, and reconnects on its own: a failure drops the link, the next call makes another.
pub(super) struct Publisher {
    broker: Broker,
    link: Mutex<Option<Arc<Link>>>,
    turns: Semaphore,
}

/// A connection with the queues declared on it, and its idle channels.
struct Link {
    connection: Connection,
    /// Queues of the version before that were there when it was opened.
    earlier: Vec<Earlier>,
    idle: StdMutex<Vec<Channel>>,
}

impl Publisher {
    pub(super) async fn connect(broker: Broker) -> Result<Self, QueueError> {
        let publisher = Self {
            broker,
            link: Mutex::default(),
            turns: Semaphore::new(MOST_AT_ONCE),
        };
        publisher.link().await?;
        Ok(publisher)
    }

    pub(super) async fn publish(
        &self,
        to: Destination,
        message: &Envelope,
    ) -> Result<(), QueueError> {
        self.bounded(async {
            let _turn = self.turns.acquire().await;
            let link = self.link().await?;
            let outcome = link.publish(&self.broker, to, message).await;
            self.keep_or_drop(link, outcome).await
        })
        .await
    }

    pub(super) async fn lengths(&self) -> Result<Vec<(Destination, u64)>, QueueError> {
        self.bounded(async {
            let link = self.link().await?;
            let outcome =
                topology::lengths(&link.connection, &self.broker.topology, &link.earlier).await;
            self.keep_or_drop(link, outcome).await
        })
        .await
    }

    async fn bounded<T>(
        &self,
        work: impl Future<Output = Result<T, QueueError>>,
    ) -> Result<T, QueueError> {
        tokio::time::timeout(TIMEOUT, work)
            .await
            .unwrap_or_else(|_| {
                let seconds = TIMEOUT.as_secs();
                Err(QueueError::Away(format!("no answer within {seconds} s")))
            })
    }

    async fn link(&self) -> Result<Arc<Link>, QueueError> {
        // Held while connecting, so that many who wait share one new connection.
        let mut slot = self.link.lock().await;
        match &*slot {
            Some(link) if link.connection.status().connected() => Ok(Arc::clone(link)),
            _ => {
                *slot = None;
                let link = Arc::new(Link::open(&self.broker).await?);
                Ok(Arc::clone(slot.insert(link)))
            }
        }
    }

    /// Drops a link that failed, whatever it was: a new one declares the queues again too.
    async fn keep_or_drop<T>(
        &self,
        link: Arc<Link>,
        outcome: Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        if outcome.is_err() {
            let mut slot = self.link.lock().await;
            if slot.as_ref().is_some_and(|held| Arc::ptr_eq(held, &link)) {
                *slot = None;
            }
        }
        outcome
    }
}

impl Link {
    async fn open(broker: &Broker) -> Result<Self, QueueError> {
        let connection = broker.connect().await?;
        topology::declare(&connection, &broker.topology).await?;
        let earlier = earlier::existing(&connection, &broker.topology).await?;
        Ok(Self {
            connection,
            earlier,
            idle: StdMutex::default(),
        })
    }

    async fn publish(
        &self,
        broker: &Broker,
        to: Destination,
        message: &Envelope,
    ) -> Result<(), QueueError> {
        let queue = topology::queue_for(&broker.topology, to);
        let channel = self.channel().await?;
        confirmed(&channel, &queue, message).await?;
        self.lock_idle().push(channel);
        Ok(())
    }

    /// A channel for one publish at a time: lapin 4.12 gives a returned message to whichever
    /// confirm it reads next. Of 2000 publishes at once on one channel, half of them to no queue,
    /// one that was lost came back as taken.
    async fn channel(&self) -> Result<Channel, QueueError> {
        let idle = self.lock_idle().pop();
        if let Some(channel) = idle {
            return Ok(channel);
        }
        let channel = answer("a channel", self.connection.create_channel()).await?;
        let confirms = channel.confirm_select(ConfirmSelectOptions::default());
        answer("publisher confirms", confirms).await?;
        Ok(channel)
    }

    fn lock_idle(&self) -> std::sync::MutexGuard<'_, Vec<Channel>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
