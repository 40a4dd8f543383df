//! The times that schedules have missed.

use chrono::{DateTime, Utc};
use domain::schedule::{MISSED, MissedTimes};

use super::dialect::Dialect;
use super::row::row;
use super::statement::statement;
use super::text;
use crate::error::Failure;

// A time comes after its schedule was added, so that one that never began a run counts from there.
const SINCE_LAST_RUN: &str = "
SELECT m.schedule, m.at, m.decided_at, m.times, m.paused_at, (
           SELECT n.why FROM sync_schedule_times n
           WHERE n.schedule = m.schedule ORDER BY n.at DESC LIMIT 1) AS why
FROM (
    SELECT t.schedule, t.at, t.decided_at, s.paused_at,
           COUNT(*) OVER (PARTITION BY t.schedule) AS times,
           ROW_NUMBER() OVER (PARTITION BY t.schedule ORDER BY t.at DESC) AS place
    FROM sync_schedules s JOIN sync_schedule_times t ON t.schedule = s.name
    WHERE t.outcome = 'skipped' AND t.why LIKE $1
      AND t.at > COALESCE((
          SELECT r.at FROM sync_schedule_times r
          WHERE r.schedule = s.name AND r.outcome = 'run' ORDER BY r.at DESC LIMIT 1), s.created_at)
) AS m
WHERE m.place = 1";

row! {
    /// The last time that a schedule has missed, and how many there are.
    struct MissedRow {
        schedule: String,
        at: DateTime<Utc>,
        decided_at: DateTime<Utc>,
        times: i64,
        paused_at: Option<DateTime<Utc>>,
        why: Option<String>,
    }
}

impl MissedRow {
    fn into_record(self) -> Result<MissedTimes, Failure> {
        Ok(MissedTimes {
            schedule: text::schedule(self.schedule)?,
            times: self.times.unsigned_abs(),
            last: self.at,
            decided_at: self.decided_at,
            why: self.why.unwrap_or_default(),
            paused: self.paused_at.is_some(),
        })
    }
}

/// Those of every schedule since it last began a run, by name.
pub async fn of_all<DB: Dialect>(
    connection: &mut DB::Connection,
) -> Result<Vec<MissedTimes>, Failure> {
    let rows: Vec<MissedRow> = statement::<DB>(SINCE_LAST_RUN)
        .bind(format!("{MISSED}%"))
        .fetch_all(connection)
        .await?;
    let missed = rows.into_iter().map(MissedRow::into_record);
    let mut missed = missed.collect::<Result<Vec<_>, _>>()?;
    // Not the database's order, which follows its collation.
    missed.sort_by(|one, other| one.schedule.cmp(&other.schedule));
    Ok(missed)
}
