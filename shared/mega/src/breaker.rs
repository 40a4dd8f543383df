//! The circuit breaker: when most calls fail the ERP is away, and asking on only makes it worse.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Calls the decision looks back on.
const WINDOW: usize = 10;
/// Failures among them that open the circuit.
const FAILURES: usize = 8;

/// Counts how calls end. Open, it stays so until a probe has found the ERP answering.
#[derive(Debug)]
pub(super) struct Breaker {
    /// Calls sent so far.
    sent: AtomicU64,
    latest: Mutex<Latest>,
    open: watch::Sender<bool>,
}

/// The latest calls that ended.
#[derive(Debug, Default)]
struct Latest {
    /// Oldest first: whether each failed.
    failed: VecDeque<bool>,
    /// Of those that were answered, the one sent last.
    answered: u64,
}

impl Breaker {
    pub(super) fn new() -> Self {
        Self {
            sent: AtomicU64::new(0),
            latest: Mutex::default(),
            open: watch::Sender::new(false),
        }
    }

    /// A call is sent: its number among all.
    pub(super) fn sent(&self) -> u64 {
        self.sent.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Notes how a call ended: whether the ERP failed to answer it. A failure of one sent before
    /// another that was answered tells how the ERP was, not how it is.
    pub(super) fn note(&self, call: u64, failed: bool) {
        let mut latest = self.latest();
        if failed && call < latest.answered {
            return;
        }
        if !failed {
            latest.answered = latest.answered.max(call);
        }
        if latest.failed.len() == WINDOW {
            latest.failed.pop_front();
        }
        latest.failed.push_back(failed);
        if latest.failed.iter().filter(|failed| **failed).count() >= FAILURES {
            self.open.send_replace(true);
        }
    }

    /// A probe failed: the ERP is away, however few calls were made.
    pub(super) fn open(&self) {
        self.open.send_replace(true);
    }

    /// A probe was answered: what happened before no longer counts.
    pub(super) fn close(&self) {
        self.latest().failed.clear();
        self.open.send_replace(false);
    }

    pub(super) fn is_open(&self) -> bool {
        *self.open.borrow()
    }

    /// Waits until the circuit is as asked.
    pub(super) async fn until(&self, open: bool) {
        // The sender lives as long as `self`.
        _ = self.open.subscribe().wait_for(|now| *now == open).await;
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One that ends before the next is sent.
    fn call(breaker: &Breaker, failed: bool) {
        breaker.note(breaker.sent(), failed);
    }

    #[test]
    fn opens_when_most_of_the_latest_calls_failed() {
        let breaker = Breaker::new();
        for _ in 0..FAILURES - 1 {
            call(&breaker, true);
        }
        assert!(!breaker.is_open());
        call(&breaker, true);
        assert!(breaker.is_open());
        // An answer to a call that was under way does not close it; a probe does.
        call(&breaker, false);
        assert!(breaker.is_open());
        breaker.close();
        call(&breaker, true);
        assert!(!breaker.is_open());
    }

    #[test]
    fn stays_closed_while_a_third_of_the_calls_is_answered() {
        let breaker = Breaker::new();
        for number in 0..300 {
            call(&breaker, number % 3 != 0);
        }
        assert!(!breaker.is_open());
    }

    #[test]
    fn calls_that_time_out_after_later_ones_were_answered_do_not_open_it() {
        let breaker = Breaker::new();
        let long_ago: Vec<_> = (0..2 * WINDOW).map(|_| breaker.sent()).collect();
        let answered = breaker.sent();
        let later: Vec<_> = (0..FAILURES).map(|_| breaker.sent()).collect();
        breaker.note(answered, false);
        for call in long_ago {
            breaker.note(call, true);
        }
        assert!(!breaker.is_open());
        for call in later {
            assert!(!breaker.is_open());
            breaker.note(call, true);
        }
        assert!(breaker.is_open(), "these were sent after it");
    }
}
