//! TLS to all three services, with certificates of a private authority.

pub mod certificates;
mod servers;

use simulator::Config;
use tests::{Fleet, GOLDEN, OwnBroker, difference, expected, wait};

use self::certificates::Authority;
use self::servers::{Database, https_before};
use crate::GOLDEN_BACKFILL;

#[tokio::test(flavor = "multi_thread")]
async fn a_private_authority_serves_all_three_and_a_strangers_none() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let authority = Authority::new(folder.path(), "ours").await?;
    let stranger = Authority::new(folder.path(), "stranger").await?;
    let of_broker = authority.certify("broker").await?;
    let (database, broker) = tokio::try_join!(
        Database::start(&authority),
        OwnBroker::over_tls(&of_broker.key, &of_broker.certificate)
    )?;
    let mut fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    let erp = https_before(&authority, &fleet.erp.url()).await?;
    fleet.add("MEGA_SYNC_CA_FILE", authority.file());
    let plain = [
        fleet.set("DATABASE_URL", database.url("127.0.0.1")),
        fleet.set("AMQP_URL", broker.url()),
        fleet.set("MEGA_API_URL", erp),
    ];

    wait::until("RabbitMQ answers", async || {
        Ok(fleet.broker().await.is_ok())
    })
    .await?;
    let told = fleet.producer_exits(0, &["doctor"]).await?;
    for found in [
        "required, with the server's certificate checked",
        "required, with the broker's certificate checked",
        "answers over TLS",
    ] {
        assert!(told.contains(found), "{found} is missing in:\n{told}");
    }
    let worker = fleet.worker(&[])?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    drop(worker);
    let pool = database.pool().await?;
    let tables = tests::of_postgres(&pool).await?;
    pool.close().await;
    assert_eq!(difference(&expected(), &tables), [""; 0]);

    // On this machine without TLS, until the server demands it.
    let of_url = database
        .url("127.0.0.1")
        .replace("?sslmode=verify-full", "");
    let right = fleet.set("DATABASE_URL", of_url);
    fleet.producer_exits(0, &["status"]).await?;
    fleet.set("DATABASE_URL", right);

    // The certificate is for the address, and not for this name of it.
    let right = fleet.set("DATABASE_URL", database.url("localhost"));
    refused(&fleet, "the database is away").await?;
    fleet.set("DATABASE_URL", right);

    // Each by itself meets a certificate that it has no reason to trust.
    fleet.set("MEGA_SYNC_CA_FILE", stranger.file());
    let secured = [
        ("DATABASE_URL", &plain[0], "the database is away"),
        ("MEGA_API_URL", &plain[2], "certificate"),
        ("AMQP_URL", &plain[1], "certificate"),
    ];
    for (name, plain, why) in secured {
        refused(&fleet, why).await?;
        fleet.set(name, plain.clone());
    }
    broker.stop().await?;
    database.stop().await?;
    fleet.remove_database().await
}

/// A backfill that ends because a service cannot be reached, for this reason.
async fn refused(fleet: &Fleet, why: &str) -> anyhow::Result<()> {
    let output = fleet.producer(crate::GOLDEN_ENQUEUE).await?;
    let told = String::from_utf8(output.stderr)?;
    assert_eq!(output.status.code(), Some(5), "{told}");
    assert!(told.contains(why) && told.contains("certificate"), "{told}");
    Ok(())
}
