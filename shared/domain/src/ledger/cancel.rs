//! What became of the plan or the jobs that a person cancels.

/// What a cancel found: a plan that was still to be made, or jobs by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cancelled {
    /// The run was still to be planned. It never has jobs.
    pub plan: bool,
    /// Jobs that no attempt worked on.
    pub at_once: u64,
    /// Jobs whose attempt is fenced out: it commits nothing, and its worker gives it up.
    pub in_hand: u64,
    /// Jobs that had reached a final state, which stays.
    pub kept: u64,
}

impl Cancelled {
    /// Jobs that were cancelled.
    pub const fn total(&self) -> u64 {
        self.at_once + self.in_hand
    }
}
