//! What became of a chaos run: its figures, and everything that is wrong.

use serde_json::{Value, json};

use super::operator::OLD_RUN;
use super::plan::Link;
use super::recovery::Cause;
use super::scenario::Scenario;
use super::schedule;
use crate::{difference, expected, wrong_times};

/// Names of runs that the ledger no longer has: in a published table, with a commit, or with what it covers.
const DANGLING: &str = "
WITH named AS (
    SELECT run_id FROM filiais UNION SELECT run_id FROM empreendimentos UNION SELECT run_id FROM contratos
    UNION SELECT run_id FROM entradas_caixa UNION SELECT run_id FROM delinquency
    UNION SELECT run_id FROM estatisticas_portfolio UNION SELECT run_id FROM faturas_pagar
    UNION SELECT run_id FROM saidas_caixa UNION SELECT run_id FROM sync_coverage
    UNION SELECT commit_run FROM sync_targets WHERE commit_run IS NOT NULL
)
SELECT COUNT(*) FROM named WHERE run_id NOT IN (SELECT id FROM sync_runs)";

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
        let (jobs, lost, redeliveries): (i64, i64, i64) = sqlx::query_as(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE state NOT IN ('done', 'superseded')),
                    (SELECT COUNT(*) - COUNT(DISTINCT (run_id, target)) FROM sync_attempts)
             FROM sync_jobs",
        )
        .fetch_one(pool)
        .await?;
        // An urgent run and one of a schedule have one job, any other nine.
        let (runs, urgent, scheduled, of_runs): (i64, i64, i64, i64) = sqlx::query_as(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE urgent),
                    COUNT(*) FILTER (WHERE schedule = $1),
                    SUM(CASE WHEN urgent OR schedule IS NOT NULL THEN 1 ELSE 9 END)
             FROM sync_runs",
        )
        .bind(schedule::NAME)
        .fetch_one(pool)
        .await?;
        // Of a job that is done there must be one commit, of any other none. Of an old run a prune may have
        // left the jobs alone.
        let (doubled, uncommitted): (i64, i64) = sqlx::query_as(
            "SELECT COUNT(*) FILTER (WHERE commits > 1),
                    COUNT(*) FILTER (WHERE commits <> (state = 'done')::int AND commits < 2)
             FROM (SELECT j.state, COUNT(a.generation) FILTER (WHERE a.outcome = 'done') AS commits
                   FROM sync_jobs j JOIN sync_runs r ON r.id = j.run_id
                   LEFT JOIN sync_attempts a ON (a.run_id, a.target) = (j.run_id, j.target)
                   WHERE r.created_at > now() - interval '30 days'
                   GROUP BY j.run_id, j.target, j.state) AS counted",
        )
        .fetch_one(pool)
        .await?;
        let dangling: i64 = sqlx::query_scalar(DANGLING).fetch_one(pool).await?;
        let old: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sync_runs WHERE id = $1")
            .bind(OLD_RUN)
            .fetch_one(pool)
            .await?;
        let unpruned = if scenario.people.prunes > 0 { old } else { 0 };
        let times = wrong_times(pool, schedule::NAME, schedule::EVERY).await?;
        let wrong = difference(&expected(), &scenario.fleet.tables().await?);
        let depths = scenario.fleet.depths().await?;

        let mut problems: Vec<String> = stuck.iter().map(|error| format!("{error:#}")).collect();
        problems.extend(wrong.iter().take(20).cloned());
        problems.extend(times.iter().cloned());
        for (count, what) in [
            (lost, "jobs lost"),
            (doubled, "jobs committed twice"),
            (uncommitted, "jobs whose state and commits differ"),
            (
                i64::from(scenario.people.after_cancel),
                "jobs committed after their cancel",
            ),
            (jobs - of_runs, "jobs more than the runs have"),
            (dangling, "runs pruned that something names"),
            (unpruned, "runs left by a prune"),
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
            "requeues": scenario.people.requeues,
            "cancelled": scenario.people.cancelled,
            "after_cancel": scenario.people.after_cancel,
            "pauses": scenario.people.pauses,
            "prunes": scenario.people.prunes,
            "urgent": urgent,
            "scheduled": scheduled,
            "times_wrong": times.len(),
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
