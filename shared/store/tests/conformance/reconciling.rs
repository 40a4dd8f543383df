//! Which published jobs look lost, and who may publish them again.

use std::time::Duration;

use domain::job::{JobMessage, RunId, Target};
use domain::ledger::AttemptEnd;

use crate::support::*;

const QUIET: Duration = Duration::from_secs(60);

/// A run whose every message was confirmed long ago.
async fn published(db: &Db) -> RunId {
    let run = new_run("a", first_quarter());
    db.store.record_run(&run).await.unwrap();
    for job in &run.jobs {
        db.store.mark_published(&run.id, job.target).await.unwrap();
    }
    db.age(&run.id).await;
    run.id
}

async fn lost(db: &Db, run: &RunId) -> String {
    let lost = db.store.lost(run, QUIET).await.unwrap();
    let lost: Vec<_> = lost.iter().map(ToString::to_string).collect();
    lost.join(" ")
}

pub async fn only_what_nobody_has_and_nothing_moved_looks_lost(db: &Db) {
    let run = published(db).await;
    assert_eq!(lost(db, &run).await, "2 1 3 saidas-caixa");
    let job = |target| JobMessage::new(run.clone(), target, first_quarter());

    // One is done, one is in the hands of a living worker, one is to be tried again later.
    commit(db, &job(target(2)), &result(&first_quarter(), &[1], 1)).await;
    beat(db, "alive").await;
    granted(&*db.store, &job(target(1)), "alive").await;
    let retried = granted(&*db.store, &job(target(3)), "w").await.attempt;
    let retry = |at: &str| AttemptEnd::Retry {
        cause: cause("transient/timeout"),
        at: at.parse().unwrap(),
    };
    let end = retry("2150-01-01T00:00:00Z");
    db.store.end_attempt(&retried, &end).await.unwrap();
    assert_eq!(lost(db, &run).await, "saidas-caixa");

    db.execute("UPDATE sync_jobs SET next_attempt_at = NULL WHERE target = '3'")
        .await;
    // Its time has come, but its attempt ended only now: the message may be on its way.
    let retried = granted(&*db.store, &job(target(3)), "w").await.attempt;
    let end = retry("2020-01-01T00:00:00Z");
    db.store.end_attempt(&retried, &end).await.unwrap();
    assert_eq!(lost(db, &run).await, "saidas-caixa");
    db.execute("UPDATE sync_attempts SET finished_at = '2020-01-01T00:00:00+00:00'")
        .await;
    assert_eq!(lost(db, &run).await, "3 saidas-caixa");

    db.silence(&worker("alive")).await;
    assert_eq!(lost(db, &run).await, "1 3 saidas-caixa");
    beat(db, "alive").await;
    assert_eq!(lost(db, &run).await, "3 saidas-caixa");
    db.store.worker_stopped(&worker("alive")).await.unwrap();
    assert_eq!(lost(db, &run).await, "1 3 saidas-caixa");

    // What was never confirmed is not lost, only unpublished.
    db.execute("UPDATE sync_jobs SET published_at = NULL WHERE target = '3'")
        .await;
    assert_eq!(lost(db, &run).await, "1 saidas-caixa");
}

pub async fn what_one_takes_the_other_does_not_get(db: &Db) {
    let run = published(db).await;
    let seen = db.store.lost(&run, QUIET).await.unwrap();
    let other = db.another_process().await;
    let (one, two) = tokio::join!(
        db.store.take_lost(&run, QUIET, &seen),
        other.take_lost(&run, QUIET, &seen)
    );
    let mut taken = [one.unwrap(), two.unwrap()].concat();
    taken.sort();
    assert_eq!(
        taken,
        [target(1), target(2), target(3), Target::SaidasCaixa]
    );
    assert_eq!(lost(db, &run).await, "");

    // Whoever took them died before publishing: they look lost again later.
    db.age(&run).await;
    let some = [target(1), target(99)];
    let taken = db.store.take_lost(&run, QUIET, &some).await.unwrap();
    assert_eq!(taken, [target(1)], "only what was asked for");
    assert_eq!(lost(db, &run).await, "2 3 saidas-caixa");
}
