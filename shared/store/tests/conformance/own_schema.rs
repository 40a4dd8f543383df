//! A schema of our own in a database that is shared with other programs.

use std::path::Path;

use runtime::environment::{ConfigError, Source};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use store::{StoreError, connect, database_url};

/// A name for a schema, and a connection to make and drop it.
struct Site {
    name: String,
    admin: PgConnection,
}

impl Site {
    async fn new() -> Self {
        let name: String = std::iter::repeat_with(fastrand::lowercase)
            .take(12)
            .collect();
        let url = crate::support::database_url();
        Self {
            name: format!("own_{name}"),
            admin: PgConnection::connect(&url).await.unwrap(),
        }
    }

    /// The setting for this schema.
    fn url(&self) -> SecretString {
        configured(&crate::support::database_url(), Some(&self.name)).unwrap()
    }

    /// Runs statements, in which `OWN` stands for its name.
    async fn execute(&mut self, statements: &str) {
        let statements = AssertSqlSafe(statements.replace("OWN", &self.name));
        let executed = sqlx::raw_sql(statements).execute(&mut self.admin).await;
        executed.unwrap();
    }

    /// Tables, views and types in the schema; `None` when there is none.
    async fn names(&mut self) -> Option<Vec<String>> {
        let names = sqlx::query_scalar(
            "SELECT array(
                 SELECT CAST(relname AS text) FROM pg_class
                 WHERE relnamespace = n.oid AND relkind IN ('r', 'v', 'c') ORDER BY relname)
             FROM pg_namespace n WHERE nspname = $1",
        );
        let names = names.bind(&self.name).fetch_optional(&mut self.admin);
        names.await.unwrap()
    }

    async fn drop(mut self) {
        self.execute("DROP SCHEMA IF EXISTS OWN CASCADE").await;
    }
}

fn configured(url: &str, schema: Option<&str>) -> Result<SecretString, ConfigError> {
    let mut source = Source::of(|name| match name {
        "DATABASE_URL" => Some(url.to_owned()),
        "MEGA_SYNC_SCHEMA" => schema.map(str::to_owned),
        _ => None,
    });
    let url = database_url(&mut source, None);
    source.finish(url)
}

async fn migrated(site: &Site) -> Result<(), StoreError> {
    connect(&site.url()).await.unwrap().migrate().await
}

#[test]
fn a_schema_that_cannot_be_is_a_problem_of_the_settings() {
    for (url, schema, problem) in [
        (
            "postgres://u:hunter2@h/d",
            "Mega",
            "MEGA_SYNC_SCHEMA is \"Mega\"",
        ),
        (
            "postgres://u:hunter2@h/d",
            "a;b",
            "MEGA_SYNC_SCHEMA is \"a;b\"",
        ),
        ("sqlite://file", "mega", "a SQLite file has no schemas"),
    ] {
        let error = configured(url, Some(schema)).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    let none = configured("postgres://u:p@h/d", None).unwrap();
    assert_eq!(none.expose_secret(), "postgres://u:p@h/d");
}

#[tokio::test]
async fn migrate_creates_it_and_finds_it_again() {
    let mut site = Site::new().await;
    assert_eq!(site.names().await, None);
    for _ in 0..2 {
        migrated(&site).await.unwrap();
        let names = site.names().await.unwrap();
        assert!(names.contains(&"saidas_caixa".to_owned()), "{names:?}");
    }
    // Another program's table of another name is no obstacle.
    site.execute("CREATE TABLE OWN.users (id int)").await;
    migrated(&site).await.unwrap();
    site.drop().await;
}

#[tokio::test]
async fn another_programs_tables_are_named_and_left_as_they_are() {
    let mut site = Site::new().await;
    site.execute(
        "CREATE SCHEMA OWN;
         CREATE TABLE OWN.filiais (id int);
         CREATE VIEW OWN.inadimplencia AS SELECT 1 AS id;
         CREATE TABLE OWN.users (id int)",
    )
    .await;
    let before = site.names().await;
    let error = migrated(&site).await.unwrap_err();
    assert!(matches!(error, StoreError::Schema(_)), "{error}");
    let tables = format!(
        "schema {} has another program's tables: filiais, inadimplencia",
        site.name
    );
    assert!(error.to_string().ends_with(&tables), "{error}");
    assert_eq!(site.names().await, before);

    // What an earlier attempt of ours left behind does not make them ours.
    site.execute(
        "CREATE TABLE OWN._sqlx_migrations (
             version bigint PRIMARY KEY, description text NOT NULL,
             installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL,
             checksum bytea NOT NULL, execution_time bigint NOT NULL);
         INSERT INTO OWN._sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (1, 'another', true, '\\x00', 1)",
    )
    .await;
    let error = migrated(&site).await.unwrap_err();
    assert!(matches!(error, StoreError::Schema(_)), "{error}");
    site.drop().await;
}

#[tokio::test]
async fn a_migration_that_fails_leaves_what_was_before() {
    let mut site = Site::new().await;
    // A type of the name of a later migration's table.
    site.execute("CREATE SCHEMA OWN; CREATE TYPE OWN.sync_erp AS ENUM ('a')")
        .await;
    let error = migrated(&site).await.unwrap_err();
    assert!(error.to_string().contains("sync_erp"), "{error}");
    assert_eq!(site.names().await, Some(Vec::new()));

    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/postgres");
    let mut earlier = Migrator::new(migrations).await.unwrap();
    earlier.migrations = earlier
        .migrations
        .iter()
        .filter(|migration| migration.version < 8)
        .cloned()
        .collect();
    let mut connection = PgConnection::connect(site.url().expose_secret())
        .await
        .unwrap();
    earlier
        .run_direct(None, &mut connection, false)
        .await
        .unwrap();
    let before = site.names().await;
    migrated(&site).await.unwrap_err();
    assert_eq!(site.names().await, before);
    let applied: i64 = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(applied, 7);
    site.drop().await;
}
