//! Opening SQLite.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use domain::store_error::StoreError;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::Sqlite;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::error::Failure;
use crate::sql::sql_store::SqlStore;

/// The store of one process.
pub type SqliteStore = SqlStore<Sqlite>;

/// How long a call waits for the process's one connection, or for another process's write.
const TIMEOUT: Duration = Duration::from_secs(30);

impl SqliteStore {
    /// Opens the file of a URL, `sqlite://path`, and creates it where it is missing, for its owner
    /// alone: it holds the session with the ERP.
    ///
    /// # Errors
    /// [`StoreError::Url`] when it is no such URL, [`StoreError::Refused`] when the file cannot be
    /// opened.
    pub async fn connect(url: &SecretString) -> Result<Self, StoreError> {
        let options = options_of(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        let url = url.expose_secret();
        if !url.contains(":memory:") && !url.contains("mode=memory") {
            create_private(options.get_filename());
        }
        Ok(Self::with(options).await?)
    }

    /// Opens the file of a URL, which must be there, as it is.
    pub async fn open(url: &SecretString) -> Result<Self, Failure> {
        Self::with(options_of(url)?).await
    }

    /// An empty database, gone with the process.
    pub async fn in_memory() -> Result<Self, Failure> {
        Self::with(SqliteConnectOptions::from_str("sqlite::memory:")?).await
    }

    /// All of it as it is now, in memory.
    pub async fn copy_in_memory(&self) -> Result<Self, Failure> {
        let copy = Self::in_memory().await?;
        let name = copy.pool.connect_options().get_filename().to_owned();
        sqlx::query("VACUUM INTO $1")
            .bind(format!("{}?mode=memory&cache=shared", name.display()))
            .execute(&self.pool)
            .await?;
        Ok(copy)
    }

    async fn with(options: SqliteConnectOptions) -> Result<Self, Failure> {
        let options = options
            // A commit is on disk when its message is acknowledged.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(TIMEOUT);
        // SQLite has one writer at a time. With one connection the process's own writers queue for
        // it in order, instead of polling a busy file. A database in memory ends with its last
        // connection, so that one stays.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(TIMEOUT)
            .connect_with(options)
            .await?;
        Ok(Self { pool })
    }
}

/// Makes an empty file that its owner alone may read and write. SQLite takes it for an empty
/// database, and gives `-wal` and `-shm` the same mode.
fn create_private(file: &Path) {
    let created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    // It is there, or SQLite meets the same error and tells it.
    drop(created);
}

/// The file of a URL, `sqlite://path`.
pub fn file_of(url: &SecretString) -> Result<PathBuf, StoreError> {
    Ok(options_of(url)?.get_filename().to_owned())
}

fn options_of(url: &SecretString) -> Result<SqliteConnectOptions, StoreError> {
    SqliteConnectOptions::from_str(url.expose_secret())
        .map_err(|_| StoreError::Url("not a SQLite URL".to_owned()))
}
