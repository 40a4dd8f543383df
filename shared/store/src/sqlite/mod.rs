//! The store over SQLite.

mod catalogue;
mod empreendimento;
mod saidas_caixa;

use crate::error::Failure;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::LazyLock;
use std::time::Duration;

use chrono::{DateTime, SubsecRound as _, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteQueryResult,
    SqliteSynchronous,
};
use sqlx::{Sqlite, SqliteConnection, SqlitePool};

use super::diagnosis::Applied;
use super::sql::dialect::Dialect;
use super::sql::scope::Scope;
use super::{SqlStore, StoreError};
use domain::job::EmpreendimentoId;
use domain::ledger::{Attempt, NewRun};
use domain::tables::{EmpreendimentoResult, SaidasCaixaResult};

/// The store of one process.
pub type SqliteStore = SqlStore<Sqlite>;

/// The schema this build knows. One that a newer build has migrated further is fine: migrations
/// only add what older builds do not use, so that both can work side by side during an upgrade.
static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = sqlx::migrate!("../../migrations/sqlite");
    migrations.set_ignore_missing(true);
    migrations
});

/// How long a call waits for the process's one connection, or for another process's write.
const PATIENCE: Duration = Duration::from_secs(30);

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
    pub(super) async fn open(url: &SecretString) -> Result<Self, Failure> {
        Self::with(options_of(url)?).await
    }

    /// An empty database, gone with the process.
    pub(super) async fn in_memory() -> Result<Self, Failure> {
        Self::with(SqliteConnectOptions::from_str("sqlite::memory:")?).await
    }

    /// All of it as it is now, in memory.
    pub(super) async fn copy_in_memory(&self) -> Result<Self, Failure> {
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
            .busy_timeout(PATIENCE);
        // SQLite has one writer at a time. With one connection the process's own writers queue for
        // it in order, instead of polling a busy file. A database in memory ends with its last
        // connection, so that one stays.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(PATIENCE)
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
pub(super) fn file_of(url: &SecretString) -> Result<PathBuf, StoreError> {
    Ok(options_of(url)?.get_filename().to_owned())
}

fn options_of(url: &SecretString) -> Result<SqliteConnectOptions, StoreError> {
    SqliteConnectOptions::from_str(url.expose_secret())
        .map_err(|_| StoreError::Url("not a SQLite URL".to_owned()))
}

impl Dialect for Sqlite {
    // A transaction that begins by reading may find the file changed when it comes to write.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";

    const JSON_EACH: &'static str = "json_each";

    async fn migrate(pool: &SqlitePool) -> Result<(), Failure> {
        // sqlx takes no lock in SQLite. The write lock of one transaction around everything makes
        // other processes wait, and then find the work done.
        let mut tx = pool.begin_with(Self::BEGIN).await?;
        MIGRATIONS.run_direct(None, &mut *tx, false).await?;
        tx.commit().await?;
        Ok(())
    }

    fn migrations() -> &'static Migrator {
        &MIGRATIONS
    }

    async fn now(_: &mut SqliteConnection) -> Result<DateTime<Utc>, sqlx::Error> {
        // The process's clock is the file's. Microseconds, as PostgreSQL keeps them.
        Ok(Utc::now().trunc_subsecs(6))
    }

    async fn lock_leases(_: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        // A transaction that will write is the only one.
        Ok(())
    }

    async fn version_and_size(
        connection: &mut SqliteConnection,
    ) -> Result<(String, i64), sqlx::Error> {
        sqlx::query_as(
            "SELECT 'SQLite ' || sqlite_version(), page_count * page_size
             FROM pragma_page_count(), pragma_page_size()",
        )
        .fetch_one(connection)
        .await
    }

    async fn applied(connection: &mut SqliteConnection) -> Result<Vec<Applied>, sqlx::Error> {
        let any = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations')";
        if !sqlx::query_scalar(any).fetch_one(&mut *connection).await? {
            return Ok(Vec::new());
        }
        let rows: Vec<(i64, bool, Vec<u8>)> =
            sqlx::query_as("SELECT version, success, checksum FROM _sqlx_migrations ORDER BY 1")
                .fetch_all(connection)
                .await?;
        Ok(rows.into_iter().map(Applied::from).collect())
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

    fn amounts_table(published: &'static str) -> String {
        match published {
            "filiais" | "empreendimentos" => published.to_owned(),
            _ => format!("{published}_centavos"),
        }
    }

    async fn write_catalogue(
        connection: &mut SqliteConnection,
        run: &NewRun,
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        catalogue::write(connection, run, now).await
    }

    async fn write_jobs(
        connection: &mut SqliteConnection,
        run: &NewRun,
    ) -> Result<(), sqlx::Error> {
        catalogue::write_jobs(connection, run).await
    }

    async fn write_empreendimento(
        connection: &mut SqliteConnection,
        attempt: &Attempt,
        id: EmpreendimentoId,
        result: &EmpreendimentoResult,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        empreendimento::write(connection, attempt, id, result, scope, now).await
    }

    async fn write_saidas_caixa(
        connection: &mut SqliteConnection,
        attempt: &Attempt,
        result: &SaidasCaixaResult,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        saidas_caixa::write(connection, attempt, result, scope, now).await
    }
}
