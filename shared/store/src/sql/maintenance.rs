//! The schema, how the database stands, and whether it may be written to.

use async_trait::async_trait;
use chrono::Utc;
use domain::ledger::WorkerId;
use domain::store_error::StoreError;
use sqlx::AssertSqlSafe;

use super::dialect::Dialect;
use super::row::row;
use super::sql_store::{SqlStore, in_time};
use super::statement::statement;
use super::totals::PUBLISHED;
use super::workers::ALIVE;
use crate::diagnosis::{Applied, Diagnosis, Schema};
use crate::error::Failure;
use crate::maintenance::Maintenance;

const APPLIED: &str = "SELECT version, success, checksum FROM _sqlx_migrations ORDER BY version";

row! {
    /// What the database is, and how large.
    struct VersionRow {
        version: String,
        size: i64,
    }
}

row! {
    /// A row of `_sqlx_migrations`.
    struct AppliedRow {
        version: i64,
        success: bool,
        checksum: Vec<u8>,
    }
}

row! {
    /// Whether something is there.
    struct FoundRow {
        found: bool,
    }
}

#[async_trait]
impl<DB: Dialect> Maintenance for SqlStore<DB> {
    async fn migrate(&self) -> Result<(), StoreError> {
        Ok(DB::migrate(&self.pool).await?)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            statement::<DB>("SELECT 1").execute(&mut connection).await?;
            Ok(())
        })
        .await
    }

    async fn pending_migrations(&self) -> Result<u64, StoreError> {
        in_time(async {
            let schema = schema::<DB>(&mut *self.connection().await?).await?;
            Ok(schema.missing.len() as u64)
        })
        .await
    }

    async fn diagnose(&self) -> Result<Diagnosis, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            let VersionRow { version, size } = statement::<DB>(DB::VERSION_AND_SIZE)
                .fetch_one(&mut connection)
                .await?;
            let schema = schema::<DB>(&mut connection).await?;
            let asked = Utc::now();
            let now = DB::now(&mut connection).await?;
            // The database's answer is of some moment in between.
            let clock_ahead = asked + (Utc::now() - asked) / 2 - now;
            Ok(Diagnosis {
                version,
                size_bytes: size.unsigned_abs(),
                clock_ahead,
                schema,
            })
        })
        .await
    }

    async fn try_write(&self) -> Result<(), StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            let now = DB::now(&mut tx).await?;
            statement::<DB>(ALIVE)
                .bind(WorkerId::of_this_process().to_string())
                .bind(now)
                .execute(&mut tx)
                .await?;
            for (table, _) in PUBLISHED {
                // Asks for the right to delete, and finds nothing to use it on.
                let table = DB::amounts_table(table);
                let delete = AssertSqlSafe(format!("DELETE FROM {table} WHERE 1 = 0"));
                statement::<DB>(delete).execute(&mut tx).await?;
            }
            tx.rollback().await?;
            Ok(())
        })
        .await
    }
}

/// How the schema compares with the one this build knows; without a migration ever, it has none.
async fn schema<DB: Dialect>(connection: &mut DB::Connection) -> Result<Schema, Failure> {
    let FoundRow { found } = statement::<DB>(DB::HAS_MIGRATIONS)
        .fetch_one(connection)
        .await?;
    let rows: Vec<AppliedRow> = match found {
        true => statement::<DB>(APPLIED).fetch_all(connection).await?,
        false => Vec::new(),
    };
    let applied = rows.into_iter().map(|row| Applied {
        version: row.version,
        success: row.success,
        checksum: row.checksum,
    });
    let mut schema = Schema::compare(DB::migrations(), &applied.collect::<Vec<_>>());
    if !schema.missing.is_empty() {
        schema.foreign = DB::foreign_tables(connection).await?;
    }
    Ok(schema)
}
