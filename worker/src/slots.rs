//! The slots for jobs of one worker: how many are taken, and which jobs work beside others.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// The jobs in hand of one worker.
#[derive(Debug)]
pub struct JobSlots {
    most: usize,
    taken: watch::Sender<usize>,
    /// One for each job that works beside others, all for one that works alone. Fair: a job that
    /// waits for all is served before those that come later.
    turns: Arc<Semaphore>,
}

/// A job in hand; its slot is free again when this is dropped.
#[derive(Debug)]
pub struct Slot(Arc<JobSlots>);

/// The right to work on a job; ends when dropped.
#[derive(Debug)]
pub struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl JobSlots {
    /// Slots for at most so many jobs.
    pub fn new(most: u16) -> Self {
        Self {
            most: most.into(),
            taken: watch::Sender::new(0),
            turns: Arc::new(Semaphore::new(most.into())),
        }
    }

    /// How many jobs may be in hand with this share of the fleet's calls: each can then make one.
    pub fn with_share(&self, calls: usize) -> usize {
        self.most.min(calls)
    }

    /// Waits until fewer than so many slots are taken.
    pub async fn fewer_than(&self, slots: usize) {
        let mut taken = self.taken.subscribe();
        // The sender lives as long as `self`.
        _ = taken.wait_for(|taken| *taken < slots).await;
    }

    /// Takes a slot for a job that was delivered.
    pub fn take(self: &Arc<Self>) -> Slot {
        self.taken.send_modify(|taken| *taken += 1);
        Slot(Arc::clone(self))
    }
}

impl Slot {
    /// Waits until no job works alone that came before.
    pub async fn beside_others(&self) -> Turn {
        self.turns(1).await
    }

    /// Waits until no other job of this worker works; none begins before the turn ends.
    pub async fn alone(&self) -> Turn {
        self.turns(self.0.most).await
    }

    async fn turns(&self, count: usize) -> Turn {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let turns = Arc::clone(&self.0.turns).acquire_many_owned(count);
        Turn {
            _permit: turns.await.expect("nobody closes this semaphore"),
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.taken.send_modify(|taken| *taken -= 1);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use futures::future::poll_immediate;

    use super::*;

    #[tokio::test]
    async fn a_job_that_works_alone_waits_for_all_and_is_served_before_later_ones() {
        let slots = Arc::new(JobSlots::new(2));
        let slot = slots.take();
        let (first, second) = (slot.beside_others().await, slot.beside_others().await);
        let mut alone = std::pin::pin!(slot.alone());
        assert!(poll_immediate(alone.as_mut()).await.is_none());
        drop(first);
        let mut later = std::pin::pin!(slot.beside_others());
        assert!(poll_immediate(later.as_mut()).await.is_none());
        assert!(poll_immediate(alone.as_mut()).await.is_none());
        drop(second);
        let alone = alone.now_or_never().expect("nobody else works");
        assert!(poll_immediate(later.as_mut()).await.is_none());
        drop(alone);
        assert!(later.now_or_never().is_some());
    }

    #[tokio::test]
    async fn jobs_in_hand_follow_the_share_of_the_calls() {
        let slots = Arc::new(JobSlots::new(8));
        assert_eq!(
            [0, 1, 8, 96].map(|calls| slots.with_share(calls)),
            [0, 1, 8, 8]
        );
        let first = slots.take();
        slots.fewer_than(2).await;
        assert!(
            poll_immediate(std::pin::pin!(slots.fewer_than(1)))
                .await
                .is_none()
        );
        drop(first);
        slots.fewer_than(1).await;
    }
}
