//! Opening PostgreSQL.

use std::str::FromStr as _;
use std::time::Duration;

use domain::store_error::StoreError;
use runtime::tls::is_this_machine;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{Connection as _, PgConnection, Postgres};

use crate::encryption::Encryption;
use crate::error::Failure;
use crate::sql::sql_store::SqlStore;

/// The store of a fleet.
pub type PostgresStore = SqlStore<Postgres>;

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
        let asked = session_options(url)?;
        // A pool would go on trying for as long as a call may wait: ask once, before it opens.
        let first = async {
            let options = without_needless_tls(asked.clone());
            match PgConnection::connect_with(&options).await {
                Err(error) if is_for_lack_of_tls(&error) => {
                    PgConnection::connect_with(&asked).await?.close().await?;
                    Ok(asked)
                }
                connection => {
                    connection?.close().await?;
                    Ok::<_, sqlx::Error>(options)
                }
            }
        };
        let options = match tokio::time::timeout(CONNECT_TIMEOUT, first).await {
            Ok(options) => options.map_err(Failure::from)?,
            Err(_elapsed) => {
                let waited = CONNECT_TIMEOUT.as_secs();
                return Err(StoreError::Away(format!("no answer within {waited} s")));
            }
        };
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

/// On this machine nobody listens between, and the handshake of TLS takes longer than what a short command asks:
/// there it is left out, unless the URL says otherwise.
fn without_needless_tls(options: PgConnectOptions) -> PgConnectOptions {
    match options.get_ssl_mode() {
        PgSslMode::Prefer if is_this_machine(options.get_host()) => {
            options.ssl_mode(PgSslMode::Disable)
        }
        _ => options,
    }
}

/// Whether the server lets nobody in without TLS: no line of its pg_hba.conf fits.
fn is_for_lack_of_tls(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == "28000")
}

/// How this program connects: its name, and how long statements may take.
pub(super) fn session_options(url: &SecretString) -> Result<PgConnectOptions, StoreError> {
    Ok(options_of(url)?
        .application_name("mega-sync")
        .options(TIMEOUTS))
}

fn options_of(url: &SecretString) -> Result<PgConnectOptions, StoreError> {
    PgConnectOptions::from_str(url.expose_secret())
        // The parser's own message may quote a part of the URL.
        .map_err(|_| StoreError::Url("not a PostgreSQL URL".to_owned()))
}

/// How the way to the database is protected.
pub fn encryption_of(url: &SecretString) -> Result<Encryption, StoreError> {
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
