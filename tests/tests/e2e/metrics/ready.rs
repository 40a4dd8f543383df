//! Whether a worker is ready, over HTTP and asked by `worker --check`.

use anyhow::Context as _;
use tests::{Fleet, GOLDEN};

use super::watched::Watched;
use crate::GOLDEN_BACKFILL;

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_lacks_a_migration_is_not_ready() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let watched = Watched::start(&fleet)?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    assert_eq!(watched.ask("readyz").await?.0, 200);
    sqlx::query(
        "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)",
    )
    .execute(&fleet.pool)
    .await?;
    let (code, text) = watched.ask("readyz").await?;
    assert_eq!(code, 503);
    assert!(text.contains("migrations: 1 not applied"), "{text}");
    assert!(text.contains("database: ok"), "{text}");
    let told = watched.scrape().await?;
    assert_eq!(told.of("mega_sync_migrations_pending"), 1.0);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_is_asked_how_it_is_by_another() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let watched = Watched::start(&fleet)?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    let port = watched.address.rsplit(':').next().context("a port")?;
    let everywhere = format!("0.0.0.0:{port}");
    let check = async |arguments: &[&str]| -> anyhow::Result<(Option<i32>, String, String)> {
        let output = fleet.run("worker", arguments).await?;
        let text = |bytes| String::from_utf8(bytes).context("it prints text");
        Ok((
            output.status.code(),
            text(output.stdout)?,
            text(output.stderr)?,
        ))
    };
    let (code, said, _) = check(&["--check", "health", "--listen", &everywhere]).await?;
    assert_eq!((code, said.as_str()), (Some(0), "alive\n"));
    let (code, said, _) = check(&["--check", "ready", "--listen", &everywhere]).await?;
    assert_eq!(code, Some(0));
    assert!(said.contains("broker: ok"), "{said}");

    fleet.erp.refuse_sign_ins(true);
    fleet.erp.void_all_tokens();
    fleet.producer_exits(4, &GOLDEN_BACKFILL).await?;
    let (code, _, said) = check(&["--check", "ready", "--listen", &everywhere]).await?;
    assert_eq!(code, Some(1));
    assert!(said.contains("sign-in: refused at"), "{said}");
    let (code, _, _) = check(&["--check", "health", "--listen", &everywhere]).await?;
    assert_eq!(code, Some(0));

    let (code, _, said) = check(&["--check", "health", "--listen", "127.0.0.1:1"]).await?;
    assert_eq!(code, Some(1));
    assert!(said.contains("no worker answers on 127.0.0.1:1"), "{said}");
    let (code, _, said) = check(&["--check", "health"]).await?;
    assert_eq!(code, Some(1));
    assert!(said.contains("MEGA_SYNC_LISTEN"), "{said}");
    fleet.remove().await
}
