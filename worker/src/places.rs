//! The places for jobs of one worker: how many of them are taken, and who works beside whom.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// The broker delivers the next job sooner than this after one was acknowledged, if it has one.
const DELIVERED_WITHIN: Duration = Duration::from_millis(250);

/// As many as the worker may have jobs in hand.
#[derive(Debug)]
pub struct Places {
    all: usize,
    taken: Mutex<Taken>,
    /// One for each job that works beside others, all for one that works alone. Fair: who waits for
    /// all is not overtaken by those who need one.
    turns: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Taken {
    count: usize,
    /// When all were, the last time that one became free.
    all_until: Option<Instant>,
}

/// The right to work on a job; ends when dropped.
#[derive(Debug)]
pub struct Turn {
    _permit: OwnedSemaphorePermit,
}

/// One of them; free again when dropped.
#[derive(Debug)]
pub struct Place(Arc<Places>);

impl Places {
    pub fn new(all: u16) -> Self {
        Self {
            all: all.into(),
            taken: Mutex::default(),
            turns: Arc::new(Semaphore::new(all.into())),
        }
    }

    pub fn take(self: &Arc<Self>) -> Place {
        self.taken().count += 1;
        Place(Arc::clone(self))
    }

    /// Whether every place is taken, or was a moment ago: then each that becomes free is taken again
    /// at once, for as long as the queue has jobs.
    pub fn are_taken(&self, now: Instant) -> bool {
        let taken = self.taken();
        let just_now = |until| now.saturating_duration_since(until) < DELIVERED_WITHIN;
        taken.count >= self.all || taken.all_until.is_some_and(just_now)
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Waits until no job works alone that came before.
    pub async fn beside_others(&self) -> Turn {
        self.turns(1).await
    }

    /// Waits until no other job of this worker works; none begins before the turn ends.
    pub async fn alone(&self) -> Turn {
        self.turns(self.0.all).await
    }

    async fn turns(&self, count: usize) -> Turn {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let turns = Arc::clone(&self.0.turns).acquire_many_owned(count);
        Turn {
            _permit: turns.await.expect("nobody closes this semaphore"),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.0.taken();
        if taken.count >= self.0.all {
            taken.all_until = Some(Instant::now());
        }
        taken.count -= 1;
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use futures::future::poll_immediate;

    use super::*;

    #[tokio::test]
    async fn who_works_alone_waits_for_all_and_is_not_overtaken() {
        let places = Arc::new(Places::new(2));
        let place = places.take();
        let (first, second) = (place.beside_others().await, place.beside_others().await);
        let mut alone = std::pin::pin!(place.alone());
        assert!(poll_immediate(alone.as_mut()).await.is_none());
        drop(first);
        let mut later = std::pin::pin!(place.beside_others());
        assert!(poll_immediate(later.as_mut()).await.is_none());
        assert!(poll_immediate(alone.as_mut()).await.is_none());
        drop(second);
        let alone = alone.now_or_never().expect("nobody else works");
        assert!(poll_immediate(later.as_mut()).await.is_none());
        drop(alone);
        assert!(later.now_or_never().is_some());
    }

    #[test]
    fn a_place_free_for_longer_than_a_delivery_takes_is_not_taken() {
        let places = Arc::new(Places::new(2));
        let before = Instant::now();
        let _first = places.take();
        assert!(!places.are_taken(before));
        let second = places.take();
        assert!(places.are_taken(before));
        drop(second);
        let after = Instant::now();
        assert!(places.are_taken(before));
        assert!(!places.are_taken(after + DELIVERED_WITHIN));
        let _second = places.take();
        assert!(places.are_taken(after + DELIVERED_WITHIN));
    }
}
