//! The buffer of messages between an adapter and its consumer.
//!
//! It is no plain channel, because an adapter must give back the messages that were not received
//! when the consumer stops: the broker would count them as delivered until the session ends.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Delivery;

/// Messages as they arrive. Dropping this stops the consumer, as its `stop` does.
pub struct Deliveries {
    buffer: Arc<Buffer>,
}

/// The adapter's end of [`Deliveries`].
pub(super) struct DeliverySender {
    buffer: Arc<Buffer>,
}

struct Buffer {
    pending: Mutex<VecDeque<Delivery>>,
    arrived: Notify,
    stop: CancellationToken,
}

/// Both ends; they stop with `stop`, or when either is dropped.
pub(super) fn deliveries(stop: &CancellationToken) -> (DeliverySender, Deliveries) {
    let buffer = Arc::new(Buffer {
        pending: Mutex::default(),
        arrived: Notify::new(),
        stop: stop.child_token(),
    });
    let sender = DeliverySender {
        buffer: Arc::clone(&buffer),
    };
    (sender, Deliveries { buffer })
}

impl Deliveries {
    /// The next message; `None` once stopped. Skips messages whose session ended meanwhile.
    /// Cancelling this loses no message.
    pub async fn recv(&mut self) -> Option<Delivery> {
        loop {
            // Registered before looking, so that no arrival in between is missed.
            let arrived = self.buffer.arrived.notified();
            if self.buffer.stop.is_cancelled() {
                return None;
            }
            match self.buffer.next() {
                Some(delivery) if delivery.lost.is_cancelled() => continue,
                Some(delivery) => return Some(delivery),
                None => {}
            }
            tokio::select! {
                () = arrived => {}
                () = self.buffer.stop.cancelled() => {}
            }
        }
    }
}

impl Drop for Deliveries {
    fn drop(&mut self) {
        self.buffer.stop.cancel();
    }
}

impl DeliverySender {
    /// Passes a message on. After the stop it is dropped, which gives it back.
    pub(super) fn send(&self, delivery: Delivery) {
        if !self.buffer.stop.is_cancelled() {
            self.buffer.lock().push_back(delivery);
            self.buffer.arrived.notify_one();
        }
    }

    /// Cancelled when the adapter has to stop.
    pub(super) fn stop(&self) -> &CancellationToken {
        &self.buffer.stop
    }

    /// Drops the pending messages, which gives them back.
    pub(super) fn give_back_pending(&self) {
        // Outside the lock, because dropping runs the adapter's code. The last first, because each
        // goes back to the head of its queue.
        let mut pending = std::mem::take(&mut *self.buffer.lock());
        while let Some(delivery) = pending.pop_back() {
            drop(delivery);
        }
    }
}

impl Drop for DeliverySender {
    fn drop(&mut self) {
        self.buffer.stop.cancel();
        self.give_back_pending();
    }
}

impl Buffer {
    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Delivery>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Delivery> {
        self.lock().pop_front()
    }
}
