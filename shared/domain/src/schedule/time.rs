//! The times of a schedule.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::job::RunId;

/// What became of a time of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeOutcome {
    /// It began this run.
    Run(RunId),
    /// It began none.
    Skipped {
        /// Why.
        why: String,
    },
}

/// A time about to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedTime {
    /// The time.
    pub at: DateTime<Utc>,
    /// What becomes of it.
    pub outcome: TimeOutcome,
}

/// A recorded time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimeRecord {
    /// The time.
    pub at: DateTime<Utc>,
    /// What became of it.
    pub outcome: TimeOutcome,
    /// When that was decided.
    pub decided_at: DateTime<Utc>,
}
