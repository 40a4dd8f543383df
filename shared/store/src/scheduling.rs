//! Schedules, what became of their times, and the runs that they begin.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::job::RunId;
use domain::schedule::{
    DecidedTime, MissedTimes, NewSchedule, ScheduleName, ScheduleRecord, ScheduledRun, TimeRecord,
};
use domain::store_error::StoreError;

/// The ledger, as schedulers use it, any number of them at once. Times are kept in whole microseconds; what
/// is less is cut off.
#[async_trait]
pub trait Scheduling: Send + Sync {
    /// The time by the database's clock.
    async fn clock(&self) -> Result<DateTime<Utc>, StoreError>;

    /// Every schedule, by name.
    async fn schedules(&self) -> Result<Vec<ScheduleRecord>, StoreError>;

    /// Adds a schedule, whose times begin now, and records who did. `false` when the name is taken.
    async fn add_schedule(&self, new: &NewSchedule) -> Result<bool, StoreError>;

    /// Removes a schedule with its times, and records who did; its runs stay, and those in planning are
    /// still to be planned. `false` when there is no such schedule.
    async fn remove_schedule(&self, name: &ScheduleName, by: &str) -> Result<bool, StoreError>;

    /// Pauses a schedule, and records who did and why; replaces an earlier pause. `false` when there is no
    /// such schedule.
    async fn pause_schedule(
        &self,
        name: &ScheduleName,
        by: &str,
        why: Option<&str>,
    ) -> Result<bool, StoreError>;

    /// Lifts the pause of a schedule, and records who did. `false` when there is no such schedule.
    async fn resume_schedule(&self, name: &ScheduleName, by: &str) -> Result<bool, StoreError>;

    /// Decides the times after `after`, the schedule's `decided_until`, up to `until`, in one transaction
    /// with the run that one of them begins. `false` when another process has decided them, or the schedule
    /// was removed: nothing is written. A time that [`begin_now`](Self::begin_now) has taken before stays as
    /// it is, and begins no second run.
    async fn decide(
        &self,
        name: &ScheduleName,
        after: DateTime<Utc>,
        until: DateTime<Utc>,
        times: &[DecidedTime],
        run: Option<&ScheduledRun>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Begins a run now, at a time of its own beside the schedule's, and records who did. `false` when
    /// there is no such schedule, or that time exists: nothing is written.
    async fn begin_now(&self, run: &ScheduledRun, at: DateTime<Utc>) -> Result<bool, StoreError>;

    /// The newest run of a schedule that is to be planned or has jobs that are not final.
    async fn open_run_of(&self, name: &ScheduleName) -> Result<Option<RunId>, StoreError>;

    /// Takes the oldest run that is to be planned and that nobody plans, for `lease` from `now`. Its plan is
    /// recorded by [`record_run`](crate::Planning::record_run). Of two callers at once one may get none
    /// although another run is to be planned.
    async fn take_planning(
        &self,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Option<ScheduledRun>, StoreError>;

    /// Notes why planning failed for now; it is tried again after the lease. Does nothing when the run is
    /// planned or refused already.
    async fn planning_failed(&self, run: &RunId, problem: &str) -> Result<(), StoreError>;

    /// Ends a run that cannot be planned. Does nothing when it is planned or refused already.
    async fn refuse_planning(&self, run: &RunId, why: &str) -> Result<(), StoreError>;

    /// What became of a schedule's times, at most so many, the newest first.
    async fn times_of(&self, name: &ScheduleName, most: u32)
    -> Result<Vec<TimeRecord>, StoreError>;

    /// The times that each schedule has missed since it last began a run, by name; schedules without any
    /// are left out.
    async fn missed_times(&self) -> Result<Vec<MissedTimes>, StoreError>;
}
