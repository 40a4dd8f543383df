//! The slots for jobs of one worker: how many are taken, and which jobs work beside others.

use std::sync::Arc;

use queue::Lane;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// The jobs in hand of one worker. One slot is kept for an urgent job.
#[derive(Debug)]
pub struct JobSlots {
    most: usize,
    /// Those and the one for an urgent job.
    all: usize,
    normal: watch::Sender<usize>,
    urgent: watch::Sender<usize>,
    /// One for each job that works beside others, all for one that works alone. Fair: a job that
    /// waits for all is served before those that come later.
    turns: Arc<Semaphore>,
}

/// A job in hand; its slot is free again when this is dropped.
#[derive(Debug)]
pub struct Slot {
    slots: Arc<JobSlots>,
    lane: Lane,
}

/// The right to work on a job; ends when dropped.
#[derive(Debug)]
pub struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl JobSlots {
    /// Urgent jobs in hand, at most.
    pub const URGENT: u16 = 1;

    /// Slots for at most so many jobs, beside an urgent one.
    pub fn new(most: u16) -> Self {
        let all = usize::from(most) + usize::from(Self::URGENT);
        Self {
            most: most.into(),
            all,
            normal: watch::Sender::new(0),
            urgent: watch::Sender::new(0),
            turns: Arc::new(Semaphore::new(all)),
        }
    }

    /// How many jobs that are not urgent may be in hand with this share of the fleet's calls: each can
    /// then make one.
    pub fn with_share(&self, calls: usize) -> usize {
        self.most.min(calls)
    }

    /// Waits until fewer than so many slots of a lane are taken.
    pub async fn fewer_than(&self, slots: usize, lane: Lane) {
        let mut taken = self.taken(lane).subscribe();
        // The sender lives as long as `self`.
        _ = taken.wait_for(|taken| *taken < slots).await;
    }

    /// Takes a slot for a job that was delivered in a lane.
    pub fn take(self: &Arc<Self>, lane: Lane) -> Slot {
        self.taken(lane).send_modify(|taken| *taken += 1);
        Slot {
            slots: Arc::clone(self),
            lane,
        }
    }

    fn taken(&self, lane: Lane) -> &watch::Sender<usize> {
        match lane {
            Lane::Normal => &self.normal,
            Lane::Urgent => &self.urgent,
        }
    }
}

impl Slot {
    /// The lane that its job was delivered in.
    pub const fn lane(&self) -> Lane {
        self.lane
    }

    /// Waits until no job works alone that came before.
    pub async fn beside_others(&self) -> Turn {
        self.turns(1).await
    }

    /// Waits until no other job of this worker works; none begins before the turn ends.
    pub async fn alone(&self) -> Turn {
        self.turns(self.slots.all).await
    }

    async fn turns(&self, count: usize) -> Turn {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let turns = Arc::clone(&self.slots.turns).acquire_many_owned(count);
        Turn {
            _permit: turns.await.expect("nobody closes this semaphore"),
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.taken(self.lane).send_modify(|taken| *taken -= 1);
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
        let slot = slots.take(Lane::Normal);
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
        let first = slots.take(Lane::Normal);
        slots.fewer_than(2, Lane::Normal).await;
        let fewer = slots.fewer_than(1, Lane::Normal);
        assert!(poll_immediate(std::pin::pin!(fewer)).await.is_none());
        drop(first);
        slots.fewer_than(1, Lane::Normal).await;
    }

    #[tokio::test]
    async fn an_urgent_job_has_a_slot_and_a_turn_beside_all_others() {
        let slots = Arc::new(JobSlots::new(1));
        let normal = slots.take(Lane::Normal);
        let normal_turn = normal.beside_others().await;
        slots.fewer_than(1, Lane::Urgent).await;
        let urgent = slots.take(Lane::Urgent);
        let urgent_turn = urgent.beside_others().now_or_never();
        let urgent_turn = urgent_turn.expect("there is a turn for each slot");
        let fewer = slots.fewer_than(1, Lane::Urgent);
        assert!(poll_immediate(std::pin::pin!(fewer)).await.is_none());

        // One that works alone waits for it, too.
        let mut alone = std::pin::pin!(normal.alone());
        drop(normal_turn);
        assert!(poll_immediate(alone.as_mut()).await.is_none());
        drop(urgent_turn);
        assert!(alone.now_or_never().is_some());
        drop(urgent);
        slots.fewer_than(1, Lane::Urgent).await;
        let fewer = slots.fewer_than(1, Lane::Normal);
        assert!(poll_immediate(std::pin::pin!(fewer)).await.is_none());
    }
}
