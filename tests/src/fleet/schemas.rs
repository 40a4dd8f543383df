//! A fleet whose database holds more than its own tables.

use anyhow::Context as _;
use sqlx::{AssertSqlSafe, PgPool};

use super::Fleet;
use crate::contract::LEGACY;

/// Creates the tables of the replaced system with their rows where a path leads.
pub async fn create_old_tables(path: &PgPool, timestamp: &str) -> anyhow::Result<()> {
    let tables = AssertSqlSafe(LEGACY.replace("TIMESTAMP", timestamp));
    sqlx::raw_sql(tables).execute(path).await?;
    Ok(())
}

impl Fleet {
    /// The fleet's database, seen through a search path.
    pub async fn in_path(&self, path: &str) -> anyhow::Result<PgPool> {
        let url = self.variable("DATABASE_URL").context("a database")?;
        Ok(PgPool::connect(&format!("{url}?options[search_path]={path}")).await?)
    }

    /// Creates the tables of the replaced system with their rows in the schema `antigo`, with timestamps
    /// of a type, and gives the way to them.
    pub async fn create_old_tables(&self, timestamp: &str) -> anyhow::Result<PgPool> {
        sqlx::raw_sql("CREATE SCHEMA antigo")
            .execute(&self.pool)
            .await?;
        let old = self.in_path("antigo").await?;
        create_old_tables(&old, timestamp).await?;
        Ok(old)
    }

    /// Installs the views into the schema `compat`, beside old tables in `antigo`; returns what the command
    /// prints.
    pub async fn install_views(&self, more: &[&str]) -> anyhow::Result<String> {
        let install = ["views", "install", "--for", "starke", "--into", "compat"];
        let from = ["--legacy-schema", "antigo"];
        let all = [&install[..], &from, more].concat();
        self.producer_exits(0, &all).await
    }
}
