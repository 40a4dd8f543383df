//! A job that ends every worker, and the jobs that were in hand beside it.
//!
//! Needs workers built with failpoints: `cargo build --workspace --bins --features worker/failpoints`.

use simulator::Selector;
use tests::{Fleet, GOLDEN};

use crate::GOLDEN_ENQUEUE;

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_ends_its_workers_fails_alone() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let arguments = ["--jobs-at-once", "9"];

    // The first death finds all in hand, and nobody can know who is to blame.
    fleet.erp.gate(Selector::any());
    let mut first = fleet.worker_as("first", &arguments, &[])?;
    let all = "SELECT bool_and(state = 'running') FROM sync_jobs";
    fleet.until("all are in hand", all).await?;
    first.signal("KILL").await?;
    assert_eq!(first.ended().await?, None);
    fleet.erp.open_gates();

    // From then on each works alone, and the one that ends its worker ends no other's attempt.
    let guilty = [("MEGA_SYNC_FAILPOINT", "claimed-1415:kill".to_owned())];
    let mut second = fleet.worker_as("second", &arguments, &guilty)?;
    assert_eq!(second.ended().await?, None);
    fleet
        .until_logged("second", "failpoint claimed-1415: the process ends here")
        .await?;
    sqlx::query("UPDATE sync_workers SET heartbeat_at = now() - interval '1 hour'")
        .execute(&fleet.pool)
        .await?;

    let third = fleet.worker_as("third", &arguments, &[])?;
    let settled = "SELECT bool_and(state IN ('done', 'failed')) FROM sync_jobs";
    fleet.until("every job has ended", settled).await?;
    let stopped: Vec<(String, String, i64)> =
        sqlx::query_as("SELECT target, fingerprint, crashes FROM sync_jobs WHERE state = 'failed'")
            .fetch_all(&fleet.pool)
            .await?;
    let guilty = ("1415".to_owned(), "bug/worker-crashes".to_owned(), 2);
    assert_eq!(stopped, [guilty]);
    let others: i64 = sqlx::query_scalar("SELECT MAX(crashes) FROM sync_jobs WHERE state = 'done'")
        .fetch_one(&fleet.pool)
        .await?;
    assert_eq!(others, 1);
    fleet.until_drained().await?;
    fleet.retire(third).await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_to_work_alone_is_given_back_at_a_stop() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    // Calls at the gate stay there.
    fleet.set("MEGA_API_TIMEOUT", "120");
    let arguments = ["--jobs-at-once", "9", "--drain-timeout", "1"];
    fleet.erp.gate(Selector::any());
    let mut first = fleet.worker_as("first", &arguments, &[])?;
    let all = "SELECT bool_and(state = 'running') FROM sync_jobs";
    fleet.until("all are in hand", all).await?;
    first.signal("KILL").await?;
    assert_eq!(first.ended().await?, None);

    // One works, at the gate; the others wait, unclaimed, still in the dead worker's name.
    let second = fleet.worker_as("second", &arguments, &[])?;
    let waiting =
        "SELECT COUNT(*) = 1 FROM sync_attempts a JOIN sync_jobs j USING (target, generation)
                   WHERE a.outcome = 'running' AND j.crashes = 1";
    fleet.until("one works alone", waiting).await?;
    fleet
        .until_logged("second", "until it can work alone")
        .await?;
    fleet.retire(second).await?;
    let crashes: i64 = sqlx::query_scalar("SELECT SUM(crashes)::int8 FROM sync_jobs")
        .fetch_one(&fleet.pool)
        .await?;
    assert_eq!(crashes, 1, "who waited is no other's to blame");

    fleet.erp.open_gates();
    let third = fleet.worker_as("third", &[], &[])?;
    crate::finishes(fleet, third).await
}
