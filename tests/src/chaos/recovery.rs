//! How long it takes until work goes on after a fault.

use std::time::Duration;

use sqlx::PgPool;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::plan::Link;
use crate::wait::LONGEST_WAIT;

/// Whether every job of every run is done.
pub(super) const ALL_DONE: &str =
    "SELECT COALESCE(bool_and(state IN ('done', 'superseded')), true) FROM sync_jobs";
/// Whether no job of any run goes on by itself.
pub(super) const ALL_FINAL: &str = "
SELECT COALESCE(bool_and(state IN ('done', 'superseded', 'failed', 'cancelled')), true) FROM sync_jobs";

/// Which fault a recovery was measured from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A worker was killed: until no job runs in its name.
    Kill,
    /// A service was away: from its return until the next attempt begins, or, of the database,
    /// ends.
    Outage(Link),
    /// A service was restarted: the same, from the end of the restart.
    Restart(Link),
}

/// Recoveries being measured.
pub(super) struct Recoveries {
    pool: PgPool,
    measuring: JoinSet<Option<(Cause, Duration)>>,
}

impl Recoveries {
    pub(super) fn new(pool: PgPool) -> Self {
        let measuring = JoinSet::new();
        Self { pool, measuring }
    }

    /// Begins to measure from the return of a service.
    pub(super) fn after(&mut self, link: Link, cause: Cause) {
        let again = match link {
            Link::Broker => "SELECT EXISTS (SELECT FROM sync_attempts WHERE started_at > $1)",
            Link::Database => {
                "SELECT EXISTS (SELECT FROM sync_attempts WHERE started_at > $1 OR finished_at > $1)"
            }
            Link::Erp => return,
        };
        let pool = self.pool.clone();
        self.measuring.spawn(async move {
            let took = goes_on(&pool, again).await?;
            Some((cause, took))
        });
    }

    /// Begins to measure from the death of the process of this id.
    pub(super) fn after_kill(&mut self, process: u32, killed: Instant) {
        let pool = self.pool.clone();
        self.measuring.spawn(taken_over(pool, process, killed));
    }

    /// What was measured, once all is.
    pub(super) async fn all(&mut self) -> anyhow::Result<Vec<(Cause, Duration)>> {
        let mut all = Vec::new();
        while let Some(measured) = self.measuring.join_next().await {
            all.extend(measured?);
        }
        Ok(all)
    }
}

/// Until no job runs in the name of a dead process; `None` when it had none.
async fn taken_over(pool: PgPool, id: u32, killed: Instant) -> Option<(Cause, Duration)> {
    let name_of_it = format!("%-{id}-%");
    let running = || async {
        let query = "SELECT COUNT(*) FROM sync_jobs WHERE state = 'running' AND worker LIKE $1";
        let count: Result<i64, _> = sqlx::query_scalar(query)
            .bind(&name_of_it)
            .fetch_one(&pool)
            .await;
        count.unwrap_or(0)
    };
    if running().await == 0 {
        return None;
    }
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    while killed.elapsed() < LONGEST_WAIT {
        ticks.tick().await;
        if running().await == 0 {
            return Some((Cause::Kill, killed.elapsed()));
        }
    }
    None
}

/// Until an attempt does as `again` asks; `None` when there is nothing left to do.
async fn goes_on(pool: &PgPool, again: &'static str) -> Option<Duration> {
    let back = Instant::now();
    let since: chrono::DateTime<chrono::Utc> = sqlx::query_scalar("SELECT clock_timestamp()")
        .fetch_one(pool)
        .await
        .ok()?;
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    while back.elapsed() < LONGEST_WAIT {
        ticks.tick().await;
        let asked = sqlx::query_scalar(again).bind(since).fetch_one(pool);
        if asked.await.ok()? {
            return Some(back.elapsed());
        }
        if sqlx::query_scalar(ALL_DONE).fetch_one(pool).await.ok()? {
            return None;
        }
    }
    None
}
