//! A message and where it goes.

use std::time::Duration;

/// Which work a message is of. Each lane has queues of its own, so that what is urgent is not behind
/// what is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// That of most runs.
    Normal,
    /// That of urgent runs.
    Urgent,
}

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// To the workers, now.
    Work(Lane),
    /// To the workers, after [`Topology::delay_for`](super::Topology::delay_for) this long.
    Retry(Lane, Duration),
    /// To the dead queue, which keeps it until a person decides.
    Dead,
}

impl Lane {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Normal, Self::Urgent];

    /// The lane of a run that is urgent, or is not.
    pub const fn of(urgent: bool) -> Self {
        match urgent {
            true => Self::Urgent,
            false => Self::Normal,
        }
    }
}

impl Destination {
    /// All there are with these delays.
    pub fn all(delays: &[Duration]) -> Vec<Self> {
        let mut all = Vec::new();
        for lane in Lane::ALL {
            all.push(Self::Work(lane));
            all.extend(delays.iter().map(|delay| Self::Retry(lane, *delay)));
        }
        all.push(Self::Dead);
        all
    }
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
