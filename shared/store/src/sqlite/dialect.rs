//! What SQLite does its own way.

use chrono::{DateTime, SubsecRound as _, Utc};
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteQueryResult;
use sqlx::{Sqlite, SqliteConnection, SqlitePool};

use crate::error::Failure;
use crate::migrations;
use crate::sql::dialect::Dialect;

impl Dialect for Sqlite {
    // A transaction that begins by reading may find the file changed when it comes to write.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";

    const JSON_EACH: &'static str = "json_each";

    const VERSION_AND_SIZE: &'static str = "
SELECT 'SQLite ' || sqlite_version() AS version, page_count * page_size AS size
FROM pragma_page_count(), pragma_page_size()";

    const HAS_MIGRATIONS: &'static str =
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations') AS found";

    async fn migrate(pool: &SqlitePool) -> Result<(), Failure> {
        // sqlx takes no lock in SQLite. The write lock of one transaction around everything makes
        // other processes wait, and then find the work done.
        let mut tx = pool.begin_with(Self::BEGIN).await?;
        Self::migrations().run_direct(None, &mut *tx, false).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A file is one program's.
    async fn foreign_tables(_: &mut SqliteConnection) -> Result<Vec<String>, Failure> {
        Ok(Vec::new())
    }

    fn migrations() -> &'static Migrator {
        &migrations::SQLITE
    }

    async fn now(_: &mut SqliteConnection) -> Result<DateTime<Utc>, Failure> {
        // The process's clock is the file's. Microseconds, as PostgreSQL keeps them.
        Ok(Utc::now().trunc_subsecs(6))
    }

    async fn lock_leases(_: &mut SqliteConnection) -> Result<(), Failure> {
        // A transaction that will write is the only one.
        Ok(())
    }

    async fn lock_closes(_: &mut SqliteConnection) -> Result<(), Failure> {
        // A transaction that will write is the only one.
        Ok(())
    }

    fn rows_affected(result: &SqliteQueryResult) -> u64 {
        result.rows_affected()
    }

    fn centavos_of(column: &str) -> String {
        format!("COALESCE(SUM({column}), 0)")
    }

    fn scaled(column: &str, _decimals: u32) -> String {
        // Already kept so.
        column.to_owned()
    }

    fn exact(parameter: &str) -> String {
        // Kept as text.
        parameter.to_owned()
    }

    fn moment(text: &str) -> String {
        // Kept as text.
        text.to_owned()
    }

    fn amounts_table(published: &'static str) -> String {
        match published {
            "filiais" | "empreendimentos" => published.to_owned(),
            _ => format!("{published}_centavos"),
        }
    }
}
