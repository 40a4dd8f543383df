//! Runs, and what became of their jobs.

use chrono::{DateTime, NaiveDate, Utc};
use domain::job::{Payables, RunId, RunParams};
use domain::ledger::{RunOutcome, RunRecord};
use domain::schedule::Planning;
use sqlx::types::Json;

use super::dialect::Dialect;
use super::row::row;
use super::statement::statement;
use super::text;
use crate::asking::RunFilter;
use crate::error::Failure;

/// Selects the columns of a run, and what follows.
macro_rules! select_run {
    ($rest:literal) => {
        concat!(
            "
SELECT r.id, r.start_date, r.end_date, r.as_of, r.created_at, r.replace_newer, r.requested_by,
       r.payables, r.imported_from, r.urgent, r.schedule, r.planning, r.planning_problem",
            $rest
        )
    };
}

const RUN: &str = select_run!(" FROM sync_runs r WHERE r.id = $1");

// An import has no jobs that anybody could ask about.
const NEWEST: &str = select_run!(
    "
FROM sync_runs r WHERE r.imported_from IS NULL
ORDER BY r.created_at DESC, r.id DESC LIMIT 1"
);

// Picked before their jobs are counted: a ledger of years has more jobs than anybody lists. One that is
// not planned has none yet.
const RECENT: &str = select_run!(
    ", o.total, o.open, o.failed, o.cancelled, o.finished_at
FROM (
    SELECT p.id, COUNT(j.run_id) AS total,
           COUNT(CASE WHEN j.state NOT IN ('done', 'superseded', 'failed', 'cancelled') THEN 1 END) AS open,
           COUNT(CASE WHEN j.state = 'failed' THEN 1 END) AS failed,
           COUNT(CASE WHEN j.state = 'cancelled' THEN 1 END) AS cancelled, MAX(j.finished_at) AS finished_at
    FROM (
        SELECT s.id FROM sync_runs s
        WHERE s.imported_from IS NULL
          AND ($2 = '' OR (s.created_at, s.id) < (SELECT b.created_at, b.id FROM sync_runs b WHERE b.id = $2))
          AND CASE $3
              WHEN 'open' THEN s.planning = 'open' OR EXISTS (
                  SELECT 1 FROM sync_jobs k
                  WHERE k.run_id = s.id AND k.state NOT IN ('done', 'superseded', 'failed', 'cancelled'))
              WHEN 'failed' THEN s.planning = 'refused' OR EXISTS (
                  SELECT 1 FROM sync_jobs k WHERE k.run_id = s.id AND k.state = 'failed')
              WHEN 'complete' THEN s.planning IS NULL AND NOT EXISTS (
                  SELECT 1 FROM sync_jobs k WHERE k.run_id = s.id AND k.state NOT IN ('done', 'superseded'))
              ELSE true END
        ORDER BY s.created_at DESC, s.id DESC LIMIT $1
    ) AS p
    LEFT JOIN sync_jobs j ON j.run_id = p.id
    GROUP BY p.id
) AS o JOIN sync_runs r ON r.id = o.id
ORDER BY r.created_at DESC, r.id DESC"
);

row! {
    /// A row of `sync_runs`.
    struct RunRow {
        id: String,
        start_date: NaiveDate,
        end_date: NaiveDate,
        as_of: NaiveDate,
        created_at: DateTime<Utc>,
        replace_newer: bool,
        requested_by: Option<String>,
        payables: Option<Json<Payables>>,
        imported_from: Option<String>,
        urgent: bool,
        schedule: Option<String>,
        planning: Option<String>,
        planning_problem: Option<String>,
    }
}

impl RunRow {
    fn into_record(self) -> Result<RunRecord, Failure> {
        Ok(RunRecord {
            id: text::run_id(self.id)?,
            params: RunParams {
                start_date: self.start_date,
                end_date: self.end_date,
                as_of: self.as_of,
            },
            created_at: self.created_at,
            replace_newer: self.replace_newer,
            urgent: self.urgent,
            payables: text::payables(self.payables),
            by: self.requested_by,
            imported_from: self.imported_from,
            schedule: self.schedule.map(text::schedule).transpose()?,
            planning: planning(self.planning, self.planning_problem)?,
        })
    }
}

/// Where the planning of a run stands; none of one that is planned.
fn planning(state: Option<String>, problem: Option<String>) -> Result<Option<Planning>, Failure> {
    match state.as_deref() {
        None => Ok(None),
        Some("open") => Ok(Some(Planning::Open { problem })),
        Some("refused") => Ok(Some(Planning::Refused {
            why: problem.unwrap_or_default(),
        })),
        Some(_) => Err(text::unreadable("planning")),
    }
}

row! {
    /// What became of a run's jobs.
    struct CountsRow {
        total: i64,
        open: i64,
        failed: i64,
        cancelled: i64,
        finished_at: Option<DateTime<Utc>>,
    }
}

impl CountsRow {
    fn into_outcome(self, run: RunRecord) -> RunOutcome {
        RunOutcome {
            run,
            total: self.total.unsigned_abs(),
            open: self.open.unsigned_abs(),
            failed: self.failed.unsigned_abs(),
            cancelled: self.cancelled.unsigned_abs(),
            finished_at: self.finished_at.filter(|_| self.open == 0),
        }
    }
}

/// A run, or the newest one.
pub async fn run<DB: Dialect>(
    connection: &mut DB::Connection,
    run: Option<&RunId>,
) -> Result<Option<RunRecord>, Failure> {
    let asked = match run {
        Some(run) => statement::<DB>(RUN).bind(run.to_string()),
        None => statement::<DB>(NEWEST),
    };
    let row: Option<RunRow> = asked.fetch_optional(connection).await?;
    row.map(RunRow::into_record).transpose()
}

/// The newest that a filter picks, the newest first, in one statement, so that they are of one moment.
pub async fn recent<DB: Dialect>(
    connection: &mut DB::Connection,
    filter: RunFilter,
    before: Option<&RunId>,
    most: u32,
) -> Result<Vec<RunOutcome>, Failure> {
    let rows: Vec<(RunRow, CountsRow)> = statement::<DB>(RECENT)
        .bind(i64::from(most))
        .bind(before.map(ToString::to_string).unwrap_or_default())
        .bind(filter.to_string())
        .fetch_all(connection)
        .await?;
    let rows = rows.into_iter();
    rows.map(|(run, counts)| Ok(counts.into_outcome(run.into_record()?)))
        .collect()
}
