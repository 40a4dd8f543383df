//! The checks made before a commit, and for the plan of a run.

use domain::checks::{Check, CheckRecord};
use domain::job::{RunId, Target};
use domain::ledger::Attempt;
use serde_json::json;
use sqlx::types::{Json, JsonValue};

use super::dialect::Dialect;
use super::row::row;
use super::statement::{statement, statement_of_rows};
use crate::error::Failure;

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

row! {
    /// A row of `sync_checks`.
    struct CheckRow {
        target: String,
        name: String,
        severity: String,
        verdict: String,
        expected: String,
        observed: String,
        subjects: Json<Vec<String>>,
        samples: Json<Vec<String>>,
    }
}

impl From<CheckRow> for CheckRecord {
    fn from(row: CheckRow) -> Self {
        Self {
            target: row.target,
            name: row.name,
            severity: row.severity,
            verdict: row.verdict,
            expected: row.expected,
            observed: row.observed,
            subjects: row.subjects.0,
            samples: row.samples.0,
        }
    }
}

/// The checks of a run: of its plan, and of each job's newest attempt that was checked.
pub async fn of_run<DB: Dialect>(
    connection: &mut DB::Connection,
    run: &RunId,
) -> Result<Vec<CheckRecord>, Failure> {
    let rows: Vec<CheckRow> = statement::<DB>(OF_RUN)
        .bind(run.to_string())
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(CheckRecord::from).collect())
}

/// The checks of one attempt, in their order.
pub(super) async fn of_attempt<DB: Dialect>(
    connection: &mut DB::Connection,
    target: Target,
    generation: i64,
) -> Result<Vec<CheckRecord>, Failure> {
    let rows: Vec<CheckRow> = statement::<DB>(OF_ATTEMPT)
        .bind(target.to_string())
        .bind(generation)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(CheckRecord::from).collect())
}

/// Records checks in one statement, however many.
pub(super) async fn record<DB: Dialect>(
    connection: &mut DB::Connection,
    run: &RunId,
    target: &str,
    generation: i64,
    checks: &[Check],
) -> Result<(), Failure> {
    if checks.is_empty() {
        return Ok(());
    }
    let rows: JsonValue = (0..).zip(checks).map(as_json).collect();
    statement_of_rows::<DB>(RECORD)
        .bind(run.to_string())
        .bind(target.to_owned())
        .bind(generation)
        .bind(Json(rows))
        .execute(connection)
        .await?;
    Ok(())
}

/// Records the checks of an attempt.
pub async fn record_for<DB: Dialect>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    checks: &[Check],
) -> Result<(), Failure> {
    let (job, generation) = (&attempt.job, attempt.generation);
    let target = job.target.to_string();
    record::<DB>(connection, &job.run_id, &target, generation, checks).await
}

fn as_json((seq, check): (i64, &Check)) -> JsonValue {
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
