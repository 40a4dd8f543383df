//! What the workers of a fleet share.

/// A worker's place among the living ones, the longest alive first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// How many come before it.
    pub before: u64,
    /// How many there are, itself included.
    pub alive: u64,
}

impl Place {
    /// This worker's share of a total: equal parts, and one more of the remainder for each of the
    /// first. The shares of all places together are the total.
    pub fn share_of(self, total: usize) -> usize {
        let total = total as u64;
        // Never zero: the worker that asks is one of them.
        let alive = self.alive.max(1);
        let share = total / alive + u64::from(self.before < total % alive);
        share as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_fair_and_their_sum_is_the_total() {
        for total in [0, 1, 2, 7, 96, 256] {
            for alive in 1..=20 {
                let place = |before| Place { before, alive };
                let shares: Vec<_> = (0..alive).map(|at| place(at).share_of(total)).collect();
                assert_eq!(shares.iter().sum::<usize>(), total);
                assert!(shares.is_sorted_by(|first, second| first >= second));
                assert!(shares[0] - shares[shares.len() - 1] <= 1);
            }
        }
    }
}
