//! The times of a schedule in the ledger: none lost, none doubled.

use sqlx::PgPool;

// The schedule's own row says from when to when its times are decided.
const COUNTS: &str = "
WITH due AS (
    SELECT generate_series(
               to_timestamp((floor(extract(epoch FROM created_at)::float8 / $2::float8) + 1)
                            * $2::float8),
               decided_until, make_interval(secs => $2::float8)) AS at
    FROM sync_schedules WHERE name = $1
), times AS (
    SELECT at, outcome, run_id FROM sync_schedule_times WHERE schedule = $1
), runs AS (
    SELECT id, planning FROM sync_runs WHERE schedule = $1
)
SELECT (SELECT COUNT(*) FROM due WHERE at NOT IN (SELECT at FROM times)),
       (SELECT COUNT(*) FROM times WHERE at NOT IN (SELECT at FROM due)),
       (SELECT COUNT(*) - COUNT(DISTINCT run_id) FROM times WHERE outcome = 'run'),
       (SELECT COUNT(*) FROM times WHERE outcome = 'run' AND run_id NOT IN (SELECT id FROM runs)),
       (SELECT COUNT(*) FROM runs
        WHERE id NOT IN (SELECT run_id FROM times WHERE outcome = 'run')),
       (SELECT COUNT(*) FROM runs WHERE planning IS NOT NULL)";

/// What is wrong with the times of a schedule that is due at each multiple of so many seconds, and with the
/// runs that they began, once these are to be planned: empty for a good one, and where there is none.
pub async fn wrong_times(
    pool: &PgPool,
    schedule: &str,
    every_seconds: u32,
) -> anyhow::Result<Vec<String>> {
    let (lost, undue, shared, gone, timeless, unplanned): (i64, i64, i64, i64, i64, i64) =
        sqlx::query_as(COUNTS)
            .bind(schedule)
            .bind(f64::from(every_seconds))
            .fetch_one(pool)
            .await?;
    let counts = [
        (lost, "times without an outcome"),
        (undue, "outcomes of times that never were"),
        (shared, "times that share a run"),
        (gone, "times whose run is gone"),
        (timeless, "runs that no time began"),
        (unplanned, "runs of times that are not planned"),
    ];
    let wrong = counts.into_iter().filter(|(count, _)| *count != 0);
    Ok(wrong
        .map(|(count, what)| format!("{count} {what}"))
        .collect())
}
