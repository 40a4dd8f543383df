//! The names and delays of a set of queues.

use std::time::Duration;

/// Names and delays of a set of queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// The prefix of the queues' names, `mega.sync` by default.
    pub prefix: String,
    /// The delays that a message can wait, ascending. Each has a queue of its own.
    pub delays: Vec<Duration>,
}

impl Topology {
    /// The delays between the attempts at a job that fails for a passing reason.
    pub const DELAYS: [Duration; 4] = [
        Duration::from_secs(10),
        Duration::from_secs(60),
        Duration::from_secs(300),
        Duration::from_secs(1800),
    ];

    /// The shortest delay that is at least `wanted`, else the longest there is.
    pub fn delay_for(&self, wanted: Duration) -> Duration {
        let longest = self.delays.last().copied().unwrap_or_default();
        self.delays
            .iter()
            .copied()
            .find(|delay| *delay >= wanted)
            .unwrap_or(longest)
    }
}

impl Default for Topology {
    fn default() -> Self {
        Self {
            prefix: "mega.sync".to_owned(),
            delays: Self::DELAYS.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up_to_a_delay_there_is() {
        let topology = Topology::default();
        let delay = |seconds| topology.delay_for(Duration::from_secs(seconds)).as_secs();
        assert_eq!(
            [0, 10, 11, 60, 301, 9999].map(delay),
            [10, 10, 60, 60, 1800, 1800]
        );
    }
}
