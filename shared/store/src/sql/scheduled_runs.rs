//! Runs that schedules begin: recorded at once, planned afterwards.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use domain::job::{Payables, RunId, RunParams};
use domain::schedule::{ScheduleName, ScheduledRun};
use sqlx::types::Json;

use super::dialect::Dialect;
use super::row::row;
use super::schedule_times::kept;
use super::statement::statement;
use super::text;
use crate::error::Failure;

// After its time. One that had a run already begins no second.
const BEGIN: &str = "
INSERT INTO sync_runs (id, start_date, end_date, as_of, created_at, replace_newer, requested_by,
                       payables, schedule, planning, arguments)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10
WHERE EXISTS (SELECT 1 FROM sync_schedule_times WHERE schedule = $9 AND run_id = $1)";

const OPEN: &str = "
SELECT r.id FROM sync_runs r
WHERE r.schedule = $1
  AND (r.planning = 'open' OR EXISTS (
        SELECT 1 FROM sync_jobs j
        WHERE j.run_id = r.id AND j.state NOT IN ('done', 'superseded', 'failed', 'cancelled')))
ORDER BY r.created_at DESC, r.id DESC LIMIT 1";

// Of two at once the second waits for the row, and then finds the first one's lease.
const TAKE: &str = "
UPDATE sync_runs SET planning_until = $2
WHERE id = (SELECT id FROM sync_runs
            WHERE planning = 'open' AND (planning_until IS NULL OR planning_until <= $1)
            ORDER BY created_at, id LIMIT 1)
  AND planning = 'open' AND (planning_until IS NULL OR planning_until <= $1)
RETURNING id, schedule, arguments, start_date, end_date, as_of, payables, replace_newer, requested_by,
          created_at";

const FAILED: &str =
    "UPDATE sync_runs SET planning_problem = $2 WHERE id = $1 AND planning = 'open'";

const REFUSE: &str = "
UPDATE sync_runs SET planning = 'refused', planning_problem = $2, planning_until = NULL
WHERE id = $1 AND planning = 'open'";

row! {
    /// A run that is to be planned.
    struct ScheduledRow {
        id: String,
        schedule: String,
        arguments: Json<Vec<String>>,
        start_date: NaiveDate,
        end_date: NaiveDate,
        as_of: NaiveDate,
        payables: Option<Json<Payables>>,
        replace_newer: bool,
        requested_by: Option<String>,
        created_at: DateTime<Utc>,
    }
}

impl ScheduledRow {
    fn into_run(self) -> Result<ScheduledRun, Failure> {
        Ok(ScheduledRun {
            id: text::run_id(self.id)?,
            schedule: text::schedule(self.schedule)?,
            arguments: self.arguments.0,
            params: RunParams {
                start_date: self.start_date,
                end_date: self.end_date,
                as_of: self.as_of,
            },
            payables: text::payables(self.payables),
            replace_newer: self.replace_newer,
            by: self.requested_by.unwrap_or_default(),
            created_at: self.created_at,
        })
    }
}

row! {
    /// The name of a run.
    struct IdRow {
        id: String,
    }
}

/// Records a run that is to be planned, after the time that begins it.
pub async fn begin<DB: Dialect>(
    connection: &mut DB::Connection,
    run: &ScheduledRun,
) -> Result<(), Failure> {
    statement::<DB>(BEGIN)
        .bind(run.id.to_string())
        .bind(run.params.start_date)
        .bind(run.params.end_date)
        .bind(run.params.as_of)
        .bind(kept(run.created_at))
        .bind(run.replace_newer)
        .bind(run.by.clone())
        .bind(Json(run.payables.clone()))
        .bind(run.schedule.to_string())
        .bind(Json(run.arguments.clone()))
        .execute(connection)
        .await?;
    Ok(())
}

/// The newest run of a schedule that is open.
pub async fn open<DB: Dialect>(
    connection: &mut DB::Connection,
    schedule: &ScheduleName,
) -> Result<Option<RunId>, Failure> {
    let row: Option<IdRow> = statement::<DB>(OPEN)
        .bind(schedule.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(|row| text::run_id(row.id)).transpose()
}

/// Takes the oldest run that nobody plans.
pub async fn take<DB: Dialect>(
    connection: &mut DB::Connection,
    now: DateTime<Utc>,
    lease: Duration,
) -> Result<Option<ScheduledRun>, Failure> {
    let row: Option<ScheduledRow> = statement::<DB>(TAKE)
        .bind(kept(now))
        .bind(kept(now + lease))
        .fetch_optional(connection)
        .await?;
    row.map(ScheduledRow::into_run).transpose()
}

/// Notes why planning failed for now.
pub async fn note_problem<DB: Dialect>(
    connection: &mut DB::Connection,
    run: &RunId,
    problem: &str,
) -> Result<(), Failure> {
    end_try::<DB>(connection, FAILED, run, problem).await?;
    Ok(())
}

/// Ends a run that is not going to be planned; `false` when it is planned or refused already.
pub async fn refuse<DB: Dialect>(
    connection: &mut DB::Connection,
    run: &RunId,
    why: &str,
) -> Result<bool, Failure> {
    Ok(end_try::<DB>(connection, REFUSE, run, why).await? > 0)
}

async fn end_try<DB: Dialect>(
    connection: &mut DB::Connection,
    end: &'static str,
    run: &RunId,
    problem: &str,
) -> Result<u64, Failure> {
    statement::<DB>(end)
        .bind(run.to_string())
        .bind(problem.to_owned())
        .execute(connection)
        .await
}
