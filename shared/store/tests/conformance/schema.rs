//! Migrations.

use std::path::Path;

use sqlx::migrate::Migrator;
use tokio::sync::Barrier;

use crate::support::*;

/// The migrations of a database, from their files.
async fn files(db: &Db) -> Migrator {
    let folder = match &db.raw {
        Raw::Postgres(_) => "postgres",
        Raw::Sqlite(_) => "sqlite",
    };
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    Migrator::new(migrations.join(folder)).await.unwrap()
}

async fn down(db: &Db) {
    let files = files(db).await;
    match &db.raw {
        Raw::Postgres(pool) => files.undo(pool, 0).await.unwrap(),
        Raw::Sqlite(pool) => files.undo(pool, 0).await.unwrap(),
    }
}

/// Tables and views, sqlx's own left out.
pub async fn relations(db: &Db) -> Vec<String> {
    let query = match &db.raw {
        Raw::Postgres(_) => {
            "SELECT table_name AS value FROM information_schema.tables
             WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations' ORDER BY 1"
        }
        Raw::Sqlite(_) => {
            "SELECT name AS value FROM sqlite_master
             WHERE type IN ('table', 'view') AND name <> '_sqlx_migrations' ORDER BY 1"
        }
    };
    db.texts(query).await
}

pub async fn many_processes_migrate_at_once(db: &Db) {
    down(db).await;
    assert_eq!(relations(db).await, [""; 0]);
    let barrier = std::sync::Arc::new(Barrier::new(8));
    let mut migrations = Vec::new();
    for _ in 0..8 {
        let (store, barrier) = (db.another_process().await, barrier.clone());
        migrations.push(tokio::spawn(async move {
            barrier.wait().await;
            store.migrate().await
        }));
    }
    for migration in migrations {
        migration.await.unwrap().unwrap();
    }
    assert!(relations(db).await.contains(&"saidas_caixa".to_owned()));
    assert_eq!(
        db.text("SELECT COUNT(*) AS value FROM sync_session").await,
        "1"
    );
}

pub async fn migrations_go_down_and_up_again(db: &Db) {
    let before = relations(db).await;
    recorded(db, "a", first_quarter(), target(1)).await;
    down(db).await;
    assert_eq!(relations(db).await, [""; 0]);
    db.store.migrate().await.unwrap();
    assert_eq!(relations(db).await, before);
    assert_eq!(db.store.run(None).await.unwrap(), None);
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[1], 1)).await;
}

pub async fn what_the_schema_lacks_is_counted(db: &Db) {
    assert_eq!(db.store.pending_migrations().await.unwrap(), 0);
    // A newer build's own does not make up for one of this build's.
    db.execute("UPDATE _sqlx_migrations SET version = 9001 WHERE version = 1")
        .await;
    assert_eq!(db.store.pending_migrations().await.unwrap(), 1);
    db.execute("UPDATE _sqlx_migrations SET version = 1 WHERE version = 9001")
        .await;
    down(db).await;
    let files = files(db).await;
    let all = files
        .iter()
        .filter(|one| one.migration_type.is_up_migration());
    assert_eq!(
        db.store.pending_migrations().await.unwrap(),
        all.count() as u64
    );
}
