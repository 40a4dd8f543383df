//! The queue inside one process: nothing outlives it, the ledger knows what to publish again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::deliveries::{DeliverySender, deliveries};
use super::{
    Deliveries, Delivery, Destination, Envelope, Lane, Queue, QueueError, Receipt, Topology,
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
    /// Wakes every consumer: each looks for messages of its lane.
    became_ready: Notify,
}

#[derive(Default)]
struct State {
    normal: VecDeque<Message>,
    urgent: VecDeque<Message>,
    /// How many of each lane wait out each delay.
    delayed: BTreeMap<(Lane, Duration), u64>,
    dead: Vec<Envelope>,
}

impl State {
    fn ready(&mut self, lane: Lane) -> &mut VecDeque<Message> {
        match lane {
            Lane::Normal => &mut self.normal,
            Lane::Urgent => &mut self.urgent,
        }
    }
}

struct Message {
    envelope: Envelope,
    lane: Lane,
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
        let delayed = (message.lane, delay);
        *self.shared.lock().delayed.entry(delayed).or_default() += 1;
        // Weak: a queue nobody holds any more need not wait out half an hour.
        let shared = Arc::downgrade(&self.shared);
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            if let Some(shared) = shared.upgrade() {
                let mut state = shared.lock();
                *state.delayed.entry(delayed).or_default() -= 1;
                state.ready(message.lane).push_back(message);
                drop(state);
                shared.became_ready.notify_waiters();
            }
        });
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn publish(&self, to: Destination, message: &Envelope) -> Result<(), QueueError> {
        let of = |lane| Message {
            envelope: message.clone(),
            lane,
            redelivered: false,
        };
        match to {
            Destination::Work(lane) => {
                self.shared.lock().ready(lane).push_back(of(lane));
                self.shared.became_ready.notify_waiters();
            }
            Destination::Retry(lane, wanted) => self.delay(of(lane), wanted),
            Destination::Dead => self.shared.lock().dead.push(message.clone()),
        }
        Ok(())
    }

    async fn consume(
        &self,
        lane: Lane,
        prefetch: u16,
        stop: CancellationToken,
    ) -> Result<Deliveries, QueueError> {
        let (sender, deliveries) = deliveries(&stop);
        let permits = Arc::new(Semaphore::new(prefetch.max(1).into()));
        tokio::spawn(feed(Arc::clone(&self.shared), lane, permits, sender));
        Ok(deliveries)
    }

    async fn lengths(&self) -> Result<Vec<(Destination, u64)>, QueueError> {
        let state = self.shared.lock();
        let delayed = state.delayed.iter();
        let delayed =
            delayed.map(|((lane, delay), messages)| (Destination::Retry(*lane, *delay), *messages));
        let ready = [(Lane::Normal, &state.normal), (Lane::Urgent, &state.urgent)]
            .map(|(lane, ready)| (Destination::Work(lane), ready.len() as u64));
        let dead = (Destination::Dead, state.dead.len() as u64);
        Ok(ready.into_iter().chain(delayed).chain([dead]).collect())
    }
}

/// Moves messages of a lane to one consumer as its permits allow, until it stops.
async fn feed(shared: Arc<Shared>, lane: Lane, permits: Arc<Semaphore>, sender: DeliverySender) {
    let stop = sender.stop().clone();
    let moving = async {
        loop {
            let permit = Arc::clone(&permits).acquire_owned().await;
            let permit = permit.expect("nobody closes this semaphore");
            let message = shared.next(lane).await;
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

    async fn next(&self, lane: Lane) -> Message {
        loop {
            // Made before looking: it is woken by what becomes ready from now on.
            let became_ready = self.became_ready.notified();
            if let Some(message) = self.lock().ready(lane).pop_front() {
                return message;
            }
            became_ready.await;
        }
    }

    fn delivery(self: &Arc<Self>, message: Message, permit: OwnedSemaphorePermit) -> Delivery {
        let envelope = message.envelope.clone();
        let (lane, redelivered) = (message.lane, message.redelivered);
        let receipt = MemoryReceipt {
            message: Some(message),
            queue: Arc::clone(self),
            _permit: permit,
        };
        // Nothing is lost here before the process is.
        Delivery::new(
            envelope,
            lane,
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
            self.queue.lock().ready(message.lane).push_front(message);
            self.queue.became_ready.notify_waiters();
        }
    }
}
