//! The statements of the readers of the replaced system, over the views: the same columns and types as over
//! its own tables, and the golden figures.

mod contract;
mod ids;
mod writes;

use std::path::Path;

use anyhow::{Context as _, ensure};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgPool};
use tests::{Fleet, GOLDEN};

use self::contract::the_contract_holds;
use self::ids::ids_stay;
use self::writes::writes_of_other_origins_go_through;
use crate::GOLDEN_BACKFILL;

/// Our tables in `mega`, the old ones in `antigo`, and the views in `compat`.
struct Switched {
    fleet: Fleet,
    /// Sees what the readers see.
    readers: PgPool,
}

impl Switched {
    /// After the golden backfill, with old timestamps of a type.
    async fn new(timestamp: &str) -> anyhow::Result<Self> {
        let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
        fleet.add("MEGA_SYNC_SCHEMA", "mega");
        fleet.create_old_tables(timestamp).await?.close().await;

        let worker = fleet.worker(&[])?;
        fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
        fleet.retire(worker).await?;
        let readers = fleet.in_path("compat,antigo").await?;
        Ok(Self { fleet, readers })
    }

    async fn install(&self, more: &[&str]) -> anyhow::Result<String> {
        self.fleet.install_views(more).await
    }

    async fn undo_the_newest_migration(&self) -> anyhow::Result<()> {
        let files = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/postgres");
        let migrations = Migrator::new(Path::new(files)).await?;
        let newest = migrations.iter().map(|one| one.version).max();
        let ours = self.fleet.in_path("mega").await?;
        migrations
            .undo(&ours, newest.context("a migration")? - 1)
            .await?;
        let applied: Option<i64> = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations")
            .fetch_one(&ours)
            .await?;
        ensure!(applied < newest, "nothing was undone");
        ours.close().await;
        Ok(())
    }

    async fn rows(&self, statement: &str) -> anyhow::Result<Vec<PgRow>> {
        let statement = AssertSqlSafe(statement.to_owned());
        Ok(sqlx::query(statement).fetch_all(&self.readers).await?)
    }

    async fn execute(&self, statement: &str) -> Result<u64, sqlx::Error> {
        let statement = AssertSqlSafe(statement.to_owned());
        Ok(sqlx::query(statement)
            .execute(&self.readers)
            .await?
            .rows_affected())
    }

    /// The value of a query of one text.
    async fn text(&self, query: &str) -> anyhow::Result<String> {
        let query = AssertSqlSafe(format!("SELECT ({query})::text"));
        Ok(sqlx::query_scalar(query).fetch_one(&self.readers).await?)
    }

    async fn remove(self) -> anyhow::Result<()> {
        self.readers.close().await;
        self.fleet.remove().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_of_the_readers_answers() -> anyhow::Result<()> {
    for timestamp in ["timestamptz", "timestamp"] {
        let switched = Switched::new(timestamp).await?;
        let sql = switched.install(&["--dry-run"]).await?;
        assert!(sql.contains("CREATE VIEW compat.runs"), "{sql}");
        assert_eq!(
            switched
                .text("SELECT count(*) FROM pg_namespace WHERE nspname = 'compat'")
                .await?,
            "0"
        );
        switched.install(&[]).await?;
        the_contract_holds(&switched).await?;
        // Installed again, and after a migration from the version before, they are the same.
        switched.install(&[]).await?;
        switched.undo_the_newest_migration().await?;
        switched.fleet.producer_exits(0, &["migrate"]).await?;
        the_contract_holds(&switched).await?;
        writes_of_other_origins_go_through(&switched).await?;
        ids_stay(&switched).await?;
        let refused = switched
            .fleet
            .producer(&["views", "drop", "--into", "antigo"])
            .await?;
        assert_eq!(refused.status.code(), Some(2));
        switched
            .fleet
            .producer_exits(0, &["views", "drop", "--into", "compat"])
            .await?;
        assert_eq!(
            switched.text("SELECT count(*) FROM antigo.runs").await?,
            "2"
        );
        switched.remove().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_floor_month_shows_what_was_before_ours() -> anyhow::Result<()> {
    let switched = Switched::new("timestamptz").await?;
    sqlx::raw_sql(
        "INSERT INTO antigo.entradas_caixa (empreendimento_id, empreendimento_nome, ref_month, category, forecast, actual, origem)
         VALUES (3001, 'x', '2025-12', 'ativos', 1, 11, 'mega'), (3001, 'x', '2026-01', 'ativos', 1, 12, 'mega');
         INSERT INTO antigo.saidas_caixa (filial_id, filial_nome, mes_referencia, categoria, orcamento, realizado, origem)
         VALUES (7, 'x', '2025-12', 'NF', 1, 13, 'mega')",
    )
    .execute(&switched.fleet.pool)
    .await?;
    switched.install(&[]).await?;
    let old = "SELECT coalesce(sum(actual), 0) FROM entradas_caixa WHERE id < 1000000000 AND origem = 'mega'";
    assert_eq!(switched.text(old).await?, "0");
    switched.install(&["--floor-month", "2026-02"]).await?;
    assert_eq!(switched.text(old).await?, "11");
    let cash_out =
        "SELECT sum(realizado) FROM saidas_caixa WHERE id < 1000000000 AND origem = 'mega'";
    assert_eq!(switched.text(cash_out).await?, "13");
    switched.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn views_that_cannot_be_are_refused() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.add("MEGA_SYNC_SCHEMA", "mega");
    fleet.producer_exits(0, &["migrate"]).await?;
    let install = async |legacy: &str, into: &str| -> anyhow::Result<String> {
        let arguments = [
            "views",
            "install",
            "--for",
            "starke",
            "--legacy-schema",
            legacy,
            "--into",
            into,
        ];
        let output = fleet.producer(&arguments).await?;
        assert_eq!(output.status.code(), Some(2), "{legacy} {into}");
        Ok(String::from_utf8(output.stderr)?)
    };
    let told = install("antigo", "compat").await?;
    assert!(
        told.contains("there is no antigo.filiais, antigo.empreendimentos"),
        "{told}"
    );
    for (legacy, into) in [("mega", "compat"), ("antigo", "mega"), ("antigo", "antigo")] {
        let told = install(legacy, into).await?;
        assert!(told.contains("need a schema each"), "{told}");
    }
    sqlx::raw_sql("CREATE SCHEMA outro; CREATE TABLE outro.x (id int)")
        .execute(&fleet.pool)
        .await?;
    let old = fleet.create_old_tables("timestamptz").await?;
    let told = install("antigo", "outro").await?;
    assert!(told.contains("schema outro has something in it"), "{told}");
    sqlx::raw_sql(
        "INSERT INTO filiais (id, external_id, nome, origem) VALUES (1000000001, 9, 'x', 'uau')",
    )
    .execute(&old)
    .await?;
    let told = install("antigo", "compat").await?;
    assert!(told.contains("antigo.filiais has id 1000000001"), "{told}");
    old.close().await;
    fleet.remove_database().await
}
