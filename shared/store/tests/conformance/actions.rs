//! Who resumed a run and who lifted a refused sign-in.

use std::time::Duration;

use domain::ledger::ActionRecord;
use store::StoreError;

use crate::support::*;

const RECORDED: &str = "SELECT by || ' ' || what || ' ' || COALESCE(run_id, 'of no run') AS value
                        FROM sync_actions ORDER BY at";

async fn refuse(db: &Db) {
    let lease = Duration::from_secs(30);
    assert!(db.store.begin_renewal("w", 0, lease).await.unwrap());
    db.store.refused("w", "401").await.unwrap();
}

pub async fn who_lifts_a_refusal_is_recorded_once(db: &Db) {
    assert!(!db.store.lift_refusal("eva@train").await.unwrap());
    assert_eq!(db.texts(RECORDED).await, [""; 0]);
    refuse(db).await;
    assert!(db.store.lift_refusal("ana@office").await.unwrap());
    assert!(!db.store.lift_refusal("rui@home").await.unwrap());
    let by_ana = "ana@office signin_retry of no run";
    assert_eq!(db.texts(RECORDED).await, [by_ana]);

    refuse(db).await;
    assert!(db.store.lift_refusal("rui@home").await.unwrap());
    let by_rui = "rui@home signin_retry of no run";
    assert_eq!(db.texts(RECORDED).await, [by_ana, by_rui]);
}

pub async fn a_refusal_stands_where_its_lifting_cannot_be_recorded(db: &Db) {
    refuse(db).await;
    db.execute("ALTER TABLE sync_actions RENAME TO hidden")
        .await;
    db.store.lift_refusal("ana@office").await.unwrap_err();
    let session = db.store.session().await.unwrap();
    assert!(session.refused.is_some(), "it was rolled back");
}

pub async fn resumes_of_a_run_are_told_the_oldest_first(db: &Db) {
    let told = async |run: &str| {
        let actions = db.store.actions(&run_id(run)).await.unwrap();
        let line = |action: ActionRecord| format!("{} {:?}", action.by, action.what);
        actions.into_iter().map(line).collect::<Vec<_>>()
    };
    recorded(db, "a", first_quarter(), target(1)).await;
    recorded(db, "b", first_quarter(), target(1)).await;
    assert_eq!(told("a").await, [""; 0]);
    for (run, by) in [("a", "ana@office"), ("b", "eva@train"), ("a", "rui@home")] {
        db.store.record_resume(&run_id(run), by).await.unwrap();
    }
    assert_eq!(told("a").await, ["ana@office Resume", "rui@home Resume"]);
    assert_eq!(told("b").await, ["eva@train Resume"]);

    let first = db.store.actions(&run_id("a")).await.unwrap().remove(0);
    let run = db.store.run(Some(&run_id("a"))).await.unwrap().unwrap();
    assert!(first.at >= run.created_at, "{first:?}, by the same clock");

    // By time, in whatever order they were written.
    db.execute("UPDATE sync_actions SET at = '2020-01-01T00:00:00+00:00' WHERE by = 'rui@home'")
        .await;
    let of_a = ["rui@home Resume", "ana@office Resume"];
    assert_eq!(told("a").await, of_a);

    // A newer build beside this one writes kinds that this one leaves out.
    db.execute("UPDATE sync_actions SET what = 'later' WHERE by = 'rui@home'")
        .await;
    assert_eq!(told("a").await, of_a[1..]);

    let unknown = db.store.record_resume(&run_id("c"), "ana@office").await;
    assert!(
        matches!(unknown, Err(StoreError::Refused(_))),
        "{unknown:?}"
    );
}
