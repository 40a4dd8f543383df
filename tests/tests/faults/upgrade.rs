//! Two versions of the programs side by side, as during an upgrade.

use domain::job::SCHEMA_VERSION;
use queue::{Destination, Envelope, Lane, Queue as _};
use serde_json::json;
use tests::{Fleet, GOLDEN};

use crate::{ALL_DONE, GOLDEN_ENQUEUE, assert_nothing_lost_or_doubled, finishes};

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_message_waits_unharmed_for_a_worker_that_can_read_it() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let version = SCHEMA_VERSION + 1;
    let newer = json!({"schema_version": version, "of": "a later build"}).to_string();
    let message = Envelope {
        body: newer.clone().into_bytes(),
        attempt: 0,
        reason: None,
    };
    let broker = fleet.broker().await?;
    broker
        .publish(Destination::Work(Lane::Normal), &message)
        .await?;

    let worker = fleet.worker_as("worker", &[], &[])?;
    fleet.until("the run is done", ALL_DONE).await?;
    let told = format!("schema version {version}");
    fleet.until_logged("worker", &told).await?;
    fleet.retire(worker).await?;
    // Whichever delay it is in ends, and then it is there for whoever comes.
    let (body, attempt) = fleet.message_comes().await?;
    assert_eq!(String::from_utf8(body)?, newer);
    assert!(attempt >= 1, "it was not told from a new message");
    assert_nothing_lost_or_doubled(&fleet, 0).await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_starts_over_a_schema_that_a_newer_build_has_migrated() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    sqlx::query("ALTER TABLE sync_jobs ADD COLUMN of_a_later_build text")
        .execute(&fleet.pool)
        .await?;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'of a later build', true, '\\x00', 0)",
    )
    .execute(&fleet.pool)
    .await?;
    let worker = fleet.worker_as("older", &[], &[])?;
    finishes(fleet, worker).await
}
