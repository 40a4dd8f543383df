//! The pause of the fleet: how long it stands, and who said so.

use chrono::{TimeDelta, Utc};
use domain::ledger::Pause;

use crate::support::*;

const RECORDED: &str = "SELECT by || ' ' || what || ': ' || COALESCE(why, 'no reason') AS value
                        FROM sync_actions ORDER BY at";

/// The pause as its reader and each worker are told of it, who never disagree.
async fn told(db: &Db) -> Option<Pause> {
    let pause = db.store.pause_of_fleet().await.unwrap();
    let lease = db.store.heartbeat(&worker("w1"), IDLE).await.unwrap();
    assert_eq!(lease.paused, pause.is_some(), "{pause:?}");
    pause
}

pub async fn a_pause_stands_until_it_is_lifted(db: &Db) {
    assert_eq!(told(db).await, None);
    assert!(!db.store.unpause_fleet("ana@office").await.unwrap());
    assert_eq!(db.texts(RECORDED).await, [""; 0]);

    let paused = db.store.pause_fleet(None, "ana@office", "update").await;
    let paused = paused.unwrap();
    assert_eq!(
        (paused.until, &paused.by[..], &paused.why[..]),
        (None, "ana@office", "update")
    );
    assert_eq!(told(db).await, Some(paused.clone()));

    // Another one replaces it whole.
    let until = Utc::now() + TimeDelta::hours(1);
    let other = db.store.pause_fleet(Some(until), "rui@home", "it's late");
    let other = other.await.unwrap();
    assert!(other.at >= paused.at, "{other:?} after {paused:?}");
    let difference = other.until.unwrap() - until;
    assert!(
        difference.abs() < TimeDelta::microseconds(2),
        "{difference}"
    );
    assert_eq!(told(db).await, Some(other));
    assert_eq!(
        db.text("SELECT COUNT(*) AS value FROM sync_pause").await,
        "1"
    );

    assert!(db.store.unpause_fleet("eva@train").await.unwrap());
    assert_eq!(told(db).await, None);
    assert!(!db.store.unpause_fleet("eva@train").await.unwrap());
    let recorded = [
        "ana@office pause: update",
        "rui@home pause: it's late",
        "eva@train unpause: no reason",
    ];
    assert_eq!(db.texts(RECORDED).await, recorded);
}

pub async fn a_pause_ends_by_itself(db: &Db) {
    let until = Some(Utc::now() + TimeDelta::hours(1));
    let pause = async || db.store.pause_fleet(until, "ana@office", "update").await;
    let paused = pause().await.unwrap();
    assert_eq!(told(db).await, Some(paused));
    db.execute("UPDATE sync_pause SET until = '2020-01-01T00:00:00+00:00'")
        .await;
    assert_eq!(told(db).await, None);
    assert!(!db.store.unpause_fleet("ana@office").await.unwrap());
    let once = ["ana@office pause: update"];
    assert_eq!(db.texts(RECORDED).await, once, "nothing was lifted");

    // What is over is in nobody's way.
    let again = pause().await.unwrap();
    assert_eq!(told(db).await, Some(again));
    assert!(db.store.unpause_fleet("ana@office").await.unwrap());
}

pub async fn a_pause_changes_only_with_its_record(db: &Db) {
    db.execute("ALTER TABLE sync_actions RENAME TO hidden")
        .await;
    let paused = db.store.pause_fleet(None, "ana@office", "update").await;
    paused.unwrap_err();
    assert_eq!(told(db).await, None, "it was rolled back");

    db.execute("ALTER TABLE hidden RENAME TO sync_actions")
        .await;
    let paused = db.store.pause_fleet(None, "ana@office", "update").await;
    let paused = paused.unwrap();
    db.execute("ALTER TABLE sync_actions RENAME TO hidden")
        .await;
    db.store.unpause_fleet("ana@office").await.unwrap_err();
    assert_eq!(told(db).await, Some(paused), "it was rolled back");
}
