//! How many messages wait.

use serde::Serialize;

use super::Destination;

/// The numbers of waiting messages, of all lanes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Depths {
    /// Ready for a worker.
    pub ready: u64,
    /// Waiting out a delay.
    pub delayed: u64,
    /// Dead.
    pub dead: u64,
}

impl FromIterator<(Destination, u64)> for Depths {
    fn from_iter<I: IntoIterator<Item = (Destination, u64)>>(lengths: I) -> Self {
        let mut depths = Self::default();
        for (destination, messages) in lengths {
            match destination {
                Destination::Work(_) => depths.ready += messages,
                Destination::Retry(..) => depths.delayed += messages,
                Destination::Dead => depths.dead += messages,
            }
        }
        depths
    }
}
