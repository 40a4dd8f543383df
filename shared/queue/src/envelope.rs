//! A message and where it goes.

use std::time::Duration;

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// To the workers, now.
    Work,
    /// To the workers, after [`Topology::delay_for`](super::Topology::delay_for) this long.
    Retry(Duration),
    /// To the dead queue, which keeps it until a person decides.
    Dead,
}

/// A message with what travels beside its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The body, not validated.
    pub body: Vec<u8>,
    /// How many times a worker has failed with it.
    pub attempt: u32,
    /// Why it was deferred or is dead.
    pub reason: Option<String>,
}
