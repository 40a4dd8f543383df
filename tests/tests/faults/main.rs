//! The fault suite: workers killed at every step, stalled, cut off and refused, on the real
//! PostgreSQL and RabbitMQ; afterwards the tables are what they would have been.

mod chaos;
mod fence;
mod neighbours;
mod restarts;
mod security;
mod sign_in;
mod steps;
mod upgrade;

use tests::{ALL_DONE, Fleet, GOLDEN_ENQUEUE, Process, difference, expected};

/// Waits until a worker has finished the run, and ends the test: nothing was lost or doubled.
async fn finishes(fleet: Fleet, worker: Process) -> anyhow::Result<()> {
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.until_drained().await?;
    fleet.retire(worker).await?;
    assert_nothing_lost_or_doubled(&fleet, 0).await?;
    fleet.remove().await
}

/// What must hold once the workers have ended: golden tables, each job committed exactly once, and
/// no message but `dead` dead ones.
async fn assert_nothing_lost_or_doubled(fleet: &Fleet, dead: u64) -> anyhow::Result<()> {
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    let commits: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT j.target, j.state, COUNT(a.generation) FILTER (WHERE a.outcome = 'done')
         FROM sync_jobs j LEFT JOIN sync_attempts a USING (run_id, target)
         GROUP BY j.target, j.state",
    )
    .fetch_all(&fleet.pool)
    .await?;
    assert_eq!(commits.len(), 9);
    for (target, state, commits) in commits {
        assert_eq!((state.as_str(), commits), ("done", 1), "{target}");
    }
    let depths = fleet.depths().await?;
    assert_eq!((depths.ready, depths.delayed, depths.dead), (0, 0, dead));
    Ok(())
}
