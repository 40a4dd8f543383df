//! Attempts, commits and requeues of a target, the newest first.

use chrono::{DateTime, NaiveDate, Utc};
use domain::checks::Acceptance;
use domain::job::{RunParams, Target};
use domain::ledger::{AttemptRecord, RequeueRecord, WorkerId};
use domain::manifest::Manifest;
use sqlx::types::Json;

use super::dialect::Dialect;
use super::row::row;
use super::statement::statement;
use super::text;
use crate::error::Failure;

/// Attempts of a target, $1, that a further condition picks, the newest first.
macro_rules! attempts_of_target {
    ($rest:literal) => {
        concat!(
            "
SELECT a.generation, a.run_id, r.start_date, r.end_date, r.as_of, a.worker, a.started_at,
       a.finished_at, a.outcome, a.class, a.fingerprint, a.message, a.manifest
FROM sync_attempts a JOIN sync_runs r ON r.id = a.run_id
WHERE a.target = $1",
            $rest
        )
    };
}

const ATTEMPTS: &str = attempts_of_target!(" ORDER BY a.generation DESC LIMIT $2");

const LAST_COMMITS: &str = attempts_of_target!(
    " AND a.outcome = 'done' AND a.generation <= $2
ORDER BY a.generation DESC LIMIT 2"
);

const REQUEUES: &str = "
SELECT run_id, at, by, fingerprint, accept_shrink, accepted, filter
FROM sync_requeues WHERE target = $1 ORDER BY at DESC LIMIT $2";

row! {
    /// A row of `sync_attempts`, with its run.
    struct AttemptRow {
        generation: i64,
        run_id: String,
        start_date: NaiveDate,
        end_date: NaiveDate,
        as_of: NaiveDate,
        worker: String,
        started_at: DateTime<Utc>,
        finished_at: Option<DateTime<Utc>>,
        outcome: String,
        class: Option<String>,
        fingerprint: Option<String>,
        message: Option<String>,
        manifest: Option<Json<Manifest>>,
    }
}

impl AttemptRow {
    fn into_record(self) -> Result<AttemptRecord, Failure> {
        Ok(AttemptRecord {
            generation: self.generation,
            run: text::run_id(self.run_id)?,
            params: RunParams {
                start_date: self.start_date,
                end_date: self.end_date,
                as_of: self.as_of,
            },
            worker: WorkerId::named(self.worker),
            started_at: self.started_at,
            finished_at: self.finished_at,
            outcome: self.outcome,
            cause: text::cause(self.class, self.fingerprint, self.message)?,
            manifest: self.manifest.map(|Json(manifest)| manifest),
        })
    }
}

row! {
    /// A row of `sync_requeues`.
    struct RequeueRow {
        run_id: String,
        at: DateTime<Utc>,
        by: String,
        fingerprint: Option<String>,
        accept_shrink: bool,
        accepted: Option<Json<Acceptance>>,
        filter: String,
    }
}

impl RequeueRow {
    fn into_record(self) -> Result<RequeueRecord, Failure> {
        Ok(RequeueRecord {
            run: text::run_id(self.run_id)?,
            at: self.at,
            by: self.by,
            fingerprint: self.fingerprint,
            accept_change: self.accept_shrink,
            accepted: self
                .accepted
                .map(|Json(accepted)| accepted.to_string())
                .unwrap_or_default(),
            filter: self.filter,
        })
    }
}

/// At most so many attempts.
pub async fn attempts<DB: Dialect>(
    connection: &mut DB::Connection,
    target: Target,
    most: u32,
) -> Result<Vec<AttemptRecord>, Failure> {
    let rows: Vec<AttemptRow> = statement::<DB>(ATTEMPTS)
        .bind(target.to_string())
        .bind(i64::from(most))
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(AttemptRow::into_record).collect()
}

/// The last commit with a generation of at most `until`, and the one before it.
pub async fn last_commits<DB: Dialect>(
    connection: &mut DB::Connection,
    target: Target,
    until: i64,
) -> Result<Vec<AttemptRecord>, Failure> {
    let rows: Vec<AttemptRow> = statement::<DB>(LAST_COMMITS)
        .bind(target.to_string())
        .bind(until)
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(AttemptRow::into_record).collect()
}

/// At most so many requeues.
pub async fn requeues<DB: Dialect>(
    connection: &mut DB::Connection,
    target: Target,
    most: u32,
) -> Result<Vec<RequeueRecord>, Failure> {
    let rows: Vec<RequeueRow> = statement::<DB>(REQUEUES)
        .bind(target.to_string())
        .bind(i64::from(most))
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(RequeueRow::into_record).collect()
}
