//! A store for each test, alone with its schema or file.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use domain::job::RunId;
use domain::ledger::WorkerId;
use futures::FutureExt as _;
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, SqlitePool};
use store::{Store, connect};

/// A store under test, and a way around it.
pub struct Db {
    pub store: Arc<dyn Store>,
    pub url: SecretString,
    pub raw: Raw,
    name: String,
    _directory: Option<tempfile::TempDir>,
}

/// The database itself, to look at what the store wrote.
pub enum Raw {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

pub fn database_url() -> String {
    std::env::var("DATABASE_URL").expect("DATABASE_URL is not set: eval \"$(scripts/services)\"")
}

impl Db {
    /// An empty schema of the database of `DATABASE_URL`.
    async fn postgres() -> Self {
        let base = database_url();
        let name: String = std::iter::repeat_with(fastrand::lowercase)
            .take(12)
            .collect();
        let name = format!("store_{name}");
        let mut admin = PgConnection::connect(&base).await.unwrap();
        let create = format!("CREATE SCHEMA {name}");
        sqlx::raw_sql(AssertSqlSafe(create))
            .execute(&mut admin)
            .await
            .unwrap();
        admin.close().await.unwrap();
        let separator = if base.contains('?') { '&' } else { '?' };
        let url = format!("{base}{separator}options=-csearch_path%3D{name}");
        Self {
            store: connect(&url.clone().into()).await.unwrap(),
            raw: Raw::Postgres(PgPool::connect_lazy(&url).unwrap()),
            url: url.into(),
            name,
            _directory: None,
        }
    }

    /// A new file.
    async fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/store.db", directory.path().display());
        Self {
            store: connect(&url.clone().into()).await.unwrap(),
            raw: Raw::Sqlite(SqlitePool::connect_lazy(&url).unwrap()),
            url: url.into(),
            name: String::new(),
            _directory: Some(directory),
        }
    }

    /// Another process's store of the same database.
    pub async fn another_process(&self) -> Arc<dyn Store> {
        connect(&self.url).await.unwrap()
    }

    /// Runs statements.
    pub async fn execute(&self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        match &self.raw {
            Raw::Postgres(pool) => {
                sqlx::raw_sql(statement).execute(pool).await.unwrap();
            }
            Raw::Sqlite(pool) => {
                sqlx::raw_sql(statement).execute(pool).await.unwrap();
            }
        }
    }

    /// The column `value` of a query, as text.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        let query = AssertSqlSafe(format!(
            "SELECT COALESCE(CAST(value AS TEXT), 'null') FROM ({query}) AS q"
        ));
        match &self.raw {
            Raw::Postgres(pool) => sqlx::query_scalar(query).fetch_all(pool).await.unwrap(),
            Raw::Sqlite(pool) => sqlx::query_scalar(query).fetch_all(pool).await.unwrap(),
        }
    }

    /// The only value of a query, as text.
    pub async fn text(&self, query: &str) -> String {
        let [value] = <[String; 1]>::try_from(self.texts(query).await).expect("one row");
        value
    }

    /// Makes a worker look silent for longer than a living one may be.
    pub async fn silence(&self, worker: &WorkerId) {
        let long_ago = "2020-01-01T00:00:00+00:00";
        self.execute(&format!(
            "UPDATE sync_workers SET heartbeat_at = '{long_ago}' WHERE id = '{worker}'"
        ))
        .await;
    }

    /// Makes it long ago that a run's jobs were published.
    pub async fn age(&self, run: &RunId) {
        let long_ago = "2020-01-01T00:00:00+00:00";
        self.execute(&format!(
            "UPDATE sync_jobs SET published_at = '{long_ago}'
             WHERE run_id = '{run}' AND published_at IS NOT NULL"
        ))
        .await;
    }

    async fn drop(self) {
        if let Raw::Postgres(pool) = &self.raw {
            let drop = format!("DROP SCHEMA {} CASCADE", self.name);
            sqlx::raw_sql(AssertSqlSafe(drop))
                .execute(pool)
                .await
                .unwrap();
            pool.close().await;
        }
    }
}

/// Runs a test on an empty, migrated database, which is gone afterwards either way.
pub async fn on_postgres(test: impl AsyncFnOnce(&Db)) {
    run(Db::postgres().await, test).await;
}

/// As [`on_postgres`], on a file.
pub async fn on_sqlite(test: impl AsyncFnOnce(&Db)) {
    run(Db::sqlite().await, test).await;
}

async fn run(db: Db, test: impl AsyncFnOnce(&Db)) {
    db.store.migrate().await.unwrap();
    let ended = AssertUnwindSafe(test(&db)).catch_unwind().await;
    db.drop().await;
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}
