//! A worker of an older version on the same run as a new one, as during an upgrade.

mod replayed;
mod statements;

use simulator::{Config, Latency};
use tests::{Fleet, GOLDEN, difference, expected};

use self::replayed::{ID, OlderWorker};
use crate::{ALL_DONE, GOLDEN_ENQUEUE};

/// Calls in flight of the whole fleet.
const TOTAL: i64 = 8;

#[tokio::test(flavor = "multi_thread")]
async fn no_job_is_lost_while_an_older_worker_beats_beside_a_new_one() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config {
        latency: Latency {
            base_seconds: 0.05,
            ..Latency::NONE
        },
        ..Config::folder(GOLDEN)
    })
    .await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let mut older = OlderWorker::start(&fleet, TOTAL).await?;
    let arguments = ["--http-concurrency", &TOTAL.to_string()];
    let new = fleet.worker_as("new", &arguments, &[])?;

    // The new worker does all that the older one does not have in hand, with the calls that are left.
    let others = "SELECT COUNT(*) = 8 FROM sync_jobs WHERE state = 'done'";
    fleet.until("all other jobs are done", others).await?;
    older.until_living(2).await?;
    let most = fleet.erp.counters().peak_in_flight as i64;
    assert!(most <= TOTAL / 2, "{most} calls of the new worker");
    let in_hand: (String, String, i64) =
        sqlx::query_as("SELECT state, worker, crashes FROM sync_jobs WHERE target = $1")
            .bind(&older.target)
            .fetch_one(&fleet.pool)
            .await?;
    assert_eq!(in_hand, ("running".to_owned(), ID.to_owned(), 0));
    let stopped: bool =
        sqlx::query_scalar("SELECT stopped_at IS NOT NULL FROM sync_workers WHERE id = $1")
            .bind(ID)
            .fetch_one(&fleet.pool)
            .await?;
    assert!(!stopped, "it lives");

    // Its job is the new worker's once it has died.
    let target = older.target.clone();
    older.crash().await?;
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.until_drained().await?;
    fleet.retire(new).await?;
    assert_eq!(fleet.depths().await?.dead, 0);
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    let attempts: Vec<(String, String)> = sqlx::query_as(
        "SELECT target, string_agg(outcome, ' ' ORDER BY generation) FROM sync_attempts
         GROUP BY target",
    )
    .fetch_all(&fleet.pool)
    .await?;
    assert_eq!(attempts.len(), 9);
    for (of, outcomes) in attempts {
        let wanted = if of == target { "crashed done" } else { "done" };
        assert_eq!(outcomes, wanted, "{of}");
    }
    fleet.remove().await
}
