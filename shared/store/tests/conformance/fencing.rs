//! Attempts that are not the newest any more.

use chrono::{DateTime, Utc};
use domain::job::JobMessage;
use domain::ledger::{AttemptEnd, Committed, JobState};

use crate::support::*;

fn later() -> DateTime<Utc> {
    "2026-04-01T12:00:00Z".parse().unwrap()
}

pub async fn a_zombie_is_fenced_out_and_nothing_is_lost(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let zombie = granted(&*db.store, &job, "w1").await.attempt;
    let newer = granted(&*db.store, &job, "w2").await.attempt;
    let stale = result(&job.params, &[1, 2, 3], 9);
    let fenced = db
        .store
        .commit_empreendimento(&zombie, &stale, &[])
        .await
        .unwrap();
    assert_eq!(fenced, Committed::Fenced);
    for table in [
        "contratos",
        "entradas_caixa",
        "delinquency",
        "estatisticas_portfolio",
    ] {
        assert_eq!(
            db.text(&format!("SELECT COUNT(*) AS value FROM {table}"))
                .await,
            "0"
        );
    }
    assert_eq!(record(db, &job).await.state, JobState::Running);
    let applied = db
        .store
        .commit_empreendimento(&newer, &result(&job.params, &[1], 1), &[])
        .await;
    assert!(matches!(applied.unwrap(), Committed::Applied { .. }));
    let fenced = db
        .store
        .commit_empreendimento(&zombie, &stale, &[])
        .await
        .unwrap();
    assert_eq!(fenced, Committed::Fenced);
    assert_eq!(
        db.text("SELECT COUNT(*) AS value FROM contratos").await,
        "1"
    );

    // Another run took the target from a silent worker: the job has no newer attempt to rely on,
    // and must be published again.
    let job = JobMessage::new(run_id("a"), target(2), first_quarter());
    let other = recorded(db, "b", first_quarter(), target(2)).await;
    db.store
        .mark_published(&job.run_id, job.target)
        .await
        .unwrap();
    let zombie = granted(&*db.store, &job, "w1").await.attempt;
    db.silence(&worker("w1")).await;
    granted(&*db.store, &other, "w2").await;
    let fenced = db
        .store
        .commit_empreendimento(&zombie, &stale, &[])
        .await
        .unwrap();
    assert_eq!(fenced, Committed::Fenced);
    let now = record(db, &job).await;
    assert_eq!((now.state, now.published_at), (JobState::Queued, None));
    assert!(
        db.store
            .unfinished(&job.run_id, false)
            .await
            .unwrap()
            .contains(&job)
    );
    assert_eq!(
        db.texts(
            "SELECT outcome AS value FROM sync_attempts WHERE target = '2' ORDER BY generation"
        )
        .await,
        ["superseded", "running"]
    );
}

pub async fn a_crash_that_was_none_is_taken_back(db: &Db) {
    let outcomes = async || {
        db.texts("SELECT outcome AS value FROM sync_attempts ORDER BY generation")
            .await
    };
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let first = granted(&*db.store, &job, "w1").await.attempt;
    let second = granted(&*db.store, &job, "w2").await.attempt;
    let third = granted(&*db.store, &job, "w3").await;
    assert_eq!(third.crashes, 2);
    assert_eq!(outcomes().await, ["crashed", "crashed", "running"]);

    // Fenced out, so its worker lived to try; the outcome is recorded once.
    for _ in 0..2 {
        let late = result(&job.params, &[1], 1);
        let fenced = db.store.commit_empreendimento(&first, &late, &[]).await;
        assert_eq!(fenced.unwrap(), Committed::Fenced);
    }
    assert_eq!(outcomes().await, ["superseded", "crashed", "running"]);
    assert_eq!(record(db, &job).await.crashes, 1);

    let retry = AttemptEnd::Retry {
        cause: cause("transient/timeout"),
        at: later(),
    };
    for _ in 0..2 {
        db.store.end_attempt(&second, &retry).await.unwrap();
    }
    assert_eq!(outcomes().await, ["superseded", "retry", "running"]);
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.crashes, now.errors, now.cause),
        (JobState::Running, 0, 0, None)
    );
    let why = "SELECT fingerprint AS value FROM sync_attempts WHERE generation = 2";
    assert_eq!(db.text(why).await, "transient/timeout");
}

pub async fn crashes_forgotten_by_a_requeue_are_not_taken_back_twice(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let zombie = granted(&*db.store, &job, "w1").await.attempt;
    granted(&*db.store, &job, "w2").await;
    db.execute("UPDATE sync_jobs SET crashes = 0").await;
    db.store
        .end_attempt(&zombie, &AttemptEnd::Returned)
        .await
        .unwrap();
    assert_eq!(record(db, &job).await.crashes, 0);
}

pub async fn a_commit_needs_the_hold(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let attempt = granted(&*db.store, &job, "w").await.attempt;
    db.store
        .end_attempt(&attempt, &AttemptEnd::Returned)
        .await
        .unwrap();
    let late = db
        .store
        .commit_empreendimento(&attempt, &result(&job.params, &[1], 1), &[])
        .await;
    assert_eq!(late.unwrap(), Committed::Fenced);
    assert_eq!(
        db.text("SELECT outcome AS value FROM sync_attempts").await,
        "returned"
    );
    assert_eq!(record(db, &job).await.state, JobState::Queued);
}

pub async fn only_the_newest_attempt_changes_its_job(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let zombie = granted(&*db.store, &job, "w1").await.attempt;
    let newer = granted(&*db.store, &job, "w2").await.attempt;
    let failed = AttemptEnd::Failed {
        cause: cause("bug/panic"),
        manifest: None,
        checks: Vec::new(),
    };
    for end in [failed, AttemptEnd::Returned, AttemptEnd::Superseded] {
        assert!(!db.store.end_attempt(&zombie, &end).await.unwrap());
    }
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.errors, now.cause),
        (JobState::Running, 0, None)
    );
    // Nor did it let go of what the newer one holds.
    let other = recorded(db, "b", first_quarter(), target(1)).await;
    assert_eq!(holder(db, &other, "w3").await, worker("w2"));
    let applied = db
        .store
        .commit_empreendimento(&newer, &result(&job.params, &[1], 1), &[])
        .await;
    assert!(matches!(applied.unwrap(), Committed::Applied { .. }));
}
