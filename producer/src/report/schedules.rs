//! A schedule as it stands: its next times, and whether anybody follows it.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use domain::schedule::{ScheduleRecord, TimeOutcome, TimeRecord};
use serde::Serialize;

use crate::schedule::{ScheduleError, Times};

/// Next times that are told.
const NEXT: usize = 5;
/// A time that nobody has decided for so long has no scheduler.
const LATE: TimeDelta = TimeDelta::minutes(1);

/// How a schedule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ScheduleState {
    /// Its times begin runs.
    Active,
    /// Somebody has paused it: its times are skipped.
    Paused,
    /// A time has passed, and no scheduler has looked at it.
    Late,
}

/// A schedule as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedSchedule {
    /// What is recorded.
    #[serde(flatten)]
    pub schedule: ScheduleRecord,
    /// How it stands.
    pub state: ScheduleState,
    /// Its next times, by the clock of its zone.
    pub next: Vec<DateTime<FixedOffset>>,
}

/// What became of one of its times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedTime {
    /// When it was due, by the clock of the schedule's zone.
    pub at: DateTime<FixedOffset>,
    /// The run that began, or why none did.
    pub outcome: TimeOutcome,
    /// When that was decided.
    pub decided_at: DateTime<Utc>,
}

impl ListedSchedule {
    /// A schedule as it stands at `now`.
    ///
    /// # Errors
    /// When its times cannot be read.
    pub fn of(schedule: ScheduleRecord, now: DateTime<Utc>) -> Result<Self, ScheduleError> {
        let times = Times::parse(&schedule.cron, &schedule.tz)?;
        let undecided = times.after(schedule.decided_until);
        let state = match &schedule.paused {
            Some(_) => ScheduleState::Paused,
            None if undecided.is_some_and(|at| now - at > LATE) => ScheduleState::Late,
            None => ScheduleState::Active,
        };
        let local = |at: DateTime<Utc>| at.with_timezone(&times.zone()).fixed_offset();
        Ok(Self {
            state,
            next: times.following(now).take(NEXT).map(local).collect(),
            schedule,
        })
    }

    /// Times of it, by the clock of its zone.
    ///
    /// # Errors
    /// When its times cannot be read.
    pub fn local(&self, records: Vec<TimeRecord>) -> Result<Vec<ListedTime>, ScheduleError> {
        let zone = Times::parse(&self.schedule.cron, &self.schedule.tz)?.zone();
        let listed = records.into_iter().map(|record| ListedTime {
            at: record.at.with_timezone(&zone).fixed_offset(),
            outcome: record.outcome,
            decided_at: record.decided_at,
        });
        Ok(listed.collect())
    }
}
