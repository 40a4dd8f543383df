//! The places for jobs of one worker: how many of them are taken.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The broker delivers the next job sooner than this after one was acknowledged, if it has one.
const DELIVERED_WITHIN: Duration = Duration::from_millis(250);

/// As many as the worker may have jobs in hand.
#[derive(Debug)]
pub struct Places {
    all: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    count: usize,
    /// When all were, the last time that one became free.
    all_until: Option<Instant>,
}

/// One of them; free again when dropped.
#[derive(Debug)]
pub struct Place(Arc<Places>);

impl Places {
    pub fn new(all: u16) -> Self {
        Self {
            all: all.into(),
            taken: Mutex::default(),
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
    use super::*;

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
