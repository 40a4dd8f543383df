//! What a job costs that has nothing to do.

use anyhow::ensure;

use crate::figure::{Figure, median};
use crate::scenario::Scenario;

/// Empreendimentos without contratos: a claim, one call, a commit, an acknowledgement.
const EMPTY: [&str; 6] = [
    "--empreendimentos",
    "10000",
    "--contratos",
    "0",
    "--faturas",
    "0",
];
const RUNS: usize = 3;
const JOBS_PER_SECOND: f64 = 500.0;

/// Jobs a second of one worker, with default settings and with more jobs at once.
pub async fn empty_jobs() -> anyhow::Result<Vec<Figure>> {
    Ok(vec![
        figure(
            "empty jobs a second of one worker, 10,000 of them, 16 at once",
            &["--jobs-at-once", "16"],
        )
        .await?,
        figure("the same with the default of jobs at once", &[]).await?,
    ])
}

async fn figure(what: &'static str, worker: &[&str]) -> anyhow::Result<Figure> {
    let mut rates = Vec::new();
    for _ in 0..RUNS {
        let scenario = Scenario::new(&EMPTY).await?;
        scenario.enqueue().await?;
        scenario.work(worker).await?;
        let (jobs, attempts, commits): (i64, i64, i64) = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM sync_jobs WHERE state = 'done'), COUNT(*),
                    COUNT(*) FILTER (WHERE outcome = 'done') FROM sync_attempts",
        )
        .fetch_one(&scenario.fleet.pool)
        .await?;
        ensure!(
            jobs > 10_000 && attempts == jobs && commits == jobs,
            "{jobs} jobs done in {attempts} attempts with {commits} commits"
        );
        let rate = jobs as f64 / scenario.claim_to_commit_seconds().await?;
        eprintln!("{rate:.0} jobs/s");
        rates.push(rate);
        scenario.remove().await?;
    }
    let rate = median(rates);
    Ok(Figure {
        what,
        goal: "≥ 500, once each",
        measured: format!("{rate:.0}, each in one attempt with one commit"),
        holds: Some(rate >= JOBS_PER_SECOND),
        runs: RUNS,
    })
}
