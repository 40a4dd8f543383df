//! The process's one HTTP budget: how many calls to the ERP are in flight at once.

use tokio::sync::{Semaphore, SemaphorePermit};

/// Bounds the calls in flight. Sign-ins do not count: there is one at a time in the whole fleet.
#[derive(Debug)]
pub(super) struct Budget {
    limit: usize,
    permits: Semaphore,
}

impl Budget {
    /// At most `limit` calls at once, and at least one.
    pub(super) fn new(limit: usize) -> Self {
        let limit = limit.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            limit,
            permits: Semaphore::new(limit),
        }
    }

    /// The most calls at once.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Waits for room for one call, from sending to its last byte; first come, first served.
    pub(super) async fn enter(&self) -> SemaphorePermit<'_> {
        self.permits
            .acquire()
            .await
            .expect("the budget is never closed")
    }

    /// Calls in flight now.
    pub(super) fn in_flight(&self) -> usize {
        self.limit - self.permits.available_permits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn counts_what_is_in_flight_and_never_stops_everything() {
        let budget = Budget::new(0);
        assert_eq!(budget.in_flight(), 0);
        let permit = budget.enter().await;
        assert_eq!(budget.in_flight(), 1);
        drop(permit);
        assert_eq!(budget.in_flight(), 0);
    }
}
