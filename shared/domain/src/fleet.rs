//! How the workers of a fleet share the calls that may be in flight at once.
//!
//! Each worker holds a lease in the ledger: the most calls it may have in flight. It renews the lease
//! with every heartbeat and takes only what no other living worker holds, so the leases together
//! never exceed the total.

use std::time::Duration;

/// How often a worker reports that it is alive and renews its lease.
pub const HEARTBEAT: Duration = Duration::from_millis(500);

/// A worker silent for longer counts as dead: its calls are the others', and its hold on a target
/// ends.
pub const DEAD_AFTER: Duration = Duration::from_secs(20);

/// What a worker reports with each heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    /// The most calls in flight of the whole fleet; the same for each worker.
    pub total: usize,
    /// Calls in flight or waiting.
    pub pending: usize,
    /// What it keeps from others: its lease, or what is still in flight of a larger one.
    pub held: usize,
    /// The worker was cut off from the ledger for so long that all others may look dead. It takes
    /// nothing more than it holds until they have had a heartbeat's time to report.
    pub cut_off: bool,
    /// What the whole fleet may have in flight by what this worker has seen.
    pub learned: Option<usize>,
}

/// The answer to a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The most calls the worker may have in flight from now on. What it holds beyond that stays
    /// held until a later heartbeat reports that those calls have ended.
    pub share: usize,
    /// Living workers, itself included.
    pub workers: usize,
    /// What the fleet learned within the last week about how many calls the ERP takes.
    pub learned: Option<usize>,
    /// The fleet is paused: no worker takes a new job.
    pub paused: bool,
}

/// A living worker, as the ledger has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// It has calls to make.
    pub pending: bool,
    /// The most it may have in flight.
    pub held: usize,
}

/// The lease of the worker at `place` among the living, the longest alive first: what is due to it,
/// of what no other holds.
pub fn lease(total: usize, living: &[Member], place: usize) -> usize {
    let others = living
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != place);
    let held: usize = others.map(|(_, member)| member.held).sum();
    due(total, living, place).min(total.saturating_sub(held))
}

/// One call for each worker, the longest alive first, because without one it can begin no job. The
/// rest in equal parts for those with pending calls, or for all when nobody has any.
fn due(total: usize, living: &[Member], place: usize) -> usize {
    let takes_part = |place: usize| {
        let anyone = living.iter().take(total).any(|member| member.pending);
        place < total && (living[place].pending || !anyone)
    };
    let first = usize::from(place < total);
    if !takes_part(place) {
        return first;
    }
    let rest = total.saturating_sub(living.len());
    let parts = (0..living.len()).filter(|place| takes_part(*place)).count();
    let before = (0..place).filter(|place| takes_part(*place)).count();
    first + rest / parts + usize::from(before < rest % parts)
}

#[cfg(test)]
mod tests;
