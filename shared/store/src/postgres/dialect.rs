//! What PostgreSQL does its own way.

use chrono::{DateTime, Utc};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgQueryResult;
use sqlx::{Connection as _, PgConnection, PgPool, Postgres};

use super::schema;
use crate::error::Failure;
use crate::migrations;
use crate::sql::dialect::Dialect;

impl Dialect for Postgres {
    const BEGIN: &'static str = "BEGIN";

    const JSON_EACH: &'static str = "jsonb_array_elements";

    const VERSION_AND_SIZE: &'static str = "
SELECT 'PostgreSQL ' || current_setting('server_version') AS version,
       pg_database_size(current_database()) AS size";

    const HAS_MIGRATIONS: &'static str =
        "SELECT to_regclass('_sqlx_migrations') IS NOT NULL AS found";

    async fn migrate(pool: &PgPool) -> Result<(), Failure> {
        // A connection of its own: sqlx's lock is the session's, and must end with it whatever
        // happens. Waiting for another process's migration is no fault, so there is no timeout.
        let options = (*pool.connect_options()).clone();
        let mut connection = PgConnection::connect_with(
            &options.options([("lock_timeout", "0"), ("statement_timeout", "0")]),
        )
        .await?;
        // All or nothing: a migration that fails leaves the version before, and an empty schema empty.
        let mut tx = connection.begin().await?;
        schema::prepare(&mut tx).await?;
        Self::migrations().run_direct(None, &mut *tx, false).await?;
        tx.commit().await?;
        connection.close().await?;
        Ok(())
    }

    async fn foreign_tables(connection: &mut PgConnection) -> Result<Vec<String>, Failure> {
        schema::foreign(connection).await
    }

    fn migrations() -> &'static Migrator {
        &migrations::POSTGRES
    }

    async fn now(connection: &mut PgConnection) -> Result<DateTime<Utc>, Failure> {
        // Not now(), which is when the transaction began: a lock may have taken a while since.
        let now = sqlx::query_scalar("SELECT clock_timestamp()");
        Ok(now.fetch_one(connection).await?)
    }

    async fn lock_leases(connection: &mut PgConnection) -> Result<(), Failure> {
        // No row would do: of two workers that join an empty fleet neither sees the other's. A
        // worker that stalls with the lock must not hold up the heartbeats of the others.
        sqlx::raw_sql(
            "SET LOCAL lock_timeout = '2s';
             SELECT pg_advisory_xact_lock('sync_workers'::regclass::oid::bigint)",
        )
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn lock_closes(connection: &mut PgConnection) -> Result<(), Failure> {
        // No row would do: of two closes at once neither sees the other's.
        sqlx::raw_sql("LOCK TABLE sync_closes IN SHARE ROW EXCLUSIVE MODE")
            .execute(connection)
            .await?;
        Ok(())
    }

    fn rows_affected(result: &PgQueryResult) -> u64 {
        result.rows_affected()
    }

    fn centavos_of(column: &str) -> String {
        format!("CAST(COALESCE(SUM({column}), 0) * 100 AS BIGINT)")
    }

    fn scaled(column: &str, decimals: u32) -> String {
        format!("CAST({column} * {} AS BIGINT)", 10_i64.pow(decimals))
    }

    fn exact(parameter: &str) -> String {
        format!("CAST({parameter} AS numeric)")
    }

    fn moment(text: &str) -> String {
        format!("CAST({text} AS timestamptz)")
    }

    fn amounts_table(published: &'static str) -> String {
        published.to_owned()
    }
}
