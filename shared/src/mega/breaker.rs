//! The circuit breaker: when most calls fail the ERP is away, and asking on only makes it worse.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// Calls the decision looks back on.
const WINDOW: usize = 10;
/// Failures among them that open the circuit.
const FAILURES: usize = 8;

/// Counts how calls end. Open, it stays so until a probe has found the ERP answering.
#[derive(Debug)]
pub(super) struct Breaker {
    /// The latest calls, oldest first: whether each failed.
    latest: Mutex<VecDeque<bool>>,
    open: watch::Sender<bool>,
}

impl Breaker {
    pub(super) fn new() -> Self {
        Self {
            latest: Mutex::default(),
            open: watch::Sender::new(false),
        }
    }

    /// Notes how a call ended: whether the ERP failed to answer it.
    pub(super) fn note(&self, failed: bool) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.len() == WINDOW {
            latest.pop_front();
        }
        latest.push_back(failed);
        if latest.iter().filter(|failed| **failed).count() >= FAILURES {
            self.open.send_replace(true);
        }
    }

    /// A probe failed: the ERP is away, however few calls were made.
    pub(super) fn open(&self) {
        self.open.send_replace(true);
    }

    /// A probe was answered: what happened before no longer counts.
    pub(super) fn close(&self) {
        self.latest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_when_most_of_the_latest_calls_failed() {
        let breaker = Breaker::new();
        for _ in 0..FAILURES - 1 {
            breaker.note(true);
        }
        assert!(!breaker.is_open());
        breaker.note(true);
        assert!(breaker.is_open());
        // An answer to a call that was under way does not close it; a probe does.
        breaker.note(false);
        assert!(breaker.is_open());
        breaker.close();
        breaker.note(true);
        assert!(!breaker.is_open());
    }

    #[test]
    fn stays_closed_while_a_third_of_the_calls_is_answered() {
        let breaker = Breaker::new();
        for call in 0..300 {
            breaker.note(call % 3 != 0);
        }
        assert!(!breaker.is_open());
    }
}
