//! The checks made before a commit, and for the plan of a run.

use serde_json::json;
use sqlx::types::{Json, JsonValue};
use sqlx::{AssertSqlSafe, Executor, FromRow, IntoArguments};

use super::SqlStore;
use super::dialect::{Dialect, Value};
use super::rows::CheckRow;
use crate::error::Failure;
use domain::checks::{Check, CheckRecord};
use domain::job::{RunId, Target};

/// The target under which the checks of a run's plan are recorded.
pub(super) const CATALOGUE: &str = "catalogue";

// An attempt's checks are recorded once; a plan's, when its first answer was lost, again.
const RECORD: &str = "
INSERT INTO sync_checks (run_id, target, generation, seq, name, severity, verdict, expected,
                         observed, subjects, samples)
SELECT $1, $2, $3, CAST(value ->> 'seq' AS BIGINT), value ->> 'name', value ->> 'severity',
       value ->> 'verdict', value ->> 'expected', value ->> 'observed', value -> 'subjects',
       value -> 'samples'
FROM {each}($4) AS value WHERE true
ON CONFLICT (run_id, target, generation, name) DO NOTHING";

// Of each job the newest attempt that was checked.
const OF_RUN: &str = "
SELECT c.target, c.name, c.severity, c.verdict, c.expected, c.observed, c.subjects, c.samples
FROM sync_checks c
LEFT JOIN sync_jobs j ON j.run_id = c.run_id AND j.target = c.target
WHERE c.run_id = $1
  AND c.generation = (SELECT MAX(n.generation) FROM sync_checks n
                      WHERE n.run_id = c.run_id AND n.target = c.target)
ORDER BY j.seq, c.target, c.seq";

const OF_ATTEMPT: &str = "
SELECT target, name, severity, verdict, expected, observed, subjects, samples
FROM sync_checks WHERE target = $1 AND generation = $2
ORDER BY seq";

impl<DB> SqlStore<DB>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    i64: Value<DB>,
    CheckRow: for<'r> FromRow<'r, DB::Row>,
{
    pub(super) async fn list_checks_of_run(
        &self,
        run: &RunId,
    ) -> Result<Vec<CheckRecord>, Failure> {
        let rows: Vec<CheckRow> = sqlx::query_as(OF_RUN)
            .bind(run.to_string())
            .fetch_all(&mut *self.pool.acquire().await?)
            .await?;
        Ok(rows.into_iter().map(CheckRecord::from).collect())
    }

    pub(super) async fn list_checks_of_attempt(
        &self,
        target: Target,
        generation: i64,
    ) -> Result<Vec<CheckRecord>, Failure> {
        of_attempt(&mut *self.pool.acquire().await?, target, generation).await
    }
}

/// The checks of one attempt, in their order.
pub(super) async fn of_attempt<DB>(
    connection: &mut DB::Connection,
    target: Target,
    generation: i64,
) -> Result<Vec<CheckRecord>, Failure>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    i64: Value<DB>,
    CheckRow: for<'r> FromRow<'r, DB::Row>,
{
    let rows: Vec<CheckRow> = sqlx::query_as(OF_ATTEMPT)
        .bind(target.to_string())
        .bind(generation)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(CheckRecord::from).collect())
}

/// Records checks in one statement, however many.
pub(super) async fn record<DB>(
    connection: &mut DB::Connection,
    run: &RunId,
    target: &str,
    generation: i64,
    checks: &[Check],
) -> Result<(), Failure>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    i64: Value<DB>,
    Json<JsonValue>: Value<DB>,
{
    if checks.is_empty() {
        return Ok(());
    }
    let rows: JsonValue = (0..).zip(checks).map(row).collect();
    sqlx::query::<DB>(AssertSqlSafe(RECORD.replace("{each}", DB::JSON_EACH)))
        .bind(run.to_string())
        .bind(target.to_owned())
        .bind(generation)
        .bind(Json(rows))
        .execute(connection)
        .await?;
    Ok(())
}

fn row((seq, check): (i64, &Check)) -> JsonValue {
    json!({
        "seq": seq,
        "name": check.name.name(),
        "severity": check.name.severity().name(),
        "verdict": check.verdict.name(),
        "expected": check.name.expected(),
        "observed": check.observed,
        "subjects": check.subjects,
        "samples": check.samples,
    })
}
