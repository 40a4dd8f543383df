//! The times of a schedule.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::name::ScheduleName;
use crate::job::RunId;

/// The first word of the reason why a time that was missed began no run.
pub const MISSED: &str = "missed";

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

/// Times of a schedule that were missed since it last began a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissedTimes {
    /// The schedule.
    pub schedule: ScheduleName,
    /// How many.
    pub times: u64,
    /// The last of them.
    pub last: DateTime<Utc>,
    /// When the last of them was decided.
    pub decided_at: DateTime<Utc>,
    /// Why the newest time of the schedule, missed or not, began no run.
    pub why: String,
    /// Whether the schedule is paused.
    pub paused: bool,
}
