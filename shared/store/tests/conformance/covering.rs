//! What the ledger knows of the months that were written.

use chrono::{DateTime, Utc};

use crate::support::*;

pub async fn what_is_recent_is_told_by_month_and_view(db: &Db) {
    let quarter = params("2026-01-01", "2026-03-31", "2026-11-23");
    let job = recorded(db, "a", quarter, target(1)).await;
    commit(db, &job, &result(&job.params, &[7], 1)).await;
    let long_ago: DateTime<Utc> = "2020-01-01T00:00:00Z".parse().unwrap();
    let covered = async |start, end, since, oldest: &str| {
        let window = params(start, end, "2026-11-23");
        let oldest = oldest.parse().unwrap();
        let covered = db
            .store
            .covered_since(&window, since, oldest)
            .await
            .unwrap();
        covered.into_iter().map(|id| id.get()).collect::<Vec<_>>()
    };
    assert_eq!(
        covered("2026-01-01", "2026-03-31", long_ago, "2026-11-23").await,
        [1]
    );
    assert_eq!(
        covered("2026-02-10", "2026-03-01", long_ago, "2026-11-22").await,
        [1]
    );
    // A month that was not asked for then; a view too old; a commit too long ago.
    assert_eq!(
        covered("2026-01-01", "2026-04-01", long_ago, "2026-11-22").await,
        [0; 0]
    );
    assert_eq!(
        covered("2026-01-01", "2026-03-31", long_ago, "2026-11-24").await,
        [0; 0]
    );
    let after = "2150-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(
        covered("2026-01-01", "2026-03-31", after, "2026-11-22").await,
        [0; 0]
    );
}

pub async fn what_earlier_versions_wrote_is_covered(db: &Db) {
    let quarter = params("2026-01-01", "2026-03-31", "2026-11-23");
    let job = recorded(db, "a", quarter, target(1)).await;
    commit(db, &job, &result(&job.params, &[7], 1)).await;
    let fatura = fatura("1", "NF", "2026-01-15", 10_000, 0);
    commit_faturas(db, "b", quarter, vec![fatura]).await;
    let covered = "SELECT target || ' ' || period || ' ' || run_id AS value FROM sync_coverage
                   WHERE period NOT LIKE '%-__-__' OR period = '2026-01-15' ORDER BY 1";
    let before = db.texts(covered).await;
    assert_eq!(before.len(), 4, "{before:?}");
    // Down to the version before, and up again.
    let down = |database: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
        std::fs::read_to_string(format!("{folder}/{database}/0006_checks.down.sql")).unwrap()
    };
    let down = match &db.raw {
        Raw::Postgres(_) => down("postgres"),
        Raw::Sqlite(_) => down("sqlite"),
    };
    db.execute(&down).await;
    db.execute("DELETE FROM _sqlx_migrations WHERE version = 6")
        .await;
    db.store.migrate().await.unwrap();
    assert_eq!(db.texts(covered).await, before);
}
