//! The process's one HTTP budget: how many calls to the ERP are in flight at once.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::pace::{Ended, Found, Pace, Sent};
use super::spare::SpareTime;

/// How often a call that waits looks whether the ERP stalls, or a pause is over.
const LOOK: Duration = Duration::from_millis(250);

/// Bounds the calls in flight by the [`Pace`]. Sign-ins do not count: there is one at a time in the
/// whole fleet.
#[derive(Debug)]
pub(super) struct Budget {
    paced: Mutex<Paced>,
    permits: Semaphore,
}

#[derive(Debug)]
struct Paced {
    pace: Pace,
    /// Permits there are, taken or not. More than the limit until calls in flight have ended.
    permits: usize,
    spare_time: SpareTime,
}

/// Room for one call.
#[derive(Debug)]
pub(super) struct Room<'a> {
    budget: &'a Budget,
    permit: Option<SemaphorePermit<'a>>,
    sent: Sent,
    how: Ended,
}

impl Budget {
    /// At most `total` calls at once, each no longer than `timeout`.
    pub(super) fn new(total: usize, timeout: Duration) -> Self {
        let now = Instant::now();
        let budget = Self {
            paced: Mutex::new(Paced {
                pace: Pace::new(total, timeout),
                permits: 0,
                spare_time: SpareTime::from(now),
            }),
            permits: Semaphore::new(0),
        };
        budget.settle(&mut budget.paced(), now);
        budget
    }

    /// The most calls at once, as things are.
    pub(super) fn limit(&self) -> usize {
        self.paced().pace.limit(Instant::now())
    }

    /// Calls in flight now.
    pub(super) fn in_flight(&self) -> usize {
        self.paced().pace.in_flight()
    }

    /// How many of the fleet's calls those in flight hold.
    pub(super) fn held(&self) -> usize {
        self.paced().pace.held()
    }

    /// Allows another number of calls at once from now on. Those in flight go on.
    pub(super) fn set_share(&self, share: usize) {
        let mut paced = self.paced();
        paced.pace.set_share(share);
        self.settle(&mut paced, Instant::now());
    }

    /// Waits for room for one call, from sending to its last byte; first come, first served.
    pub(super) async fn enter(&self) -> Room<'_> {
        let mut permit = pin!(self.permits.acquire());
        let permit = loop {
            // Those who wait keep watch: when nobody waits, nothing is held up.
            tokio::select! {
                biased;
                permit = &mut permit => break permit.expect("the budget is never closed"),
                () = tokio::time::sleep(LOOK) => self.look(),
            }
        };
        let now = Instant::now();
        let mut paced = self.paced();
        if paced.pace.in_flight() == 0 {
            paced.spare_time = SpareTime::from(now);
        }
        let sent = paced.pace.sent(now);
        drop(paced);
        Room {
            budget: self,
            permit: Some(permit),
            sent,
            how: Ended::Neutral,
        }
    }

    fn look(&self) {
        let now = Instant::now();
        let mut paced = self.paced();
        paced.pace.look(now);
        self.settle(&mut paced, now);
    }

    fn leave(&self, permit: SemaphorePermit<'_>, sent: Sent, how: Ended) {
        let now = Instant::now();
        let mut paced = self.paced();
        let found = Found {
            full: self.permits.available_permits() == 0,
            kept_up: paced.spare_time.any(now),
        };
        paced.pace.ended(sent, how, found, now);
        if paced.permits > paced.pace.limit(now) {
            permit.forget();
            paced.permits -= 1;
        } else {
            drop(permit);
        }
        self.settle(&mut paced, now);
    }

    /// Makes as many permits as the limit is; those that are taken cannot be taken back.
    fn settle(&self, paced: &mut Paced, now: Instant) {
        let limit = paced.pace.limit(now).min(Semaphore::MAX_PERMITS);
        if limit > paced.permits {
            self.permits.add_permits(limit - paced.permits);
            paced.permits = limit;
        } else {
            paced.permits -= self.permits.forget_permits(paced.permits - limit);
        }
    }

    fn paced(&self) -> MutexGuard<'_, Paced> {
        self.paced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room<'_> {
    /// The call has ended. One that is dropped before has said nothing.
    pub(super) fn ended(mut self, how: Ended) {
        self.how = how;
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take() {
            self.budget.leave(permit, self.sent, self.how);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt as _, poll};

    use super::*;

    fn budget(share: usize) -> Budget {
        Budget::new(share, Duration::from_secs(60))
    }

    #[tokio::test]
    async fn counts_what_is_in_flight() {
        let budget = budget(1);
        assert_eq!(budget.in_flight(), 0);
        let room = budget.enter().await;
        assert_eq!(budget.in_flight(), 1);
        drop(room);
        assert_eq!(budget.in_flight(), 0);
    }

    #[tokio::test]
    async fn those_who_wait_are_served_in_order() {
        let budget = budget(1);
        let room = budget.enter().await;
        let (mut first, mut second) = (pin!(budget.enter()), pin!(budget.enter()));
        assert!(poll!(&mut first).is_pending() && poll!(&mut second).is_pending());
        room.ended(Ended::Answered);
        assert!(poll!(&mut second).is_pending());
        let room = first.now_or_never().expect("it was first");
        room.ended(Ended::Answered);
        assert!(second.now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_smaller_share_leaves_alone_what_is_in_flight() {
        let budget = budget(3);
        let mut rooms = Vec::new();
        for _ in 0..3 {
            rooms.push(budget.enter().await);
        }
        budget.set_share(1);
        assert_eq!((budget.in_flight(), budget.limit()), (3, 1));
        let mut next = pin!(budget.enter());
        // Room for another is only when the last of the three has ended.
        for left in [2, 1] {
            rooms.pop();
            assert!(poll!(&mut next).is_pending());
            assert_eq!(budget.in_flight(), left);
        }
        rooms.pop();
        assert!(next.now_or_never().is_some());
    }

    #[tokio::test]
    async fn without_a_share_calls_wait_until_there_is_one() {
        let budget = budget(0);
        let mut first = pin!(budget.enter());
        assert!(poll!(&mut first).is_pending());
        budget.set_share(2);
        assert!(first.now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_gives_up_waiting_takes_no_room_along() {
        let budget = budget(1);
        let room = budget.enter().await;
        {
            let mut given_up = pin!(budget.enter());
            assert!(poll!(&mut given_up).is_pending());
            drop(room);
        }
        assert!(budget.enter().now_or_never().is_some());
        assert_eq!(budget.in_flight(), 0);
    }
}
