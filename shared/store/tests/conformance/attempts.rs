//! How attempts end, and what that does to their jobs.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::failure::{Cause, FailureClass};
use domain::job::JobMessage;
use domain::ledger::{AttemptEnd, Claim, Committed, JobRecord, JobState};
use domain::manifest::Manifest;

use crate::support::*;

pub fn cause(fingerprint: &str) -> Cause {
    Cause {
        class: FailureClass::Data,
        fingerprint: fingerprint.to_owned(),
        message: "parcela 7: vlr_pago: not a number".to_owned(),
    }
}

fn later() -> DateTime<Utc> {
    "2026-04-01T12:00:00Z".parse().unwrap()
}

async fn record(db: &Db, job: &JobMessage) -> JobRecord {
    let jobs = db.store.jobs(&job.run_id).await.unwrap();
    jobs.into_iter()
        .find(|record| record.target == job.target)
        .unwrap()
}

pub async fn each_end_leaves_its_mark(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let at = later();
    let attempt = async || granted(&*db.store, &job, "w").await.attempt;
    let end = async |end| db.store.end_attempt(&attempt().await, &end).await.unwrap();

    end(AttemptEnd::Retry {
        cause: cause("transient/timeout"),
        at,
    })
    .await;
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.errors, now.deferrals),
        (JobState::Retrying, 1, 0)
    );
    assert_eq!(
        (now.cause, now.next_attempt_at),
        (Some(cause("transient/timeout")), Some(at))
    );

    end(AttemptEnd::Deferred {
        cause: cause("erp-away/circuit"),
        at,
    })
    .await;
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.errors, now.deferrals),
        (JobState::Deferred, 1, 1)
    );

    end(AttemptEnd::Returned).await;
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.errors, now.deferrals),
        (JobState::Queued, 1, 1)
    );

    let manifest = Manifest {
        records_read: 7,
        ..Manifest::default()
    };
    end(AttemptEnd::Failed {
        cause: cause("data/vlr_pago"),
        manifest: Some(manifest),
        checks: Vec::new(),
    })
    .await;
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.errors, now.crashes),
        (JobState::Failed, 2, 0)
    );
    assert!(now.finished_at.is_some() && now.manifest.is_none());
    assert_eq!(
        db.texts("SELECT outcome AS value FROM sync_attempts ORDER BY generation")
            .await,
        ["retry", "deferred", "returned", "failed"]
    );
    assert_eq!(
        db.text("SELECT COUNT(*) AS value FROM sync_attempts WHERE manifest IS NOT NULL")
            .await,
        "1"
    );

    // A commit forgets the cause.
    let other = JobMessage::new(run_id("a"), target(2), first_quarter());
    let failing = granted(&*db.store, &other, "w").await.attempt;
    let retry = AttemptEnd::Retry {
        cause: cause("x"),
        at,
    };
    db.store.end_attempt(&failing, &retry).await.unwrap();
    commit(db, &other, &result(&other.params, &[1, 2], 1)).await;
    let now = record(db, &other).await;
    assert_eq!(
        (now.state, now.cause, now.next_attempt_at),
        (JobState::Done, None, None)
    );
    assert_eq!((now.errors, now.manifest.unwrap().contratos_listed), (1, 2));
    assert!(now.finished_at.is_some());
}

pub async fn a_late_report_does_not_undo_a_commit(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let attempt = commit(db, &job, &result(&job.params, &[1], 1)).await;
    // The answer to the commit was lost, and the worker believes it failed.
    let retry = AttemptEnd::Retry {
        cause: cause("transient/database-away"),
        at: later(),
    };
    db.store.end_attempt(&attempt, &retry).await.unwrap();
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.errors, now.cause),
        (JobState::Done, 0, None)
    );
    assert_eq!(
        db.text("SELECT outcome AS value FROM sync_attempts").await,
        "done"
    );
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
        db.store.end_attempt(&zombie, &end).await.unwrap();
    }
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.errors, now.cause),
        (JobState::Running, 0, None)
    );
    // Nor did it let go of what the newer one holds.
    let other = recorded(db, "b", first_quarter(), target(1)).await;
    let held = db.store.claim(&other, &worker("w3")).await.unwrap();
    assert_eq!(held, Claim::Held { by: worker("w2") });
    db.store
        .note_held(&other, &worker("w2"), later())
        .await
        .unwrap();
    let waiting = record(db, &other).await;
    assert_eq!((waiting.state, waiting.deferrals), (JobState::Deferred, 1));
    assert_eq!(waiting.next_attempt_at, Some(later()));
    let why = waiting.cause.unwrap();
    assert_eq!(
        (why.class, &*why.fingerprint),
        (FailureClass::Transient, "transient/target-held")
    );
    let applied = db
        .store
        .commit_empreendimento(&newer, &result(&job.params, &[1], 1), &[])
        .await;
    assert!(matches!(applied.unwrap(), Committed::Applied { .. }));
}

pub async fn the_time_set_aside_counts_from_the_first_in_a_row(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let (why, at) = (cause("erp-away/most-calls-fail"), later());
    let end = async |end: AttemptEnd| {
        let grant = granted(&*db.store, &job, "w").await;
        db.store.end_attempt(&grant.attempt, &end).await.unwrap();
        grant.deferred_for
    };
    let deferred = || AttemptEnd::Deferred {
        cause: why.clone(),
        at,
    };
    let since = "SELECT deferred_since AS value FROM sync_jobs WHERE target = '1'";
    // As if the first had been long ago.
    let long_ago = "UPDATE sync_jobs SET deferred_since = '2020-01-01T00:00:00+00:00'
                    WHERE deferred_since IS NOT NULL";
    let years = Duration::from_secs(6 * 365 * 24 * 60 * 60);

    assert_eq!(end(deferred()).await, Duration::ZERO);
    db.execute(long_ago).await;
    // However often, and whether or not a worker stopped in between or another run had the target.
    for next in [deferred(), deferred(), AttemptEnd::Returned, deferred()] {
        assert!(end(next).await > years);
    }
    db.store.note_held(&job, &worker("x"), at).await.unwrap();
    assert!(end(deferred()).await > years);

    let retry = AttemptEnd::Retry {
        cause: cause("transient/timeout"),
        at,
    };
    assert!(end(retry).await > years);
    assert_eq!(db.text(since).await, "null");
    assert_eq!(end(deferred()).await, Duration::ZERO);

    // Nor does the time from before a crash count.
    db.execute(long_ago).await;
    assert!(granted(&*db.store, &job, "w").await.deferred_for > years);
    assert_eq!(
        granted(&*db.store, &job, "w2").await.deferred_for,
        Duration::ZERO
    );
    assert_eq!(db.text(since).await, "null");

    // A target that another run holds is no deferral of its own.
    db.store.note_held(&job, &worker("x"), at).await.unwrap();
    assert_eq!(db.text(since).await, "null");

    // An older build has set it aside, and left no time: it counts from the next.
    let aside = "UPDATE sync_jobs SET state = 'deferred', deferrals = 9 WHERE target = '1'";
    db.execute(aside).await;
    assert_eq!(end(deferred()).await, Duration::ZERO);
    assert_ne!(db.text(since).await, "null");

    let failed = AttemptEnd::Failed {
        cause: why.clone(),
        manifest: None,
        checks: Vec::new(),
    };
    end(failed).await;
    assert_eq!(db.text(since).await, "null");
}

pub async fn a_job_is_stopped_without_an_attempt(db: &Db) {
    let bug = cause("bug/panic");
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let stop = async |job: &JobMessage| db.store.fail_job(job, &worker("w"), &bug).await.unwrap();
    // Before it was claimed,
    stop(&job).await;
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.cause.as_ref()),
        (JobState::Failed, Some(&bug))
    );
    assert!(now.finished_at.is_some());

    // and after.
    let job = JobMessage::new(run_id("a"), target(2), first_quarter());
    let attempt = granted(&*db.store, &job, "w").await.attempt;
    stop(&job).await;
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.cause.as_ref()),
        (JobState::Failed, Some(&bug))
    );
    assert_eq!(
        db.texts("SELECT outcome || ' ' || fingerprint AS value FROM sync_attempts")
            .await,
        ["failed bug/panic"]
    );
    // Its target is another's to take, and what it had begun commits nothing.
    let late = db
        .store
        .commit_empreendimento(&attempt, &result(&job.params, &[1], 1), &[])
        .await;
    assert_eq!(late.unwrap(), Committed::Fenced);
    let other = recorded(db, "b", first_quarter(), target(2)).await;
    granted(&*db.store, &other, "w2").await;
}

pub async fn what_is_another_s_or_final_is_not_stopped(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let stop = async |job: &JobMessage| {
        let bug = cause("bug/panic");
        db.store.fail_job(job, &worker("w"), &bug).await.unwrap();
    };
    // A message that names a job with other dates is not to be trusted.
    let forged = params("2026-01-01", "2026-12-31", "2026-04-01");
    stop(&JobMessage::new(run_id("a"), target(1), forged)).await;
    assert_eq!(record(db, &job).await.state, JobState::Queued);

    let attempt = granted(&*db.store, &job, "another").await.attempt;
    stop(&job).await;
    assert_eq!(record(db, &job).await.state, JobState::Running);
    let applied = db
        .store
        .commit_empreendimento(&attempt, &result(&job.params, &[1], 1), &[])
        .await;
    assert!(matches!(applied.unwrap(), Committed::Applied { .. }));
    stop(&job).await;
    assert_eq!(record(db, &job).await.state, JobState::Done);
}
