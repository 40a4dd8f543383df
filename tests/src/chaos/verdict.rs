//! What became of a chaos run: its figures, and everything that is wrong.

use serde_json::{Value, json};

use super::plan::Link;
use super::recovery::Cause;
use super::scenario::Scenario;
use crate::{difference, expected};

/// The figures of a seed.
#[derive(Debug)]
pub struct Verdict {
    /// What is wrong; empty for a good run.
    pub problems: Vec<String>,
    /// The line of figures.
    pub figures: Value,
}

impl Verdict {
    /// Counts what can be counted, also of a run that did not come to its end.
    pub async fn of(
        scenario: &Scenario,
        seed: u64,
        stuck: Option<anyhow::Error>,
    ) -> anyhow::Result<Self> {
        let pool = &scenario.fleet.pool;
        let (runs, jobs, lost, redeliveries): (i64, i64, i64, i64) = sqlx::query_as(
            "SELECT COUNT(DISTINCT run_id), COUNT(*),
                    COUNT(*) FILTER (WHERE state NOT IN ('done', 'superseded')),
                    (SELECT COUNT(*) - COUNT(DISTINCT (run_id, target)) FROM sync_attempts)
             FROM sync_jobs",
        )
        .fetch_one(pool)
        .await?;
        // Of a job that is done there must be one commit, of any other none.
        let (doubled, uncommitted): (i64, i64) = sqlx::query_as(
            "SELECT COUNT(*) FILTER (WHERE commits > 1),
                    COUNT(*) FILTER (WHERE commits <> (state = 'done')::int AND commits < 2)
             FROM (SELECT j.state, COUNT(a.generation) FILTER (WHERE a.outcome = 'done') AS commits
                   FROM sync_jobs j LEFT JOIN sync_attempts a USING (run_id, target)
                   GROUP BY j.run_id, j.target, j.state) AS counted",
        )
        .fetch_one(pool)
        .await?;
        let wrong = difference(&expected(), &scenario.fleet.tables().await?);
        let depths = scenario.fleet.depths().await?;

        let mut problems: Vec<String> = stuck.iter().map(|error| format!("{error:#}")).collect();
        problems.extend(wrong.iter().take(20).cloned());
        for (count, what) in [
            (lost, "jobs lost"),
            (doubled, "jobs committed twice"),
            (uncommitted, "jobs whose state and commits differ"),
            (
                i64::from(scenario.after_cancel),
                "jobs committed after their cancel",
            ),
            (jobs - 9 * runs, "jobs more than the runs have"),
            ((depths.ready + depths.delayed) as i64, "messages left"),
        ] {
            if count != 0 {
                problems.push(format!("{count} {what}"));
            }
        }
        let figures = json!({
            "seed": seed,
            "runs": runs,
            "jobs": jobs,
            "jobs_lost": lost,
            "rows_wrong": wrong.len(),
            "duplicate_commits": doubled,
            "redeliveries": redeliveries,
            "requeues": scenario.requeues,
            "cancelled": scenario.cancelled,
            "erp_faults": scenario.fleet.erp.counters().faults_served(),
            "recovery_ms": {
                "worker_kill": recoveries(scenario, Cause::Kill),
                "broker_outage": recoveries(scenario, Cause::Outage(Link::Broker)),
                "database_outage": recoveries(scenario, Cause::Outage(Link::Database)),
                "broker_restart": recoveries(scenario, Cause::Restart(Link::Broker)),
                "database_restart": recoveries(scenario, Cause::Restart(Link::Database)),
            },
            "seconds": scenario.began.elapsed().as_secs_f32(),
        });
        Ok(Self { problems, figures })
    }
}

fn recoveries(scenario: &Scenario, wanted: Cause) -> Vec<u64> {
    let of_it = scenario
        .recovered
        .iter()
        .filter(|(cause, _)| *cause == wanted);
    of_it.map(|(_, time)| time.as_millis() as u64).collect()
}
