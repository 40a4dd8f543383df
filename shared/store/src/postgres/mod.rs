//! The store over PostgreSQL.

mod catalogue;
mod empreendimento;
mod saidas_caixa;

use crate::error::Failure;
use std::str::FromStr as _;
use std::sync::LazyLock;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult, PgSslMode};
use sqlx::{Connection as _, PgConnection, PgPool, Postgres};

use super::diagnosis::Applied;
use super::sql::dialect::Dialect;
use super::sql::scope::Scope;
use super::{Encryption, SqlStore, StoreError};
use domain::job::EmpreendimentoId;
use domain::ledger::{Attempt, NewRun};
use domain::tables::{EmpreendimentoResult, SaidasCaixaResult};
use runtime::tls::is_this_machine;

/// The store of a fleet.
pub type PostgresStore = SqlStore<Postgres>;

/// The schema this build knows. One that a newer build has migrated further is fine: migrations
/// only add what older builds do not use, so that both can work side by side during an upgrade.
static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = sqlx::migrate!("../../migrations/postgres");
    migrations.set_ignore_missing(true);
    migrations
});

/// Connections a process keeps at most: work is bound by the ERP, commits are short.
const MOST_CONNECTIONS: u32 = 5;
/// How long a call waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection used within this time is taken to live: asking it first would be one more round trip
/// for each of a job's transactions.
const UNTESTED: Duration = Duration::from_secs(1);
/// How long the first connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A statement that waits longer for a row gives up, and is tried again later; one that runs
/// longer has met a fault; a transaction idle for longer was left behind by a dead worker.
const TIMEOUTS: [(&str, &str); 3] = [
    ("lock_timeout", "20s"),
    ("statement_timeout", "60s"),
    ("idle_in_transaction_session_timeout", "60s"),
];

impl PostgresStore {
    /// Connects to the database of a URL; `options=-csearch_path=…` in it names a schema.
    ///
    /// # Errors
    /// [`StoreError::Url`] when it is no such URL, [`StoreError::Away`] within seconds when
    /// nothing answers.
    pub async fn connect(url: &SecretString) -> Result<Self, StoreError> {
        let options = options_of(url)?
            .application_name("mega-sync")
            .options(TIMEOUTS);
        // A pool would go on trying for as long as a call may wait: ask once, before it opens.
        let first = PgConnection::connect_with(&options);
        match tokio::time::timeout(CONNECT_TIMEOUT, first).await {
            Ok(connection) => {
                let closed = connection.map_err(Failure::from)?.close().await;
                closed.map_err(Failure::from)?;
            }
            Err(_elapsed) => {
                let waited = CONNECT_TIMEOUT.as_secs();
                return Err(StoreError::Away(format!("no answer within {waited} s")));
            }
        }
        let pool = PgPoolOptions::new()
            .max_connections(MOST_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for >= UNTESTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        Ok(Self { pool })
    }
}

fn options_of(url: &SecretString) -> Result<PgConnectOptions, StoreError> {
    PgConnectOptions::from_str(url.expose_secret())
        // The parser's own message may quote a part of the URL.
        .map_err(|_| StoreError::Url("not a PostgreSQL URL".to_owned()))
}

/// How the way to the database is protected.
pub(super) fn encryption_of(url: &SecretString) -> Result<Encryption, StoreError> {
    let options = options_of(url)?;
    let host = options.get_host();
    // A host that is a path is a folder with the server's socket.
    let is_here = options.get_socket().is_some() || host.starts_with('/') || is_this_machine(host);
    Ok(match options.get_ssl_mode() {
        PgSslMode::VerifyCa | PgSslMode::VerifyFull => Encryption::Verified,
        _ if is_here => Encryption::ThisMachine,
        PgSslMode::Require => Encryption::Unverified,
        PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => Encryption::Optional,
    })
}

impl Dialect for Postgres {
    const BEGIN: &'static str = "BEGIN";

    const JSON_EACH: &'static str = "jsonb_array_elements";

    async fn migrate(pool: &PgPool) -> Result<(), Failure> {
        // A connection of its own: sqlx's lock is the session's, and must end with it whatever
        // happens. Waiting for another process's migration is no fault, so there is no timeout.
        let options = (*pool.connect_options()).clone();
        let mut connection = PgConnection::connect_with(
            &options.options([("lock_timeout", "0"), ("statement_timeout", "0")]),
        )
        .await?;
        MIGRATIONS.run_direct(None, &mut connection, false).await?;
        connection.close().await?;
        Ok(())
    }

    fn migrations() -> &'static Migrator {
        &MIGRATIONS
    }

    async fn now(connection: &mut PgConnection) -> Result<DateTime<Utc>, sqlx::Error> {
        // Not now(), which is when the transaction began: a lock may have taken a while since.
        sqlx::query_scalar("SELECT clock_timestamp()")
            .fetch_one(connection)
            .await
    }

    async fn lock_leases(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
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

    async fn version_and_size(connection: &mut PgConnection) -> Result<(String, i64), sqlx::Error> {
        sqlx::query_as(
            "SELECT 'PostgreSQL ' || current_setting('server_version'),
                    pg_database_size(current_database())",
        )
        .fetch_one(connection)
        .await
    }

    async fn applied(connection: &mut PgConnection) -> Result<Vec<Applied>, sqlx::Error> {
        let any = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";
        if !sqlx::query_scalar(any).fetch_one(&mut *connection).await? {
            return Ok(Vec::new());
        }
        let rows: Vec<(i64, bool, Vec<u8>)> =
            sqlx::query_as("SELECT version, success, checksum FROM _sqlx_migrations ORDER BY 1")
                .fetch_all(connection)
                .await?;
        Ok(rows.into_iter().map(Applied::from).collect())
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

    fn amounts_table(published: &'static str) -> String {
        published.to_owned()
    }

    async fn write_catalogue(
        connection: &mut PgConnection,
        run: &NewRun,
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        catalogue::write(connection, run, now).await
    }

    async fn write_jobs(connection: &mut PgConnection, run: &NewRun) -> Result<(), sqlx::Error> {
        catalogue::write_jobs(connection, run).await
    }

    async fn write_empreendimento(
        connection: &mut PgConnection,
        attempt: &Attempt,
        id: EmpreendimentoId,
        result: &EmpreendimentoResult,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        empreendimento::write(connection, attempt, id, result, scope, now).await
    }

    async fn write_saidas_caixa(
        connection: &mut PgConnection,
        attempt: &Attempt,
        result: &SaidasCaixaResult,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        saidas_caixa::write(connection, attempt, result, scope, now).await
    }
}
