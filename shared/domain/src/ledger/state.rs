//! Where a job stands.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// Recorded; in the queue, or about to be.
    Queued,
    /// A worker has it.
    Running,
    /// Failed in a way that may pass; tried again later.
    Retrying,
    /// Set aside without blame: the ERP is away, or another run has the same target.
    Deferred,
    /// Committed.
    Done,
    /// Not needed: a newer run has committed the same target and months.
    Superseded,
    /// Stopped until a person acts.
    Failed,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Running,
        Self::Retrying,
        Self::Deferred,
        Self::Done,
        Self::Superseded,
        Self::Failed,
    ];

    /// Its name in the ledger and in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Deferred => "deferred",
            Self::Done => "done",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing more happens to the job by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Superseded | Self::Failed)
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
