//! Schedules, new and recorded.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::name::ScheduleName;

/// A schedule about to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSchedule {
    /// Its name.
    pub name: ScheduleName,
    /// Its times, as a cron expression.
    pub cron: String,
    /// The time zone that these are in, such as `America/Sao_Paulo`.
    pub tz: String,
    /// The arguments of the backfill that each time begins.
    pub arguments: Vec<String>,
    /// A time begins a run although an earlier one of this schedule is open.
    pub overlap: bool,
    /// Who adds it: user@host.
    pub by: String,
}

/// A recorded schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScheduleRecord {
    /// Its name.
    pub name: ScheduleName,
    /// Its times, as a cron expression.
    pub cron: String,
    /// The time zone that these are in, such as `America/Sao_Paulo`.
    pub tz: String,
    /// The arguments of the backfill that each time begins.
    pub arguments: Vec<String>,
    /// A time begins a run although an earlier one of this schedule is open.
    pub overlap: bool,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// Who added it: user@host.
    pub by: String,
    /// Who paused it, when and why; absent while it is not paused.
    pub paused: Option<SchedulePause>,
    /// Every time up to this one is decided.
    pub decided_until: DateTime<Utc>,
}

/// A schedule was paused: its times begin no runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchedulePause {
    /// Since when.
    pub at: DateTime<Utc>,
    /// Who paused it: user@host.
    pub by: String,
    /// Why, as they put it.
    pub why: Option<String>,
}
