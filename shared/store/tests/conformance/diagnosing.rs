//! What a database says about itself.

use store::{Schema, StoreError};

use crate::schema::relations;
use crate::support::*;

pub async fn a_database_up_to_date_is_told_as_such(db: &Db) {
    let told = db.store.diagnose().await.unwrap();
    let name = match db.raw {
        Raw::Postgres(_) => "PostgreSQL 1",
        Raw::Sqlite(_) => "SQLite 3.",
    };
    assert!(told.version.starts_with(name), "{told:?}");
    assert!(told.size_bytes > 4096, "{told:?}");
    assert!(told.clock_ahead.num_seconds().abs() < 2, "{told:?}");
    assert_eq!(told.schema, Schema::default());
}

pub async fn what_differs_in_the_schema_is_told(db: &Db) {
    db.execute(
        "DELETE FROM _sqlx_migrations WHERE version = 3;
         UPDATE _sqlx_migrations SET checksum = checksum || checksum WHERE version = 2;
         UPDATE _sqlx_migrations SET success = false WHERE version = 1;
         INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         SELECT 9999, 'later', true, checksum, 1 FROM _sqlx_migrations WHERE version = 1",
    )
    .await;
    let expected = Schema {
        missing: vec![3],
        unknown: vec![9999],
        altered: vec![2],
        unfinished: vec![1],
        foreign: vec![],
    };
    assert_eq!(db.store.diagnose().await.unwrap().schema, expected);

    db.execute("DROP TABLE _sqlx_migrations").await;
    let expected = Schema {
        missing: (1..=21).collect(),
        foreign: match db.raw {
            // Without that table nothing says whose they are.
            Raw::Postgres(_) => relations(db).await,
            Raw::Sqlite(_) => Vec::new(),
        },
        ..Schema::default()
    };
    assert_eq!(db.store.diagnose().await.unwrap().schema, expected);
    assert_eq!(
        db.store.diagnose().await.unwrap().schema,
        expected,
        "asking changes nothing"
    );
}

pub async fn a_write_that_may_not_be_is_found_out(db: &Db) {
    recorded(db, "a", first_quarter(), target(1)).await;
    db.store.try_write().await.unwrap();
    assert_eq!(db.store.fleet().await.unwrap(), [], "it was rolled back");
    let filiais = "SELECT COUNT(*) AS value FROM filiais";
    assert_eq!(db.text(filiais).await, "2");

    // A view in place of the table: what this process knows, and may not write to.
    db.execute("ALTER TABLE sync_workers RENAME TO hidden")
        .await;
    db.execute("CREATE VIEW sync_workers AS SELECT DISTINCT * FROM hidden")
        .await;
    let error = db.store.try_write().await.unwrap_err();
    assert!(matches!(error, StoreError::Refused(_)), "{error}");
}
