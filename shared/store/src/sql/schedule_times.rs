//! What became of the times of schedules: `sync_schedule_times`.

use chrono::{DateTime, SecondsFormat, SubsecRound as _, Utc};
use domain::schedule::{DecidedTime, ScheduleName, TimeOutcome, TimeRecord};
use serde_json::json;
use sqlx::AssertSqlSafe;
use sqlx::types::{Json, JsonValue};

use super::dialect::Dialect;
use super::row::row;
use super::statement::statement;
use super::text;
use crate::error::Failure;

const OF_SCHEDULE: &str = "
SELECT at, outcome, run_id, why, decided_at FROM sync_schedule_times
WHERE schedule = $1
ORDER BY at DESC LIMIT $2";

/// The names of the outcomes in the ledger.
const RUN: &str = "run";
const SKIPPED: &str = "skipped";

row! {
    /// A row of `sync_schedule_times`.
    struct TimeRow {
        at: DateTime<Utc>,
        outcome: String,
        run_id: Option<String>,
        why: Option<String>,
        decided_at: DateTime<Utc>,
    }
}

impl TimeRow {
    fn into_record(self) -> Result<TimeRecord, Failure> {
        let outcome = match (self.outcome.as_str(), self.run_id) {
            (RUN, Some(run)) => TimeOutcome::Run(text::run_id(run)?),
            (SKIPPED, _) => TimeOutcome::Skipped {
                why: self.why.unwrap_or_default(),
            },
            _ => return Err(text::unreadable("time of a schedule")),
        };
        Ok(TimeRecord {
            at: self.at,
            outcome,
            decided_at: self.decided_at,
        })
    }
}

/// Without what PostgreSQL does not keep, so that a time is equal to itself when it is read again.
pub fn kept(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6)
}

/// Records times in one statement, however many, and gives how many were new.
pub async fn record<DB: Dialect>(
    connection: &mut DB::Connection,
    schedule: &ScheduleName,
    times: &[DecidedTime],
    now: DateTime<Utc>,
) -> Result<u64, Failure> {
    // Built of constants alone.
    let record = AssertSqlSafe(format!(
        "INSERT INTO sync_schedule_times (schedule, at, outcome, run_id, why, decided_at) \
         SELECT $1, {}, value ->> 'outcome', value ->> 'run', value ->> 'why', $2 \
         FROM {}($3) AS value WHERE true \
         ON CONFLICT (schedule, at) DO NOTHING",
        DB::moment("value ->> 'at'"),
        DB::JSON_EACH,
    ));
    let rows: JsonValue = times.iter().map(as_json).collect();
    statement::<DB>(record)
        .bind(schedule.to_string())
        .bind(kept(now))
        .bind(Json(rows))
        .execute(connection)
        .await
}

fn as_json(time: &DecidedTime) -> JsonValue {
    // As SQLite keeps a moment that is bound by itself.
    let at = kept(time.at).to_rfc3339_opts(SecondsFormat::AutoSi, false);
    match &time.outcome {
        TimeOutcome::Run(run) => json!({ "at": at, "outcome": RUN, "run": run }),
        TimeOutcome::Skipped { why } => json!({ "at": at, "outcome": SKIPPED, "why": why }),
    }
}

/// The newest of a schedule, the newest first.
pub async fn of_schedule<DB: Dialect>(
    connection: &mut DB::Connection,
    schedule: &ScheduleName,
    most: u32,
) -> Result<Vec<TimeRecord>, Failure> {
    let rows: Vec<TimeRow> = statement::<DB>(OF_SCHEDULE)
        .bind(schedule.to_string())
        .bind(i64::from(most))
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(TimeRow::into_record).collect()
}
