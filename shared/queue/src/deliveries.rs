//! The way from an adapter to whoever consumes.
//!
//! Not a plain channel: an adapter could not take back what lies unread in one, and a message that
//! nobody reads and nobody gives back hangs for as long as its session lives.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Delivery;

/// Messages as they arrive. Dropping this stops the consuming as its `stop` does.
pub struct Deliveries {
    shelf: Arc<Shelf>,
}

/// An adapter's end of [`Deliveries`].
pub(super) struct Outlet {
    shelf: Arc<Shelf>,
}

struct Shelf {
    unread: Mutex<VecDeque<Delivery>>,
    arrived: Notify,
    stop: CancellationToken,
}

/// Both ends, until `stop` or until either is dropped.
pub(super) fn deliveries(stop: &CancellationToken) -> (Outlet, Deliveries) {
    let shelf = Arc::new(Shelf {
        unread: Mutex::default(),
        arrived: Notify::new(),
        stop: stop.child_token(),
    });
    let outlet = Outlet {
        shelf: Arc::clone(&shelf),
    };
    (outlet, Deliveries { shelf })
}

impl Deliveries {
    /// The next message; `None` once stopped. Skips what was lost while it lay unread. Cancelling
    /// this loses nothing.
    pub async fn recv(&mut self) -> Option<Delivery> {
        loop {
            // Asked before looking, so that what arrives in between wakes us.
            let arrived = self.shelf.arrived.notified();
            if self.shelf.stop.is_cancelled() {
                return None;
            }
            match self.shelf.next() {
                Some(delivery) if delivery.lost.is_cancelled() => continue,
                Some(delivery) => return Some(delivery),
                None => {}
            }
            tokio::select! {
                () = arrived => {}
                () = self.shelf.stop.cancelled() => {}
            }
        }
    }
}

impl Drop for Deliveries {
    fn drop(&mut self) {
        self.shelf.stop.cancel();
    }
}

impl Outlet {
    /// Hands a message over. After the end it is dropped, and so given back.
    pub(super) fn send(&self, delivery: Delivery) {
        if !self.shelf.stop.is_cancelled() {
            self.shelf.lock().push_back(delivery);
            self.shelf.arrived.notify_one();
        }
    }

    /// When the adapter has to stop.
    pub(super) fn stop(&self) -> &CancellationToken {
        &self.shelf.stop
    }

    /// Drops what lies unread, and so gives it back.
    pub(super) fn give_back_unread(&self) {
        // Outside the lock, because dropping runs the adapter's code; the last first, because each
        // goes back to the head of its queue.
        let mut unread = std::mem::take(&mut *self.shelf.lock());
        while let Some(delivery) = unread.pop_back() {
            drop(delivery);
        }
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        self.shelf.stop.cancel();
        self.give_back_unread();
    }
}

impl Shelf {
    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Delivery>> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Delivery> {
        self.lock().pop_front()
    }
}
