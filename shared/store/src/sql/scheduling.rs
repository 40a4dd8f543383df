//! Schedules: `sync_schedules`, and the transactions that decide their times.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::job::RunId;
use domain::ledger::{Action, NewAction};
use domain::schedule::{
    DecidedTime, MissedTimes, NewSchedule, ScheduleName, SchedulePause, ScheduleRecord,
    ScheduledRun, TimeOutcome, TimeRecord,
};
use domain::store_error::StoreError;
use sqlx::Transaction;
use sqlx::types::Json;

use super::dialect::Dialect;
use super::row::row;
use super::schedule_times::kept;
use super::sql_store::{SqlStore, in_time};
use super::statement::statement;
use super::{actions, missed_times, schedule_times, scheduled_runs, text};
use crate::error::Failure;
use crate::scheduling::Scheduling;

const SCHEDULES: &str = "
SELECT name, cron, tz, arguments, overlap, created_at, created_by, paused_at, paused_by, paused_why,
       decided_until
FROM sync_schedules";

const ADD: &str = "
INSERT INTO sync_schedules (name, cron, tz, arguments, overlap, created_by, created_at, decided_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
ON CONFLICT (name) DO NOTHING";

const REMOVE: &str = "DELETE FROM sync_schedules WHERE name = $1";

const PAUSE: &str = "
UPDATE sync_schedules SET paused_at = $2, paused_by = $3, paused_why = $4 WHERE name = $1";

const RESUME: &str = "
UPDATE sync_schedules SET paused_at = NULL, paused_by = NULL, paused_why = NULL WHERE name = $1";

// Of two at once the second waits for the row, and then finds the first one's time.
const DECIDE: &str = "
UPDATE sync_schedules SET decided_until = $3 WHERE name = $1 AND decided_until = $2";

// Changes nothing, and keeps the schedule from being removed before the transaction ends.
const LOCK: &str = "UPDATE sync_schedules SET decided_until = decided_until WHERE name = $1";

row! {
    /// A row of `sync_schedules`.
    struct ScheduleRow {
        name: String,
        cron: String,
        tz: String,
        arguments: Json<Vec<String>>,
        overlap: bool,
        created_at: DateTime<Utc>,
        created_by: String,
        paused_at: Option<DateTime<Utc>>,
        paused_by: Option<String>,
        paused_why: Option<String>,
        decided_until: DateTime<Utc>,
    }
}

impl ScheduleRow {
    fn into_record(self) -> Result<ScheduleRecord, Failure> {
        Ok(ScheduleRecord {
            name: text::schedule(self.name)?,
            cron: self.cron,
            tz: self.tz,
            arguments: self.arguments.0,
            overlap: self.overlap,
            created_at: self.created_at,
            by: self.created_by,
            paused: self.paused_at.map(|at| SchedulePause {
                at,
                by: self.paused_by.unwrap_or_default(),
                why: self.paused_why,
            }),
            decided_until: self.decided_until,
        })
    }
}

#[async_trait]
impl<DB: Dialect> Scheduling for SqlStore<DB> {
    async fn clock(&self) -> Result<DateTime<Utc>, StoreError> {
        in_time(async { DB::now(&mut *self.connection().await?).await }).await
    }

    async fn schedules(&self) -> Result<Vec<ScheduleRecord>, StoreError> {
        in_time(async {
            let rows: Vec<ScheduleRow> = statement::<DB>(SCHEDULES)
                .fetch_all(&mut *self.connection().await?)
                .await?;
            let schedules = rows.into_iter().map(ScheduleRow::into_record);
            let mut schedules = schedules.collect::<Result<Vec<_>, _>>()?;
            // Not the database's order, which follows its collation.
            schedules.sort_by(|one, other| one.name.cmp(&other.name));
            Ok(schedules)
        })
        .await
    }

    async fn add_schedule(&self, new: &NewSchedule) -> Result<bool, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let now = DB::now(&mut tx).await?;
            let added = statement::<DB>(ADD)
                .bind(new.name.to_string())
                .bind(new.cron.clone())
                .bind(new.tz.clone())
                .bind(Json(new.arguments.clone()))
                .bind(new.overlap)
                .bind(new.by.clone())
                .bind(now)
                .execute(&mut tx)
                .await?;
            let action = about(&new.name, Action::ScheduleAdd, &new.by);
            commit(tx, added, action).await
        })
        .await
    }

    async fn remove_schedule(&self, name: &ScheduleName, by: &str) -> Result<bool, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let removed = statement::<DB>(REMOVE)
                .bind(name.to_string())
                .execute(&mut tx)
                .await?;
            commit(tx, removed, about(name, Action::ScheduleRemove, by)).await
        })
        .await
    }

    async fn pause_schedule(
        &self,
        name: &ScheduleName,
        by: &str,
        why: Option<&str>,
    ) -> Result<bool, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let now = DB::now(&mut tx).await?;
            let paused = statement::<DB>(PAUSE)
                .bind(name.to_string())
                .bind(now)
                .bind(by.to_owned())
                .bind(why.map(str::to_owned))
                .execute(&mut tx)
                .await?;
            let action = NewAction {
                why,
                ..about(name, Action::SchedulePause, by)
            };
            commit(tx, paused, action).await
        })
        .await
    }

    async fn resume_schedule(&self, name: &ScheduleName, by: &str) -> Result<bool, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let resumed = statement::<DB>(RESUME)
                .bind(name.to_string())
                .execute(&mut tx)
                .await?;
            commit(tx, resumed, about(name, Action::ScheduleResume, by)).await
        })
        .await
    }

    async fn decide(
        &self,
        name: &ScheduleName,
        after: DateTime<Utc>,
        until: DateTime<Utc>,
        times: &[DecidedTime],
        run: Option<&ScheduledRun>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let decided = statement::<DB>(DECIDE)
                .bind(name.to_string())
                .bind(kept(after))
                .bind(kept(until))
                .execute(&mut tx)
                .await?;
            if decided == 0 {
                return Ok(false);
            }
            schedule_times::record::<DB>(&mut tx, name, times, now).await?;
            if let Some(run) = run {
                scheduled_runs::begin::<DB>(&mut tx, run).await?;
            }
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn begin_now(&self, run: &ScheduledRun, at: DateTime<Utc>) -> Result<bool, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let found = statement::<DB>(LOCK)
                .bind(run.schedule.to_string())
                .execute(&mut tx)
                .await?;
            if found == 0 {
                return Ok(false);
            }
            let time = DecidedTime {
                at,
                outcome: TimeOutcome::Run(run.id.clone()),
            };
            let times = [time];
            let now = run.created_at;
            if schedule_times::record::<DB>(&mut tx, &run.schedule, &times, now).await? == 0 {
                return Ok(false);
            }
            scheduled_runs::begin::<DB>(&mut tx, run).await?;
            let action = NewAction {
                run: Some(&run.id),
                ..about(&run.schedule, Action::ScheduleRunNow, &run.by)
            };
            actions::record::<DB>(&mut tx, action).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn open_run_of(&self, name: &ScheduleName) -> Result<Option<RunId>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            scheduled_runs::open::<DB>(&mut connection, name).await
        })
        .await
    }

    async fn take_planning(
        &self,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Option<ScheduledRun>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            scheduled_runs::take::<DB>(&mut connection, now, lease).await
        })
        .await
    }

    async fn planning_failed(&self, run: &RunId, problem: &str) -> Result<(), StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            scheduled_runs::note_problem::<DB>(&mut connection, run, problem).await
        })
        .await
    }

    async fn refuse_planning(&self, run: &RunId, why: &str) -> Result<(), StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            scheduled_runs::refuse::<DB>(&mut connection, run, why).await?;
            Ok(())
        })
        .await
    }

    async fn times_of(
        &self,
        name: &ScheduleName,
        most: u32,
    ) -> Result<Vec<TimeRecord>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            schedule_times::of_schedule::<DB>(&mut connection, name, most).await
        })
        .await
    }

    async fn missed_times(&self) -> Result<Vec<MissedTimes>, StoreError> {
        in_time(async { missed_times::of_all::<DB>(&mut *self.connection().await?).await }).await
    }
}

/// An action on a schedule, without a reason.
fn about<'a>(name: &'a ScheduleName, what: Action, by: &'a str) -> NewAction<'a> {
    NewAction {
        about: Some(name.as_str()),
        ..NewAction::new(what, by)
    }
}

/// Ends a change of a schedule with the record of who made it; `false` where it changed none.
async fn commit<DB: Dialect>(
    mut tx: Transaction<'static, DB>,
    changed: u64,
    action: NewAction<'_>,
) -> Result<bool, Failure> {
    if changed == 0 {
        // A return without a commit leaves the transaction to roll back.
        return Ok(false);
    }
    actions::record::<DB>(&mut tx, action).await?;
    tx.commit().await?;
    Ok(true)
}
