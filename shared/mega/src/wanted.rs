//! How many calls the jobs in hand still have to make: what a worker asks of the fleet's calls by.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Calls to be made, of all clones, from being known of to their end.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted(Arc<AtomicUsize>);

/// Some of them; what is left of them when this is dropped is not to be made any more.
#[derive(Debug)]
pub struct ToMake {
    all: Arc<AtomicUsize>,
    left: usize,
}

impl Wanted {
    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, calls: usize) -> ToMake {
        self.0.fetch_add(calls, Ordering::Relaxed);
        ToMake {
            all: Arc::clone(&self.0),
            left: calls,
        }
    }
}

impl ToMake {
    /// One of them begins, and counts for itself.
    pub fn one_begins(&mut self) {
        let one = self.left.min(1);
        self.left -= one;
        self.all.fetch_sub(one, Ordering::Relaxed);
    }
}

impl Drop for ToMake {
    fn drop(&mut self) {
        self.all.fetch_sub(self.left, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_begun_or_is_given_up_is_not_wanted_any_more() {
        let wanted = Wanted::default();
        let mut some = wanted.add(2);
        let other = wanted.add(3);
        assert_eq!(wanted.count(), 5);
        some.one_begins();
        assert_eq!(wanted.count(), 4);
        drop(other);
        assert_eq!(wanted.count(), 1);
        some.one_begins();
        some.one_begins();
        assert_eq!(wanted.count(), 0);
    }
}
