//! A dry run leaves the database as it is, and signs in once for all that come after it.

use std::path::Path;

use simulator::Config;
use sqlx::SqlitePool;
use sqlx::migrate::Migrator;
use tests::{Fleet, GOLDEN, Standalone};

use crate::standalone::BACKFILL;

/// The golden backfill, asked for only.
const DRY_RUN: [&str; 8] = {
    let mut arguments = crate::GOLDEN_BACKFILL;
    arguments[7] = "--dry-run";
    arguments
};

async fn text(fleet: &Fleet, query: &'static str) -> anyhow::Result<String> {
    Ok(sqlx::query_scalar(query).fetch_one(&fleet.pool).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_stays_empty() -> anyhow::Result<()> {
    const RELATIONS: &str = "SELECT COUNT(*)::text FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'";
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    let plan = fleet.producer_exits(0, &DRY_RUN).await?;
    assert!(plan.starts_with("9 jobs over 2026-01-01"), "{plan}");
    fleet.producer_exits(2, &["requeue", "--dry-run"]).await?;
    assert_eq!(text(&fleet, RELATIONS).await?, "0");
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fleets_session_serves_and_the_ledger_stays() -> anyhow::Result<()> {
    const LEDGER: &str = "SELECT jsonb_build_array(
        (SELECT jsonb_agg(to_jsonb(r)) FROM sync_runs r),
        (SELECT jsonb_agg(to_jsonb(t)) FROM sync_targets t),
        (SELECT jsonb_agg(to_jsonb(e)) FROM empreendimentos e))::text";
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, &["migrate"]).await?;
    let before = text(&fleet, LEDGER).await?;
    // The first of them signs in, for the other too.
    fleet.producer_exits(0, &DRY_RUN).await?;
    fleet.producer_exits(0, &DRY_RUN).await?;
    assert_eq!(fleet.erp.counters().sign_ins_ok, 1);
    assert_eq!(text(&fleet, LEDGER).await?, before);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_schema_stays_and_is_told_of() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, &["migrate"]).await?;
    migrations("postgres").await?.undo(&fleet.pool, 5).await?;
    let output = fleet.producer(&DRY_RUN).await?;
    let told = String::from_utf8(output.stderr)?;
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("migrate first"), "{told}");
    let newest = "SELECT MAX(version)::text FROM _sqlx_migrations";
    assert_eq!(text(&fleet, newest).await?, "5");
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_appears() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    let plan = standalone.exits(0, &DRY_RUN).await?;
    assert!(plan.starts_with("9 jobs over 2026-01-01"), "{plan}");
    standalone.exits(2, &["requeue", "--dry-run"]).await?;
    assert_eq!(names(standalone.folder.path())?, [""; 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_file_keeps_its_bytes() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    standalone.exits(0, BACKFILL).await?;
    let file = standalone.folder.path().join("mega-sync.sqlite");
    let pool = SqlitePool::connect(&format!("sqlite://{}", file.display())).await?;
    migrations("sqlite").await?.undo(&pool, 5).await?;
    pool.close().await;
    let before = std::fs::read(&file)?;

    // Planned over what the file holds.
    let plan = standalone.exits(0, &DRY_RUN).await?;
    assert!(plan.contains("9 jobs over"), "{plan}");
    standalone.exits(0, &["requeue", "--dry-run"]).await?;
    assert!(std::fs::read(&file)? == before, "the file changed");
    assert_eq!(standalone.erp.counters().sign_ins_ok, 1);
    Ok(())
}

async fn migrations(database: &str) -> anyhow::Result<Migrator> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    Ok(Migrator::new(folder.join(database)).await?)
}

fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder)?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect()
}
