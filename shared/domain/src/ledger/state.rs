//! Where a job stands.

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

/// Where a job stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum JobState {
    /// Recorded, and in the queue or about to be.
    Queued,
    /// A worker works on it.
    Running,
    /// Failed for a passing reason; tried again later.
    Retrying,
    /// Waits for a reason outside the job: the ERP is away, or another run holds the same target.
    Deferred,
    /// Committed.
    Done,
    /// Not needed: a newer run has committed the same target and months.
    Superseded,
    /// Stopped until a person acts.
    Failed,
    /// Cancelled by a person; nothing of it is committed.
    Cancelled,
}

impl JobState {
    /// Every state.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Its name in the ledger and in output.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether the job leaves this state only when a person acts.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Done | Self::Superseded | Self::Failed | Self::Cancelled
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_in_the_ledger_and_read_back() {
        let names: Vec<_> = JobState::ALL.iter().map(|state| state.name()).collect();
        assert_eq!(
            names.join(" "),
            "queued running retrying deferred done superseded failed cancelled"
        );
        for state in JobState::ALL {
            assert_eq!(state.name().parse(), Ok(*state));
            assert_eq!(state.to_string(), state.name());
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }
}
