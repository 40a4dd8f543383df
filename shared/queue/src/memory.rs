//! The queue inside one process: nothing outlives it, the ledger knows what to publish again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::deliveries::{DeliverySender, deliveries};
use super::{
    DeadLetter, DeadLetterFilter, Deliveries, Delivery, Destination, Envelope, Queue, QueueError,
    Receipt, Topology,
};

/// A queue in memory. Clones are the same queue.
#[derive(Clone, Default)]
pub struct MemoryQueue {
    topology: Topology,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    became_ready: Notify,
}

#[derive(Default)]
struct State {
    ready: VecDeque<Message>,
    /// How many wait out each delay.
    delayed: BTreeMap<Duration, u64>,
    dead: Vec<Envelope>,
}

struct Message {
    envelope: Envelope,
    redelivered: bool,
}

impl MemoryQueue {
    /// An empty queue; of the topology only the delays matter.
    pub fn new(topology: Topology) -> Self {
        Self {
            topology,
            shared: Arc::default(),
        }
    }

    /// The dead messages, oldest first.
    pub fn dead(&self) -> Vec<Envelope> {
        self.shared.lock().dead.clone()
    }

    fn delay(&self, message: Message, wanted: Duration) {
        let delay = self.topology.delay_for(wanted);
        *self.shared.lock().delayed.entry(delay).or_default() += 1;
        // Weak: a queue nobody holds any more need not wait out half an hour.
        let shared = Arc::downgrade(&self.shared);
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            if let Some(shared) = shared.upgrade() {
                let mut state = shared.lock();
                *state.delayed.entry(delay).or_default() -= 1;
                state.ready.push_back(message);
                drop(state);
                shared.became_ready.notify_one();
            }
        });
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn publish(&self, to: Destination, message: &Envelope) -> Result<(), QueueError> {
        let envelope = message.clone();
        let message = Message {
            envelope,
            redelivered: false,
        };
        match to {
            Destination::Work => {
                self.shared.lock().ready.push_back(message);
                self.shared.became_ready.notify_one();
            }
            Destination::Retry(wanted) => self.delay(message, wanted),
            Destination::Dead => self.shared.lock().dead.push(message.envelope),
        }
        Ok(())
    }

    async fn consume(
        &self,
        prefetch: u16,
        stop: CancellationToken,
    ) -> Result<Deliveries, QueueError> {
        let (sender, deliveries) = deliveries(&stop);
        let permits = Arc::new(Semaphore::new(prefetch.max(1).into()));
        tokio::spawn(feed(Arc::clone(&self.shared), permits, sender));
        Ok(deliveries)
    }

    async fn lengths(&self) -> Result<Vec<(Destination, u64)>, QueueError> {
        let state = self.shared.lock();
        let delayed = state.delayed.iter();
        let delayed = delayed.map(|(delay, messages)| (Destination::Retry(*delay), *messages));
        let ready = (Destination::Work, state.ready.len() as u64);
        let dead = (Destination::Dead, state.dead.len() as u64);
        Ok([ready].into_iter().chain(delayed).chain([dead]).collect())
    }

    async fn sweep_dead(&self, filter: &dyn DeadLetterFilter) -> Result<u64, QueueError> {
        let mut removed = 0;
        for message in self.dead() {
            match filter.decide(&message).await {
                DeadLetter::Keep => {}
                DeadLetter::Remove => removed += u64::from(self.shared.remove_dead(&message)),
                DeadLetter::Stop => break,
            }
        }
        Ok(removed)
    }
}

/// Moves messages to one consumer as its permits allow, until it stops.
async fn feed(shared: Arc<Shared>, permits: Arc<Semaphore>, sender: DeliverySender) {
    let stop = sender.stop().clone();
    let moving = async {
        loop {
            let permit = Arc::clone(&permits).acquire_owned().await;
            let permit = permit.expect("nobody closes this semaphore");
            let message = shared.next().await;
            sender.send(shared.delivery(message, permit));
        }
    };
    // Cancelling between the awaits loses nothing: a message taken is sent on without another.
    stop.run_until_cancelled(moving).await;
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes one dead message; `false` when there is no such one any more.
    fn remove_dead(&self, message: &Envelope) -> bool {
        let mut state = self.lock();
        let place = state.dead.iter().position(|one| one == message);
        place.map(|place| state.dead.remove(place)).is_some()
    }

    async fn next(&self) -> Message {
        loop {
            let became_ready = self.became_ready.notified();
            if let Some(message) = self.lock().ready.pop_front() {
                return message;
            }
            became_ready.await;
        }
    }

    fn delivery(self: &Arc<Self>, message: Message, permit: OwnedSemaphorePermit) -> Delivery {
        let envelope = message.envelope.clone();
        let redelivered = message.redelivered;
        let receipt = MemoryReceipt {
            message: Some(message),
            queue: Arc::clone(self),
            _permit: permit,
        };
        // Nothing is lost here before the process is.
        Delivery::new(
            envelope,
            redelivered,
            CancellationToken::new(),
            Box::new(receipt),
        )
    }
}

/// Puts its message back at the head when dropped with it.
struct MemoryReceipt {
    message: Option<Message>,
    queue: Arc<Shared>,
    _permit: OwnedSemaphorePermit,
}

#[async_trait]
impl Receipt for MemoryReceipt {
    async fn ack(mut self: Box<Self>) -> Result<(), QueueError> {
        self.message = None;
        Ok(())
    }

    async fn give_back(self: Box<Self>) -> Result<(), QueueError> {
        Ok(())
    }
}

impl Drop for MemoryReceipt {
    fn drop(&mut self) {
        if let Some(mut message) = self.message.take() {
            message.redelivered = true;
            self.queue.lock().ready.push_front(message);
            self.queue.became_ready.notify_one();
        }
    }
}
